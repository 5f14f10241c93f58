/** Postings of one ride: the issuer's float pays the fare, operators share it, and the operator pays fees out of it. */
import { PolycardError } from '@polycard/bytes';
import { type Entry, makeEntry, type Posting } from './entry.ts';
import { splitByWeights } from './split.ts';

export interface RideCharge {
  readonly entryId: string;
  readonly businessDate: string;
  readonly chargedFen: number;
  readonly issuerId: string;
  readonly platformId: string;
  /** Operators that share the fare, with weights (metres ridden on their lines). */
  readonly revenue: readonly { readonly operatorId: string; readonly weight: number }[];
  readonly fee?: {
    readonly id: string;
    readonly perMille: number;
    readonly minimumFen?: number;
    readonly shares: readonly { readonly to: 'issuer' | 'platform'; readonly percent: number }[];
  };
}

export const FARE = 'fare';

/** A free ride posts nothing and has an empty entry. Throws `POLYCARD_LEDGER_AMOUNT` for a charge that cannot be. */
export function postRide(ride: RideCharge): Entry {
  if (!Number.isSafeInteger(ride.chargedFen) || ride.chargedFen < 0) {
    throw new PolycardError('POLYCARD_LEDGER_AMOUNT', `entry ${ride.entryId} charges ${ride.chargedFen}`, {
      where: 'chargedFen',
      expected: 'a whole number of fen from 0',
    });
  }
  const postings: Posting[] = [];
  if (ride.chargedFen > 0) {
    const parts = splitByWeights(
      ride.chargedFen,
      ride.revenue.map((share) => share.weight),
    );
    postings.push({
      account: `issuer:${ride.issuerId}:float`,
      partyId: ride.issuerId,
      amountFen: -ride.chargedFen,
      what: FARE,
    });
    ride.revenue.forEach(({ operatorId }, index) => {
      postings.push({
        account: `operator:${operatorId}:revenue`,
        partyId: operatorId,
        amountFen: parts[index]!,
        what: FARE,
      });
    });
    if (ride.fee !== undefined) postings.push(...feePostings(ride, ride.fee, parts));
  }
  return makeEntry(ride.entryId, ride.businessDate, postings);
}

function feePostings(ride: RideCharge, fee: NonNullable<RideCharge['fee']>, revenue: readonly number[]): Posting[] {
  const whole = Math.min(
    ride.chargedFen,
    Math.max(fee.minimumFen ?? 0, Math.round((ride.chargedFen * fee.perMille) / 1000)),
  );
  if (whole === 0) return [];
  // each operator bears the fee in proportion to what it received
  const borne = splitByWeights(whole, revenue);
  const shares = splitByWeights(
    whole,
    fee.shares.map((share) => share.percent),
  );
  return [
    ...ride.revenue.map(({ operatorId }, index) => ({
      account: `operator:${operatorId}:fees`,
      partyId: operatorId,
      amountFen: -borne[index]!,
      what: fee.id,
    })),
    ...fee.shares.map(({ to }, index) => {
      const partyId = to === 'issuer' ? ride.issuerId : ride.platformId;
      return { account: `${to}:${partyId}:fees`, partyId, amountFen: shares[index]!, what: fee.id };
    }),
  ];
}
