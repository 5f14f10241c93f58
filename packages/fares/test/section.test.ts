/** Fares by section: bounds and order of the engine on any route, any rule and any tariff around it. */
import type { BusNetwork, RouteFare, SectionFare, Tariff } from '@polycard/blueprint';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CompiledTariff,
  closeOpenRide,
  compileTariff,
  computeFare,
  type Fare,
  markedFen,
  type OpenRide,
  withClosing,
} from '../src/index.ts';
import { tariffs } from './guangdong.ts';

const bus = tariffs.get('bus')!.tariff;
const name = { en: 'N', zh: '名' };
const code = (index: number): string => String(8000 + index);

/** A route of any length whose stops are in sections in order of travel, and its fares, rising. */
const anyRoute = fc
  .record({
    steps: fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
    fares: fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 12 }),
    reversedOrder: fc.constantFrom('maximum', 'sections'),
    settle: fc.constantFrom('next-tap', 'unpaid-list'),
    fare: fc.constantFrom('full', 'discounted'),
  })
  .map(({ steps, fares, reversedOrder, settle, fare }) => {
    let section = 1;
    const sections = [1, ...steps.map((isNext) => (section += isNext ? 1 : 0))];
    let fen = 0;
    const rule: SectionFare = {
      ...{ kind: 'section', id: 'sections', name, network: 'n', routes: ['S'], tapOff: 'route', reversedOrder },
      ...{ maxRideMinutes: 120, graceSeconds: 10, missingTapOff: { settle, withinMinutes: 600, fare } },
      sectionFaresFen: fares.map((more) => (fen += more)),
    };
    const network: BusNetwork = {
      ...{ network: 'n', source: 'made up' },
      stops: sections.map((_, index) => ({ id: `stop-${index}`, code: code(index), name })),
      routes: [
        {
          ...{ id: 'S', name, operator: 'o' },
          directions: [{ id: 'up', stops: sections.map((each, index) => ({ stop: `stop-${index}`, section: each })) }],
        },
      ],
    };
    return { rule, network, stops: sections.length };
  });

const rules: Partial<Tariff> = {
  transfer: { ...bus.transfer!, deductFen: 60 },
  cumulation: { id: 'monthly', name, bands: [{ fromFen: 1000, percentOff: 20 }] },
  caps: { id: 'cap', name, monthFen: 5000 },
  promotions: [
    { ...{ id: 'early', name, priority: 1, stacking: 'instead' }, when: {}, rule: { kind: 'price', priceFen: 150 } },
    { ...{ id: 'off', name, priority: 2, stacking: 'add' }, when: {}, rule: { kind: 'deduct', deductFen: 30 } },
  ],
};
const compile = (network: BusNetwork, routeFares: RouteFare[], more: Partial<Tariff> = rules): CompiledTariff =>
  compileTariff({ ...bus, ...more, routeFares }, undefined, [network]);

const anyRider = fc.record({
  cardClass: fc.constantFrom('ordinary', 'student', 'senior', 'visitor'),
  operatorDiscounts: fc.boolean(),
  monthTotalFen: fc.integer({ min: 0, max: 6000 }),
  hasTransfer: fc.boolean(),
});
type Rider = typeof anyRider extends fc.Arbitrary<infer T> ? T : never;

function ride(compiled: CompiledTariff, { hasTransfer, ...rider }: Rider, from: number, to: number): Fare {
  return computeFare(compiled, {
    ...rider,
    ...{ serviceClass: 'standard', route: 'S', at: '20180901080000' },
    section: { direction: 'up', boardingStop: code(from), alightingStop: code(to) },
    ...(hasTransfer ? { transfer: { fromMode: 'metro', minutesSince: 5 } } : {}),
  });
}

