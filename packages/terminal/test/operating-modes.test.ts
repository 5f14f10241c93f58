/** Operating modes at gates and counters; scenarios of reference industries.md §5.8 by their number. */
import type { MetroOperation, ModeOrder, OperatingMode } from '@polycard/blueprint';
import type { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  encodeIndustryData,
  parseIndustryData,
  type TapOutcome,
  type TapRequest,
  Terminal,
  type TerminalConfiguration,
} from '../src/index.ts';
import { personalisedCard, truthOf } from './personalised-card.ts';
import { COUNTER, ENTRY_GATE, EXIT_GATE, parameters, psam } from './region.ts';

const RULES: MetroOperation = { maxStayMinutes: 240, maximumFareFen: 1600, sameStationFreeMinutes: 10 };
const DAY = '20180901';
const at = (time: string, day = DAY): string => `${day}${time}00`;

let orders: ModeOrder[];
beforeEach(() => {
  orders = [];
});

function order(place: string, modes: OperatingMode[], from: string, to?: string): void {
  orders.push({ id: `M${orders.length + 1}`, place, modes, from, ...(to === undefined ? {} : { to }) });
}

function gate(configuration: TerminalConfiguration, rules: MetroOperation = RULES): Terminal {
  const metro = parameters.tariffs.metro!;
  const tariffs = { ...parameters.tariffs, metro: { ...metro, tariff: { ...metro.tariff, operation: rules } } };
  const terminal = new Terminal(
    { ...configuration, missedExit: 'refuse' },
    { ...parameters, tariffs },
    { psam, random: seededRandom('gate'), monotonicUs: () => 0, nowMs: () => 0 },
  );
  terminal.modeOrders = orders;
  return terminal;
}

function tap(configuration: TerminalConfiguration, card: VirtualCard, request: TapRequest): TapOutcome {
  const outcome = gate(configuration).tap(card, request);
  card.reset();
  if (outcome.result === 'accepted') {
    // what the tap says of itself arrives as it was meant
    const { industry } = outcome.entry;
    expect(parseIndustryData(encodeIndustryData(industry))).toMatchObject({
      ...(industry.modes === undefined ? {} : { modes: industry.modes }),
      ...(industry.entryKind === undefined ? {} : { entryKind: industry.entryKind }),
    });
  }
  return outcome;
}

const enter = (card: VirtualCard, time: string): TapOutcome => tap(ENTRY_GATE, card, { kind: 'entry', at: time });
const exit = (card: VirtualCard, time: string, place = EXIT_GATE): TapOutcome =>
  tap(place, card, { kind: 'exit', at: time });
const reason = (outcome: TapOutcome): string => (outcome.result === 'refused' ? outcome.reason : outcome.result);
const paid = (outcome: TapOutcome): number | string =>
  outcome.result === 'accepted' ? outcome.entry.amountFen : reason(outcome);
const industry = (outcome: TapOutcome) => (outcome.result === 'accepted' ? outcome.entry.industry : undefined);

describe('waivers', () => {
  it('A8: a waived fare charges nothing, says which mode it was, and leaves the ride on the card', () => {
    const card = personalisedCard();
    enter(card, at('0800'));
    order('0115', ['fare-waived'], at('0830'), at('0900'));
    const outcome = exit(card, at('0840'));
    expect(paid(outcome)).toBe(0);
    expect(industry(outcome)!.modes).toEqual(['fare-waived']);
    expect(outcome.result === 'accepted' && outcome.fare!.steps.at(-1)!.rule).toBe('fare-waived');
    expect(truthOf(card)).toMatchObject({ balanceFen: 50_000, metro: { status: '02', amount: 0 } });
  });

  it('the same exit before the order begins and after it ends pays', () => {
    for (const time of ['0829', '0900']) {
      const card = personalisedCard();
      enter(card, at('0800'));
      order('0115', ['fare-waived'], at('0830'), at('0900'));
      expect(paid(exit(card, at(time))), time).toBe(475);
    }
  });

  it('A4: an exit without entry is taken from the one station that waived the order lately', () => {
    order('0101', ['order-waived'], at('0600'), at('0630'));
    const outcome = exit(personalisedCard(), at('0830'));
    expect(paid(outcome)).toBe(475);
    expect(industry(outcome)).toMatchObject({ entryKind: 'assumed', entryPlaceCode: '0101', baseSource: 'network' });
  });

  it('A5: two stations did, so the base fare holds; none did, or too long ago, and the card is refused', () => {
    order('0101', ['order-waived'], at('0600'), at('0630'));
    order('0111', ['order-waived'], at('0600'), at('0630'));
    const outcome = exit(personalisedCard(), at('0830'));
    expect(industry(outcome)).toMatchObject({ entryKind: 'assumed', baseFen: 200, baseSource: 'declared' });
    expect(paid(outcome)).toBe(190);
    expect(reason(exit(personalisedCard(), at('1031')))).toBe('no-entry');
    orders = [];
    expect(reason(exit(personalisedCard(), at('0830')))).toBe('no-entry');
  });

  it('order waived: a card that is inside comes in all the same, and only then', () => {
    const card = personalisedCard();
    enter(card, at('0800'));
    expect(reason(enter(card, at('0830')))).toBe('already-inside');
    order('0101', ['order-waived'], at('0825'));
    expect(industry(enter(card, at('0830')))).toMatchObject({ modes: ['order-waived'] });
  });

  it('date waived: an expired card is taken while it lasts', () => {
    const late = at('0800', '20300101');
    expect(reason(enter(personalisedCard(), late))).toBe('expired');
    order('0101', ['date-waived'], late);
    expect(reason(enter(personalisedCard(), late))).toBe('accepted');
  });

  it('time waived: nobody is too long inside; A6: else the counter takes the highest fare and the exit is free', () => {
    const card = personalisedCard();
    enter(card, at('0800'));
    expect(reason(exit(card, at('1200')))).toBe('accepted');
    enter(card, at('1300'));
    expect(reason(exit(card, at('1711')))).toBe('overtime');
    order('0115', ['time-waived'], at('1700'), at('1712'));
    expect(reason(exit(card, at('1711')))).toBe('accepted');
    enter(card, at('1800'));
    expect(reason(exit(card, at('2211')))).toBe('overtime');
    const repair = tap({ ...COUNTER, placeCode: '0115' }, card, { kind: 'counter', at: at('2215'), repair: '01' });
    expect([paid(repair), industry(repair)!.repair]).toEqual([1600, '01']);
    const out = exit(card, at('2235'));
    expect([paid(out), industry(out)!.entryKind]).toEqual([0, 'paid-inside']);
  });

  it('after a repair the exit has twenty minutes', () => {
    const card = personalisedCard();
    enter(card, at('0800'));
    tap({ ...COUNTER, placeCode: '0115' }, card, { kind: 'counter', at: at('1230'), repair: '01' });
    expect(reason(exit(card, at('1251')))).toBe('overtime');
    expect(paid(exit(card, at('1250')))).toBe(0);
  });
});

