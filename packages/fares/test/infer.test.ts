import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { randomInteger, seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import { type ChargedRide, computeFare, inferClasses } from '../src/index.ts';
import { tariffs } from './guangdong.ts';

const CLASSES = ['ordinary', 'student', 'senior'];
const SHARED = fileURLToPath(new URL('../../../../shared/data/shenzhen-taps/taps.csv', import.meta.url));

function realRides(path: string): ChargedRide[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(','))
    .filter((cells) => cells[2] !== '地铁入站')
    .map((cells) => ({
      card: cells[0]!,
      mode: cells[2] === '巴士' ? 'bus' : 'metro',
      operator: cells[6]!,
      baseFen: Number(cells[4]),
      chargedFen: Number(cells[3]),
    }));
}

function generatedRides(): ChargedRide[] {
  const random = seededRandom('rides');
  return Array.from({ length: 3000 }, (_, index) => {
    const card = `card-${index % 1700}`;
    const mode = randomInteger(random, 2) === 0 ? 'bus' : 'metro';
    const operator = mode === 'bus' && index % 11 === 0 ? 'no-discounts' : `operator-${mode}`;
    const cardClass = CLASSES[(index % 1700) % 7 === 0 ? 1 : (index % 1700) % 9 === 0 ? 2 : 0]!;
    const baseFen = [200, 300, 400, 500, 700][randomInteger(random, 5)]!;
    const { chargeFen } = computeFare(tariffs.get(mode)!, {
      ...{
        cardClass,
        serviceClass: 'standard',
        operatorDiscounts: operator !== 'no-discounts',
        declaredBaseFen: baseFen,
      },
      ...(randomInteger(random, 6) === 0 ? { transfer: { fromMode: mode, minutesSince: 3 } as const } : {}),
    });
    return { card, mode, operator, baseFen, chargedFen: chargeFen };
  });
}

const path = process.env['POLYCARD_TAPS'] ?? SHARED;
const rides = existsSync(path) ? realRides(path) : generatedRides();
console.log(`${rides.length} rides from ${existsSync(path) ? 'the real records' : 'the generator'}`);

describe('what charged amounts tell', () => {
  const inference = inferClasses(rides, tariffs, CLASSES);

  it('explains every ride', () => {
    expect(inference.rides.filter((ride) => !ride.explained)).toEqual([]);
    expect(inference.operatorsWithoutDiscount.size).toBe(1);
  });

  it.each(['a', 'b', 'c'])('finds exactly the 50 rides raised by one fen (seed %s)', (seed) => {
    const random = seededRandom(seed);
    const raised = new Set<number>();
    while (raised.size < 50) raised.add(randomInteger(random, rides.length));
    const changed = inferClasses(
      rides.map((ride, index) => (raised.has(index) ? { ...ride, chargedFen: ride.chargedFen + 1 } : ride)),
      tariffs,
      CLASSES,
    );
    expect(changed.rides.flatMap((ride, index) => (ride.explained ? [] : [index]))).toEqual(
      [...raised].sort((a, b) => a - b),
    );
    expect(changed.operatorsWithoutDiscount).toEqual(inference.operatorsWithoutDiscount);
  });
});
