/** A card onto the list by the API, through publication and the line to a gate that refuses it; then who pays for whom. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { type FleetTerminal, type IssuedCard, PlatformApi } from '@polycard/fleet';
import {
  encodeBinBlacklistRequest,
  encodeParameterRequest,
  encodeTransitListRequest,
  parseBinBlacklistPage,
  parseTransitListAnswer,
  type ReceivedMessage,
} from '@polycard/iso8583';
import {
  type DockingSession,
  encodeDenyListHit,
  MEMORY_ONLY,
  type TapOutcome,
  type TapRequest,
  Terminal,
} from '@polycard/terminal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { polycard } from './polycard-command.ts';
import { BUS, COUNTER, ENTRY_GATE, EXIT_GATE, openSmallSite, type SmallSite } from './small-site.ts';

const PASSWORD = 'deny-list-test';
const random = seededRandom('deny-list');
let site: SmallSite;
let clerk: PlatformApi;
let supervisor: PlatformApi;
let sent = 0;

interface Overview {
  readonly version: number;
  readonly cards: number;
  readonly waiting: { added: number; removed: number };
  readonly fleet: { current: number; byVersion: { version: number | null; terminals: number }[] };
}
interface Listing {
  readonly entries: { state: string; scope: string; listedInVersion?: number; panMasked: string }[];
  readonly hits: { outcome: string; scope: string; terminalNo: string; listVersion: number }[];
  readonly rides: { party: string; ground: string; heldVersion: number; explanation: { en: string } }[];
}

beforeAll(async () => {
  site = await openSmallSite({ cards: 6, seed: 'deny-list' });
  for (const [name, role] of [
    ['qin-song', 'operator'],
    ['you-jia', 'supervisor'],
  ] as const) {
    await site.platform.setPassword(name, role, PASSWORD);
    const api = new PlatformApi(site.platform.url);
    await api.signIn(name, PASSWORD);
    if (name === 'qin-song') clerk = api;
    else supervisor = api;
  }
}, 300_000);
afterAll(() => site?.close());

const id = (): string => `deny-list-test-${++sent}`;
const cardOf = (index: number): VirtualCard =>
  VirtualCard.restore(site.cards[index]!.snapshot, { random: seededRandom(`card ${index}`) });
const tokenOf = (index: number): string => (site.cards[index] as IssuedCard & { token: string }).token;
const now = (): string => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19).replace(/[-T:]/g, '');
const terminal = (index: number): FleetTerminal => site.terminals[index]!;
const tap = (index: number, card: VirtualCard, request: Partial<TapRequest> & Pick<TapRequest, 'kind'>): TapOutcome =>
  terminal(index).tap(card, { at: now(), ...request });
const listingOf = (index: number): Promise<Listing> => clerk.get(`/api/cards/${tokenOf(index)}/deny-list`);
const list = (index: number, reason: string, scope = 'card'): Promise<{ added: number; known: number }> =>
  clerk.post('/api/deny-lists/entries', {
    ...{ id: id(), why: 'reported by its holder' },
    entries: [{ cardToken: tokenOf(index), reason, scope }],
  });

async function publish(): Promise<string> {
  const request = await clerk.post<{ id: string; effect: { en: string } }>('/api/deny-lists/publications', {
    ...{ id: id(), why: 'what came in today' },
  });
  const done = await supervisor.post<{ state: string; outcome: string }>(`/api/approvals/${request.id}/decisions`, {
    ...{ verdict: 'approved', why: 'seen' },
  });
  expect(done.state, done.outcome).toBe('done');
  return request.effect.en;
}

/** The terminal asks for a newer list, as after each sign-in. */
async function dock(index: number): Promise<void> {
  await terminal(index).signIn();
  await terminal(index).runModules();
  terminal(index).hangUp();
}

