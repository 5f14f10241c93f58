import { randomInteger, seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import { type ChargedRide, computeFare, inferClasses } from '../src/index.ts';
import { tariffs } from './guangdong.ts';
import { shenzhenRecords } from './shenzhen-records.ts';

const CLASSES = ['ordinary', 'student', 'senior'];

function realRides(): ChargedRide[] | undefined {
  return shenzhenRecords()
    ?.filter((record) => record.kind !== 'entry')
    .map(({ card, kind, operator, baseFen, chargedFen }) => ({
      ...{ card, operator, baseFen, chargedFen },
      mode: kind === 'boarding' ? 'bus' : 'metro',
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

const real = realRides();
const rides = real ?? generatedRides();
console.log(`${rides.length} rides from ${real === undefined ? 'the generator' : 'the real records'}`);

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
    // a card of two rides may lose what told its class; no other card is touched
    const touched = new Set([...raised].map((index) => rides[index]!.card));
    const untouched = ({ card }: ChargedRide): boolean => !touched.has(card);
    expect(rides.flatMap((ride, index) => (untouched(ride) ? [changed.rides[index]] : []))).toEqual(
      rides.flatMap((ride, index) => (untouched(ride) ? [inference.rides[index]] : [])),
    );
    expect(changed.operatorsWithoutDiscount).toEqual(inference.operatorsWithoutDiscount);
  });

  it('leaves damaged amounts unexplained, and only those', () => {
    const damaged = [-200, 2.5, Number.NaN, 1_000_000].map((baseFen, index) => ({
      ...({ card: `damaged-${index}`, mode: 'bus', operator: 'damaged' } as const),
      ...{ baseFen, chargedFen: baseFen },
    }));
    const { rides: read } = inferClasses([...rides, ...damaged], tariffs, CLASSES);
    expect(read.flatMap((ride, index) => (ride.explained ? [] : [index]))).toEqual(
      damaged.map((_, index) => rides.length + index),
    );
  });

  it('needs a tariff for the mode of every ride', () => {
    const metroOnly = new Map([...tariffs].filter(([mode]) => mode === 'metro'));
    const ride = { card: 'a', mode: 'bus', operator: 'b', baseFen: 200, chargedFen: 160 } as const;
    expect(() => inferClasses([ride], metroOnly, CLASSES)).toThrow(/no tariff for bus/);
  });
});
