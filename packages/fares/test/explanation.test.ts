/** What a fare says about itself: its source, its steps, and the name of what keeps it from being computed. */
import type { Tariff } from '@polycard/blueprint';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileTariff, computeFare, type Ride } from '../src/index.ts';
import { blueprint, network, tariffs } from './guangdong.ts';

const metro = tariffs.get('metro')!;
const bus = tariffs.get('bus')!;
const ordinary = { cardClass: 'ordinary', serviceClass: 'standard', operatorDiscounts: true } as const;
const journey = { entryStation: 'luohu', exitStation: 'airport-east' } as const;
const stations = blueprint.networks[0]!.stations.map((station) => station.id);

describe('the source of a base fare', () => {
  it('is what the terminal declares, even where the network knows the distance, which still gives the legs', () => {
    const fare = computeFare(metro, { ...ordinary, ...journey, declaredBaseFen: 300 });
    expect([fare.baseSource, fare.baseFen, fare.chargeFen]).toEqual(['declared', 300, 285]);
    expect(fare.metres).toBe(network.shortestPath('luohu', 'airport-east').metres);
    expect(fare.legs).toEqual([{ line: 'line-1', metres: fare.metres }]);
  });

  it('is the network between two stations, and the step says the distance in both languages', () => {
    const fare = computeFare(metro, { ...ordinary, ...journey });
    expect([fare.baseSource, fare.steps[0]!.rule]).toEqual(['network', 'base']);
    const kilometres = (fare.metres! / 1000).toFixed(1);
    expect([fare.steps[0]!.en, fare.steps[0]!.zh]).toEqual([`Distance ${kilometres} km`, `里程 ${kilometres} 公里`]);
  });

  it('is the default of a bus tariff when nothing is declared', () => {
    const fare = computeFare(bus, ordinary);
    expect([fare.baseSource, fare.baseFen, fare.chargeFen]).toEqual(['default', 200, 160]);
  });

  it('is the same-station fare for who leaves where they entered, wherever that is, with nothing to split', () => {
    for (const station of stations) {
      const fare = computeFare(metro, { ...ordinary, entryStation: station, exitStation: station });
      expect([fare.baseFen, fare.chargeFen, fare.legs, fare.steps[0]!.en]).toEqual([200, 190, [], 'Same station']);
    }
  });
});

describe('a business coach', () => {
  const coach = { ...ordinary, serviceClass: 'business-coach' } as const;
  it('costs three times the distance, for every class of card and after any bus ride', () => {
    const standard = computeFare(metro, { ...ordinary, ...journey }).baseFen;
    for (const cardClass of ['ordinary', 'student', 'senior']) {
      const transfer = { fromMode: 'bus', minutesSince: 3 } as const;
      const fare = computeFare(metro, { ...coach, ...journey, cardClass, transfer });
      expect([fare.baseFen, fare.chargeFen]).toEqual([standard, 3 * standard]);
      expect(fare.steps.map((step) => step.rule)).toEqual(['base', 'business-coach']);
    }
  });
  it('holds the multiple already when the terminal declares its fare', () => {
    expect(computeFare(metro, { ...coach, declaredBaseFen: 1500 }).steps.map((step) => step.rule)).toEqual(['base']);
  });
});

describe('rounding', () => {
  it.each([
    [10, 10], // 9.5
    [210, 200], // 199.5
    [209, 199], // 198.55
    [190, 181], // 180.5
    [1, 1], // 0.95
    [0, 0],
  ])('five percent off %i fen is %i, half a fen going up', (base, charged) => {
    expect(computeFare(metro, { ...ordinary, declaredBaseFen: base }).chargeFen).toBe(charged);
  });
  it('of a percentage is within half a fen of it, over every base and percentage', () => {
    const off = (percentOff: number): Tariff => ({
      ...bus.tariff,
      discounts: [{ ...bus.tariff.discounts[0]!, rule: { kind: 'percent', percentOff } }],
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 1000 }), (base, perMille) => {
        const { chargeFen } = computeFare(compileTariff(off(perMille / 10)), { ...ordinary, declaredBaseFen: base });
        const thousandths = base * (1000 - perMille);
        expect(chargeFen).toBe(Math.floor((thousandths + 500) / 1000));
      }),
      { seed: 41, numRuns: 1000 },
    );
  });
});

describe('distance', () => {
  it('never makes a longer journey cheaper', () => {
    const fares = new Map<number, number>();
    for (const exitStation of stations) {
      const { metres, baseFen } = computeFare(metro, { ...ordinary, entryStation: 'luohu', exitStation });
      fares.set(metres!, baseFen);
    }
    const rising = [...fares].sort(([a], [b]) => a - b).map(([, fen]) => fen);
    expect(rising).toEqual(rising.toSorted((a, b) => a - b));
    expect(new Set(rising).size).toBeGreaterThan(6);
  });
});

describe('a fare that cannot be computed', () => {
  const known: Ride = { ...ordinary, declaredBaseFen: 300 };
  it.each([
    ['an unknown service class', { ...known, serviceClass: 'first' }, 'POLYCARD_FARES_CLASS', /no service class first/],
    ['no base', ordinary, 'POLYCARD_FARES_BASE', /not known and no base fare was declared/],
    ['no exit', { ...ordinary, entryStation: 'luohu' }, 'POLYCARD_FARES_BASE', /not known/],
    ['a negative base', { ...known, declaredBaseFen: -1 }, 'POLYCARD_FARES_BASE', /-1 fen is not possible/],
    ['half a fen', { ...known, declaredBaseFen: 0.5 }, 'POLYCARD_FARES_BASE', /0\.5 fen is not possible/],
    ['no number', { ...known, declaredBaseFen: Number.NaN }, 'POLYCARD_FARES_BASE', /NaN fen/],
    [
      'an unknown station',
      { ...ordinary, entryStation: 'luohu', exitStation: 'atlantis' },
      'POLYCARD_FARES_STATION',
      /no station atlantis/,
    ],
  ] as const)('for %s is refused by name', (_what, ride, code, message) => {
    expect(() => computeFare(metro, ride)).toThrow(expect.objectContaining({ name: 'PolycardError', code }));
    expect(() => computeFare(metro, ride)).toThrow(message);
  });

  it('for more than a bus may charge is refused, the most itself is not', () => {
    expect(computeFare(bus, { ...known, declaredBaseFen: 5000, cardClass: 'none' }).chargeFen).toBe(5000);
    expect(() => computeFare(bus, { ...known, declaredBaseFen: 5001 })).toThrow(/5001 fen is not possible/);
  });

  it('a distance tariff without its network is refused before any ride', () => {
    expect(() => compileTariff(metro.tariff)).toThrow(/needs the network shenzhen-metro/);
  });

  it('an unknown class of card is no error: it pays the base', () => {
    expect(computeFare(metro, { ...known, cardClass: 'visitor' }).chargeFen).toBe(300);
  });
});
