import { type CardChannel, fromHex, PolycardError, toHex } from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type JournalState,
  type JournalStorage,
  MEMORY_ONLY,
  Terminal,
  type TerminalConfiguration,
} from '../src/index.ts';
import { personalisedCard, truthOf } from './personalised-card.ts';
import { CopyingStorage } from './power-cut-scenario.ts';
import { BUS, ENTRY_GATE, EXIT_GATE, parameters, psam } from './region.ts';

const LAST_RECORD = '00B2031C00';
const at = (time: string): string => `20180901${time}`;
const ride = { kind: 'boarding', at: at('083000'), declaredBaseFen: 300 } as const;
const CHARGE_FEN = 240;

let nowMs = 0;
beforeEach(() => {
  nowMs = 0;
});

function terminal(configuration: TerminalConfiguration, known = parameters): Terminal {
  const dependencies = { psam, random: seededRandom('t'), monotonicUs: () => 0, nowMs: () => nowMs };
  return new Terminal(configuration, known, { ...dependencies, storage: MEMORY_ONLY });
}

/** Passes commands on; the answer to the last READ RECORD is lost, or replaced. */
function channel(
  card: VirtualCard,
  answer: (command: string, response: Uint8Array) => Uint8Array | 'lost',
): CardChannel {
  return {
    transmit(command) {
      const found = answer(toHex(command), card.transmit(command));
      if (found === 'lost') throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', 'the card left the field');
      return found;
    },
  };
}
/** The card committed, the answer never came; what is read before GPO gets through. */
function losingTheCommit(card: VirtualCard): CardChannel {
  let isInitiated = false;
  return channel(card, (command, response) => {
    isInitiated ||= command.startsWith('80A8');
    return isInitiated && command === LAST_RECORD ? 'lost' : response;
  });
}
/** The card never hears the last READ RECORD. */
const leavingEarly = (card: VirtualCard): CardChannel => ({
  transmit(command) {
    if (toHex(command) === LAST_RECORD)
      throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', 'the card left the field');
    return card.transmit(command);
  },
});
const phases = (outcome: { exchanges: readonly { phase: string; command: Uint8Array }[] }): string[] =>
  outcome.exchanges.map(({ phase, command }) => `${phase} ${toHex(command.subarray(0, 4))}`);