describe('a fare by section', () => {
  it('is never negative, never above its base, never above what the card was marked with, and its steps are a chain', () => {
    fc.assert(
      fc.property(anyRoute, anyRider, fc.nat(40), fc.nat(40), ({ rule, network, stops }, rider, a, b) => {
        const compiled = compile(network, [rule]);
        const [from, to] = [a % stops, b % stops];
        const fare = ride(compiled, rider, from, to);
        const marked = markedFen(compiled.routes.get('S')!, 'up', code(from));
        expect(fare.chargeFen).toBeGreaterThanOrEqual(0);
        expect(fare.chargeFen).toBeLessThanOrEqual(fare.baseFen);
        if (to >= from || rule.reversedOrder === 'maximum') expect(fare.baseFen).toBeLessThanOrEqual(marked);
        let fen = 0;
        for (const step of fare.steps) {
          expect(step.beforeFen).toBe(fen);
          fen = step.afterFen;
        }
        expect(fen).toBe(fare.chargeFen);
        expect(ride(compiled, rider, from, to)).toEqual(fare);
      }),
      { seed: 51, numRuns: 400 },
    );
  });

  it('does not fall when the ride is longer, and is the marked amount at the end of the route', () => {
    fc.assert(
      fc.property(anyRoute, anyRider, fc.nat(40), ({ rule, network, stops }, rider, a) => {
        const compiled = compile(network, [rule], { promotions: [], caps: undefined, cumulation: undefined } as never);
        const from = a % stops;
        const fares = Array.from({ length: stops - from }, (_, more) => ride(compiled, rider, from, from + more));
        const charges = fares.map(({ chargeFen }) => chargeFen);
        expect(charges).toEqual(charges.toSorted((one, other) => one - other));
        expect(fares.at(-1)!.baseFen).toBe(markedFen(compiled.routes.get('S')!, 'up', code(from)));
      }),
      { seed: 52, numRuns: 200 },
    );
  });

  it('without a tap-off costs the mark at most, once, by whoever the rule says, and adds to the fare that settles it', () => {
    const anyOpen = fc.record({
      minutes: fc.integer({ min: -5, max: 900 }),
      markedFen: fc.integer({ min: 0, max: 3000 }),
    });
    fc.assert(
      fc.property(anyRoute, anyRider, anyOpen, ({ rule, network, stops }, rider, { minutes, markedFen: marked }) => {
        const compiled = compile(network, [rule]);
        const open: OpenRide = {
          ...{ route: 'S', direction: 'up', boardingStop: code(0), at: '20180901080000', operatorCode: '0301' },
          markedFen: marked,
        };
        const hour = String(8 + Math.floor(Math.max(0, minutes) / 60)).padStart(2, '0');
        const at = minutes < 0 ? '20180901075500' : `20180901${hour}${String(minutes % 60).padStart(2, '0')}00`;
        const closing = closeOpenRide(compiled, open, { at, cardClass: rider.cardClass });
        const isInTime = minutes >= 0 && minutes <= 600;
        const { settle, fare } = rule.missingTapOff;
        expect(closing.settlement).toBe(isInTime && settle === 'next-tap' ? 'charged' : 'unpaid');
        expect(closing.fare.chargeFen).toBeLessThanOrEqual(marked);
        if (fare === 'full') expect(closing.fare.chargeFen).toBe(marked);
        const own = ride(compiled, rider, 0, stops - 1);
        const both = withClosing(own, closing);
        const closedFen = closing.settlement === 'charged' ? closing.fare.chargeFen : 0;
        expect([both.chargeFen, both.closedFen]).toEqual([own.chargeFen + closedFen, closedFen]);
        expect(both.steps.at(-1)!.afterFen).toBe(both.chargeFen);
        expect(both.steps.slice(0, own.steps.length)).toEqual(own.steps);
      }),
      { seed: 53, numRuns: 300 },
    );
  });
});

describe('a route', () => {
  const network: BusNetwork = {
    ...{ network: 'n', source: 'made up' },
    stops: [0, 1].map((index) => ({ id: `stop-${index}`, code: code(index), name })),
    routes: [
      {
        ...{ id: 'S', name, operator: 'o' },
        directions: [{ id: 'up', stops: [0, 1].map((i) => ({ stop: `stop-${i}`, section: 1 })) }],
      },
    ],
  };
  const flat: RouteFare = { kind: 'flat', id: 'flat', name, routes: ['F'], fareFen: 250 };
  const ordinary = { cardClass: 'none', serviceClass: 'standard', operatorDiscounts: true } as const;

  it('with a flat fare costs that, and takes no stated fare; another takes what is stated', () => {
    const compiled = compile(network, [flat], {});
    expect(computeFare(compiled, { ...ordinary, route: 'F' })).toMatchObject({ baseFen: 250, baseSource: 'network' });
    expect(() => computeFare(compiled, { ...ordinary, route: 'F', declaredBaseFen: 100 })).toThrow(/by rule flat/);
    expect(computeFare(compiled, { ...ordinary, route: '9', declaredBaseFen: 100 }).baseFen).toBe(100);
  });

  it('by section needs both stops, of that route, in that direction', () => {
    const rule = { ...fc.sample(anyRoute, { seed: 1, numRuns: 1 })[0]!.rule, sectionFaresFen: [200] };
    const compiled = compile(network, [rule], {});
    expect(() => computeFare(compiled, { ...ordinary, route: 'S' })).toThrow(/charged by section/);
    const section = { direction: 'down' as const, boardingStop: code(0), alightingStop: code(1) };
    expect(() => computeFare(compiled, { ...ordinary, route: 'S', section })).toThrow(/no stop 8000 in direction down/);
    const nowhere = { direction: 'up' as const, boardingStop: code(0), alightingStop: '9999' };
    expect(() => computeFare(compiled, { ...ordinary, route: 'S', section: nowhere })).toThrow(/no stop 9999/);
    expect(() => compileTariff({ ...bus, routeFares: [rule] }, undefined, [])).toThrow(/needs route S of n/);
  });
});
