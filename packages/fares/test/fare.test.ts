import { PolycardError } from '@polycard/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compileNetwork as compile,
  compileTariff,
  computeFare,
  type Ride,
  stationResolver,
  transferOf,
} from '../src/index.ts';
import { blueprint, network, tariffs } from './guangdong.ts';

const metro = tariffs.get('metro')!;
const bus = tariffs.get('bus')!;
const ride = (cardClass: string, declaredBaseFen: number, more: Partial<Ride> = {}): Ride => ({
  ...{ cardClass, serviceClass: 'standard', operatorDiscounts: true, declaredBaseFen },
  ...more,
});
const transferFrom = (fromMode: 'metro' | 'bus') => ({ transfer: { fromMode, minutesSince: 20 } });

describe('the tariff of Shenzhen in 2018 (README of the tap data)', () => {
  it.each([
    ['ordinary', 200, 190],
    ['ordinary', 300, 285],
    ['ordinary', 500, 475],
    ['ordinary', 1400, 1330],
    ['student', 500, 250],
    ['student', 300, 150],
    ['senior', 900, 0],
  ])('metro, %s, base %i fen: %i', (cardClass, base, charged) => {
    expect(computeFare(metro, ride(cardClass, base)).chargeFen).toBe(charged);
  });
  it.each([
    ['ordinary', 100, 80],
    ['ordinary', 150, 120],
    ['ordinary', 200, 160],
    ['ordinary', 250, 200],
    ['ordinary', 300, 240],
    ['ordinary', 400, 315],
    ['ordinary', 500, 390],
    ['ordinary', 600, 465],
    ['ordinary', 700, 530],
    ['ordinary', 800, 595],
    ['ordinary', 1000, 725],
    ['student', 250, 125],
    ['student', 100, 50],
    ['senior', 250, 0],
  ])('bus, %s, base %i fen: %i', (cardClass, base, charged) => {
    expect(computeFare(bus, ride(cardClass, base)).chargeFen).toBe(charged);
  });
  it('a transfer takes 40 fen off after the percentage, never below zero, and seniors have none to take', () => {
    expect(computeFare(metro, ride('ordinary', 500, transferFrom('bus'))).chargeFen).toBe(435);
    expect(computeFare(bus, ride('ordinary', 200, transferFrom('metro'))).chargeFen).toBe(120);
    expect(computeFare(bus, ride('student', 60, transferFrom('metro'))).chargeFen).toBe(0);
    expect(computeFare(metro, ride('senior', 500, transferFrom('bus'))).steps.map((step) => step.rule)).toEqual([
      'base',
      'metro-senior-free',
    ]);
  });
  it('a business coach charges its base and grants nothing; neither does an operator without discounts', () => {
    expect(
      computeFare(metro, ride('ordinary', 1500, { serviceClass: 'business-coach', ...transferFrom('bus') })).chargeFen,
    ).toBe(1500);
    expect(computeFare(bus, ride('ordinary', 400, { operatorDiscounts: false })).chargeFen).toBe(400);
  });
  it('distance: ¥2 to 4 km, then a fen band by band, at the very edges', () => {
    const at = (metres: number): number => {
      const line = {
        id: 'line',
        code: '01',
        name: { en: 'l', zh: 'l' },
        aliases: [],
        lengthMetres: metres,
        stations: ['a', 'b'],
      };
      const place = { name: { en: 'p', zh: 'p' }, longitude: 114, latitude: 22.5 };
      const stations = [
        { ...place, id: 'a', code: '0001' },
        { ...place, id: 'b', code: '0002', latitude: 22.6 },
      ];
      const straight = { network: 'shenzhen-metro', source: 'test', lines: [line], stations };
      return computeFare(compileTariff(metro.tariff, compile(straight)), {
        cardClass: 'none',
        serviceClass: 'standard',
        operatorDiscounts: true,
        entryStation: 'a',
        exitStation: 'b',
      }).baseFen;
    };
    expect([4000, 4001, 8000, 8001, 12000, 12001, 18000, 18001, 24000, 24001, 32000, 32001].map(at)).toEqual([
      200, 300, 300, 400, 400, 500, 500, 600, 600, 700, 700, 800,
    ]);
  });
  it('entry and exit at one station cost ¥2', () => {
    expect(
      computeFare(metro, {
        cardClass: 'ordinary',
        serviceClass: 'standard',
        operatorDiscounts: true,
        entryStation: 'luohu',
        exitStation: 'luohu',
      }).baseFen,
    ).toBe(200);
  });
});

