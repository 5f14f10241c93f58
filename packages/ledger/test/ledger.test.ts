import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  makeEntry,
  netPositions,
  postCashLoad,
  postRide,
  type RideCharge,
  reverseEntry,
  splitByWeights,
} from '../src/index.ts';

const fee = {
  id: 'acceptance',
  perMille: 5,
  shares: [
    { to: 'issuer', percent: 60 },
    { to: 'platform', percent: 40 },
  ],
} as const;
const ride = (chargedFen: number, weights: readonly number[]): RideCharge => ({
  entryId: 'tap',
  businessDate: '2018-09-01',
  chargedFen,
  issuerId: 'bank',
  platformId: 'platform',
  revenue: weights.map((weight, index) => ({ operatorId: `operator-${index}`, weight })),
  fee,
});
const weights = fc
  .array(fc.integer({ min: 0, max: 50_000 }), { minLength: 1, maxLength: 5 })
  .filter((values) => values.some((value) => value > 0));

describe('entries', () => {
  it('sum to zero for every purpose, whatever the fare and however many operators share it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), weights, (chargedFen, shares) => {
        const { postings } = postRide(ride(chargedFen, shares));
        for (const what of new Set(postings.map((posting) => posting.what))) {
          expect(
            postings.filter((posting) => posting.what === what).reduce((sum, posting) => sum + posting.amountFen, 0),
          ).toBe(0);
        }
        const paid = postings
          .filter((posting) => posting.what === 'fare' && posting.amountFen < 0)
          .reduce((sum, posting) => sum - posting.amountFen, 0);
        expect(paid).toBe(chargedFen);
      }),
      { seed: 1 },
    );
  });

  it('that do not balance, or hold fractions of a fen, are refused by name', () => {
    const posting = (amountFen: number, what = 'fare') => ({ account: 'a', partyId: 'p', amountFen, what });
    expect(() => makeEntry('x', '2018-09-01', [posting(100), posting(-99)])).toThrow(/off by 1 fen in fare/);
    expect(() => makeEntry('x', '2018-09-01', [posting(100, 'fare'), posting(-100, 'fee')])).toThrow(/off by/);
    expect(() => makeEntry('x', '2018-09-01', [posting(0.5), posting(-0.5)])).toThrow(/0\.5/);
  });

  it('of a free ride hold nothing', () => {
    expect(postRide(ride(0, [1])).postings).toEqual([]);
  });

  it('are taken back whole by their reversal', () => {
    const entry = postRide(ride(435, [700, 300]));
    const reversal = reverseEntry(entry, 'tap:reversal', '2018-09-02');
    expect(netPositions([...entry.postings, ...reversal.postings]).every((position) => position.netFen === 0)).toBe(
      true,
    );
  });

  it('of a fare of ¥4.35 over two operators: split by distance, fee of 5 per mille shared 60 to 40', () => {
    const net = Object.fromEntries(
      netPositions(postRide(ride(435, [700, 300])).postings).map((position) => [position.partyId, position.netFen]),
    );
    // 435 splits 305 and 130 (304.5 and 130.5: the earlier one gets the odd fen); the fee of 2 fen is borne 1 and 1
    expect(net).toEqual({ bank: -434, platform: 1, 'operator-0': 304, 'operator-1': 129 });
  });
});

describe('splits', () => {
  it('add up to the amount and give each within one fen of its part', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), weights, (amount, shares) => {
        const parts = splitByWeights(amount, shares);
        const total = shares.reduce((sum, share) => sum + share, 0);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(amount);
        for (const [index, part] of parts.entries())
          expect(Math.abs(part - (amount * shares[index]!) / total)).toBeLessThan(1);
      }),
      { seed: 2 },
    );
  });
  it.each([
    [-1, [1]],
    [10, [0, 0]],
    [10, [-1, 2]],
    [10, [1, Number.POSITIVE_INFINITY]],
    [1.5, [1]],
  ])('of %j by %j are refused', (amount, shares) => {
    expect(() => splitByWeights(amount, shares)).toThrow(/cannot be split/);
  });
});

describe('netting', () => {
  it('gives positions that sum to zero', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 9999 }), weights), { maxLength: 20 }), (rides) => {
        const postings = rides.flatMap(([amount, shares]) => [...postRide(ride(amount, shares)).postings]);
        expect(netPositions(postings).reduce((sum, position) => sum + position.netFen, 0)).toBe(0);
      }),
      { seed: 3 },
    );
  });
});

describe('a load against cash', () => {
  const load = { entryId: 'load', businessDate: '2018-09-01', issuerId: 'bank', operatorId: 'metro' };

  it('makes the counter owe the issuer what it took', () => {
    expect(netPositions(postCashLoad({ ...load, amountFen: 5_000 }).postings)).toEqual([
      { partyId: 'bank', receivesFen: 5_000, paysFen: 0, netFen: 5_000 },
      { partyId: 'metro', receivesFen: 0, paysFen: 5_000, netFen: -5_000 },
    ]);
  });

  it.each([0, -1, 0.5, Number.NaN])('of %d fen is none', (amountFen) => {
    expect(() => postCashLoad({ ...load, amountFen })).toThrow('loads');
  });
});
