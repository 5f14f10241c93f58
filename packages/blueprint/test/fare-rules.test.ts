import { describe, expect, it } from 'vitest';
import type { Blueprint } from '../src/blueprint.ts';
import { checkFareRules } from '../src/fare-rule-checks.ts';
import { type BlueprintFinding, FileFindings } from '../src/findings.ts';
import type { Promotion } from '../src/schema/promotion.ts';
import type { Tariff } from '../src/schema/tariff.ts';

const BLUEPRINT = {
  networks: [{ network: 'n', lines: [{ lengthMetres: 20_000 }] }],
  parties: [
    { kind: 'operator', code: '0301', mode: 'bus' },
    { kind: 'operator', code: '0201', mode: 'metro' },
  ],
  cards: { classes: [{ id: 'ordinary' }, { id: 'senior' }] },
} as unknown as Blueprint;

const METRO: Tariff = {
  ...{ tariff: 'metro', version: '20180101', mode: 'metro', name: { en: 'Metro', zh: '地铁' }, rounding: 'half-up' },
  baseFare: {
    ...{ kind: 'distance', network: 'n', startMetres: 4000, startFen: 200, sameStationFen: 200 },
    bands: [{ stepMetres: 4000, stepFen: 100 }],
  },
  serviceClasses: [{ id: 'standard', code: '00', name: { en: 'S', zh: '普' }, multiple: 1, discounts: true }],
  discounts: [
    { id: 'free', name: { en: 'F', zh: '免' }, cardClasses: ['senior'], rule: { kind: 'percent', percentOff: 100 } },
  ],
};
const promotion = (change: Partial<Promotion>): Promotion => ({
  ...{ id: 'early', name: { en: 'E', zh: '早' }, priority: 10, stacking: 'add', when: {} },
  rule: { kind: 'percent', percentOff: 10 },
  ...change,
});

function codes(tariff: Tariff): string[] {
  const found: BlueprintFinding[] = [];
  checkFareRules(tariff, BLUEPRINT, new FileFindings('tariffs/metro.yaml', found));
  return found.map(({ code, path }) => `${code} ${path}`);
}

describe('fare rules against each other', () => {
  it('find nothing in a tariff whose rules all take effect', () => {
    const promotions = [
      promotion({ when: { hours: [{ from: '0600', until: '0700' }] } }),
      promotion({
        id: 'late',
        rule: { kind: 'deduct', deductFen: 50 },
        when: { hours: [{ from: '2200', until: '0100' }] },
      }),
    ];
    expect(codes({ ...METRO, promotions })).toEqual([]);
  });

  it.each<[string, Partial<Tariff>, string]>([
    [
      'a band beyond the whole network',
      {
        baseFare: {
          ...METRO.baseFare,
          bands: [
            { uptoMetres: 30_000, stepMetres: 1000, stepFen: 1 },
            { stepMetres: 9, stepFen: 1 },
          ],
        } as Tariff['baseFare'],
      },
      'fare-rule-unreachable /baseFare/bands/1',
    ],
    [
      'a metro promotion for bus routes',
      { promotions: [promotion({ when: { routes: ['101'] } })] },
      'fare-rule-unreachable /promotions/0/when/routes',
    ],
    [
      'a metro promotion of bus operators',
      { promotions: [promotion({ when: { operators: ['0301'] } })] },
      'fare-rule-unreachable /promotions/0/when/operators',
    ],
    [
      'a promotion for those who ride free',
      { promotions: [promotion({ when: { cardClasses: ['senior'] } })] },
      'fare-rule-unreachable /promotions/0/when/cardClasses',
    ],
    [
      'a promotion of nothing',
      { promotions: [promotion({ rule: { kind: 'percent', percentOff: 0 } })] },
      'fare-rule-unreachable /promotions/0/rule/percentOff',
    ],
    [
      'a promotion that another always keeps out',
      { promotions: [promotion({ stacking: 'last' }), promotion({ id: 'b', priority: 20, when: { weekdays: [6] } })] },
      'fare-rule-unreachable /promotions/1',
    ],
    [
      'a day cap above the cap of the month',
      { caps: { id: 'cap', name: { en: 'C', zh: '封' }, dayFen: 9000, monthFen: 6000 } },
      'fare-rule-unreachable /caps/dayFen',
    ],
    [
      'two promotions of one priority whose order matters',
      { promotions: [promotion({}), promotion({ id: 'b', rule: { kind: 'deduct', deductFen: 20 } })] },
      'fare-rules-overlap /promotions/1/priority',
    ],
    [
      'two of them that meet only past midnight',
      {
        promotions: [
          promotion({ when: { hours: [{ from: '2200', until: '0200' }] } }),
          promotion({
            id: 'b',
            rule: { kind: 'deduct', deductFen: 20 },
            when: { hours: [{ from: '0100', until: '0300' }] },
          }),
        ],
      },
      'fare-rules-overlap /promotions/1/priority',
    ],
    [
      'a deduction beyond the lowest fare',
      { promotions: [promotion({ rule: { kind: 'deduct', deductFen: 201 } })] },
      'fare-negative /promotions/0/rule/deductFen',
    ],
    [
      'staying that costs more than riding',
      { baseFare: { ...METRO.baseFare, sameStationFen: 300 } as Tariff['baseFare'] },
      'fare-non-monotone /baseFare/sameStationFen',
    ],
    [
      'a cumulation that falls',
      {
        cumulation: {
          ...{ id: 'c', name: { en: 'C', zh: '累' } },
          bands: [
            { fromFen: 1000, percentOff: 20 },
            { fromFen: 2000, percentOff: 10 },
          ],
        },
      },
      'fare-non-monotone /cumulation/bands/1/percentOff',
    ],
  ])('name %s', (_what, change, expected) => {
    expect(codes({ ...METRO, ...change })).toEqual([expected]);
  });

  it('let two promotions of one priority stand where their order changes nothing', () => {
    const promotions = [promotion({}), promotion({ id: 'b', rule: { kind: 'percent', percentOff: 20 } })];
    expect(codes({ ...METRO, promotions })).toEqual([]);
  });
});
