import type { Promotion, Tariff } from '@polycard/blueprint';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileTariff, computeFare, endedIn, givenBy, isUsedUp, type Ride } from '../src/index.ts';
import { network, tariffs } from './guangdong.ts';

const metro = tariffs.get('metro')!.tariff;
const ride: Ride = {
  ...{ cardClass: 'ordinary', serviceClass: 'standard', operatorDiscounts: true, at: '20180903081500' },
  ...{ entryStation: 'luohu', exitStation: 'window-of-the-world', operator: '0201' },
};

const rule = fc.oneof(
  fc.record({ kind: fc.constant('percent' as const), percentOff: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ kind: fc.constant('deduct' as const), deductFen: fc.integer({ min: 0, max: 700 }) }),
  fc.record({ kind: fc.constant('price' as const), priceFen: fc.integer({ min: 0, max: 700 }) }),
);
const promotions = fc
  .array(
    fc.record({
      rule,
      stacking: fc.constantFrom('add' as const, 'instead' as const, 'last' as const),
      priority: fc.integer({ min: 0, max: 99 }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((drawn): Promotion[] =>
    drawn.map((of, index) => ({ ...of, id: `campaign-${index}`, name: { en: 'Campaign', zh: '促销' }, when: {} })),
  );
const withRules = (of: readonly Promotion[]): Tariff => ({ ...metro, promotions: [...of] });
const fareOf = (tariff: Tariff, changes: Partial<Ride> = {}) =>
  computeFare(compileTariff(tariff, network), { ...ride, ...changes });

describe('what campaigns give away', () => {
  it('is what their steps took off: with the other steps it explains the whole way from the base to the charge', () => {
    fc.assert(
      fc.property(promotions, (of) => {
        const tariff = withRules(of);
        const fare = fareOf(tariff);
        const given = givenBy(tariff, fare);
        const others = fare.steps.filter(({ rule: id }) => id !== 'base' && !id.startsWith('campaign-'));
        const explained = [...given.map(({ givenFen }) => givenFen), ...others.map((s) => s.beforeFen - s.afterFen)];
        expect(given.every(({ givenFen }) => Number.isSafeInteger(givenFen) && givenFen > 0)).toBe(true);
        expect(fare.baseFen - explained.reduce((sum, fen) => sum + fen, 0)).toBe(fare.chargeFen);
      }),
    );
  });

  it('one that has ended is no part of the fare: as if the tariff had never had it', () => {
    fc.assert(
      fc.property(promotions, fc.array(fc.nat({ max: 4 }), { maxLength: 5 }), (of, drawn) => {
        const tariff = withRules(of);
        const ids = drawn.map((index) => `campaign-${index}`);
        const ended = endedIn(
          tariff,
          ids.map((promotion) => ({ tariff: tariff.tariff, promotion })),
        );
        const without = fareOf(withRules(of.filter(({ id }) => !ids.includes(id))));
        expect(fareOf(tariff, { endedCampaigns: ended })).toEqual(without);
      }),
    );
  });

  it('ends of another tariff, and of promotions that this one does not have, are not its own', () => {
    const tariff = withRules([
      {
        id: 'summer',
        name: { en: 'S', zh: '夏' },
        priority: 1,
        stacking: 'add',
        when: {},
        rule: { kind: 'price', priceFen: 1 },
      },
    ]);
    expect(endedIn(tariff, [{ tariff: 'shenzhen-bus', promotion: 'summer' }])).toEqual([]);
    expect(endedIn(tariff, [{ tariff: tariff.tariff, promotion: 'winter' }])).toEqual([]);
    expect(endedIn(tariff, [{ tariff: tariff.tariff, promotion: 'summer' }])).toEqual(['summer']);
  });

  it('uses the budget up at the budget less its margin, not a fen before', () => {
    expect(isUsedUp({ budgetFen: 1000, endMarginFen: 100 }, 899)).toBe(false);
    expect(isUsedUp({ budgetFen: 1000, endMarginFen: 100 }, 900)).toBe(true);
    expect([isUsedUp({ budgetFen: 1000 }, 999), isUsedUp({ budgetFen: 1000 }, 1000)]).toEqual([false, true]);
  });
});
