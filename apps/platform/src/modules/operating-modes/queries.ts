/** Mode orders for people: where each is in force, which terminals have it, what follows from it. */
import type { MetroOperation, OperatingMode } from '@polycard/blueprint';
import { emergencyTerms } from '@polycard/fares';
import { sql } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import type { Words } from '../api-types.ts';
import type { ModeOrderAnswer, ModeOrderDetail } from './api.ts';
import { digits, iso, type ModeSetContent } from './store.ts';

const ORDERS_SHOWN = 500;
const FREE_RULES = ['train-failure', 'fare-waived'];
const DAY_MS = 86_400_000;

interface OrderRow {
  readonly id: string;
  readonly place_code: string;
  readonly modes: readonly string[];
  readonly from_at: string;
  readonly to_at: string | null;
  readonly reason: string;
  readonly ordered_by: string;
  readonly ordered_at: Date;
  readonly ended_by: string | null;
  readonly ended_at: Date | null;
}

interface Holder {
  readonly terminal_no: string;
  readonly profile: string;
  readonly place_code: string | null;
  readonly modes_version: string | null;
  readonly modes_at: Date | null;
  readonly last_seen_at: Date | null;
}

export function stations({ region }: PlatformContext): { code: string; name: Words }[] {
  return region.blueprint.networks.flatMap((network) => network.stations.map(({ code, name }) => ({ code, name })));
}

export async function listOrders(context: PlatformContext): Promise<ModeOrderAnswer[]> {
  const rows = await context.store.database
    .selectFrom('mode_order')
    .selectAll()
    .orderBy('from_at', 'desc')
    .orderBy('id')
    .limit(ORDERS_SHOWN)
    .execute();
  const holders = await readHolders(context, [...new Set(rows.map(({ place_code }) => place_code))]);
  const holds = await holding(context, holders);
  const at = Map.groupBy(holders, ({ place_code }) => place_code);
  return rows.map((row) => answerOf(context, row, at.get(row.place_code) ?? [], holds));
}

/** Throws for an order that is none. */
export async function orderDetail(context: PlatformContext, id: string): Promise<ModeOrderDetail> {
  const row = await context.store.database.selectFrom('mode_order').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw problem('POLYCARD_MODE_ORDER', `there is no order ${id}`, 'id');
  const everybody = await readHolders(context);
  const holds = await holding(context, everybody);
  const here = everybody.filter(({ place_code }) => place_code === row.place_code);
  const order = answerOf(context, row, here, holds);
  return {
    order,
    headline: headline(order),
    terminals: here.map((holder) => ({
      ...{ terminalNo: holder.terminal_no, profile: holder.profile, isHeld: holds(holder, row) },
      ...(holder.modes_at === null ? {} : { askedAt: holder.modes_at.toISOString() }),
      ...(holder.last_seen_at === null ? {} : { lastSeenAt: holder.last_seen_at.toISOString() }),
    })),
    network: { terminals: everybody.filter((holder) => holds(holder, row)).length, of: everybody.length },
    follows: { ...(await figuresOf(context, row)), ...termsOf(context, row) },
  };
}

/** Terminals of the metro, at these stations or at all of them. */
async function readHolders({ store }: PlatformContext, places?: readonly string[]): Promise<Holder[]> {
  let query = store.database
    .selectFrom('terminal')
    .select(['terminal_no', 'profile', 'place_code', 'modes_version', 'modes_at', 'last_seen_at'])
    .where('mode', '=', 'metro');
  if (places !== undefined) query = query.where('place_code', '=', sql<string>`ANY(${places}::text[])`);
  return query.orderBy('terminal_no').execute();
}

type Holds = (holder: Holder, order: Pick<OrderRow, 'id' | 'to_at'>) => boolean;

/** Whether a terminal has an order as it is now, its end included: by what the version that it downloaded says. */
async function holding({ store }: PlatformContext, holders: readonly Holder[]): Promise<Holds> {
  const versions = [...new Set(holders.flatMap(({ modes_version }) => modes_version ?? []))];
  const rows = await store.database
    .selectFrom('mode_set')
    .select(['version', 'content'])
    .where('version', '=', sql<string>`ANY(${versions}::text[])`)
    .execute();
  const held = new Set(
    rows.flatMap(({ version, content }) =>
      (content as ModeSetContent).orders.map(({ id, to }) => `${version} ${id} ${to ?? ''}`),
    ),
  );
  return ({ modes_version }, { id, to_at }) => held.has(`${modes_version} ${id} ${to_at ?? ''}`);
}

