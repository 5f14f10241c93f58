/** What screens and commands ask of the deny lists: entries, versions, the fleet's freshness, listed cards that came. */
import { freshnessOf } from '@polycard/deny-list';
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { ApprovalService } from '../approvals/service.ts';
import { loadNames } from '../names.ts';
import type { CardListing, DenyEntryRow, DenyListOverview, EntriesQuery, FleetQuery, FleetRow, HitRow } from './api.ts';
import { PUBLISH_LIST_ACT, waitingChanges } from './publication.ts';
import { applicationIds, denyRules, reasonName, scopeName } from './rules.ts';
import { currentVersion } from './store.ts';

const VERSIONS_SHOWN = 60;
const HITS_SHOWN = 100;

export async function overview(context: PlatformContext): Promise<Static<typeof DenyListOverview>> {
  const { database } = context.store;
  const rules = denyRules(context);
  const [waiting, versions, requests, fleet] = await Promise.all([
    waitingChanges(context),
    database
      .selectFrom('deny_version')
      .select(['version', 'issued_at', 'cards', 'added', 'removed', 'counts', 'snapshot_bytes', 'delta_bytes'])
      .select(['digest', 'built_ms', 'requested_by', 'approved_by', 'why'])
      .orderBy('version', 'desc')
      .limit(VERSIONS_SHOWN)
      .execute(),
    new ApprovalService(context).list('waiting'),
    fleetRows(context),
  ]);
  const current = versions[0];
  const counts = (current?.counts ?? []) as { scope: string; reason: string; lockOnSight: boolean; cards: number }[];
  const version = current?.version ?? 0;
  const cards = current?.cards ?? 0;
  const holding = fleet.filter((row) => row.version === version).length;
  return {
    headline:
      current === undefined
        ? { en: 'No list has been published yet', zh: '尚未发布名单' }
        : {
            en: `Version ${version} lists ${count(cards)}; ${holding} of ${fleet.length} terminals hold it`,
            zh: `第${version}版共${count(cards)}条；${fleet.length}台终端中${holding}台已持有`,
          },
    ...{ version, cards },
    ...(current === undefined ? {} : { issuedAt: current.issued_at.toISOString() }),
    waiting: { added: waiting.added, removed: waiting.removed },
    requests: requests.filter(({ act }) => act.id === PUBLISH_LIST_ACT),
    counts: counts.map((count) => ({
      ...count,
      scopeName: scopeName(context, count.scope),
      reasonName: reasonName(context, count.reason),
    })),
    versions: versions.map((row) => ({
      ...{ version: row.version, issuedAt: row.issued_at.toISOString(), cards: row.cards },
      ...{ added: row.added, removed: row.removed, snapshotBytes: row.snapshot_bytes, deltaBytes: row.delta_bytes },
      ...{ digest: row.digest, builtMs: row.built_ms, requestedBy: row.requested_by },
      ...{ approvedBy: row.approved_by, why: row.why },
    })),
    fleet: {
      terminals: fleet.length,
      current: holding,
      byVersion: tally(fleet.map((row) => row.version ?? null))
        .map(([held, terminals]) => ({ version: held, terminals }))
        .sort((a, b) => (b.version ?? -1) - (a.version ?? -1)),
      byState: tally(fleet.map((row) => row.state)).map(([state, terminals]) => ({ state, terminals })),
    },
    rules: {
      distributionMinutes: rules.distributionMinutes,
      deltasKept: rules.deltasKept,
      reasons: rules.reasons,
      scopes: ['card', ...applicationIds(context)].map((id) => ({ id, name: scopeName(context, id) })),
    },
  };
}

const count = (value: number): string => value.toLocaleString('en');

function tally<T>(values: readonly T[]): [T, number][] {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts];
}

interface EntryFound {
  card_token: string;
  pan_masked: string;
  scope: string;
  reason: string;
  lock_on_sight: boolean;
  why: string;
  added_no: number;
  added_by: string;
  added_at: Date;
  removed_no: number | null;
  removed_by: string | null;
  removed_at: Date | null;
  removed_why: string | null;
  listed_in: number | null;
  removed_in: number | null;
  is_here: boolean;
}

