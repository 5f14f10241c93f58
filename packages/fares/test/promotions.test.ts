import type { Caps, Cumulation, Promotion, Tariff } from '@polycard/blueprint';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CompiledTariff, compileTariff, computeFare, type Ride, transferOf } from '../src/index.ts';
import { network, tariffs } from './guangdong.ts';

const metro = tariffs.get('metro')!.tariff;
const withRules = (rules: Partial<Tariff>): CompiledTariff => compileTariff({ ...metro, ...rules }, network);
const name = { en: 'Promotion', zh: '优惠' };
const promotion = (changes: Partial<Promotion>): Promotion => ({
  id: 'promotion',
  name,
  priority: 10,
  stacking: 'add',
  when: {},
  rule: { kind: 'percent', percentOff: 10 },
  ...changes,
});
/** Luohu to Window of the World costs 500, ordinary cards 475. */
const ride: Ride = {
  cardClass: 'ordinary',
  serviceClass: 'standard',
  operatorDiscounts: true,
  entryStation: 'luohu',
  exitStation: 'window-of-the-world',
  at: '20180903081500', // a Monday
  operator: '0201',
};
const charge = (rules: Partial<Tariff>, changes: Partial<Ride> = {}): number =>
  computeFare(withRules(rules), { ...ride, ...changes }).chargeFen;

describe('promotions', () => {
  it('add to the class discount, in order of priority, each a step of the explanation', () => {
    const fare = computeFare(
      withRules({
        promotions: [
          promotion({ id: 'second', priority: 20, rule: { kind: 'deduct', deductFen: 100 } }),
          promotion({ id: 'first', priority: 5 }),
        ],
      }),
      ride,
    );
    expect(fare.steps.map(({ rule, afterFen }) => [rule, afterFen])).toEqual([
      ['base', 500],
      ['metro-card-5', 475],
      ['first', 428],
      ['second', 328],
    ]);
  });
  it('one that stands instead of the class discount holds only where it is cheaper', () => {
    const price = (priceFen: number): Partial<Tariff> => ({
      promotions: [promotion({ stacking: 'instead', rule: { kind: 'price', priceFen } })],
    });
    expect(charge(price(200))).toBe(200);
    expect(charge(price(480))).toBe(475);
    expect(charge(price(200), { cardClass: 'senior' })).toBe(0);
  });
  it('after one that is last there is none', () => {
    expect(charge({ promotions: [promotion({ stacking: 'last' }), promotion({ id: 'late', priority: 11 })] })).toBe(
      428,
    );
  });
  it.each([
    ['card class', { cardClasses: ['student'] }, { cardClass: 'student' }],
    ['first day', { from: '20180903' }, {}],
    ['last day', { until: '20180903' }, {}],
    ['weekday', { weekdays: [1] }, {}],
    ['hours', { hours: [{ from: '0700', until: '0830' }] }, {}],
    ['hours past midnight', { hours: [{ from: '2200', until: '0100' }] }, { at: '20180903230000' }],
    ['station', { stations: ['luohu'] }, {}],
    ['route', { routes: ['101'] }, { route: '101' }],
    ['operator', { operators: ['0201'] }, {}],
  ] as const)('hold only under their condition: %s', (_what, when, matching) => {
    const others: Partial<Ride> = {
      cardClass: 'ordinary',
      at: '20180905120000',
      entryStation: 'xixiang',
      exitStation: 'airport-east',
      route: '102',
      operator: '0202',
    };
    const rules = {
      promotions: [promotion({ when: when as Promotion['when'], rule: { kind: 'price', priceFen: 1 } })],
    };
    expect(charge(rules, matching as Partial<Ride>)).toBe(1);
    if ('from' in when) expect(charge(rules, { at: '20180902235959' })).not.toBe(1);
    else if (!('cardClasses' in when) || others.cardClass !== 'student') expect(charge(rules, others)).not.toBe(1);
  });
  it('a circumstance the gate does not know fails the condition on it', () => {
    const { at: _at, ...timeless } = ride;
    const rules = withRules({
      promotions: [promotion({ when: { weekdays: [1, 2, 3, 4, 5, 6, 7] }, rule: { kind: 'price', priceFen: 1 } })],
    });
    expect(computeFare(rules, timeless).chargeFen).toBe(475);
  });
});

