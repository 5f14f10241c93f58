/** Paths over a network small enough to add up by hand, and stations as records spell them. */
import type { Network } from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileNetwork, stationResolver } from '../src/index.ts';
import { blueprint, network } from './guangdong.ts';

const name = { en: 'name', zh: '名' };
const line = (id: string, code: string, lengthMetres: number, stations: string[]) => ({
  ...{ id, code, name, aliases: [], lengthMetres, stations },
});
/** a–b–c along one line, b–d on another, x–y joined to nothing; all on one meridian, a tenth of a degree apart. */
const small: Network = {
  network: 'small',
  source: 'test',
  lines: [
    line('one', '01', 9000, ['a', 'b', 'c']),
    line('two', '02', 2000, ['b', 'd']),
    line('far', '03', 1, ['x', 'y']),
  ],
  stations: ['a', 'b', 'c', 'd', 'x', 'y'].map((id, index) => ({
    ...{ id, code: `000${index}`, name, longitude: 114, latitude: id === 'c' ? 22.3 : 22 + index / 10 },
  })),
};

describe('a path', () => {
  const compiled = compileNetwork(small);
  it('is scaled to the published length of its line, and changes line once', () => {
    // a–b is a tenth of a degree, b–c two tenths: a third and two thirds of 9 km
    expect(compiled.shortestPath('a', 'b').metres).toBe(3000);
    expect(compiled.shortestPath('a', 'c')).toEqual({
      metres: 9000,
      legs: [{ line: 'one', metres: 9000 }],
      stations: ['a', 'b', 'c'],
    });
    expect(compiled.shortestPath('a', 'd')).toEqual({
      metres: 5000,
      legs: [
        { line: 'one', metres: 3000 },
        { line: 'two', metres: 2000 },
      ],
      stations: ['a', 'b', 'd'],
    });
  });

  it('from a station to itself has no length, no legs and one station', () => {
    expect(compiled.shortestPath('c', 'c')).toEqual({ metres: 0, legs: [], stations: ['c'] });
  });

  it('takes the shorter of two ways', () => {
    const shortcut = { ...small, lines: [...small.lines, line('direct', '04', 4999, ['a', 'd'])] };
    expect(compileNetwork(shortcut).shortestPath('d', 'a').legs).toEqual([{ line: 'direct', metres: 4999 }]);
  });

  it.each([
    ['a', 'atlantis', /network small has no station atlantis/],
    ['atlantis', 'a', /network small has no station atlantis/],
    ['a', 'constructor', /no station constructor/],
    ['a', 'x', /no line of small joins a and x/],
  ])('from %s to %s is refused by name', (from, to, message) => {
    expect(() => compiled.shortestPath(from, to)).toThrow(PolycardError);
    expect(() => compiled.shortestPath(from, to)).toThrow(message);
    expect([compiled.hasStation('a'), compiled.hasStation('atlantis')]).toEqual([true, false]);
  });
});

describe('the paths of Shenzhen', () => {
  const stations = blueprint.networks[0]!.stations.map((station) => station.id);
  const station = fc.constantFrom(...stations);
  const linesOf = new Map(blueprint.networks[0]!.lines.map((one) => [one.id, one.stations]));

  it('join every station to every other', () => {
    for (const to of stations) expect(network.shortestPath(stations[0]!, to).metres).toBeGreaterThanOrEqual(0);
    expect(stations.length).toBeGreaterThan(150);
  });

  it('go from neighbour to neighbour, back the way they came, over the lines their legs name', () => {
    fc.assert(
      fc.property(station, station, (from, to) => {
        const there = network.shortestPath(from, to);
        const back = network.shortestPath(to, from);
        expect(Math.abs(there.metres - back.metres)).toBeLessThanOrEqual(1);
        expect(new Set(there.stations).size).toBe(there.stations.length);
        const legs = there.legs.map((leg) => linesOf.get(leg.line)!);
        for (const [index, next] of there.stations.slice(1).entries()) {
          const before = there.stations[index]!;
          expect(
            legs.some((stops) => stops.includes(next) && Math.abs(stops.indexOf(next) - stops.indexOf(before)) === 1),
          ).toBe(true);
        }
        const summed = there.legs.reduce((sum, leg) => sum + leg.metres, 0);
        expect(Math.abs(summed - there.metres)).toBeLessThanOrEqual(there.legs.length);
        for (const [index, leg] of there.legs.slice(1).entries()) expect(leg.line).not.toBe(there.legs[index]!.line);
      }),
      { seed: 51, numRuns: 200 },
    );
  });

  it('are never longer than any way round', () => {
    fc.assert(
      fc.property(station, station, station, (a, b, c) => {
        const over = network.shortestPath(a, b).metres + network.shortestPath(b, c).metres;
        expect(network.shortestPath(a, c).metres).toBeLessThanOrEqual(over + 2);
      }),
      { seed: 52, numRuns: 200 },
    );
  });
});

describe('a station in a record', () => {
  const resolve = stationResolver(blueprint.networks[0]!);
  it.each([
    ['罗湖', '', 'luohu', 'name'],
    ['罗湖站', '', 'luohu', 'spelling'],
    ['罗湖地铁站', '', 'luohu', 'spelling'],
    [' 罗湖 ', '', 'luohu', 'spelling'],
    ['LUOHU', '', 'luohu', 'spelling'],
    ['罗湖', '267022101', 'luohu', 'name'], // a name goes before the number of another station
    ['?岭', '267022101', 'maling', 'terminal'],
    ['', '267022999', 'maling', 'terminal'],
    ['?岭', '26702', undefined, 'unknown'],
    ['站', '', undefined, 'unknown'],
    ['', '', undefined, 'unknown'],
    ['nowhere', '999999999', undefined, 'unknown'],
    ['__proto__', 'constructor', undefined, 'unknown'],
  ])('called %j at terminal %j is %s, by %s', (spelled, terminal, found, how) => {
    expect(resolve(spelled, terminal)).toEqual({ station: found, how });
  });

  it('is found by every name, spelling and terminal prefix the network gives it', () => {
    for (const { id, name: names, aliases, terminalPrefixes } of blueprint.networks[0]!.stations) {
      for (const spelled of [names.zh, `${names.zh}站`, ...(aliases ?? [])])
        expect(resolve(spelled, '').station, spelled).toBe(id);
      for (const prefix of terminalPrefixes ?? []) expect(resolve('?', `${prefix}001`).station, prefix).toBe(id);
    }
  });
});
