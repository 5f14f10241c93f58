/** Rides in the store as fares are computed from them again. */
import { sql } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import type { RideFacts } from '../clearing/fare-check.ts';
import type { IndustryData } from '../clearing/uploaded-tap.ts';

export interface RecordedRide {
  readonly id: string;
  readonly card_token: string;
  readonly kind: 'exit' | 'boarding' | 'alighting';
  readonly at: string;
  readonly operator_id: string;
  readonly charged_fen: number;
  readonly card_class: string;
  readonly industry_data: IndustryData;
  readonly discounts: string | null;
}

export interface RidesAsked {
  readonly from?: string;
  readonly until?: string;
  readonly ridesMax: number;
}

const PAGE_RIDES = 2000;

/** In the order they happened, page by page; repeats of a transaction are left out. */
export async function* recordedRides(
  { store }: Pick<PlatformContext, 'store'>,
  { from = '', until = '9999-99-99', ridesMax }: RidesAsked,
): AsyncGenerator<readonly RecordedRide[]> {
  let after = [from, '', ''];
  for (let left = ridesMax; left > 0; ) {
    const { rows } = await sql<RecordedRide & { business_date: string }>`
      SELECT tap.id, tap.card_token, tap.business_date, tap.kind, tap.at, tap.operator_id, tap.charged_fen, tap.card_class,
        tap.industry_data, party.discounts
      FROM tap LEFT JOIN party ON party.id = tap.operator_id
      WHERE (tap.business_date, tap.at, tap.id) > (${after[0]}, ${after[1]}, ${after[2]}) AND tap.business_date <= ${until}
        AND tap.kind IN ('exit', 'boarding', 'alighting')
        AND (tap.industry_data->>'markedFen' IS NULL OR tap.charged_fen > 0) AND tap.state <> 'received' AND NOT ('duplicate' = ANY(tap.exceptions))
      ORDER BY tap.business_date, tap.at, tap.id LIMIT ${Math.min(PAGE_RIDES, left)}`.execute(store.database);
    if (rows.length === 0) return;
    yield rows;
    const last = rows.at(-1)!;
    after = [last.business_date, last.at, last.id];
    left -= rows.length;
  }
}

export function rideFactsOf(ride: RecordedRide): RideFacts {
  return {
    kind: ride.kind,
    at: ride.at.replace(/[-:T]/g, ''),
    operatorDiscounts: ride.discounts !== 'none',
    chargedFen: ride.charged_fen,
    industry: ride.industry_data,
  };
}