function stateCondition(state: string | undefined, through: number): RawBuilder<SqlBool> {
  switch (state) {
    case 'waiting':
      return sql`(added_no > ${through} AND removed_no IS NULL)`;
    case 'listed':
      return sql`(added_no <= ${through} AND removed_no IS NULL)`;
    case 'leaving':
      return sql`(added_no <= ${through} AND removed_no > ${through})`;
    case 'off':
      return sql`(removed_no <= ${through} OR (removed_no IS NOT NULL AND added_no > ${through}))`;
    default:
      return sql`(removed_no IS NULL OR (added_no <= ${through} AND removed_no > ${through}))`;
  }
}

export async function listEntries(context: PlatformContext, query: Static<typeof EntriesQuery>) {
  const { database } = context.store;
  const page = query.page ?? 1;
  const pageSize = query.pageSize ?? 50;
  const { through_no: through } = await currentVersion(database);
  const conditions = [stateCondition(query.state, through)];
  if (query.scope !== undefined) conditions.push(sql`scope = ${query.scope}`);
  if (query.reason !== undefined) conditions.push(sql`reason = ${query.reason}`);
  const text = query.q?.trim() ?? '';
  if (text !== '') conditions.push(sql`(card_token = ${text.toUpperCase()} OR pan_last4 = ${text.slice(-4)})`);
  const where = sql<SqlBool>`${sql.join(conditions, sql` AND `)}`;
  const [count, rows] = await Promise.all([
    sql<{ total: number }>`SELECT count(*)::bigint AS total FROM deny_entry WHERE ${where}`.execute(database),
    readEntries(context, where, pageSize, (page - 1) * pageSize),
  ]);
  return { total: count.rows[0]!.total, page, pageSize, rows: rows.map((row) => entryRow(context, row, through)) };
}

async function readEntries(
  { store }: PlatformContext,
  where: RawBuilder<SqlBool>,
  limit: number,
  offset: number,
): Promise<EntryFound[]> {
  const { rows } = await sql<EntryFound>`
    SELECT e.*, EXISTS (SELECT 1 FROM card WHERE card.token = e.card_token) AS is_here,
      (SELECT min(version) FROM deny_version WHERE through_no >= e.added_no) AS listed_in,
      (SELECT min(version) FROM deny_version WHERE through_no >= e.removed_no) AS removed_in
    FROM (SELECT card_token, pan_masked, scope, reason, lock_on_sight, why, added_no, added_by, added_at,
        removed_no, removed_by, removed_at, removed_why
      FROM deny_entry WHERE ${where} ORDER BY added_no DESC LIMIT ${limit} OFFSET ${offset}) e
    ORDER BY e.added_no DESC`.execute(store.database);
  return rows;
}

function entryRow(context: PlatformContext, row: EntryFound, through: number): Static<typeof DenyEntryRow> {
  const wasListed = row.listed_in !== null && (row.removed_in === null || row.removed_in > row.listed_in);
  const isOn = row.added_no <= through && (row.removed_no === null || row.removed_no > through);
  const state = isOn ? (row.removed_no === null ? 'listed' : 'leaving') : row.removed_no === null ? 'waiting' : 'off';
  return {
    ...{ cardToken: row.card_token, panMasked: row.pan_masked, isCardHere: row.is_here },
    ...{ scope: row.scope, scopeName: scopeName(context, row.scope) },
    ...{ reason: row.reason, reasonName: reasonName(context, row.reason), lockOnSight: row.lock_on_sight },
    state,
    ...(wasListed ? { listedInVersion: row.listed_in! } : {}),
    ...(wasListed && row.removed_in !== null ? { removedInVersion: row.removed_in } : {}),
    ...{ why: row.why, addedBy: row.added_by, addedAt: new Date(row.added_at).toISOString() },
    ...(row.removed_at === null
      ? {}
      : {
          removedBy: row.removed_by ?? '',
          removedAt: new Date(row.removed_at).toISOString(),
          removedWhy: row.removed_why ?? '',
        }),
  };
}

