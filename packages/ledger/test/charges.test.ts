/** Every way a charge is posted, shared, charged a fee and taken back, over random rides. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Entry,
  makeEntry,
  netPositions,
  postRide,
  type RideCharge,
  reverseEntry,
  splitByWeights,
} from '../src/index.ts';

const sumOf = (amounts: Iterable<{ readonly amountFen: number }>): number =>
  [...amounts].reduce((sum, { amountFen }) => sum + amountFen, 0);
const of = (entry: Entry, what: string) => entry.postings.filter((posting) => posting.what === what);

const anyRide = fc.record({
  entryId: fc.constant('tap'),
  businessDate: fc.constant('2018-09-01'),
  chargedFen: fc.integer({ min: 0, max: 200_000 }),
  issuerId: fc.constantFrom('bank-a', 'bank-b'),
  platformId: fc.constant('platform'),
  revenue: fc
    .array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 6 })
    .filter((weights) => weights.some((weight) => weight > 0))
    .map((weights) => weights.map((weight, index) => ({ operatorId: `operator-${index}`, weight }))),
  fee: fc.record({
    id: fc.constantFrom('metro-acceptance', 'bus-acceptance'),
    perMille: fc.constantFrom(0, 0.5, 5, 6, 38, 1000),
    minimumFen: fc.integer({ min: 0, max: 5 }),
    shares: fc.integer({ min: 0, max: 1000 }).map((tenths) => [
      { to: 'issuer' as const, percent: tenths / 10 },
      { to: 'platform' as const, percent: 100 - tenths / 10 },
    ]),
  }),
}) satisfies fc.Arbitrary<RideCharge>;

describe('a ride', () => {
  it('is paid by its issuer, shared to the fen, and balances for the fare and for the fee', () => {
    fc.assert(
      fc.property(anyRide, (ride) => {
        const entry = postRide(ride);
        const purposes = new Set(entry.postings.map((posting) => posting.what));
        for (const what of purposes) expect(sumOf(of(entry, what))).toBe(0);
        expect([...purposes].every((what) => what === 'fare' || what === ride.fee.id)).toBe(true);
        expect(entry.postings.every(({ amountFen }) => Number.isSafeInteger(amountFen) && amountFen !== 0)).toBe(true);
        const debits = of(entry, 'fare').filter((posting) => posting.amountFen < 0);
        expect(debits.map((posting) => [posting.account, posting.amountFen])).toEqual(
          ride.chargedFen === 0 ? [] : [[`issuer:${ride.issuerId}:float`, -ride.chargedFen]],
        );
      }),
      { seed: 61, numRuns: 300 },
    );
  });

  it('pays the stated fee: at least its minimum, never more than was charged, and no operator more than it got', () => {
    fc.assert(
      fc.property(anyRide, (ride) => {
        const entry = postRide(ride);
        const paid = 0 - sumOf(of(entry, ride.fee.id).filter((posting) => posting.amountFen < 0));
        const wanted = Math.max(ride.fee.minimumFen, Math.round((ride.chargedFen * ride.fee.perMille) / 1000));
        expect(paid).toBe(Math.min(ride.chargedFen, wanted));
        const received = sumOf(of(entry, ride.fee.id).filter((posting) => posting.amountFen > 0));
        expect(received).toBe(paid);
        for (const { operatorId } of ride.revenue)
          expect(sumOf(entry.postings.filter(({ partyId }) => partyId === operatorId))).toBeGreaterThanOrEqual(0);
        for (const { to, percent } of ride.fee.shares) {
          const share = sumOf(of(entry, ride.fee.id).filter(({ account }) => account.startsWith(`${to}:`)));
          expect(Math.abs(share - (paid * percent) / 100)).toBeLessThan(1);
        }
      }),
      { seed: 62, numRuns: 300 },
    );
  });

  it.each([-1, -435, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'charged %d fen is refused by name, never posted as nothing',
    (chargedFen) => {
      const revenue = [{ operatorId: 'operator', weight: 1 }];
      const ride = { entryId: 'tap-7', businessDate: '2018-09-01', issuerId: 'bank', platformId: 'platform', revenue };
      expect(() => postRide({ ...ride, chargedFen })).toThrow(
        expect.objectContaining({ name: 'PolycardError', code: 'POLYCARD_LEDGER_AMOUNT' }),
      );
      expect(() => postRide({ ...ride, chargedFen })).toThrow(/entry tap-7/);
    },
  );

  it('without a fee rule posts the fare alone', () => {
    const revenue = [{ operatorId: 'operator', weight: 1 }];
    const ride = { entryId: 'tap', businessDate: '2018-09-01', issuerId: 'bank', platformId: 'platform', revenue };
    expect(
      postRide({ ...ride, chargedFen: 190 }).postings.map(({ partyId, amountFen }) => [partyId, amountFen]),
    ).toEqual([
      ['bank', -190],
      ['operator', 190],
    ]);
  });
});

describe('a reversal', () => {
  it('takes every account back to zero and is itself an entry that balances', () => {
    fc.assert(
      fc.property(anyRide, (ride) => {
        const entry = postRide(ride);
        const reversal = reverseEntry(entry, 'tap:reversal', '2018-09-02');
        expect([reversal.id, reversal.businessDate]).toEqual(['tap:reversal', '2018-09-02']);
        const accounts = Map.groupBy([...entry.postings, ...reversal.postings], ({ account, what }) => account + what);
        for (const postings of accounts.values()) expect(sumOf(postings)).toBe(0);
        expect(reversal.postings).toHaveLength(entry.postings.length);
        expect(reverseEntry(reversal, entry.id, entry.businessDate)).toEqual(entry);
      }),
      { seed: 63 },
    );
  });
});

describe('an entry', () => {
  const posting = (amountFen: number, what = 'fare') => ({ account: `account:${what}`, partyId: 'p', amountFen, what });
  it.each([
    ['one fen off', [posting(100), posting(-99)], 'POLYCARD_LEDGER_UNBALANCED', /entry x is off by 1 fen in fare/],
    ['one posting alone', [posting(-5)], 'POLYCARD_LEDGER_UNBALANCED', /off by -5 fen/],
    [
      'balanced only across purposes',
      [posting(1), posting(-1, 'fee')],
      'POLYCARD_LEDGER_UNBALANCED',
      /off by 1 fen in fare/,
    ],
    ['halves of a fen', [posting(0.5), posting(-0.5)], 'POLYCARD_LEDGER_AMOUNT', /posts 0\.5 to account:fare/],
    ['no number', [posting(Number.NaN)], 'POLYCARD_LEDGER_AMOUNT', /posts NaN to account:fare/],
  ])('%s is refused by name', (_what, postings, code, message) => {
    expect(() => makeEntry('x', '2018-09-01', postings)).toThrow(
      expect.objectContaining({ name: 'PolycardError', code }),
    );
    expect(() => makeEntry('x', '2018-09-01', postings)).toThrow(message);
  });
});

describe('a split', () => {
  it('by percentages with decimals adds up, each part within one fen', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000_000 }),
        fc.array(fc.double({ min: 0.001, max: 100, noNaN: true }), { minLength: 1, maxLength: 7 }),
        (amount, weights) => {
          const parts = splitByWeights(amount, weights);
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          expect(parts.reduce((sum, part) => sum + part, 0)).toBe(amount);
          for (const [index, part] of parts.entries()) {
            expect(Number.isSafeInteger(part) && part >= 0).toBe(true);
            expect(Math.abs(part - (amount * weights[index]!) / total)).toBeLessThan(1);
          }
        },
      ),
      { seed: 64, numRuns: 500 },
    );
  });
  it('gives nothing to who weighs nothing, and an odd fen to the earlier of equals', () => {
    expect(splitByWeights(435, [0, 5, 0, 5])).toEqual([0, 218, 0, 217]);
    expect(splitByWeights(2, [1, 1, 1])).toEqual([1, 1, 0]);
    expect(splitByWeights(0, [1, 2])).toEqual([0, 0]);
  });
});

describe('netting', () => {
  it('keeps what each party receives and pays, in one order, and sums to zero over many rides', () => {
    fc.assert(
      fc.property(fc.array(anyRide, { maxLength: 25 }), (rides) => {
        const postings = rides.flatMap((ride) => postRide(ride).postings);
        const positions = netPositions(postings);
        expect(positions.reduce((sum, { netFen }) => sum + netFen, 0)).toBe(0);
        for (const { partyId, receivesFen, paysFen, netFen } of positions) {
          expect(netFen).toBe(receivesFen - paysFen);
          expect(netFen).toBe(sumOf(postings.filter((posting) => posting.partyId === partyId)));
          expect(Math.min(receivesFen, paysFen)).toBeGreaterThanOrEqual(0);
        }
        expect(netPositions(postings.toReversed())).toEqual(positions);
      }),
      { seed: 65 },
    );
  });
});