async function cleared(count: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const { taps } = await site.api.get<{ taps: { received: number; cleared: number; suspended: number } }>(
      '/api/clearing',
    );
    if (taps.received === 0 && taps.cleared + taps.suspended >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('clearing did not finish');
}

describe('a card on the deny list', () => {
  it('is on no terminal before somebody else has approved the publication', async () => {
    expect(await list(0, 'lost')).toEqual({ added: 1, known: 0 });
    expect(await list(0, 'lost')).toEqual({ added: 0, known: 1 });
    await dock(ENTRY_GATE);
    expect(terminal(ENTRY_GATE).denyLists!.version).toBe(0);
    const request = await clerk.post<{ id: string }>('/api/deny-lists/publications', { id: id(), why: 'first list' });
    await expect(
      clerk.post(`/api/approvals/${request.id}/decisions`, { verdict: 'approved', why: 'mine' }),
    ).rejects.toMatchObject({ code: 'POLYCARD_SESSION_FORBIDDEN' });
    expect((await listingOf(0)).entries).toMatchObject([{ state: 'waiting', scope: 'card' }]);
    const done = await supervisor.post<{ state: string; effect: { en: string } }>(
      `/api/approvals/${request.id}/decisions`,
      { verdict: 'approved', why: 'seen' },
    );
    expect(done).toMatchObject({
      state: 'done',
      effect: { en: expect.stringContaining('come onto the list: 1; leave it: 0') },
    });
    expect((await listingOf(0)).entries).toMatchObject([{ state: 'listed', listedInVersion: 1 }]);
  });

  it('is refused before any money by a terminal that fetched the list; other cards pass', async () => {
    await dock(ENTRY_GATE);
    const card = cardOf(0);
    const outcome = tap(ENTRY_GATE, card, { kind: 'entry' });
    expect(outcome).toMatchObject({ result: 'refused', reason: 'listed' });
    expect(outcome.exchanges.some(({ phase }) => phase === 'update-capp')).toBe(false);
    expect(terminal(ENTRY_GATE).terminal!.journal.entries).toEqual([]);
    expect(tap(ENTRY_GATE, cardOf(1), { kind: 'entry' })).toMatchObject({
      result: 'accepted',
      entry: { industry: { denyListVersion: 1 } },
    });
    const overview = await clerk.get<Overview>('/api/deny-lists');
    expect(overview).toMatchObject({ version: 1, cards: 1, fleet: { current: 1 } });
  });

  it('is reported to the platform, which shows it on the page of the card', async () => {
    await terminal(ENTRY_GATE).upload();
    const { hits } = await listingOf(0);
    expect(hits).toMatchObject([{ outcome: 'refused', scope: 'card', listVersion: 1 }]);
    expect(hits[0]!.terminalNo).toBe(terminal(ENTRY_GATE).enrolled.terminalNo);
  });

  it('with one application listed is locked in that application on the spot, and in no other', async () => {
    expect(await list(2, 'application-suspended', 'metro')).toEqual({ added: 1, known: 0 });
    await publish();
    await dock(ENTRY_GATE);
    await dock(BUS);
    const card = cardOf(2);
    expect(tap(BUS, card, { kind: 'boarding', declaredBaseFen: 200 }).result).toBe('accepted');
    const locking = tap(ENTRY_GATE, card, { kind: 'entry' });
    expect(locking).toMatchObject({ result: 'refused', reason: 'listed', detail: expect.stringContaining('locked') });
    // the lock is on the card itself: a gate that never heard of the list refuses it too
    const { terminal: exit, psam } = terminal(EXIT_GATE);
    const without = new Terminal(exit!.configuration, exit!.parameters, {
      ...{ psam: psam!, random, monotonicUs: () => 0, nowMs: () => 0, storage: MEMORY_ONLY },
    });
    expect(without.tap(card, { kind: 'entry', at: now() })).toMatchObject({
      result: 'refused',
      reason: 'record-locked',
    });
    expect(tap(BUS, card, { kind: 'boarding', declaredBaseFen: 200 }).result).toBe('accepted');
    await terminal(ENTRY_GATE).upload();
    await terminal(BUS).upload();
    expect((await listingOf(2)).hits).toMatchObject([{ outcome: 'locked', scope: 'metro' }]);
  });

  it('passes again once it is taken off and the terminal has that version', async () => {
    const removal = { id: id(), why: 'found', entries: [{ cardToken: tokenOf(0) }] };
    expect(await clerk.post('/api/deny-lists/removals', removal)).toEqual({ removed: 1, notListed: 0 });
    expect(await clerk.post('/api/deny-lists/removals', removal)).toEqual({ removed: 1, notListed: 0 });
    expect((await listingOf(0)).entries).toMatchObject([{ state: 'leaving' }]);
    expect(await publish()).toContain('come onto the list: 0; leave it: 1');
    await dock(ENTRY_GATE);
    expect(tap(ENTRY_GATE, cardOf(0), { kind: 'entry' }).result).toBe('accepted');
  });
});

describe('liability for a listed card that was let through', () => {
  /** A terminal of the site that looks into no list and states the version it likes. */
  function accept(index: number, card: VirtualCard, stated: number | undefined): void {
    const own = terminal(index).terminal!;
    const { psam } = terminal(index);
    const gate = new Terminal(own.configuration, own.parameters, {
      ...{ psam: psam!, random, monotonicUs: () => 0, nowMs: () => 0, storage: MEMORY_ONLY },
    });
    const outcome = gate.tap(card, { kind: 'boarding', at: now(), declaredBaseFen: 200 });
    if (outcome.result !== 'accepted') throw new Error(outcome.result);
    const { industry } = outcome.entry;
    own.journal.confirm(
      own.journal.prepare(
        { ...outcome.entry, industry: { ...industry, ...(stated === undefined ? {} : { denyListVersion: stated }) } },
        0,
      ),
    );
  }

  it('is on the operator whose terminal held the version that lists the card, and the tap is not posted', async () => {
    await list(3, 'stolen');
    await publish();
    const { version } = await clerk.get<Overview>('/api/deny-lists');
    accept(BUS, cardOf(3), version);
    await terminal(BUS).upload();
    await cleared(1);
    const { rides } = await listingOf(3);
    expect(rides).toMatchObject([{ party: 'operator', ground: 'held-and-accepted', heldVersion: version }]);
    const { rows } = await clerk.get<{ rows: { reason: string; explanation: { en: string } }[] }>(
      '/api/exceptions?reason=deny-list',
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]!.explanation.en).toContain('the operator bears the ride');
  });

  it('is on the issuer while the version is on its way, and the operator is paid', async () => {
    await list(4, 'lost');
    await publish();
    const { version } = await clerk.get<Overview>('/api/deny-lists');
    accept(BUS, cardOf(4), version - 1);
    await terminal(BUS).upload();
    await cleared(2);
    const listing = await listingOf(4);
    expect(listing.rides).toMatchObject([{ party: 'issuer', ground: 'in-distribution', heldVersion: version - 1 }]);
    const card = await clerk.get<{ taps: { state: string; exceptions: string[] }[] }>(`/api/cards/${tokenOf(4)}`);
    expect(card.taps).toMatchObject([{ state: 'cleared', exceptions: [] }]);
  });

  it('of a terminal that states an older list than it acknowledged is by the one it acknowledged', async () => {
    await list(5, 'lost');
    await publish();
    await dock(BUS);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    accept(BUS, cardOf(5), 1);
    await terminal(BUS).upload();
    await cleared(3);
    const { version } = await clerk.get<Overview>('/api/deny-lists');
    expect((await listingOf(5)).rides).toMatchObject([{ party: 'operator', heldVersion: version }]);
  });
});

