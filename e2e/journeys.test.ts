import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { CUP_TERMINAL, packMessage, unpackMessage } from '@polycard/iso8583';
import {
  MEMORY_ONLY,
  offlineSaleMessage,
  parseOfflineSale,
  type TapDenyList,
  type TapRequest,
  Terminal,
} from '@polycard/terminal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUS, COUNTER, ENTRY_GATE, EXIT_GATE, openSmallSite, type SmallSite } from './small-site.ts';

let site: SmallSite;
beforeAll(async () => {
  site = await openSmallSite({ cards: 1, seed: 'journeys' });
});
afterAll(() => site.close());

const newCard = (): VirtualCard => VirtualCard.restore(site.cards[0]!.snapshot, { random: seededRandom('journeys') });
/** A list that names every card. */
const EVERYBODY: TapDenyList = {
  version: 1,
  freshness: () => ({ state: 'fresh', ageSeconds: 0 }),
  find: () => ({ scope: 'card', reason: 'lost', lockOnSight: false }),
  note: () => undefined,
};
const at = (time: string): string => `20180901${time}`;

function tap(card: VirtualCard, index: number, request: TapRequest) {
  return site.terminals[index]!.terminal!.tap(card, request);
}
/** A terminal like the site's, differently equipped. */
function terminalWith(
  index: number,
  change: {
    readonly configuration?: object;
    readonly parameters?: object;
    readonly denyList?: TapDenyList;
  },
): Terminal {
  const { terminal, psam } = site.terminals[index]!;
  return new Terminal(
    { ...terminal!.configuration, ...change.configuration },
    { ...terminal!.parameters, ...change.parameters },
    {
      ...{ psam: psam!, random: seededRandom('t'), monotonicUs: () => 0, nowMs: () => 0, storage: MEMORY_ONLY },
      ...(change.denyList === undefined ? {} : { denyList: change.denyList }),
    },
  );
}

describe('journeys on a real card', () => {
  it("metro: entry free, exit by distance with the card holder's 5 %", () => {
    const card = newCard();
    expect(tap(card, ENTRY_GATE, { kind: 'entry', at: at('080000') })).toMatchObject({
      result: 'accepted',
      entry: { amountFen: 0 },
    });
    const exit = tap(card, EXIT_GATE, { kind: 'exit', at: at('083000') });
    expect(exit).toMatchObject({ result: 'accepted', fare: { baseSource: 'network' } });
    if (exit.result !== 'accepted') return;
    expect(exit.entry.amountFen).toBe(Math.round(exit.fare!.baseFen * 0.95));
  });

  it('a bus within 90 minutes of the metro pays 40 fen less, later it does not', () => {
    for (const [time, charged] of [
      ['095900', 275],
      ['100100', 315],
    ] as const) {
      const card = newCard();
      tap(card, ENTRY_GATE, { kind: 'entry', at: at('080000') });
      tap(card, EXIT_GATE, { kind: 'exit', at: at('083000') });
      expect(tap(card, BUS, { kind: 'boarding', at: at(time), declaredBaseFen: 400 })).toMatchObject({
        result: 'accepted',
        entry: { amountFen: charged },
      });
    }
  });

  it('a counter can grant and take the right to a transfer', () => {
    const card = newCard();
    tap(card, COUNTER, { kind: 'counter', at: at('080000'), combinedRide: { mode: 'metro', at: at('075000') } });
    expect(tap(card, BUS, { kind: 'boarding', at: at('081000'), declaredBaseFen: 200 })).toMatchObject({
      entry: { amountFen: 120 },
    });
    tap(card, COUNTER, { kind: 'counter', at: at('082000'), combinedRide: 'none' });
    expect(tap(card, BUS, { kind: 'boarding', at: at('083000'), declaredBaseFen: 200 })).toMatchObject({
      entry: { amountFen: 160 },
    });
  });

  it('an exit without an entry is refused, and nothing changes', () => {
    const card = newCard();
    expect(tap(card, EXIT_GATE, { kind: 'exit', at: at('083000') })).toMatchObject({
      result: 'refused',
      reason: 'no-entry',
    });
    expect(site.terminals[EXIT_GATE]!.terminal!.journal.pending).toEqual([]);
  });

  it('an entry at no station leaves the fare to the gate: refused without a base fare, charged with one', () => {
    const card = newCard();
    const supplied = terminalWith(ENTRY_GATE, { configuration: { placeCode: '0000' } });
    supplied.tap(card, { kind: 'entry', at: at('080000') });
    expect(tap(card, EXIT_GATE, { kind: 'exit', at: at('083000') })).toMatchObject({
      result: 'refused',
      reason: 'fare-unknown',
    });
    expect(tap(card, EXIT_GATE, { kind: 'exit', at: at('083100'), declaredBaseFen: 500 })).toMatchObject({
      result: 'accepted',
      entry: { amountFen: 475 },
    });
  });

  it('a card without enough money is refused and keeps what it has', () => {
    const card = newCard();
    const dear = { kind: 'boarding', at: at('090000'), declaredBaseFen: 5000 } as const;
    let rides = 0;
    while (tap(card, BUS, dear).result === 'accepted') rides++;
    expect(rides).toBeGreaterThan(10);
    expect(tap(card, BUS, dear)).toMatchObject({ result: 'refused', reason: 'insufficient-balance' });
    expect(tap(card, BUS, { kind: 'boarding', at: at('090100'), declaredBaseFen: 100 })).toMatchObject({
      result: 'accepted',
      entry: { amountFen: 80 },
    });
  });

  it("a card that does not prove itself under the terminal's CA keys does not open the gate, but its tap is kept", () => {
    const gate = terminalWith(ENTRY_GATE, { parameters: { caKeys: new Map() } });
    expect(gate.tap(newCard(), { kind: 'entry', at: at('080000') })).toMatchObject({
      result: 'refused',
      reason: 'authentication-failed',
    });
    expect(gate.journal.entries).toHaveLength(1);
  });

  it('an expired card, a listed card and a full journal are refused before anything is written', () => {
    expect(terminalWith(ENTRY_GATE, {}).tap(newCard(), { kind: 'entry', at: '20401231080000' })).toMatchObject({
      result: 'refused',
      reason: 'expired',
    });
    expect(
      terminalWith(ENTRY_GATE, { denyList: EVERYBODY }).tap(newCard(), { kind: 'entry', at: at('080000') }),
    ).toMatchObject({ result: 'refused', reason: 'listed' });
    const full = terminalWith(ENTRY_GATE, { configuration: { journalMax: 1 } });
    expect(full.tap(newCard(), { kind: 'entry', at: at('080000') }).result).toBe('accepted');
    expect(full.tap(newCard(), { kind: 'entry', at: at('080000') })).toMatchObject({
      result: 'refused',
      reason: 'journal-full',
    });
  });

  it('what a terminal uploads is what the platform reads', () => {
    const card = newCard();
    const outcome = tap(card, BUS, { kind: 'boarding', at: at('080000'), declaredBaseFen: 300 });
    if (outcome.result !== 'accepted') throw new Error(outcome.result);
    const message = offlineSaleMessage({ terminalNo: '10000003', merchantNo: '888888888880301' }, outcome.entry);
    const sale = parseOfflineSale(unpackMessage(CUP_TERMINAL, packMessage(CUP_TERMINAL, message)));
    expect(sale).toMatchObject({
      pan: outcome.entry.pan,
      amountFen: 240,
      sequenceNo: outcome.entry.sequenceNo,
      industry: { kind: 'boarding', route: '101', at: at('080000') },
    });
  });
});
