/** Postings of a cleared ride by the blueprint's settlement rules. */
import { PolycardError } from '@polycard/bytes';
import type { Fare } from '@polycard/fares';
import { postRide } from '@polycard/ledger';
import type { Region } from '../../region.ts';
import type { NewPosting, ReceivedTap } from './store.ts';

/** Which acceptance fee an operator pays for a tap. */
const FEE_MODES = {
  entry: 'metro',
  exit: 'metro',
  counter: 'metro',
  boarding: 'bus',
  alighting: 'bus',
  purchase: 'shop',
} as const;

export function ridePostings(region: Region, tap: ReceivedTap, fare: Fare, postedAt: Date): NewPosting[] {
  const { settlement, parties } = region.blueprint;
  // what an entry or a counter charges for a ride without tap-off is a bus fare
  const feeMode = (fare.closedFen ?? 0) > 0 ? 'bus' : FEE_MODES[tap.kind];
  const fee = settlement.fees.find(({ mode }) => mode === feeMode);
  const platform = parties.find((party) => party.kind === 'platform');
  if (platform === undefined)
    throw new PolycardError('POLYCARD_BLUEPRINT_MISSING', 'the blueprint names no platform party');
  const entry = postRide({
    entryId: tap.id,
    businessDate: tap.business_date,
    chargedFen: tap.charged_fen,
    issuerId: tap.issuer_id!,
    platformId: platform.id,
    revenue: revenueShares(region, tap, fare),
    ...(fee === undefined ? {} : { fee }),
  });
  return entry.postings.map((posting, line) => ({
    entry_id: entry.id,
    line,
    tap_id: tap.id,
    business_date: entry.businessDate,
    account: posting.account,
    party_id: posting.partyId,
    amount_fen: posting.amountFen,
    what: posting.what,
    posted_at: postedAt.toISOString(),
  }));
}

/** A ride without tap-off that the tap charged belongs to the company it was boarded with, to the fen. */
export function revenueShares(
  region: Region,
  tap: Pick<ReceivedTap, 'kind' | 'operator_id' | 'industry_data'>,
  fare: Fare,
): { operatorId: string; weight: number }[] {
  const { closedFen = 0, chargeFen } = fare;
  const code = tap.industry_data.closedRide?.operatorCode;
  const operatorId = region.blueprint.parties.find((party) => party.code === code)?.id;
  if (closedFen === 0 || operatorId === undefined) return ownShares(region, tap, fare);
  const shares = [
    { operatorId, weight: closedFen },
    { operatorId: tap.operator_id, weight: chargeFen - closedFen },
  ];
  return operatorId === tap.operator_id
    ? [{ operatorId, weight: chargeFen }]
    : shares.filter(({ weight }) => weight > 0);
}

/** By metres on each operator's lines where the journey is known; otherwise all to the operator of the terminal. */
function ownShares(
  region: Region,
  tap: Pick<ReceivedTap, 'kind' | 'operator_id'>,
  fare: Fare,
): { operatorId: string; weight: number }[] {
  const byDistance = tap.kind === 'exit' && region.blueprint.settlement.revenue.metro === 'by-distance';
  const metres = new Map<string, number>();
  for (const leg of byDistance ? (fare.legs ?? []) : []) {
    const operator = region.blueprint.parties.find((party) => party.lines?.includes(leg.line))?.id ?? tap.operator_id;
    metres.set(operator, (metres.get(operator) ?? 0) + leg.metres);
  }
  const shares = [...metres].filter(([, weight]) => weight > 0).map(([operatorId, weight]) => ({ operatorId, weight }));
  return shares.length > 0 ? shares : [{ operatorId: tap.operator_id, weight: 1 }];
}