describe('the list and its people', () => {
  it('clerks cannot list for reasons that do not exist, a whole card for a reason of applications, or without a why', async () => {
    await expect(list(1, 'mood')).rejects.toMatchObject({ code: 'POLYCARD_DENY_LIST_ENTRY', where: 'reason' });
    await expect(list(1, 'application-closed')).rejects.toMatchObject({ code: 'POLYCARD_DENY_LIST_ENTRY' });
    await expect(list(1, 'fraud', 'swimming')).rejects.toMatchObject({ where: 'scope' });
    await expect(
      clerk.post('/api/deny-lists/entries', { id: id(), entries: [{ cardToken: tokenOf(1), reason: 'lost' }] }),
    ).rejects.toMatchObject({ code: 'POLYCARD_API_INPUT' });
  });

  it('a supervisor cannot edit, nothing new cannot be published, and a file says which lines are wrong', async () => {
    await expect(
      supervisor.post('/api/deny-lists/entries', {
        id: id(),
        why: 'try',
        entries: [{ cardNo: '6222020000000000', reason: 'lost' }],
      }),
    ).rejects.toMatchObject({ code: 'POLYCARD_SESSION_FORBIDDEN' });
    await expect(clerk.post('/api/deny-lists/publications', { id: id(), why: 'nothing' })).rejects.toMatchObject({
      code: 'POLYCARD_DENY_LIST_UNCHANGED',
    });
    const csv =
      'cardNo,scope,reason\n6222029999999991,card,lost\n62220299x,card,lost\n6222029999999983,metro,nothing\n';
    const body = { id: id(), why: 'from the issuer', fileName: 'list.csv', csv };
    const answer = await clerk.post<{ refusals: { line: number; problem: string }[] }>('/api/deny-lists/imports', body);
    expect(answer).toMatchObject({ lines: 3, added: 1, known: 0, refused: 2 });
    expect(answer.refusals.map(({ line }) => line)).toEqual([3, 4]);
    expect(JSON.stringify(answer)).not.toMatch(/62220299/);
    expect(await clerk.post('/api/deny-lists/imports', body)).toEqual(answer);
  });
});

