import type { SectionFare } from '@polycard/blueprint';
import type { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import {
  encodeIndustryData,
  inspectCard,
  parseIndustryData,
  type TapOutcome,
  type TapRequest,
  Terminal,
  type TerminalConfiguration,
} from '../src/index.ts';
import { personalisedCard, truthOf } from './personalised-card.ts';
import { BUS, COUNTER, ENTRY_GATE, psam } from './region.ts';
import { OTHER_BUS, SECTION_BUS, STOPS, sectionParameters } from './section-region.ts';

const at = (time: string, day = '20180901'): string => `${day}${time}`;
const START_FEN = 50_000;

function tap(
  card: VirtualCard,
  configuration: TerminalConfiguration,
  request: TapRequest,
  change: Partial<SectionFare> = {},
): TapOutcome {
  card.reset();
  const dependencies = { psam, random: seededRandom('t'), monotonicUs: () => 0, nowMs: () => 0 };
  return new Terminal(configuration, sectionParameters(change), dependencies).tap(card, request);
}
/** At the stop with this number, going up. */
const held = (number: number, time: string, more: Partial<TapRequest> = {}): TapRequest => ({
  ...{ kind: 'boarding', at: time, stop: STOPS[number - 1]!, bound: 'up' },
  ...more,
});
function accepted(outcome: TapOutcome) {
  if (outcome.result !== 'accepted') throw new Error(JSON.stringify({ ...outcome, exchanges: undefined }));
  return outcome;
}
const reason = (outcome: TapOutcome): string => (outcome.result === 'refused' ? outcome.reason : outcome.result);
/** Section route's fare of an ordinary card of Guangdong: 20 % off up to 3.00, 25 % up to 6.00. */
const discounted = (fen: number): number => Math.round(Math.min(fen, 300) * 0.8 + Math.max(0, fen - 300) * 0.75);

describe('a ride by section', () => {
  it('boards with nothing charged and the card marked, and pays for its sections at the tap-off', () => {
    const card = personalisedCard();
    const on = accepted(tap(card, SECTION_BUS, held(2, at('080000'))));
    expect(on.entry).toMatchObject({
      amountFen: 0,
      industry: { kind: 'boarding', placeCode: STOPS[1], route: 'S1', direction: 'up', markedFen: 600 },
    });
    expect(truthOf(card)).toMatchObject({
      balanceFen: START_FEN,
      bus: {
        status: '01',
        stop: STOPS[1],
        direction: '01',
        markedFare: 600,
        boardingTime: at('080000'),
        monthCount: 0,
      },
      trips: [],
    });
    const off = accepted(tap(card, SECTION_BUS, held(5, at('083000'))));
    const fare = discounted(500);
    expect(off.entry).toMatchObject({
      amountFen: fare,
      industry: {
        ...{ kind: 'alighting', placeCode: STOPS[4], entryPlaceCode: STOPS[1], entryTime: at('080000') },
        ...{ route: 'S1', direction: 'up', baseFen: 500, baseSource: 'network' },
      },
    });
    expect(off.fare!.steps[0]).toMatchObject({
      en: 'Route S1, Market to Hospital: 3 sections',
      zh: 'S1路 Market站 至 Hospital站：3 段',
    });
    expect(truthOf(card)).toMatchObject({
      balanceFen: START_FEN - fare,
      bus: { status: '02', stop: STOPS[4], markedFare: 0, amount: fare, monthTotal: fare, monthCount: 1 },
      combinedRide: { lastMode: '02', lastTime: at('083000'), legs: 1 },
      trips: [{ type: '02', industry: '02', amount: fare, station: STOPS[4] }],
    });
  });

  it('field 57 carries both stops, the mark and a settled ride there and back', () => {
    const card = personalisedCard();
    tap(card, SECTION_BUS, held(2, at('080000')));
    const { industry } = accepted(tap(card, OTHER_BUS, held(1, at('100000')))).entry;
    expect(industry.closedRide).toEqual({
      ...{ route: 'S1', direction: 'up', boardingStop: STOPS[1], at: at('080000'), operatorCode: '0002' },
      ...{ markedFen: 600, settlement: 'charged', fareFen: 600 },
    });
    expect(parseIndustryData(encodeIndustryData(industry))).toEqual(industry);
  });

  it('a transfer goes by when the ride began, and its totals by the month it began in', () => {
    const card = personalisedCard();
    accepted(tap(card, BUS, { kind: 'boarding', at: at('233000', '20180831'), declaredBaseFen: 200 }));
    const before = Number(truthOf(card).bus['monthTotal']);
    tap(card, SECTION_BUS, held(1, at('235500', '20180831')));
    const off = accepted(tap(card, SECTION_BUS, held(7, at('013000'))));
    expect(off.entry.industry.transferApplied).toBe(true);
    expect(off.entry.amountFen).toBe(discounted(600) - 40);
    expect(truthOf(card).bus).toMatchObject({ monthTotal: before + off.entry.amountFen, monthCount: 2 });
    tap(card, SECTION_BUS, held(1, at('090000')));
    expect(truthOf(card).bus).toMatchObject({ monthTotal: 0, monthCount: 0 });
  });

  it('a second tap at the same stop within the grace is a mistake, at the boarding and at the tap-off', () => {
    const card = personalisedCard();
    tap(card, SECTION_BUS, held(2, at('080000')));
    expect(reason(tap(card, SECTION_BUS, held(2, at('080020'))))).toBe('already-tapped');
    const off = accepted(tap(card, SECTION_BUS, held(4, at('081000'))));
    expect(reason(tap(card, SECTION_BUS, held(4, at('081020'))))).toBe('already-tapped');
    expect(truthOf(card)).toMatchObject({ balanceFen: START_FEN - off.entry.amountFen, bus: { monthCount: 1 } });
    // after it the card boards again, and out at once costs one section
    expect(accepted(tap(card, SECTION_BUS, held(4, at('081021')))).entry.industry.kind).toBe('boarding');
    expect(accepted(tap(card, SECTION_BUS, held(4, at('081042')))).fare!.baseFen).toBe(200);
  });

  it('a stop before the boarding stop costs the rest of the route, or the sections between, as the rule says', () => {
    for (const [reversedOrder, baseFen] of [
      ['maximum', 500],
      ['sections', 300],
    ] as const) {
      const card = personalisedCard();
      tap(card, SECTION_BUS, held(3, at('080000')), { reversedOrder });
      const off = accepted(tap(card, SECTION_BUS, held(1, at('081000')), { reversedOrder }));
      expect(off.fare!.baseFen, reversedOrder).toBe(baseFen);
    }
  });

  it('the validator must know its stop; where one direction stops it needs no more', () => {
    const card = personalisedCard();
    const { stop: _stop, ...nowhere } = held(2, at('080000'));
    expect(reason(tap(card, SECTION_BUS, nowhere))).toBe('stop-unknown');
    expect(reason(tap(card, SECTION_BUS, held(2, at('080000'), { stop: '9999' })))).toBe('stop-unknown');
    expect(reason(tap(card, SECTION_BUS, held(2, at('080000'), { bound: 'down' })))).toBe('stop-unknown');
    const { bound: _bound, ...either } = held(3, at('080000'));
    expect(reason(tap(card, SECTION_BUS, either))).toBe('stop-unknown');
    expect(truthOf(card).atc).toBe(0);
    const { bound: _way, ...onlyUp } = held(2, at('080000'));
    expect(accepted(tap(card, SECTION_BUS, onlyUp)).entry.industry.direction).toBe('up');
  });

  it('the driver may set another route than the validator was enrolled with, flat or by section', () => {
    const card = personalisedCard();
    const flat = accepted(tap(card, SECTION_BUS, { kind: 'boarding', at: at('080000'), route: 'F1' }));
    expect([flat.fare!.baseFen, flat.entry.industry.route]).toEqual([250, 'F1']);
    const stated = { kind: 'boarding', at: at('081000'), route: 'F1', declaredBaseFen: 100 } as const;
    expect(reason(tap(card, SECTION_BUS, stated))).toBe('fare-unknown');
    expect(accepted(tap(card, BUS, held(2, at('090000'), { route: 'S2' }))).entry.industry.route).toBe('S2');
  });

  it('who has less than the rule asks for is not let on', () => {
    const card = personalisedCard();
    expect(reason(tap(card, SECTION_BUS, held(2, at('080000')), { minimumBalanceFen: 50_001 }))).toBe(
      'insufficient-balance',
    );
    expect(truthOf(card).bus['status']).toBe('00');
    expect(reason(tap(card, SECTION_BUS, held(2, at('080100')), { minimumBalanceFen: 50_000 }))).toBe('accepted');
  });

  it('an inspector sees who is on board and who has tapped off', () => {
    const card = personalisedCard();
    const look = (time: string): string => {
      card.reset();
      return inspectCard(card, { mode: 'bus' }, sectionParameters(), { at: time }).verdict;
    };
    tap(card, SECTION_BUS, held(2, at('080000')));
    expect(look(at('081000'))).toBe('valid');
    tap(card, SECTION_BUS, held(4, at('082000')));
    expect(look(at('082100'))).toBe('not-on-this-bus');
  });
});

describe('a ride without tap-off', () => {
  it.each([
    ['the same validator', SECTION_BUS, held(1, at('120000')), 0],
    ['another route', OTHER_BUS, held(3, at('083000')), 0],
    ['the way back', SECTION_BUS, held(7, at('083000'), { bound: 'down' }), 0],
    ['a flat bus', BUS, { kind: 'boarding', at: at('083000'), declaredBaseFen: 200 } as TapRequest, 160],
    ['a metro gate', ENTRY_GATE, { kind: 'entry', at: at('083000') } as TapRequest, 0],
  ])(
    'A10: at %s the marked amount is charged with the new ride, in one commit',
    (_where, terminal, request, fareFen) => {
      const card = personalisedCard();
      tap(card, SECTION_BUS, held(2, at('080000')));
      const next = accepted(tap(card, terminal, request));
      expect(next.entry.amountFen).toBe(600 + fareFen);
      expect(next.fare!.closedFen).toBe(600);
      const steps = next.fare!.steps;
      expect(steps.at(-1)).toMatchObject({ rule: 'missing-tap-off', beforeFen: fareFen, afterFen: 600 + fareFen });
      expect(steps.at(-1)!.en).toBe('No tap-off: route S1 from Market on 2018-09-01 08:00, to the end of the route');
      const truth = truthOf(card);
      expect(truth.balanceFen).toBe(START_FEN - 600 - fareFen);
      expect(truth.bus['monthTotal']).toBe(600 + fareFen);
      expect(truth.trips.map(({ type, amount }) => [type, amount])).toContainEqual(['07', 600]);
      // it is settled: the tap after that charges nothing for it
      const later = accepted(tap(card, ENTRY_GATE, { kind: 'entry', at: at('235900') }));
      const isOpenAgain = next.entry.industry.markedFen !== undefined;
      expect(later.entry.industry.closedRide !== undefined).toBe(isOpenAgain);
    },
  );

  it('on the unpaid list, or too late for the card, the next tap charges nothing and says what is owed', () => {
    const unpaid = { missingTapOff: { settle: 'unpaid-list', withinMinutes: 1440, fare: 'full' } } as const;
    for (const [change, time] of [
      [unpaid, at('120000')],
      [{}, at('080100', '20180902')],
    ] as const) {
      const card = personalisedCard();
      tap(card, SECTION_BUS, held(2, at('080000')), change);
      const { entry, fare } = accepted(tap(card, SECTION_BUS, held(1, time), change));
      expect(entry.amountFen).toBe(0);
      expect(entry.industry.closedRide).toMatchObject({ settlement: 'unpaid', fareFen: 600 });
      expect(fare!.steps.at(-1)).toMatchObject({ rule: 'unpaid-ride', afterFen: 0 });
      expect(truthOf(card)).toMatchObject({ balanceFen: START_FEN, bus: { status: '01', boardingTime: time } });
    }
  });

  it('with the discount of the card class where the rule grants it', () => {
    const change = { missingTapOff: { settle: 'next-tap', withinMinutes: 1440, fare: 'discounted' } } as const;
    const card = personalisedCard();
    tap(card, SECTION_BUS, held(2, at('080000')), change);
    expect(accepted(tap(card, OTHER_BUS, held(2, at('100000')), change)).entry.amountFen).toBe(discounted(600));
  });

  it('a door that only lets on takes the card for boarding, one that only lets off refuses it elsewhere', () => {
    const card = personalisedCard();
    expect(reason(tap(card, SECTION_BUS, held(2, at('080000'), { door: 'off' })))).toBe('no-boarding');
    tap(card, SECTION_BUS, held(2, at('080000')));
    expect(reason(tap(card, OTHER_BUS, held(4, at('081000'), { door: 'off' })))).toBe('no-boarding');
    expect(accepted(tap(card, SECTION_BUS, held(4, at('081000'), { door: 'on' }))).entry.amountFen).toBe(600);
    expect(accepted(tap(card, SECTION_BUS, held(6, at('082000'), { door: 'off' }))).entry.industry.kind).toBe(
      'alighting',
    );
  });

  it('tapped off at another validator of the route it is a tap-off, unless the rule asks for the same one', () => {
    const rear = { ...SECTION_BUS, terminalNo: '10000031' };
    for (const [tapOff, kind] of [
      ['route', 'alighting'],
      ['validator', 'boarding'],
    ] as const) {
      const card = personalisedCard();
      tap(card, SECTION_BUS, held(2, at('080000')), { tapOff });
      expect(accepted(tap(card, rear, held(4, at('081000')), { tapOff })).entry.industry.kind, tapOff).toBe(kind);
    }
  });

  it('a card without the money stays open, and boards nowhere before the counter has closed its ride', () => {
    const card = personalisedCard({ balanceFen: 300 });
    tap(card, SECTION_BUS, held(2, at('080000')));
    expect(reason(tap(card, OTHER_BUS, held(2, at('100000'))))).toBe('insufficient-balance');
    expect(truthOf(card).bus).toMatchObject({ status: '01', boardingTime: at('080000') });
    const visit = accepted(tap(card, COUNTER, { kind: 'counter', at: at('110000'), repair: '22' }));
    expect(visit.entry).toMatchObject({
      amountFen: 0,
      industry: { repair: '22', closedRide: { settlement: 'waived' } },
    });
    expect(reason(tap(card, OTHER_BUS, held(2, at('120000'))))).toBe('accepted');
  });

  it('a counter charges it (21), and has nothing to do for a card without an open ride', () => {
    const card = personalisedCard();
    expect(reason(tap(card, COUNTER, { kind: 'counter', at: at('070000'), repair: '21' }))).toBe('not-repairable');
    tap(card, SECTION_BUS, held(5, at('080000')));
    const visit = accepted(tap(card, COUNTER, { kind: 'counter', at: at('090000'), repair: '21' }));
    expect(visit.entry).toMatchObject({ amountFen: 300, industry: { repair: '21' } });
    expect(truthOf(card).bus).toMatchObject({ status: '02', amount: 300, monthTotal: 300, markedFare: 0 });
  });
});
