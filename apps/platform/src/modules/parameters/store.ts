/** The tables of parameter versions: a version's row, its next state with event and audit entry in one transaction. */
import { sql, type Transaction } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import type { Tables } from '../../store/tables.ts';
import { audit } from '../audit/service.ts';
import type { Rehearsal, StatedPlan, VersionState } from './api.ts';
import type { ParameterContent } from './content.ts';

export interface StoredVersion {
  readonly version: string;
  readonly title: string;
  readonly based_on: string | null;
  readonly state: VersionState;
  readonly content: string;
  readonly digest: string;
  readonly findings: unknown;
  readonly checked_at: Date | null;
  readonly rehearsal: Rehearsal | null;
  readonly plan: StatedPlan | null;
  readonly approval_id: string | null;
  readonly created_by: string;
  readonly created_at: Date;
  readonly changed_at: Date;
}

type Context = Pick<PlatformContext, 'store' | 'now'>;
type Update = Partial<Pick<StoredVersion, 'title' | 'content' | 'digest' | 'checked_at' | 'approval_id'>> & {
  readonly state?: VersionState;
  readonly findings?: string;
  readonly plan?: string | null;
  readonly rehearsal?: string | null;
};

export interface Act {
  readonly version: string;
  readonly who: string;
  /** Of the audit trail and the version's timeline, e.g. `parameters.checked`. */
  readonly what: string;
  readonly why?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
  /** States from which it may be done; from any when absent. */
  readonly from?: readonly VersionState[];
}

export async function readVersion({ store }: Context, version: string): Promise<StoredVersion> {
  const row = await store.database
    .selectFrom('parameter_version')
    .leftJoin('approval', 'approval.id', 'parameter_version.approval_id')
    .selectAll('parameter_version')
    .select('approval.state as approval_state')
    .where('version', '=', version)
    .executeTakeFirst();
  if (row === undefined) throw unknownVersion(version);
  return storedVersion(row);
}

export async function readVersions({ store }: Context): Promise<StoredVersion[]> {
  const rows = await store.database
    .selectFrom('parameter_version')
    .leftJoin('approval', 'approval.id', 'parameter_version.approval_id')
    .selectAll('parameter_version')
    .select('approval.state as approval_state')
    .orderBy('created_at', 'desc')
    .limit(200)
    .execute();
  return rows.map(storedVersion);
}

/** A version whose second person refused says so; it is not stored twice. */
function storedVersion(row: Record<string, unknown>): StoredVersion {
  const refused = row['state'] === 'waiting' && row['approval_state'] === 'refused';
  return { ...row, ...(refused ? { state: 'refused' } : {}) } as unknown as StoredVersion;
}

export const parsedContent = (row: Pick<StoredVersion, 'content'>): ParameterContent =>
  JSON.parse(row.content) as ParameterContent;

export const unknownVersion = (version: string) =>
  problem('POLYCARD_PARAMETERS_UNKNOWN', `there is no parameter version ${version}`, 'version');

/**
 * Changes a version: its row is locked, its state compared, event and audit entry are written with it. `change` may do
 * more in the same transaction and gives the columns to set. Throws `POLYCARD_PARAMETERS_STATE`.
 */
export async function changeVersion(
  context: Context,
  act: Act,
  change: (row: StoredVersion, transaction: Transaction<Tables>) => Update | Promise<Update>,
): Promise<void> {
  const { store, now } = context;
  await store.database.transaction().execute(async (transaction) => {
    await sql`SELECT version FROM parameter_version WHERE version = ${act.version} FOR UPDATE`.execute(transaction);
    const row = await readVersion({ store: { ...store, database: transaction }, now }, act.version);
    if (act.from !== undefined && !act.from.includes(row.state)) {
      throw problem(
        'POLYCARD_PARAMETERS_STATE',
        `version ${row.version} is ${row.state}; this needs ${act.from.join(' or ')}`,
        'version',
      );
    }
    const update = await change(row, transaction);
    await transaction
      .updateTable('parameter_version')
      .set({ ...update, changed_at: now() } as never)
      .where('version', '=', act.version)
      .execute();
    await noteAct(transaction, now(), act, { before: row.state, after: update.state ?? row.state });
  });
}

export async function noteAct(
  transaction: Transaction<Tables>,
  now: Date,
  act: Act,
  states: { readonly before: string; readonly after: string },
): Promise<void> {
  const last = await transaction
    .selectFrom('parameter_event')
    .select(({ fn }) => fn.max('number').as('number'))
    .where('version', '=', act.version)
    .executeTakeFirst();
  const detail = { ...(act.why === undefined ? {} : { why: act.why }), ...act.detail };
  await transaction
    .insertInto('parameter_event')
    .values({
      ...{ version: act.version, number: (last?.number ?? 0) + 1, at: now, who: act.who, what: act.what },
      detail: JSON.stringify(detail),
    })
    .execute();
  await audit(transaction, now, {
    ...{ who: act.who, what: act.what, subject: act.version },
    ...(act.why === undefined ? {} : { why: act.why }),
    ...(states.before === states.after ? {} : { before: { state: states.before }, after: { state: states.after } }),
    detail: act.detail ?? {},
  });
}
