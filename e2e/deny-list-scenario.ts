/**
 * A long deny list on its whole way: a file into the platform, publication beside the working gateway, the line, a
 * terminal that missed five versions, the look-up, and real cards at the gate. Figures are printed beside what bounds
 * them; what does not hold is named.
 */
import { PolycardError } from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { seededRandom, sha256 } from '@polycard/crypto';
import { contentOf, encodeSnapshot, informationBoundBits } from '@polycard/deny-list';
import { PlatformApi } from '@polycard/fleet';
import {
  CUP_TERMINAL,
  encodeFrame,
  encodeParameterAnswer,
  packMessage,
  parseFrame,
  unpackMessage,
} from '@polycard/iso8583';
import {
  DenyListModule,
  type DockingModule,
  type DockingSession,
  type ListKey,
  listVerifier,
} from '@polycard/terminal';
import { ENTRY_GATE, type joinPlatform, openSmallSite } from './small-site.ts';

export type DenyListPlant = 'delta-skipped' | 'signature-unchecked' | 'filter-only';
export const DENY_LIST_PLANTS: readonly DenyListPlant[] = ['delta-skipped', 'signature-unchecked', 'filter-only'];

export interface DenyListOptions {
  readonly listed: number;
  /** Cards issued by the twelve issuers together. */
  readonly issued: number;
  readonly plant?: DenyListPlant | undefined;
  /** Whether a slow look-up is a fault: in acceptance, not in the suite. */
  readonly timed?: boolean;
  readonly databaseUrl?: string;
  readonly figure: (name: string, value: string | number) => void;
}

const ISSUERS = 12;
const DAYS = 6;
/** Before each frame on the line. */
const LENGTH_BYTES = 2;
const SKIPPED_DAY = 4;
const FILTER_BITS_PER_CARD = 10;
export const ISSUED_PER_LISTED = 30;
const ROUNDS = 5;
const TICKS_NS = 50_000_000;
const DAILY_CHURN = 0.001;
const PASSWORD = 'deny-list-scale';
const LOOK_UP_NS_MAX = 1000;

