/**
 * Runs the flows of one card in an order the seed chooses, and again with flows that break into each other between two
 * commands. After each, every byte of the card is compared: only what the flows own may differ.
 */
import type { CardChannel } from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { type RandomSource, randomInteger, seededRandom } from '@polycard/crypto';
import { FLOWS, type Flow, REPAIR } from './flows.ts';
import { type Belonging, belongingsOf, changesBetween, issueOneCard } from './one-card.ts';

export interface InterleavedReport {
  readonly applications: readonly string[];
  /** Names under which every byte of the card stands. */
  readonly belongings: readonly Belonging[];
  readonly flows: Readonly<Record<string, number>>;
  readonly interruptions: number;
  /** Changes that no running flow owns, failures of flows that were not broken into. */
  readonly findings: readonly string[];
}

export type InterleavedPlant = 'byte-changed';

const START = Date.UTC(2026, 7, 1, 6);
const MS_BETWEEN = 600_000;

export async function runInterleaved(options: {
  readonly flows: number;
  readonly interruptions: number;
  readonly seed: string;
  readonly plant?: InterleavedPlant;
}): Promise<InterleavedReport> {
  const random = seededRandom(`interleaved ${options.seed}`);
  const findings: string[] = [];
  const counts: Record<string, number> = {};
  let card = issueOneCard();
  let now = START;
  const next = (): string => {
    now += MS_BETWEEN;
    return new Date(now).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  };
  const attempt = async (flow: Flow, channel: CardChannel): Promise<string | undefined> => {
    try {
      await flow.run(channel, next());
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const plantAt = options.plant === undefined ? -1 : Math.floor(options.flows / 2);

  const further = Math.max(0, options.flows - FLOWS.length);
  const sequence = [...FLOWS, ...Array.from({ length: further }, () => pick(FLOWS, random))];
  for (const [index, flow] of sequence.entries()) {
    card.reset(pick(flow.interfaces, random));
    const before = card.snapshot();
    const failure = await attempt(flow, card);
    if (failure !== undefined) findings.push(`${flow.name}: ${failure}`);
    if (index === plantAt) card = withChangedByte(card);
    const changed = changesBetween(before, card.snapshot());
    const foreign = changed.filter((name) => !owns(flow).includes(name));
    const untouched = flow.changes.filter((name) => !changed.includes(name));
    if (foreign.length > 0) findings.push(`${flow.name} changed ${foreign.join(', ')}`);
    if (untouched.length > 0) findings.push(`${flow.name} left ${untouched.join(', ')} as it was`);
    counts[flow.name] = (counts[flow.name] ?? 0) + 1;
  }

  const breakable = FLOWS.filter(({ application }) => application !== 'issuer domain');
  for (let index = 0; index < options.interruptions; index++) {
    const outer = pick(breakable, random);
    const side = pick(outer.interfaces, random);
    const inner = pick(
      breakable.filter(({ interfaces }) => interfaces.includes(side)),
      random,
    );
    const where = randomInteger(random, 24);
    card.reset(side);
    const before = card.snapshot();
    const broken = new BrokenInto(card, where, () => void inner.run(card, next()));
    // the outer flow loses its session: whatever becomes of it, it must leave the others alone
    await attempt(outer, broken);
    // with contacts an unfinished online transaction bars electronic cash until the next one: that is the card's rule
    const isBarred = inner.application === outer.application && side === 'contact';
    if (broken.failure !== undefined && !isBarred)
      findings.push(`${inner.name} inside ${outer.name}: ${broken.failure}`);
    const owned = new Set([outer, ...(broken.happened ? [inner] : [])].flatMap(owns));
    const foreign = changesBetween(before, card.snapshot()).filter((name) => !owned.has(name));
    if (foreign.length > 0)
      findings.push(`${outer.name} broken into by ${inner.name} after ${where} commands changed ${foreign.join(', ')}`);
    if (outer.application !== 'financial' || side !== 'contact') continue;
    card.reset('contact');
    const pending = await attempt(REPAIR, card);
    if (pending !== undefined) findings.push(`after ${outer.name} was broken: ${pending}`);
  }
  for (const flow of FLOWS) {
    card.reset(flow.interfaces[0]!);
    const failure = await attempt(flow, card);
    if (failure !== undefined) findings.push(`${flow.name} at the end: ${failure}`);
  }
  return {
    applications: Object.keys(card.snapshot().applications),
    belongings: [...belongingsOf(card.snapshot()).keys()],
    flows: counts,
    interruptions: options.interruptions,
    findings,
  };
}

const owns = ({ changes, mayChange = [] }: Flow): Belonging[] => [...changes, ...mayChange];

function pick<T>(items: readonly T[], random: RandomSource): T {
  return items[randomInteger(random, items.length)]!;
}

/** A channel on which something else happens after so many commands. */
class BrokenInto implements CardChannel {
  readonly #card: CardChannel;
  readonly #work: () => void;
  #left: number;
  happened = false;
  failure: string | undefined;

  constructor(card: CardChannel, after: number, work: () => void) {
    this.#card = card;
    this.#left = after;
    this.#work = work;
  }

  transmit(command: Uint8Array): Uint8Array {
    if (this.#left-- === 0) {
      this.happened = true;
      try {
        this.#work();
      } catch (error) {
        this.failure = (error as Error).message;
      }
    }
    return this.#card.transmit(command);
  }
}

/** A byte of the bus record's reserved tail, as a defect of another application might change it. */
function withChangedByte(card: VirtualCard): VirtualCard {
  const snapshot = card.snapshot();
  const [aid, application] = Object.entries(snapshot.applications).find(([, { memory }]) => memory !== undefined)!;
  const bytes = Buffer.from(application.memory!.bytes, 'base64');
  bytes[bytes.length - 1]! ^= 0x01;
  const memory = { ...application.memory!, bytes: bytes.toString('base64') };
  const applications = { ...snapshot.applications, [aid]: { ...application, memory } };
  return VirtualCard.restore({ ...snapshot, applications }, { random: seededRandom('restored') });
}