describe('a tap whose last answer was lost', () => {
  it('is completed from the kept record, which is read before anything else; no proof has to be asked for', () => {
    const [card, bus] = [personalisedCard(), terminal(BUS)];
    expect(bus.tap(losingTheCommit(card), ride)).toMatchObject({
      result: 'torn',
      commit: 'unknown',
      retapWindowMs: 3_000,
    });
    expect(bus.journal.entries).toEqual([]);
    card.reset();
    const again = bus.tap(card, ride);
    expect(again).toMatchObject({
      result: 'accepted',
      recovered: true,
      entry: { industry: { tornOutcome: 're-read' } },
    });
    expect(phases(again).slice(2, 3)).toEqual(['recover 00B2031C']);
    expect(phases(again).some((phase) => phase.startsWith('proof'))).toBe(false);
    expect(truthOf(card)).toMatchObject({ balanceFen: 50_000 - CHARGE_FEN });
    expect(bus.journal.entries).toHaveLength(1);
    card.reset();
    expect(bus.tap(card, ride)).toMatchObject({ result: 'accepted', recovered: false });
    expect(bus.journal.entries.map(({ sequenceNo }) => sequenceNo)).toEqual([1, 2]);
  });

  it('under fDDA 00, whose kept record tells nothing, is completed by GET TRANS PROVE', () => {
    const [card, bus] = [personalisedCard(), terminal({ ...BUS, ttq: fromHex('28000000') })];
    bus.tap(losingTheCommit(card), ride);
    card.reset();
    const again = bus.tap(card, ride);
    expect(again).toMatchObject({ result: 'accepted', recovered: true, entry: { industry: { tornOutcome: 'proof' } } });
    if (again.result !== 'accepted') return;
    expect(toHex(again.entry.clearingData.get('9F26')!)).toBe(truthOf(card).proof?.cryptogram);
  });

  it('that the card never committed is simply done again', () => {
    const [card, bus] = [personalisedCard(), terminal(BUS)];
    expect(bus.tap(leavingEarly(card), ride)).toMatchObject({ result: 'torn', commit: 'unknown' });
    card.reset();
    expect(bus.tap(card, ride)).toMatchObject({ result: 'accepted', recovered: false });
    expect(bus.journal.entries.map(({ industry }) => industry.tornOutcome)).toEqual(['normal']);
    expect(truthOf(card)).toMatchObject({ balanceFen: 50_000 - CHARGE_FEN });
  });

  it('is not thought uncommitted when a later ride elsewhere replaced its proof: unresolved, never dropped', () => {
    const [card, bus, other] = [personalisedCard(), terminal({ ...BUS, tornRecordMs: 60_000 }), terminal(BUS)];
    bus.tap(losingTheCommit(card), ride);
    card.reset();
    expect(other.tap(card, { ...ride, at: at('083030') })).toMatchObject({ result: 'accepted' });
    card.reset();
    nowMs = 40_000;
    expect(bus.tap(card, { ...ride, at: at('083040') })).toMatchObject({ result: 'accepted', recovered: false });
    expect(bus.journal.entries.map(({ industry, atc }) => [industry.tornOutcome, atc])).toEqual([
      ['unresolved', 1],
      ['normal', 3],
    ]);
    expect(truthOf(card)).toMatchObject({ balanceFen: 50_000 - 3 * CHARGE_FEN });
  });

  it('of a card that will not say what happened stays open, and the card is refused', () => {
    const [card, bus] = [personalisedCard(), terminal({ ...BUS, ttq: fromHex('28000000') })];
    bus.tap(losingTheCommit(card), ride);
    card.reset();
    const silent = channel(card, (command, response) => (command.startsWith('805A') ? fromHex('6985') : response));
    expect(bus.tap(silent, ride)).toMatchObject({ result: 'refused', reason: 'torn-unclear' });
    expect([bus.journal.pending.length, bus.journal.entries.length]).toEqual([1, 0]);
    card.reset();
    expect(bus.tap(card, ride)).toMatchObject({ result: 'accepted', recovered: true });
  });

  it('leaves another card alone', () => {
    const [card, stranger, bus] = [personalisedCard(), personalisedCard({ pan: '6228480000000029' }), terminal(BUS)];
    bus.tap(losingTheCommit(card), ride);
    expect(bus.tap(stranger, ride)).toMatchObject({ result: 'accepted', recovered: false });
    expect(bus.journal.pending).toHaveLength(1);
    card.reset();
    expect(bus.tap(card, ride)).toMatchObject({ result: 'accepted', recovered: true });
    expect(bus.journal.entries.map(({ pan }) => pan)).toEqual(['6228480000000029', '6228480000000011']);
  });

  it('is completed also when the card comes back for something else, which is then done too', () => {
    const [card, gate] = [personalisedCard(), terminal(EXIT_GATE)];
    terminal(ENTRY_GATE).tap(card, { kind: 'entry', at: at('080000') });
    card.reset();
    gate.tap(losingTheCommit(card), { kind: 'exit', at: at('083000') });
    card.reset();
    expect(gate.tap(card, { kind: 'entry', at: at('083005') })).toMatchObject({ result: 'accepted', recovered: false });
    expect(gate.journal.entries.map(({ industry }) => [industry.kind, industry.tornOutcome])).toEqual([
      ['exit', 're-read'],
      ['entry', 'normal'],
    ]);
    expect(truthOf(card).metro['status']).toBe('01');
  });

  it('does not open the gate for a card that cannot prove itself, however it answers; what it paid is journalled', () => {
    const [card, bus] = [personalisedCard(), terminal(BUS, { ...parameters, caKeys: new Map() })];
    bus.tap(losingTheCommit(card), ride);
    card.reset();
    expect(bus.tap(card, ride)).toMatchObject({ result: 'refused', reason: 'authentication-failed' });
    expect(bus.journal.entries.map(({ industry }) => industry.tornOutcome)).toEqual(['proof']);
    expect(bus.journal.pending).toEqual([]);
  });

  it('whose kept record another reader took away is completed by its proof; the card signs once more, nothing is paid', () => {
    const [card, bus] = [personalisedCard(), terminal(BUS)];
    bus.tap(losingTheCommit(card), ride);
    truthOf(card); // any command that is no READ RECORD ends the life of the copy
    const again = bus.tap(card, ride);
    expect(again).toMatchObject({ result: 'accepted', recovered: true });
    expect(phases(again).at(-1)).toBe('proof 80A80000');
    expect(bus.journal.entries.map(({ industry }) => industry.tornOutcome)).toEqual(['proof']);
    expect(truthOf(card)).toMatchObject({ balanceFen: 50_000 - CHARGE_FEN });
  });

  it('whose card another reader had and that cannot sign again keeps the gate closed; what it paid is journalled', () => {
    const [card, bus] = [personalisedCard(), terminal(BUS)];
    bus.tap(losingTheCommit(card), ride);
    truthOf(card);
    const forged = channel(card, (command, response) => {
      const at = command.startsWith('80A8') ? toHex(response).indexOf('9F4B') / 2 : -1;
      const changed = Uint8Array.from(response);
      if (at > 0) changed[at + 20]! ^= 1;
      return changed;
    });
    expect(bus.tap(forged, ride)).toMatchObject({ result: 'refused', reason: 'authentication-failed' });
    expect(bus.journal.entries.map(({ industry }) => industry.tornOutcome)).toEqual(['proof']);
  });

  it('and that leaves while it signs again is asked again when it comes back', () => {
    const [card, bus] = [personalisedCard(), terminal(BUS)];
    bus.tap(losingTheCommit(card), ride);
    truthOf(card);
    const leaving = channel(card, (command, response) => (command.startsWith('80A8') ? 'lost' : response));
    expect(bus.tap(leaving, ride)).toMatchObject({ result: 'torn', commit: 'unknown' });
    card.reset();
    expect(bus.tap(card, ride)).toMatchObject({ result: 'accepted', recovered: true });
    expect(bus.journal.entries).toHaveLength(1);
    expect(truthOf(card)).toMatchObject({ balanceFen: 50_000 - CHARGE_FEN });
  });

  it('whose kept record is gone is completed too when the card comes back for something else', () => {
    const [card, gate] = [personalisedCard(), terminal(EXIT_GATE)];
    terminal(ENTRY_GATE).tap(card, { kind: 'entry', at: at('080000') });
    card.reset();
    gate.tap(losingTheCommit(card), { kind: 'exit', at: at('083000') });
    truthOf(card);
    expect(gate.tap(card, { kind: 'entry', at: at('083005') })).toMatchObject({ result: 'accepted', recovered: false });
    expect(gate.journal.entries.map(({ industry }) => industry.kind)).toEqual(['exit', 'entry']);
    expect(truthOf(card).metro['status']).toBe('01');
  });

  it('that nobody resolves within T2 becomes an unresolved entry; of more than are kept, the oldest does', () => {
    const bus = terminal({ ...BUS, tornRecordsMax: 2 });
    for (const serial of [11, 29, 37]) {
      const torn = bus.tap(losingTheCommit(personalisedCard({ pan: `62284800000000${serial}` })), ride);
      expect(torn.result).toBe('torn');
    }
    expect([bus.journal.pending.length, bus.journal.entries.length]).toEqual([2, 1]);
    nowMs = BUS.tornRecordMs;
    bus.expireTornTaps();
    expect(bus.journal.pending).toHaveLength(2);
    nowMs++;
    bus.expireTornTaps();
    expect(bus.journal.pending).toEqual([]);
    expect(bus.journal.entries.map(({ pan, industry }) => [pan.slice(-2), industry.tornOutcome])).toEqual([
      ['11', 'unresolved'],
      ['29', 'unresolved'],
      ['37', 'unresolved'],
    ]);
  });

  it('can be completed though the journal is full: its place is taken already', () => {
    const [card, bus] = [personalisedCard(), terminal({ ...BUS, journalMax: 1 })];
    bus.tap(losingTheCommit(card), ride);
    card.reset();
    expect(bus.tap(card, ride)).toMatchObject({ result: 'accepted', recovered: true });
    card.reset();
    expect(bus.tap(card, ride)).toMatchObject({ result: 'refused', reason: 'journal-full' });
  });
});