describe('every fare', () => {
  const anyRide = fc.record({
    mode: fc.constantFrom(metro, bus),
    cardClass: fc.constantFrom('ordinary', 'student', 'senior', 'somebody'),
    base: fc.integer({ min: 0, max: 5000 }),
    transfer: fc.boolean(),
    operatorDiscounts: fc.boolean(),
  });
  it('is never negative and never above its base, and its steps lead from the base to the charge', () => {
    fc.assert(
      fc.property(anyRide, ({ mode, cardClass, base, transfer, operatorDiscounts }) => {
        const fare = computeFare(
          mode,
          ride(cardClass, base, { operatorDiscounts, ...(transfer ? transferFrom('bus') : {}) }),
        );
        expect(fare.chargeFen).toBeGreaterThanOrEqual(0);
        expect(fare.chargeFen).toBeLessThanOrEqual(fare.baseFen);
        expect(Number.isSafeInteger(fare.chargeFen)).toBe(true);
        expect(fare.steps[0]!.afterFen).toBe(fare.baseFen);
        for (const [index, step] of fare.steps.slice(1).entries()) {
          expect(step.beforeFen).toBe(fare.steps[index]!.afterFen);
        }
        expect(fare.steps.at(-1)!.afterFen).toBe(fare.chargeFen);
        expect(
          computeFare(mode, ride(cardClass, base, { operatorDiscounts, ...(transfer ? transferFrom('bus') : {}) })),
        ).toEqual(fare);
      }),
      { seed: 5, numRuns: 500 },
    );
  });
  it('that cannot be computed says why', () => {
    const known = { cardClass: 'ordinary', operatorDiscounts: true };
    for (const broken of [
      { ...known, serviceClass: 'first', declaredBaseFen: 100 },
      { ...known, serviceClass: 'standard' },
      { ...known, serviceClass: 'standard', entryStation: 'atlantis', exitStation: 'luohu' },
      { ...known, serviceClass: 'standard', declaredBaseFen: -1 },
    ]) {
      expect(() => computeFare(metro, broken)).toThrow(PolycardError);
    }
  });
});

describe('paths over the network', () => {
  it('are as long there as back, and their legs add up', () => {
    const stations = blueprint.networks[0]!.stations.map((station) => station.id);
    fc.assert(
      fc.property(fc.constantFrom(...stations), fc.constantFrom(...stations), (a, b) => {
        const there = network.shortestPath(a, b);
        expect(Math.abs(there.metres - network.shortestPath(b, a).metres)).toBeLessThanOrEqual(1);
        expect(Math.abs(there.legs.reduce((sum, leg) => sum + leg.metres, 0) - there.metres)).toBeLessThanOrEqual(
          there.legs.length,
        );
        expect([there.stations[0], there.stations.at(-1)]).toEqual([a, b]);
      }),
      { seed: 6, numRuns: 200 },
    );
  });
});

describe('tail tracks', () => {
  it('are in the published length of a line and in no fare', () => {
    const published = blueprint.networks[0]!;
    const bare = compile({ ...published, tailTrackMetres: 0 });
    for (const line of published.lines) {
      const [first, last] = [line.stations[0]!, line.stations.at(-1)!];
      const along = (compiled: typeof network): number => {
        const only = { ...compiled.network, lines: [line], stations: compiled.network.stations };
        return compile(only).shortestPath(first, last).metres;
      };
      expect(along(bare)).toBe(line.lengthMetres);
      expect(along(network)).toBe(line.lengthMetres - 2 * published.tailTrackMetres!);
    }
  });
});

describe('the right to a transfer', () => {
  const bused = { lastMode: '02', lastTime: '20180901080000' };
  it('holds up to the last minute of the window and not after, never backwards, only from the modes of the rule', () => {
    expect(transferOf(metro, bused, '20180901093000')).toEqual({ fromMode: 'bus', minutesSince: 90 });
    expect(transferOf(metro, bused, '20180901093001')).toBeUndefined();
    expect(transferOf(metro, bused, '20180901075959')?.minutesSince ?? -1).toBeLessThanOrEqual(0);
    expect(transferOf(metro, { ...bused, lastMode: '01' }, '20180901080500')).toBeUndefined();
    expect(transferOf(metro, { lastMode: '00', lastTime: '' }, '20180901080500')).toBeUndefined();
    expect(transferOf(metro, { lastMode: '02', lastTime: 'yesterday' }, '20180901080500')).toBeUndefined();
  });
});

describe('station names', () => {
  const resolve = stationResolver(blueprint.networks[0]!);
  it.each([
    ['布吉', '000000000', 'buji', 'name'],
    ['世界之窗站', '000000000', 'window-of-the-world', 'spelling'],
    ['?I岭', '267022101', 'maling', 'terminal'],
    ['', '268001101', 'luohu', 'terminal'],
    ['-', '000000000', undefined, 'unknown'],
  ])('%s at terminal %s is %s (%s)', (name, terminal, station, how) => {
    const found = resolve(name, terminal);
    expect(found.how).toBe(how);
    if (how !== 'terminal' || station === 'luohu') expect(found.station).toBe(station);
    else expect(found.station).toBeDefined();
  });
});