const checkDigit = (body: string): string => {
  let sum = 0;
  for (let index = 0; index < body.length; index++) {
    const digit = body.charCodeAt(body.length - 1 - index) - 48;
    const weighted = index % 2 === 0 ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return String((10 - (sum % 10)) % 10);
};

/** Cards of twelve issuers that number them one after the other, 16 digits. */
export class IssuedCards {
  readonly perIssuer: number;
  readonly #listed: Uint8Array;
  #state = 0x2545f491;

  constructor(issued: number) {
    this.perIssuer = Math.ceil(issued / ISSUERS);
    this.#listed = new Uint8Array(this.perIssuer * ISSUERS);
  }

  get size(): number {
    return this.#listed.length;
  }

  isListed(index: number): boolean {
    return this.#listed[index] === 1;
  }

  number(index: number): string {
    const body = `6214${String(1 + Math.floor(index / this.perIssuer)).padStart(2, '0')}${String(index % this.perIssuer).padStart(9, '0')}`;
    return body + checkDigit(body);
  }

  /** Changes the state of so many cards that were not in it, by a fixed sequence of chance. */
  turn(count: number, to: 0 | 1): number[] {
    const turned: number[] = [];
    while (turned.length < count) {
      this.#state ^= this.#state << 13;
      this.#state ^= this.#state >>> 17;
      this.#state ^= this.#state << 5;
      const index = (this.#state >>> 0) % this.size;
      if (this.#listed[index] === to) continue;
      this.#listed[index] = to;
      turned.push(index);
    }
    return turned;
  }

  *listed(): Generator<number> {
    for (let index = 0; index < this.size; index++) if (this.#listed[index] === 1) yield index;
  }

  /** As many unlisted cards as are listed: the nearest number after each listed one. */
  *neighbours(): Generator<number> {
    for (let index = 1; index < this.size; index++)
      if (this.#listed[index] === 0 && this.#listed[index - 1] === 1) yield index;
  }
}

type Find = (cardNo: string) => boolean;

interface Session {
  readonly clerk: PlatformApi;
  readonly supervisor: PlatformApi;
}

/** Gives what does not hold. */
export async function runDenyListScenario(options: DenyListOptions): Promise<string[]> {
  const { figure, plant } = options;
  const wrong: string[] = [];
  const expect = (holds: boolean, otherwise: string): void => {
    if (!holds) wrong.push(otherwise);
  };
  const cards = new IssuedCards(options.issued);
  const first = cards.turn(options.listed, 1);
  const site = await openSmallSite({
    ...{ cards: 4, seed: 'deny-list-scale' },
    ...(options.databaseUrl === undefined ? {} : { databaseUrl: options.databaseUrl }),
  });
  try {
    const people = await signIn(site.platform);
    let sent = 0;
    const id = (): string => `deny-scale-${String(++sent).padStart(6, '0')}`;

    // the file, and a gateway that goes on answering
    const watch = watchGateway(site.terminals[1]!);
    const file = `cardNo\n${first.map((index) => cards.number(index)).join('\n')}\n`;
    const importing = Date.now();
    const imported = await people.clerk.post<{ added: number; refused: number }>('/api/deny-lists/imports', {
      ...{ id: id(), why: 'the list of all issuers', fileName: 'all.csv', csv: file, scope: 'card', reason: 'lost' },
    });
    figure('cards imported, in s', `${imported.added}, ${seconds(importing)}`);
    expect(imported.added === options.listed && imported.refused === 0, `imported ${JSON.stringify(imported)}`);
    const gate = site.terminals[ENTRY_GATE]!;
    const listedHere = [0, 1].map((index) => (site.cards[index] as { token: string }).token);
    await people.clerk.post('/api/deny-lists/entries', {
      ...{ id: id(), why: 'of this site', entries: listedHere.map((cardToken) => ({ cardToken, reason: 'stolen' })) },
    });
    const publishing = Date.now();
    const before = process.memoryUsage().rss;
    await publish(people, id);
    figure('published with the whole list, in s', seconds(publishing));
    figure('memory of the process then, MiB (before)', `${mib(process.memoryUsage().rss)} (${mib(before)})`);
    const silence = await watch.stop();
    figure('longest silence of the gateway meanwhile, ms', silence);

    // the first snapshot over the line
    const dock = async (): Promise<{ frames: number; bytes: number }> => {
      await gate.signIn();
      const counted = count(gate);
      await gate.runModules();
      gate.hangUp();
      return counted();
    };
    const downloading = Date.now();
    const snapshot = await dock();
    const [version] = (await versions(people)).slice(0, 1);
    figure(
      'snapshot bytes, messages, s over the line',
      `${version!.snapshotBytes}, ${snapshot.frames}, ${seconds(downloading)}`,
    );
    const boundBytes = informationBoundBits(options.listed, cards.size) / 8;
    figure(
      'snapshot to information bound',
      `${(version!.snapshotBytes / boundBytes).toFixed(3)} of ${Math.ceil(boundBytes)} bytes`,
    );
    expect(gate.denyLists!.version === 1, `the gate holds version ${gate.denyLists!.version} after its first download`);

    // five versions go by without this terminal
    const churn = Math.max(1, Math.round((options.listed * DAILY_CHURN) / 2));
    const cameOn = new Map<number, readonly string[]>();
    for (let day = 2; day <= DAYS; day++) {
      cameOn.set(day, await change(people, id, cards, churn));
      await publish(people, id);
    }
    const published = await versions(people);
    const daily = published.slice(0, DAYS - 1).map(({ deltaBytes }) => deltaBytes);
    const deltaBound =
      (informationBoundBits(churn, options.listed) + informationBoundBits(churn, cards.size - options.listed)) / 8;
    figure('daily delta bytes (0.1 %)', daily.join(', '));
    const payload = Math.max(...daily) - CONTAINER_BYTES;
    figure(
      'delta to information bound',
      `${(Math.max(...daily) / deltaBound).toFixed(3)} of ${Math.ceil(deltaBound)} bytes`,
    );
    figure('the same without header and signature', (payload / deltaBound).toFixed(3));
    const repair = await dock();
    figure('repair over five versions: bytes, messages', `${repair.bytes}, ${repair.frames}`);
    expect(gate.denyLists!.version === DAYS, `the gate holds version ${gate.denyLists!.version}, not ${DAYS}`);
    expect(repair.bytes < version!.snapshotBytes, 'the repair took as much as a snapshot');
    const shown = await people.clerk.get<{ fleet: { current: number } }>('/api/deny-lists');
    expect(shown.fleet.current >= 1, 'the platform does not know that the gate holds the current version');

    // a list of somebody else
    await forge(gate.denyLists!, site, plant, wrong);

    figure('look-up tables in the gate, bytes', gate.denyLists!.sizeBytes);
    // every listed card, and as many unlisted neighbours
    const find = finder(gate.denyLists!, cards, plant, cameOn.get(SKIPPED_DAY)!);
    lookUpAll(cards, find, figure, expect, options.timed === true);
    realTaps(site, expect);
  } finally {
    await site.close();
  }
  return wrong;
}

/** Header 53 and 4, signature 2 and 256. */
const CONTAINER_BYTES = 53 + 2 + 256;
const seconds = (since: number): string => ((Date.now() - since) / 1000).toFixed(1);
const mib = (bytes: number): number => Math.round(bytes / 1024 / 1024);

async function signIn(platform: Awaited<ReturnType<typeof openSmallSite>>['platform']): Promise<Session> {
  const open = async (name: string, role: string): Promise<PlatformApi> => {
    await platform.setPassword(name, role, PASSWORD);
    const api = new PlatformApi(platform.url);
    await api.signIn(name, PASSWORD);
    return api;
  };
  return { clerk: await open('qin-song', 'operator'), supervisor: await open('you-jia', 'supervisor') };
}

async function publish({ clerk, supervisor }: Session, id: () => string): Promise<void> {
  const request = await clerk.post<{ id: string }>('/api/deny-lists/publications', { id: id(), why: 'what came in' });
  const done = await supervisor.post<{ state: string; outcome: string }>(`/api/approvals/${request.id}/decisions`, {
    ...{ verdict: 'approved', why: 'seen' },
  });
  if (done.state !== 'done') throw new Error(`publication ${done.state}: ${done.outcome}`);
}

/** Some come and as many leave; gives who came. */
async function change({ clerk }: Session, id: () => string, cards: IssuedCards, churn: number): Promise<string[]> {
  const came = cards.turn(churn, 1).map((index) => cards.number(index));
  const left = cards.turn(churn, 0).map((index) => cards.number(index));
  await clerk.post('/api/deny-lists/imports', {
    ...{ id: id(), why: 'the day', fileName: 'day.csv', csv: came.join('\n'), scope: 'card', reason: 'lost' },
  });
  for (let from = 0; from < left.length; from += 1000) {
    const entries = left.slice(from, from + 1000).map((cardNo) => ({ cardNo }));
    await clerk.post('/api/deny-lists/removals', { id: id(), why: 'found', entries });
  }
  return came;
}

async function versions({ clerk }: Session) {
  const { versions: list } = await clerk.get<{
    versions: { version: number; snapshotBytes: number; deltaBytes: number }[];
  }>('/api/deny-lists');
  return list;
}

type Docked = Awaited<ReturnType<typeof joinPlatform>>['terminals'][number];

/** A terminal that asks all the time, and how long it waited at most. */
function watchGateway(terminal: Docked): { stop(): Promise<number> } {
  let [longest, running] = [0, true];
  const work = (async () => {
    while (running) {
      const started = performance.now();
      await terminal.echo();
      longest = Math.max(longest, performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    terminal.hangUp();
  })();
  return {
    stop: async () => {
      running = false;
      await work;
      return Math.round(longest);
    },
  };
}

/** What a terminal's deny-list module asks for and gets, from now on. */
function count(terminal: Docked): () => { frames: number; bytes: number } {
  let [frames, bytes] = [0, 0];
  const module = terminal.denyLists!;
  const update = module.update.bind(module);
  module.update = (session: DockingSession) =>
    update({
      ...session,
      nextTrace: () => session.nextTrace(),
      download: (set, held) => session.download(set, held),
      send: async (frame) => {
        const answer = await session.send(frame);
        frames += 1;
        bytes += answer.length;
        return answer;
      },
    });
  return () => {
    module.update = update;
    return { frames, bytes };
  };
}

/** Somebody between gate and host answers with a list of their own, signed with their own key. */
async function forge(
  held: DenyListModule,
  site: Awaited<ReturnType<typeof openSmallSite>>,
  plant: DenyListPlant | undefined,
  wrong: string[],
): Promise<void> {
  const gate = site.terminals[ENTRY_GATE]!;
  const key = gate.enrolled.listKey as ListKey;
  const verifier = plant === 'signature-unchecked' ? { ...listVerifier(key), verify: () => true } : listVerifier(key);
  const victim = new DenyListModule({ verifier, nowMs: () => Date.now() });
  const content = contentOf([{ cardNo: '6214010000000017', scope: 'card', reason: 'lost', lockOnSight: false }]);
  const forged = encodeSnapshot(
    { version: held.version + 1, issuedAt: Math.floor(Date.now() / 1000), content },
    { digest: sha256, sign: (bytes) => seededRandom(`forger ${bytes.length}`)(256) },
  );
  const attacked: DockingModule = {
    afterSignIn: (session) =>
      victim.update({
        ...session,
        nextTrace: () => session.nextTrace(),
        download: (set, version) => session.download(set, version),
        send: async (frame) => {
          const { tpdu, header, message } = parseFrame(frame.subarray(LENGTH_BYTES));
          const asked = unpackMessage(CUP_TERMINAL, message);
          if (asked.text(60)?.slice(8, 11) !== '364') return session.send(frame);
          const answer = encodeParameterAnswer({ status: 'last', version: '00000099', page: 0, chunk: forged });
          const fields = {
            11: asked.required(11),
            39: '00',
            41: asked.required(41),
            42: asked.required(42),
            60: asked.required(60),
            62: answer,
          };
          const forgedFrame = encodeFrame({
            tpdu,
            header,
            message: packMessage(CUP_TERMINAL, { mti: '0810', fields }),
          });
          return forgedFrame.subarray(LENGTH_BYTES);
        },
      }),
  };
  await gate.signIn();
  try {
    await attacked.afterSignIn!(await sessionOf(gate));
    wrong.push('a list that somebody else signed was taken');
  } catch (error) {
    if (!(error instanceof PolycardError) || error.code !== 'POLYCARD_DENY_LIST_SIGNATURE') throw error;
    if (victim.version !== 0) wrong.push('a refused list is held all the same');
  } finally {
    gate.hangUp();
  }
}

/** The session its modules get. */
async function sessionOf(terminal: Docked): Promise<DockingSession> {
  let session: DockingSession | undefined;
  const module = terminal.denyLists!;
  const { afterSignIn } = module;
  module.afterSignIn = async (given) => {
    session = given;
  };
  await terminal.runModules();
  module.afterSignIn = afterSignIn;
  return session!;
}

/** The gate's look-up, or what is planted in its place. */
function finder(
  held: DenyListModule,
  cards: IssuedCards,
  plant: DenyListPlant | undefined,
  cameOnSkippedDay: readonly string[],
): Find {
  if (plant === 'delta-skipped') {
    // as a gate refuses that left one delta of the chain out
    const unknown = new Set(cameOnSkippedDay);
    return (cardNo) => !unknown.has(cardNo) && held.find(cardNo, 'metro') !== undefined;
  }
  if (plant === 'filter-only') {
    // a filter of ten bits a card that nothing exact confirms
    const bits = new Uint8Array(Math.ceil((cards.size * FILTER_BITS_PER_CARD) / ISSUED_PER_LISTED / 8));
    const slot = (cardNo: string): number =>
      (Math.imul(Number(cardNo.slice(6, 15)), 0x9e3779b1) >>> 0) % (bits.length * 8);
    for (const index of cards.listed()) bits[slot(cards.number(index)) >> 3]! |= 1 << (slot(cards.number(index)) & 7);
    return (cardNo) => (bits[slot(cardNo) >> 3]! & (1 << (slot(cardNo) & 7))) !== 0;
  }
  return (cardNo) => held.find(cardNo, 'metro') !== undefined;
}

function lookUpAll(
  cards: IssuedCards,
  find: Find,
  figure: DenyListOptions['figure'],
  expect: (holds: boolean, otherwise: string) => void,
  isTimed: boolean,
): void {
  const listed = Array.from(cards.listed(), (index) => cards.number(index));
  const unlisted = Array.from(cards.neighbours(), (index) => cards.number(index));
  // processor time of this thread, the best of some rounds: what the machine does beside it is no property of a look-up
  const timed = (name: string, numbers: readonly string[], hits: Find): { found: number; ns: number } => {
    let [best, found] = [Number.POSITIVE_INFINITY, 0];
    for (let round = 0; round < ROUNDS; round++) {
      const [started, startedNs] = [process.threadCpuUsage(), process.hrtime.bigint()];
      found = 0;
      for (const cardNo of numbers) if (hits(cardNo)) found++;
      const { user, system } = process.threadCpuUsage(started);
      // processor time is counted in ticks: of a short round the clock says more
      const cpuNs = (user + system) * 1000;
      const ns = cpuNs < TICKS_NS ? Number(process.hrtime.bigint() - startedNs) : cpuNs;
      best = Math.min(best, ns / numbers.length);
    }
    figure(name, `${Math.round(best)} ns, ${found} of ${numbers.length} found`);
    return { found, ns: best };
  };
  const peer = new Set(listed);
  const [on, off] = [
    timed('look-up, listed cards', listed, find),
    timed('look-up, unlisted neighbours', unlisted, find),
  ];
  timed('a Set of strings, listed cards', listed, (cardNo) => peer.has(cardNo));
  timed('a Set of strings, unlisted neighbours', unlisted, (cardNo) => peer.has(cardNo));
  expect(on.found === listed.length, `${listed.length - on.found} listed cards pass`);
  expect(off.found === 0, `${off.found} cards that are not listed are refused`);
  if (isTimed)
    expect(Math.max(on.ns, off.ns) < LOOK_UP_NS_MAX, `a look-up takes ${Math.round(Math.max(on.ns, off.ns))} ns`);
}

/** Real cards at the real gate, on both sides. */
function realTaps(
  site: Awaited<ReturnType<typeof openSmallSite>>,
  expect: (holds: boolean, otherwise: string) => void,
): void {
  const gate = site.terminals[ENTRY_GATE]!;
  const at = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19).replace(/[-T:]/g, '');
  for (const [index, { snapshot }] of site.cards.entries()) {
    const card = VirtualCard.restore(snapshot, { random: seededRandom(`scale ${index}`) });
    const outcome = gate.tap(card, { kind: 'entry', at });
    const said = outcome.result === 'refused' ? outcome.reason : outcome.result;
    const wanted = index < 2 ? 'listed' : 'accepted';
    expect(said === wanted, `card ${index} at the gate: ${said}, expected ${wanted}`);
  }
}