describe('an answer to the last READ RECORD', () => {
  const answering = (card: VirtualCard, change: (response: Uint8Array) => Uint8Array): CardChannel =>
    channel(card, (command, response) => (command === LAST_RECORD ? change(response) : response));

  it.each([
    ['that is no TLV', 'card-data', (): Uint8Array => fromHex('70059F9000')],
    ['that lacks what was signed', 'authentication-failed', (): Uint8Array => fromHex('70009000')],
  ])('%s closes the gate, but the tap that was paid is in the journal', (_name, reason, change) => {
    const [card, bus] = [personalisedCard(), terminal(BUS)];
    expect(bus.tap(answering(card, change), ride)).toMatchObject({ result: 'refused', reason });
    expect([bus.journal.pending.length, bus.journal.entries.length]).toEqual([0, 1]);
    expect(truthOf(card)).toMatchObject({ balanceFen: 50_000 - CHARGE_FEN });
  });

  it('that says nothing was changed (6974) leaves nothing; one that does not say so (6F00, none) leaves it open', () => {
    for (const [response, pending] of [
      ['6974', 0],
      ['6F00', 1],
      ['6581', 1],
      ['', 1],
    ] as const) {
      const bus = terminal(BUS);
      expect(
        bus.tap(
          answering(personalisedCard(), () => fromHex(response)),
          ride,
        ).result,
        response,
      ).toBe('refused');
      expect([response, bus.journal.pending.length, bus.journal.entries.length]).toEqual([response, pending, 0]);
    }
  });

  it('of a card whose static record is no template 70 is an outcome, and the tap is kept', () => {
    const card = personalisedCard();
    const odd = channel(card, (command, response) => {
      if (command !== '00B2011400') return response;
      const changed = Uint8Array.from(response);
      changed[0] = 0x61;
      return changed;
    });
    const bus = terminal(BUS);
    expect(bus.tap(odd, ride)).toMatchObject({ result: 'refused', reason: 'authentication-failed' });
    expect(bus.journal.entries).toHaveLength(1);
  });
});