function answerOf(context: PlatformContext, row: OrderRow, holders: readonly Holder[], holds: Holds): ModeOrderAnswer {
  const now = digits(context.region.localTime(context.now()));
  const isOver = row.to_at !== null && row.to_at <= now;
  return {
    ...{ id: row.id, place: row.place_code, placeName: nameOf(context, row.place_code) },
    ...{ modes: row.modes as OperatingMode[], from: iso(row.from_at) },
    state: isOver ? 'ended' : row.from_at > now ? 'coming' : 'in-force',
    ...(row.to_at === null ? {} : { to: iso(row.to_at) }),
    ...{ reason: row.reason, orderedBy: row.ordered_by, orderedAt: row.ordered_at.toISOString() },
    ...(row.ended_by === null ? {} : { endedBy: row.ended_by }),
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at.toISOString() }),
    held: { terminals: holders.filter((holder) => holds(holder, row)).length, of: holders.length },
  };
}

function nameOf(context: PlatformContext, place: string): Words {
  return stations(context).find(({ code }) => code === place)?.name ?? { en: place, zh: place };
}

/** What was tapped under it, by the explanations that clearing gave. */
async function figuresOf({ store }: PlatformContext, order: OrderRow) {
  const [from, to] = [iso(order.from_at), order.to_at === null ? '9999' : iso(order.to_at)];
  // a business day begins some hours after midnight
  const firstDay = new Date(Date.parse(`${from}Z`) - DAY_MS).toISOString().slice(0, 10);
  const { rows } = await sql<{ taps: number; free_exits: number; waived_fen: number }>`
    SELECT count(*)::bigint AS taps, count(waived.fen)::bigint AS free_exits,
      coalesce(sum(waived.fen), 0)::bigint AS waived_fen
    FROM tap LEFT JOIN LATERAL (
      SELECT sum((step->>'beforeFen')::bigint - (step->>'afterFen')::bigint) AS fen
      FROM jsonb_array_elements(tap.fare->'steps') AS step WHERE step->>'rule' = ANY(${FREE_RULES}::text[])
    ) AS waived ON tap.state IN ('cleared', 'settled')
    WHERE business_date BETWEEN ${firstDay} AND ${to.slice(0, 10)} AND at >= ${from} AND at < ${to}
      AND place_code = ${order.place_code} AND industry_data->'modes' ?| ${order.modes}::text[]`.execute(
    store.database,
  );
  const elsewhere = await sql<{ assumed: number; released: number }>`
    SELECT count(*) FILTER (WHERE kind = 'exit' AND industry_data->>'entryKind' = 'assumed'
        AND entry_place_code = ${order.place_code} AND ${order.modes.includes('order-waived')})::bigint AS assumed,
      count(*) FILTER (WHERE industry_data->>'releasedBy' = ${order.id})::bigint AS released
    FROM tap WHERE business_date >= ${firstDay} AND at >= ${from}`.execute(store.database);
  const { taps, free_exits, waived_fen } = rows[0]!;
  const { assumed, released } = elsewhere.rows[0]!;
  return { taps, freeExits: free_exits, waivedFen: waived_fen, assumed, released };
}

/** How long a release or failure goes on explaining cards that are still inside. */
function termsOf({ parameters, region }: PlatformContext, order: OrderRow) {
  if (!order.modes.some((mode) => mode === 'emergency' || mode === 'train-failure')) return {};
  const { version } = parameters.appointmentsFor('').current;
  const { tariffs } = (parameters.regionOf(version) ?? region).blueprint;
  const rules: MetroOperation | undefined = tariffs.find(({ mode }) => mode === 'metro')?.operation;
  const { lookBackMinutes, graceDays, repairDays } = emergencyTerms(rules);
  const later = (local: string, ms: number): string =>
    new Date(Date.parse(`${iso(local)}Z`) + ms).toISOString().slice(0, 19);
  return {
    coveredFrom: later(order.from_at, -lookBackMinutes * 60_000),
    ...(order.to_at === null
      ? {}
      : { graceUntil: later(order.to_at, graceDays * DAY_MS), repairUntil: later(order.to_at, repairDays * DAY_MS) }),
  };
}

function headline({ placeName, state, held }: ModeOrderAnswer): Words {
  const words = {
    coming: { en: 'ordered, not yet in force', zh: '已下达，尚未生效' },
    'in-force': { en: 'in force', zh: '生效中' },
    ended: { en: 'ended', zh: '已结束' },
  }[state];
  return {
    en: `${placeName.en}: ${words.en}; ${held.terminals} of ${held.of} terminals there have it so`,
    zh: `${placeName.zh}：${words.zh}；该站 ${held.of} 台终端中 ${held.terminals} 台已获知`,
  };
}