describe('polycard deny-list', () => {
  const run = (who: string, ...args: string[]) =>
    polycard(['deny-list', ...args, '--platform', site.platform.url, '--as', who, '--password', PASSWORD]);

  it('adds, imports, asks for publication, approves as somebody else, shows and takes off', async () => {
    const cardNo = '6222021000000005';
    const added = await run('qin-song', 'add', cardNo, '--reason', 'stolen', '--why', 'police report', '--json');
    expect(JSON.parse(added.out)).toEqual({ added: 1, known: 0 });
    const folder = mkdtempSync(join(tmpdir(), 'polycard-deny-'));
    writeFileSync(join(folder, 'cards.csv'), '6222021000000013\nnot a card\n');
    const imported = await run(
      'qin-song',
      'import',
      join(folder, 'cards.csv'),
      '--reason',
      'lost',
      '--why',
      'a file',
      '--json',
    );
    rmSync(folder, { recursive: true });
    expect(imported.code).toBe(1);
    expect(JSON.parse(imported.out)).toMatchObject({ added: 1, refused: 1, refusals: [{ line: 2 }] });
    const asked = JSON.parse((await run('qin-song', 'publish', '--why', 'the evening', '--json')).out) as {
      id: string;
    };
    const own = await run('qin-song', 'publish', '--approve', asked.id, '--why', 'mine', '--json');
    expect([own.code, own.err]).toEqual([1, expect.stringContaining('POLYCARD_SESSION_FORBIDDEN')]);
    const approved = await run('you-jia', 'publish', '--approve', asked.id, '--why', 'seen', '--json');
    expect(JSON.parse(approved.out)).toMatchObject({ state: 'done' });
    const shown = JSON.parse((await run('qin-song', 'show', '--json')).out) as Overview;
    expect(shown.waiting).toEqual({ added: 0, removed: 0 });
    const removed = await run('qin-song', 'remove', cardNo, '--why', 'found', '--json');
    expect(JSON.parse(removed.out)).toEqual({ removed: 1, notListed: 0 });
    const wrong = await run('qin-song', 'add', '12', '--reason', 'lost', '--why', 'too short');
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('expected: an account number')]);
  }, 120_000);
});

/** Sends management messages sealed with the keys of a new session. */
async function askingAs(gate: FleetTerminal) {
  await gate.signIn();
  let session: DockingSession | undefined;
  const lists = gate.denyLists!;
  const { afterSignIn } = lists;
  lists.afterSignIn = async (given) => {
    session = given;
  };
  await gate.runModules();
  lists.afterSignIn = afterSignIn;
  return async (code: string, fields: Record<number, string | Uint8Array>, mti = '0800'): Promise<ReceivedMessage> => {
    const { link, batchNo } = session!;
    const frame = link.sealedManagement(mti, { traceNo: session!.nextTrace(), batchNo, code }, fields);
    return link.answer(await session!.send(frame)).message;
  };
}

