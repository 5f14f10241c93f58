/**
 * Counts what campaigns give away, in the transaction that clears the rides: each cleared ride once, whatever is sent
 * twice or late. A campaign whose budget is used up ends there and then; terminals hear of it with set `MOD`.
 */
import type { EndedCampaign, Promotion } from '@polycard/blueprint';
import { type Fare, givenBy, isUsedUp } from '@polycard/fares';
import { sql, type Transaction } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import type { Region } from '../../region.ts';
import { rowsAsRecordset } from '../../store/bulk.ts';
import type { Database } from '../../store/database.ts';
import type { Tables } from '../../store/tables.ts';
import { audit } from '../audit/service.ts';

export interface ClearedFare {
  readonly fare: Fare;
  readonly businessDate: string;
  /** The parameters the fare was computed under. */
  readonly region: Region;
}

export interface Budgeted {
  readonly tariff: string;
  readonly promotion: Promotion;
  readonly budgetFen: number;
  readonly endMarginFen: number;
}

interface CampaignDay {
  readonly tariff: string;
  readonly promotion: string;
  readonly business_date: string;
  rides: number;
  given_fen: number;
}

/** Campaigns with a budget, as the parameters in force state it. */
export function budgeted({ parameters, region }: Pick<PlatformContext, 'parameters' | 'region'>): Budgeted[] {
  const { version } = parameters.appointmentsFor('').current;
  return (parameters.regionOf(version) ?? region).blueprint.tariffs.flatMap(({ tariff, promotions = [] }) =>
    promotions.flatMap((promotion) => {
      const { budgetFen, endMarginFen = 0 } = promotion;
      return budgetFen === undefined ? [] : [{ tariff, promotion, budgetFen, endMarginFen }];
    }),
  );
}

/** Those that have ended under the budget they have now: what terminals are told. */
export async function endedCampaigns(
  context: PlatformContext,
  database: Database | Transaction<Tables> = context.store.database,
): Promise<EndedCampaign[]> {
  const ends = await database.selectFrom('campaign_end').select(['tariff', 'promotion', 'budget_fen']).execute();
  return budgeted(context).flatMap(({ tariff, promotion, budgetFen }) =>
    ends.some((end) => end.tariff === tariff && end.promotion === promotion.id && end.budget_fen === budgetFen)
      ? [{ tariff, promotion: promotion.id }]
      : [],
  );
}

export async function countGiven(
  context: PlatformContext,
  transaction: Transaction<Tables>,
  cleared: readonly ClearedFare[],
  at: Date,
): Promise<void> {
  const days = new Map<string, CampaignDay>();
  for (const { fare, businessDate, region } of cleared) {
    const tariff = region.blueprint.tariffs.find((candidate) => candidate.tariff === fare.tariff);
    if (tariff === undefined) continue;
    for (const { promotion, givenFen } of givenBy(tariff, fare)) {
      const key = `${tariff.tariff} ${promotion} ${businessDate}`;
      const day = days.get(key) ?? {
        ...{ tariff: tariff.tariff, promotion, business_date: businessDate, rides: 0, given_fen: 0 },
      };
      day.rides += 1;
      day.given_fen += givenFen;
      days.set(key, day);
    }
  }
  if (days.size === 0) return;
  // always in the same order: two that clear at once do not wait for each other in a circle
  const rows = [...days.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, day]) => day);
  await sql`INSERT INTO campaign_day (tariff, promotion, business_date, rides, given_fen)
    SELECT r.tariff, r.promotion, r.business_date, r.rides, r.given_fen FROM ${rowsAsRecordset(
      [
        { name: 'tariff', type: 'text' },
        { name: 'promotion', type: 'text' },
        { name: 'business_date', type: 'text' },
        { name: 'rides', type: 'bigint' },
        { name: 'given_fen', type: 'bigint' },
      ],
      rows,
    )}
    ON CONFLICT (tariff, promotion, business_date) DO UPDATE
      SET rides = campaign_day.rides + excluded.rides, given_fen = campaign_day.given_fen + excluded.given_fen`.execute(
    transaction,
  );
  await endWhatIsUsedUp(context, transaction, rows, at);
}

async function endWhatIsUsedUp(
  context: PlatformContext,
  transaction: Transaction<Tables>,
  touched: readonly CampaignDay[],
  at: Date,
): Promise<void> {
  const campaigns = budgeted(context).filter(({ tariff, promotion }) =>
    touched.some((day) => day.tariff === tariff && day.promotion === promotion.id),
  );
  for (const { tariff, promotion, budgetFen, endMarginFen } of campaigns) {
    const { given } = await transaction
      .selectFrom('campaign_day')
      .select(sql<number>`sum(given_fen)::bigint`.as('given'))
      .where('tariff', '=', tariff)
      .where('promotion', '=', promotion.id)
      .executeTakeFirstOrThrow();
    if (!isUsedUp({ budgetFen, endMarginFen }, given)) continue;
    const ended = await transaction
      .insertInto('campaign_end')
      .values({
        ...{ tariff, promotion: promotion.id, budget_fen: budgetFen, margin_fen: endMarginFen },
        ...{ given_fen: given, ended_at: at },
      })
      .onConflict((conflict) => conflict.columns(['tariff', 'promotion', 'budget_fen']).doNothing())
      .returning('tariff')
      .execute();
    if (ended.length === 0) continue;
    const detail = { tariff, budgetFen, endMarginFen, givenFen: given };
    await audit(transaction, at, { who: 'platform', what: 'campaign.ended', subject: promotion.id, detail });
  }
}

/** Every end there ever was: a terminal may still go by one that a larger budget took back. */
export async function everEnded(transaction: Transaction<Tables>): Promise<EndedCampaign[]> {
  return transaction.selectFrom('campaign_end').select(['tariff', 'promotion']).distinct().execute();
}