describe('cumulation and caps', () => {
  const cumulation: Cumulation = {
    id: 'monthly',
    name,
    bands: [
      { fromFen: 8000, percentOff: 20 },
      { fromFen: 15_000, percentOff: 50 },
    ],
  };
  it('rides get cheaper from the amounts of the bands on', () => {
    const at = (monthTotalFen: number): number => charge({ cumulation }, { monthTotalFen });
    expect([0, 7999, 8000, 14_999, 15_000].map(at)).toEqual([475, 475, 380, 380, 238]);
    expect(charge({ cumulation })).toBe(475);
  });
  const caps: Caps = { id: 'cap', name, dayFen: 1000, monthFen: 20_000 };
  it('a card pays up to the cap and no more, the smaller one counts', () => {
    const at = (dayTotalFen: number, monthTotalFen = 0): number => charge({ caps }, { dayTotalFen, monthTotalFen });
    expect([at(0), at(600), at(1000), at(5000), at(0, 19_800)]).toEqual([475, 400, 0, 0, 200]);
  });
});

describe('limits of a transfer', () => {
  const limited = (limits: Partial<NonNullable<Tariff['transfer']>>) => ({
    tariff: { ...metro, transfer: { ...metro.transfer!, ...limits } },
  });
  const combined = { lastMode: '02', lastTime: '20180903080000', lastOperator: '0301', legs: 1 };
  it('holds between the operators of a pair only', () => {
    const pairs = limited({ operatorPairs: [{ from: '0301', to: '0201' }] });
    expect(transferOf(pairs, combined, ride.at!, '0201')?.minutesSince).toBe(15);
    expect(transferOf(pairs, combined, ride.at!, '0202')).toBeUndefined();
    expect(transferOf(pairs, { ...combined, lastOperator: '0302' }, ride.at!, '0201')).toBeUndefined();
  });
  it('ends after the last leg', () => {
    const legs = limited({ legsMax: 3 });
    expect(transferOf(legs, { ...combined, legs: 2 }, ride.at!)).toBeDefined();
    expect(transferOf(legs, { ...combined, legs: 3 }, ride.at!)).toBeUndefined();
  });
});

describe('any tariff, any ride', () => {
  const rule = fc.oneof(
    fc.record({ kind: fc.constant('percent' as const), percentOff: fc.integer({ min: 0, max: 100 }) }),
    fc.record({ kind: fc.constant('deduct' as const), deductFen: fc.integer({ min: 0, max: 900 }) }),
    fc.record({ kind: fc.constant('price' as const), priceFen: fc.integer({ min: 0, max: 900 }) }),
  );
  const promotions = fc
    .array(
      fc.record({
        rule,
        priority: fc.integer({ min: 0, max: 9 }),
        stacking: fc.constantFrom('add' as const, 'instead' as const, 'last' as const),
      }),
      { maxLength: 4 },
    )
    .map((list) => list.map((changes, index) => promotion({ ...changes, id: `promotion-${index}` })));
  it('is never negative, never above the undiscounted fare, and explains itself the same way twice', () => {
    fc.assert(
      fc.property(
        promotions,
        fc.constantFrom('ordinary', 'student', 'senior'),
        fc.integer({ min: 0, max: 3000 }),
        fc.option(fc.integer({ min: 0, max: 30_000 }), { nil: undefined }),
        fc.option(fc.integer({ min: 1, max: 90 }), { nil: undefined }),
        (rules, cardClass, declaredBaseFen, monthTotalFen, minutesSince) => {
          const compiled = withRules({
            promotions: rules,
            cumulation: { id: 'monthly', name, bands: [{ fromFen: 5000, percentOff: 30 }] },
            caps: { id: 'cap', name, monthFen: 20_000 },
          });
          const any: Ride = {
            ...ride,
            cardClass,
            declaredBaseFen,
            ...(monthTotalFen === undefined ? {} : { monthTotalFen }),
            ...(minutesSince === undefined ? {} : { transfer: { fromMode: 'bus', minutesSince } }),
          };
          const fare = computeFare(compiled, any);
          expect(fare.chargeFen).toBeGreaterThanOrEqual(0);
          expect(fare.chargeFen).toBeLessThanOrEqual(declaredBaseFen);
          expect(Number.isSafeInteger(fare.chargeFen)).toBe(true);
          expect(fare.steps.at(-1)!.afterFen).toBe(fare.chargeFen);
          for (const [index, step] of fare.steps.slice(1).entries()) {
            expect(step.beforeFen).toBe(fare.steps[index]!.afterFen);
            expect(step.afterFen).toBeLessThan(step.beforeFen);
          }
          expect(computeFare(compiled, any)).toEqual(fare);
        },
      ),
    );
  });
});
