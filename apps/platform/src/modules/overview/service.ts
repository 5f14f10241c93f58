/** The figures of one business day for the first screen. */
import { sql } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { loadNames } from '../names.ts';
import { selectTapRows, tapRow } from '../taps/rows.ts';
import type { Overview } from './api.ts';

const LATEST_TAPS = 12;

export async function overview(context: PlatformContext, wantedDate: string | undefined): Promise<Overview> {
  const { database } = context.store;
  const dates = await database
    .selectFrom('tap')
    .select('business_date')
    .distinct()
    .orderBy('business_date', 'desc')
    .execute();
  const businessDates = dates.map((row) => row.business_date);
  const date = wantedDate ?? businessDates[0] ?? null;
  const [enrolled, issued] = await Promise.all([
    database
      .selectFrom('terminal')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow(),
    database
      .selectFrom('card')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow(),
  ]);
  if (date === null) {
    return {
      businessDate: null,
      businessDates,
      totals: { ...NO_TOTALS, cardsIssued: issued.count, terminalsEnrolled: enrolled.count },
      perMinute: [],
      operators: [],
      exceptions: [],
      latest: [],
      settlement: { state: 'none' },
    };
  }
  const [totals, perMinute, operators, exceptions, latest, closed, names] = await Promise.all([
    dayTotals(context, date),
    sql<{ minute: string; entries: number; exits: number; boardings: number; charged_fen: number }>`
      SELECT substr(at, 12, 5) AS minute,
        count(*) FILTER (WHERE kind = 'entry')::bigint AS entries,
        count(*) FILTER (WHERE kind = 'exit')::bigint AS exits,
        count(*) FILTER (WHERE kind = 'boarding')::bigint AS boardings,
        sum(charged_fen)::bigint AS charged_fen
      FROM tap WHERE business_date = ${date} GROUP BY substr(at, 1, 16), minute ORDER BY substr(at, 1, 16)`.execute(
      database,
    ),
    sql<{ operator_id: string; mode: string | null; taps: number; charged_fen: number; exceptions: number }>`
      SELECT tap.operator_id, party.mode, count(*)::bigint AS taps, sum(charged_fen)::bigint AS charged_fen,
        count(*) FILTER (WHERE cardinality(exceptions) > 0)::bigint AS exceptions
      FROM tap LEFT JOIN party ON party.id = tap.operator_id
      WHERE business_date = ${date} GROUP BY tap.operator_id, party.mode ORDER BY taps DESC`.execute(database),
    database
      .selectFrom('exception')
      .select(({ fn }) => ['reason', fn.countAll<number>().as('count')])
      .where('business_date', '=', date)
      .groupBy('reason')
      .orderBy('count', 'desc')
      .execute(),
    selectTapRows(database)
      .where('tap.business_date', '=', date)
      .orderBy('tap.received_no', 'desc')
      .limit(LATEST_TAPS)
      .execute(),
    database.selectFrom('settlement_day').select('business_date').where('business_date', '=', date).execute(),
    loadNames(context),
  ]);
  return {
    businessDate: date,
    businessDates,
    totals: { ...totals, cardsIssued: issued.count, terminalsEnrolled: enrolled.count },
    perMinute: perMinute.rows.map((row) => ({
      minute: row.minute,
      entries: row.entries,
      exits: row.exits,
      boardings: row.boardings,
      chargedFen: row.charged_fen,
    })),
    operators: operators.rows.map((row) => ({
      operator: names.party(row.operator_id),
      mode: row.mode ?? '',
      taps: row.taps,
      chargedFen: row.charged_fen,
      exceptions: row.exceptions,
    })),
    exceptions: exceptions as Overview['exceptions'],
    latest: latest.map((row) => tapRow(row, names)),
    settlement: { state: closed.length > 0 ? 'closed' : 'open' },
  };
}

const NO_TOTALS: Overview['totals'] = {
  taps: 0,
  entries: 0,
  exits: 0,
  boardings: 0,
  chargedFen: 0,
  discountFen: 0,
  cards: 0,
  cardsIssued: 0,
  terminals: 0,
  terminalsEnrolled: 0,
  cryptogramsVerified: 0,
  cryptogramsFailed: 0,
  exceptionsOpen: 0,
  waiting: 0,
};

async function dayTotals(context: PlatformContext, date: string): Promise<Overview['totals']> {
  const { database } = context.store;
  const { rows } = await sql<Record<string, number>>`
    SELECT count(*)::bigint AS taps,
      count(*) FILTER (WHERE kind = 'entry')::bigint AS entries,
      count(*) FILTER (WHERE kind = 'exit')::bigint AS exits,
      count(*) FILTER (WHERE kind = 'boarding')::bigint AS boardings,
      coalesce(sum(charged_fen), 0)::bigint AS charged_fen,
      coalesce(sum(base_fen - charged_fen) FILTER (WHERE kind IN ('exit', 'boarding', 'alighting')), 0)::bigint AS discount_fen,
      count(DISTINCT card_token)::bigint AS cards,
      count(DISTINCT terminal_no)::bigint AS terminals,
      count(*) FILTER (WHERE cryptogram = 'verified')::bigint AS verified,
      count(*) FILTER (WHERE cryptogram = 'failed')::bigint AS failed,
      count(*) FILTER (WHERE state = 'received')::bigint AS waiting
    FROM tap WHERE business_date = ${date}`.execute(database);
  const open = await database
    .selectFrom('exception')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('business_date', '=', date)
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow();
  const row = rows[0]!;
  return {
    ...NO_TOTALS,
    taps: row['taps']!,
    entries: row['entries']!,
    exits: row['exits']!,
    boardings: row['boardings']!,
    chargedFen: row['charged_fen']!,
    discountFen: row['discount_fen']!,
    cards: row['cards']!,
    terminals: row['terminals']!,
    cryptogramsVerified: row['verified']!,
    cryptogramsFailed: row['failed']!,
    exceptionsOpen: open.count,
    waiting: row['waiting']!,
  };
}