describe('a terminal that loses power itself, at any moment it saves', () => {
  /** Dies at one save: before it is written, or right after. */
  class DyingStorage extends CopyingStorage {
    readonly #at: number;
    readonly #isWritten: boolean;
    saves = 0;

    constructor(at: number, isWritten: boolean) {
      super();
      this.#at = at;
      this.#isWritten = isWritten;
    }

    override save(state: JournalState): void {
      const isHere = this.saves++ === this.#at;
      if (!isHere || this.#isWritten) super.save(state);
      if (isHere) throw new Error('the terminal lost power');
    }
  }
  const start = (storage: JournalStorage): Terminal =>
    new Terminal(BUS, parameters, { psam, random: seededRandom('t'), monotonicUs: () => 0, nowMs: () => 0, storage });

  it('knows afterwards of every tap the card committed, and only of those', () => {
    const whole = new DyingStorage(Number.POSITIVE_INFINITY, true);
    start(whole).tap(personalisedCard(), ride);
    expect(whole.saves).toBe(2); // pending, entry
    for (let save = 0; save < whole.saves; save++) {
      for (const isWritten of [false, true]) {
        const [card, storage] = [personalisedCard(), new DyingStorage(save, isWritten)];
        expect(() => start(storage).tap(card, ride)).toThrow('the terminal lost power');
        // a copy is asked: any other command would take the kept record from the card itself
        const copy = VirtualCard.restore(card.snapshot(), { random: seededRandom('copy') });
        const isPaid = truthOf(copy).balanceFen < 50_000;
        card.reset();
        const { entries, pending } = start(storage).journal;
        const where = `save ${save + 1}, ${isWritten ? 'written' : 'lost'}`;
        expect([where, isPaid], where).toEqual([where, save === 1]);
        if (isPaid) expect(entries.length + pending.length, where).toBe(1);
        const again = start(storage);
        if (entries.length === 0) expect(again.tap(card, ride).result, where).toBe('accepted');
        expect(again.journal.entries.length, where).toBe(1);
        expect(truthOf(card).balanceFen, where).toBe(50_000 - CHARGE_FEN);
      }
    }
  });
});