describe('trains that do not run', () => {
  it('train failure: nobody comes in, those inside go out without a fare', () => {
    const card = personalisedCard();
    enter(card, at('0800'));
    order('0115', ['train-failure'], at('0810'), at('0900'));
    expect(reason(tap(EXIT_GATE, personalisedCard(), { kind: 'entry', at: at('0830') }))).toBe('station-closed');
    const outcome = exit(card, at('0830'));
    expect([paid(outcome), industry(outcome)!.modes]).toEqual([0, ['train-failure']]);
  });

  it('emergency: the doors are open, no card is read or written', () => {
    const card = personalisedCard();
    enter(card, at('0800'));
    const before = truthOf(card);
    order('0115', ['emergency'], at('0820'), at('0900'));
    const outcome = exit(card, at('0830'));
    expect([reason(outcome), outcome.exchanges.length]).toEqual(['doors-open', 0]);
    expect(truthOf(card)).toEqual(before);
  });

  it('A1, A2: a card caught inside is let in anywhere for seven days, afterwards the counter repairs it free', () => {
    const card = personalisedCard();
    enter(card, at('0810'));
    order('0101', ['emergency'], at('0820'), at('0900'));
    const late = personalisedCard();
    enter(late, at('0810', '20180831'));
    const other = { ...ENTRY_GATE, placeCode: '0111' };
    expect(industry(tap(other, card, { kind: 'entry', at: at('0859', '20180908') }))!.releasedBy).toBe('M1');
    const second = personalisedCard();
    orders = [];
    enter(second, at('0810'));
    order('0101', ['emergency'], at('0820'), at('0900'));
    expect(reason(tap(other, second, { kind: 'entry', at: at('0901', '20180908') }))).toBe('already-inside');
    const visit = tap(COUNTER, second, { kind: 'counter', at: at('0910', '20180908'), repair: '13' });
    expect([paid(visit), truthOf(second).metro['status']]).toEqual([0, '02']);
  });

  it('A3: an entry long before the release is not covered by it', () => {
    const card = personalisedCard();
    enter(card, at('0400'));
    order('0101', ['emergency'], at('0820'), at('0900'));
    expect(reason(enter(card, at('1000')))).toBe('already-inside');
    expect(reason(tap(COUNTER, card, { kind: 'counter', at: at('1005'), repair: '13' }))).toBe('not-repairable');
    expect(paid(tap(COUNTER, card, { kind: 'counter', at: at('1005'), repair: '11' }))).toBe(200);
  });

  it('a closed station lets nobody in and lets people out as always', () => {
    const card = personalisedCard();
    enter(card, at('0800'));
    order('0115', ['closed'], at('0700'));
    expect(reason(tap(EXIT_GATE, personalisedCard(), { kind: 'entry', at: at('0830') }))).toBe('station-closed');
    expect(paid(exit(card, at('0830')))).toBe(475);
  });
});

describe('same station and counters', () => {
  it('A7: out at the same station within the free minutes costs nothing, a minute later the base fare', () => {
    const card = personalisedCard();
    enter(card, at('0800'));
    expect(paid(exit(card, at('0810'), ENTRY_GATE))).toBe(0);
    enter(card, at('0900'));
    expect(paid(exit(card, at('0911'), ENTRY_GATE))).toBe(190);
  });

  it('code 10 clears a fresh entry only; code 12 costs the base fare; a card that is outside needs no repair', () => {
    const card = personalisedCard();
    enter(card, at('0800'));
    expect(reason(tap(COUNTER, card, { kind: 'counter', at: at('0821'), repair: '10' }))).toBe('not-repairable');
    expect(paid(tap(COUNTER, card, { kind: 'counter', at: at('0820'), repair: '10' }))).toBe(0);
    expect(reason(tap(COUNTER, card, { kind: 'counter', at: at('0822'), repair: '12' }))).toBe('not-repairable');
    enter(card, at('0830'));
    expect(paid(tap(COUNTER, card, { kind: 'counter', at: at('1300'), repair: '12' }))).toBe(200);
  });
});