describe('the doors of older terminals', () => {
  it('390 and 570 give the published whole-card listings, and 570 goes on where it stopped', async () => {
    const gate = terminal(ENTRY_GATE);
    const ask = await askingAs(gate);
    const bins = parseBinBlacklistPage((await ask('390', { 62: encodeBinBlacklistRequest(0) })).raw(62)!);
    const { version } = await clerk.get<Overview>('/api/deny-lists');
    expect(bins.status).toBe('last');
    expect(bins.numbers).toContain('6222021000000005');
    const transit = async (cursor: string) =>
      parseTransitListAnswer(
        (
          await ask('570', {
            63: encodeTransitListRequest({ institution: '00000000', lastUpdate: '20261120', cursor }),
          })
        ).required(63),
      );
    const whole = await transit('0000000000');
    expect(new Set(whole.records.map(({ cardNo }) => cardNo))).toEqual(new Set(bins.numbers));
    expect(whole.records.every(({ change }) => change === 'add')).toBe(true);
    expect((await transit(whole.nextCursor)).records).toEqual([]);
    await publish();
    const news = await transit(whole.nextCursor);
    expect(news.records).toMatchObject([{ change: 'remove', cardNo: '6222021000000005', rest: '020000000000' }]);
    expect((await clerk.get<Overview>('/api/deny-lists')).version).toBe(version + 1);
    gate.hangUp();
  });

  it('no account number of them is among the last messages of the terminal, nor in its list and reports', async () => {
    await list(1, 'stolen');
    await publish();
    await dock(ENTRY_GATE);
    const gate = terminal(ENTRY_GATE);
    const ask = await askingAs(gate);
    const { numbers } = parseBinBlacklistPage((await ask('390', { 62: encodeBinBlacklistRequest(0) })).raw(62)!);
    await ask('570', {
      63: encodeTransitListRequest({ institution: '0', lastUpdate: '20261120', cursor: '0000000000' }),
    });
    await ask('364', { 62: encodeParameterRequest({ set: 'TAR', version: '', page: 0 }) });
    const pan = numbers[0]!;
    const seen = { at: now(), scope: 'card', reason: 'lost', outcome: 'refused', listVersion: 1 } as const;
    const hit = encodeDenyListHit({ hitNo: 900, pan, ...seen });
    expect((await ask('892', { 62: hit }, '0820')).required(39)).toBe('00');
    gate.hangUp();

    type Shown = { mti: string; fields: { field: string; hex: string; text: string }[] };
    const messages = await clerk.get<Shown[]>(`/api/terminals/${gate.enrolled.terminalNo}/messages`);
    const text = JSON.stringify(messages).toUpperCase();
    expect(numbers.length).toBeGreaterThan(1);
    for (const number of numbers)
      for (const form of [number, toHex(new TextEncoder().encode(number))]) expect(text).not.toContain(form);
    // answers stand before what asked for them
    const pages = messages.flatMap((message, index) => {
      const asked = messages[index + 1]?.fields;
      const of = (fields: Shown['fields'] | undefined, name: string) => fields?.find(({ field }) => field === name);
      if (message.mti !== '0810' || of(asked, 'F60')?.text.slice(8) !== '364') return [];
      return [{ set: of(asked, 'F62')!.hex.slice(0, 6), text: of(message.fields, 'F62')!.text }];
    });
    const ofSet = (name: string) => pages.filter(({ set }) => set === toHex(new TextEncoder().encode(name)));
    expect(new Set(ofSet('DNL').map((page) => page.text))).toEqual(new Set(['hidden']));
    expect(new Set(ofSet('TAR').map((page) => page.text))).toEqual(new Set(['']));
    // of the report only the card is taken out
    const report = messages.flatMap(({ mti, fields }) => (mti === '0820' ? fields : []));
    expect(report.some(({ field, hex }) => field === 'F62' && hex.includes('DF200400000384'))).toBe(true);
  });
});

describe('a list that grows old', () => {
  it('above the floor nothing is taken, later nothing at all, by the rule of the profile; a host brings it back', () => {
    const { terminal: gate, psam } = terminal(COUNTER);
    const states = [
      { state: 'warn', ageSeconds: 90_000 },
      { state: 'refuse-above-floor', ageSeconds: 90_000, floorFen: 0 },
      { state: 'refuse-above-floor', ageSeconds: 90_000, floorFen: 500 },
      { state: 'refuse-all', ageSeconds: 300_000 },
    ] as const;
    const results = states.map((freshness) => {
      const aged = new Terminal({ ...terminal(BUS).terminal!.configuration }, gate!.parameters, {
        ...{ psam: psam!, random, monotonicUs: () => 0, nowMs: () => 0, storage: MEMORY_ONLY },
        denyList: { version: 1, freshness: () => freshness, find: () => undefined, note: () => undefined },
      });
      const outcome = aged.tap(cardOf(1), { kind: 'boarding', at: now(), declaredBaseFen: 200 });
      return outcome.result === 'refused' ? outcome.reason : outcome.result;
    });
    expect(results).toEqual(['accepted', 'list-too-old', 'accepted', 'list-too-old']);
  });
});
