/**
 * Boardings by section whose card never came back: when a business day is closed, those that no tap can settle on the
 * card any more are listed as owed. A tap-off that arrives late, from a validator that was long offline, resolves them.
 */
import { closeOpenRide, ruleOf } from '@polycard/fares';
import { sql, type Transaction } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import type { Tables } from '../../store/tables.ts';
import { EXPLANATIONS } from './exceptions.ts';
import { openExceptions, type ReceivedTap } from './store.ts';
import type { IndustryData } from './uploaded-tap.ts';

interface OpenBoarding {
  readonly id: string;
  readonly card_token: string;
  readonly terminal_no: string;
  readonly at: string;
  readonly card_class: string;
  readonly industry_data: IndustryData;
}

/** Within the transaction that closes the day; gives how many are listed. */
export async function listOpenRides(
  context: PlatformContext,
  transaction: Transaction<Tables>,
  businessDate: string,
): Promise<number> {
  const { region, parameters, now } = context;
  const { rows } = await sql<OpenBoarding>`
    SELECT id, card_token, terminal_no, at, card_class, industry_data FROM tap AS boarding
    WHERE business_date <= ${businessDate} AND kind = 'boarding' AND industry_data->>'markedFen' IS NOT NULL
      AND state IN ('cleared', 'settled') AND NOT ('missing-tap-off' = ANY (exceptions))
      AND NOT EXISTS (SELECT 1 FROM tap AS later
        WHERE later.card_token = boarding.card_token AND (
          (later.kind = 'alighting' AND later.entry_at = boarding.at AND later.entry_place_code = boarding.place_code)
          OR later.industry_data->'closedRide'->>'at' = regexp_replace(boarding.at, '[-:T]', '', 'g')))`.execute(
    transaction,
  );
  const dayEnds = digits(`${nextDay(businessDate)}T${region.blueprint.manifest.region.businessDayStartsAt}:00`);
  const listed = rows.flatMap((boarding) => {
    const { industry_data: industry } = boarding;
    const tariff = (parameters.regionOf(industry.tariffVersion) ?? region).tariff('bus');
    const route = tariff.routes.get(industry.route ?? '');
    const open = {
      ...{ route: industry.route ?? '', direction: industry.direction ?? ('up' as const), at: digits(boarding.at) },
      ...{ boardingStop: industry.placeCode, operatorCode: industry.operatorCode },
      markedFen: industry.markedFen ?? 0,
    };
    const within = route?.rule.kind === 'section' ? ruleOf(route).missingTapOff.withinMinutes : 0;
    if (minutesAfter(open.at, within) > dayEnds) return [];
    const { fare } = closeOpenRide(tariff, open, { at: dayEnds, cardClass: boarding.card_class });
    return [{ boarding, explanation: EXPLANATIONS.missingTapOff({ ...open, fareFen: fare.chargeFen }) }];
  });
  if (listed.length === 0) return 0;
  await openExceptions(
    transaction,
    listed.map(({ boarding, explanation }) => ({
      ...{ id: `${boarding.id}:missing-tap-off`, reason: 'missing-tap-off' as const, tapId: boarding.id },
      ...{ cardToken: boarding.card_token, terminalNo: boarding.terminal_no, businessDate, explanation },
    })),
    now(),
  );
  await sql`UPDATE tap SET exceptions = array_append(exceptions, 'missing-tap-off')
    WHERE id = ANY(${listed.map(({ boarding }) => boarding.id)}::text[])
      AND card_token = ANY(${listed.map(({ boarding }) => boarding.card_token)}::text[])`.execute(transaction);
  return listed.length;
}

/** Rides listed as open whose end these taps bring after all. */
export async function endListedRides(transaction: Transaction<Tables>, taps: readonly ReceivedTap[]): Promise<void> {
  const ends = taps.flatMap(({ card_token, kind, industry_data }) => {
    const began = kind === 'alighting' ? industry_data.entryTime : industry_data.closedRide?.at;
    return began === undefined ? [] : [{ card_token, began }];
  });
  if (ends.length === 0) return;
  const note = EXPLANATIONS.tapOffArrived();
  await sql`UPDATE exception SET state = 'resolved',
      explanation_en = explanation_en || '. ' || ${note.en}, explanation_zh = explanation_zh || '。' || ${note.zh}
    FROM tap WHERE exception.reason = 'missing-tap-off' AND exception.state = 'open' AND tap.id = exception.tap_id
      AND tap.card_token = exception.card_token AND tap.kind = 'boarding'
      AND (tap.card_token, regexp_replace(tap.at, '[-:T]', '', 'g')) IN (
        SELECT * FROM unnest(${ends.map(({ card_token }) => card_token)}::text[], ${ends.map(({ began }) => began)}::text[]))`.execute(
    transaction,
  );
}

const digits = (iso: string): string => iso.replace(/[-:T]/g, '');

function nextDay(businessDate: string): string {
  const day = new Date(`${businessDate}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, 10);
}

/** Local time YYYYMMDDhhmmss so many minutes later. */
function minutesAfter(at: string, minutes: number): string {
  const iso = `${at.slice(0, 4)}-${at.slice(4, 6)}-${at.slice(6, 8)}T${at.slice(8, 10)}:${at.slice(10, 12)}:${at.slice(12)}Z`;
  return digits(new Date(Date.parse(iso) + minutes * 60_000).toISOString().slice(0, 19));
}