/** Every terminal with the list it holds, by the rule of its profile; the oldest lists first. */
export async function fleetRows(context: PlatformContext): Promise<Static<typeof FleetRow>[]> {
  const { database } = context.store;
  const nowSeconds = Math.floor(context.now().getTime() / 1000);
  const [rows, names, current] = await Promise.all([
    database
      .selectFrom('terminal')
      .leftJoin('terminal_deny_list', 'terminal_deny_list.terminal_no', 'terminal.terminal_no')
      .select(['terminal.terminal_no', 'terminal.profile', 'terminal.operator_id'])
      .select(['terminal_deny_list.version', 'terminal_deny_list.acknowledged_at', 'terminal_deny_list.confirmed_at'])
      .orderBy('terminal_deny_list.confirmed_at')
      .orderBy('terminal.terminal_no')
      .execute(),
    loadNames(context),
    currentVersion(database),
  ]);
  const steps = new Map(
    context.region.blueprint.terminals.profiles.map((profile) => [
      profile.id,
      (profile.denyListAge ?? []).map(({ floorFen, ...step }) => ({
        ...step,
        ...(floorFen === undefined ? {} : { floorFen }),
      })),
    ]),
  );
  return rows.map((row) => {
    const operator = names.party(row.operator_id);
    const known = { terminalNo: row.terminal_no, profile: row.profile, operator };
    if (row.version === null || row.confirmed_at === null) return { ...known, state: 'none' as const };
    const confirmedAt = Math.floor(row.confirmed_at.getTime() / 1000);
    const { state } = freshnessOf(confirmedAt, nowSeconds, steps.get(row.profile) ?? []);
    return {
      ...known,
      ...{ version: row.version, behind: current.version - row.version, state },
      acknowledgedAt: row.acknowledged_at!.toISOString(),
      confirmedAt: row.confirmed_at.toISOString(),
      ageMinutes: Math.max(0, Math.floor((nowSeconds - confirmedAt) / 60)),
    };
  });
}

export async function listFleet(context: PlatformContext, query: Static<typeof FleetQuery>) {
  const page = query.page ?? 1;
  const pageSize = query.pageSize ?? 50;
  const rows = (await fleetRows(context)).filter(
    (row) =>
      (query.state === undefined || row.state === query.state) &&
      (query.version === undefined || row.version === query.version) &&
      (query.stale !== true || row.state !== 'fresh'),
  );
  return { total: rows.length, page, pageSize, rows: rows.slice((page - 1) * pageSize, page * pageSize) };
}

export async function listHits(
  context: PlatformContext,
  query: { readonly page?: number; readonly pageSize?: number },
) {
  const { database } = context.store;
  const page = query.page ?? 1;
  const pageSize = query.pageSize ?? 50;
  const [{ total }, rows] = await Promise.all([
    database
      .selectFrom('deny_hit')
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow(),
    hits(context)
      .limit(pageSize)
      .offset((page - 1) * pageSize)
      .execute(),
  ]);
  return { total, page, pageSize, rows: rows.map((row) => hitRow(context, row)) };
}

const hits = ({ store }: PlatformContext) =>
  store.database.selectFrom('deny_hit').selectAll().orderBy('received_at', 'desc').orderBy('hit_no', 'desc');

function hitRow(
  context: PlatformContext,
  row: Awaited<ReturnType<ReturnType<typeof hits>['execute']>>[number],
): Static<typeof HitRow> {
  return {
    ...{ cardToken: row.card_token, panMasked: row.pan_masked, terminalNo: row.terminal_no, at: row.at },
    ...{ scope: row.scope, scopeName: scopeName(context, row.scope) },
    ...{ reason: row.reason, reasonName: reasonName(context, row.reason) },
    outcome: row.outcome as Static<typeof HitRow>['outcome'],
    ...{ listVersion: row.list_version, receivedAt: row.received_at.toISOString() },
  };
}

export async function listingOfCard(context: PlatformContext, token: string): Promise<Static<typeof CardListing>> {
  const { database } = context.store;
  const [{ through_no: through }, entries, came, rides] = await Promise.all([
    currentVersion(database),
    readEntries(context, sql`card_token = ${token}`, HITS_SHOWN, 0),
    hits(context).where('card_token', '=', token).limit(HITS_SHOWN).execute(),
    database
      .selectFrom('tap_liability')
      .selectAll()
      .where('card_token', '=', token)
      .orderBy('found_at', 'desc')
      .limit(HITS_SHOWN)
      .execute(),
  ]);
  return {
    entries: entries.map((row) => entryRow(context, row, through)),
    hits: came.map((row) => hitRow(context, row)),
    rides: rides.map((row) => ({
      tapId: row.tap_id,
      party: row.party,
      ground: row.ground as 'held-and-accepted',
      ...{ heldVersion: row.held_version, listedInVersion: row.listed_in_version },
      explanation: { en: row.explanation_en, zh: row.explanation_zh },
    })),
  };
}
