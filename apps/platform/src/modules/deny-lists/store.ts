/** Tables of the deny lists: changes under rising numbers, versions, what lies between two of them. */
import { type RawBuilder, sql, type Transaction } from 'kysely';
import { bulkInsert, rowsAsRecordset } from '../../store/bulk.ts';
import type { Database } from '../../store/database.ts';
import type { Tables } from '../../store/tables.ts';

export interface NewEntry {
  readonly card_token: string;
  readonly scope: string;
  readonly reason: string;
  readonly lock_on_sight: boolean;
  readonly pan_masked: string;
  readonly pan_last4: string;
  /** Hexadecimal. */
  readonly pan_sealed: string;
  readonly why: string;
}

export interface ChangedBy {
  readonly who: string;
  readonly at: Date;
}

/** The first of `count` numbers; others wait until this transaction ends, so numbers appear in order. */
async function takeNumbers(transaction: Transaction<Tables>, count: number): Promise<number> {
  const { last } = await transaction
    .updateTable('deny_counter')
    .set(({ eb }) => ({ last: eb('last', '+', count) }))
    .where('name', '=', 'change')
    .returning('last')
    .executeTakeFirstOrThrow();
  return last - count + 1;
}

/** The number through which everything that is committed is known. */
export async function lastNumber(database: Database | Transaction<Tables>): Promise<number> {
  return (
    await database.selectFrom('deny_counter').select('last').where('name', '=', 'change').executeTakeFirstOrThrow()
  ).last;
}

export interface Listed {
  /** New on the list, or listed for another reason now. */
  readonly added: number;
  /** Listed for the same reason already. */
  readonly known: number;
}

/** Lists cards; one that is listed for another reason leaves under that one and comes under the new. */
export async function insertEntries(
  transaction: Transaction<Tables>,
  entries: readonly NewEntry[],
  { who, at }: ChangedBy,
): Promise<Listed> {
  // the same card and scope twice in one batch is one entry: the later line counts
  const distinct = [...new Map(entries.map((entry) => [`${entry.card_token}/${entry.scope}`, entry])).values()];
  if (distinct.length === 0) return { added: 0, known: 0 };
  const first = await takeNumbers(transaction, distinct.length * 2);
  const rows = distinct.map((entry, index) => ({
    ...entry,
    leaving_no: first + index,
    added_no: first + distinct.length + index,
    added_by: who,
    added_at: at.toISOString(),
  }));
  await sql`UPDATE deny_entry e SET removed_no = r.leaving_no, removed_by = ${who}, removed_at = ${at.toISOString()}::timestamptz,
      removed_why = r.why
    FROM ${rowsAsRecordset(
      [
        ...['card_token', 'scope', 'reason', 'why'].map((name) => ({ name, type: 'text' as const })),
        { name: 'lock_on_sight', type: 'boolean' },
        { name: 'leaving_no', type: 'bigint' },
      ],
      rows.map(({ card_token, scope, reason, why, lock_on_sight, leaving_no }) => ({
        ...{ card_token, scope, reason, why, lock_on_sight, leaving_no },
      })),
    )}
    WHERE e.card_token = r.card_token AND e.scope = r.scope AND e.removed_no IS NULL
      AND (e.reason <> r.reason OR e.lock_on_sight <> r.lock_on_sight)`.execute(transaction);
  const inserted = await sql<{ card_token: string }>`${bulkInsert(
    'deny_entry',
    [
      ...['card_token', 'scope', 'reason', 'pan_masked', 'pan_last4', 'why', 'added_by'].map((name) => ({
        name,
        type: 'text' as const,
      })),
      { name: 'added_no', type: 'bigint' },
      { name: 'lock_on_sight', type: 'boolean' },
      { name: 'pan_sealed', type: 'hex' },
      { name: 'added_at', type: 'timestamptz' },
    ],
    rows,
    'ON CONFLICT (card_token, scope) WHERE removed_no IS NULL DO NOTHING RETURNING card_token',
  )}`.execute(transaction);
  return { added: inserted.rows.length, known: distinct.length - inserted.rows.length };
}

/** Takes cards off; gives how many were on. */
export async function removeEntries(
  transaction: Transaction<Tables>,
  entries: readonly { readonly card_token: string; readonly scope: string }[],
  { who, at, why }: ChangedBy & { readonly why: string },
): Promise<number> {
  if (entries.length === 0) return 0;
  const first = await takeNumbers(transaction, entries.length);
  const result = await sql`UPDATE deny_entry e SET removed_no = r.no, removed_by = ${who},
      removed_at = ${at.toISOString()}::timestamptz, removed_why = ${why}
    FROM ${rowsAsRecordset(
      [
        { name: 'card_token', type: 'text' },
        { name: 'scope', type: 'text' },
        { name: 'no', type: 'bigint' },
      ],
      entries.map(({ card_token, scope }, index) => ({ card_token, scope, no: first + index })),
    )}
    WHERE e.card_token = r.card_token AND e.scope = r.scope AND e.removed_no IS NULL`.execute(transaction);
  return Number(result.numAffectedRows ?? 0);
}

/** Rows that come onto the list, or leave it, when it is published through `to` after having been through `from`. */
export const coming = (from: number, to: number): RawBuilder<boolean> =>
  sql`(added_no > ${from} AND added_no <= ${to} AND (removed_no IS NULL OR removed_no > ${to}))`;
export const leaving = (from: number, to: number): RawBuilder<boolean> =>
  sql`(removed_no > ${from} AND removed_no <= ${to} AND added_no <= ${from})`;

export async function countChanges(
  database: Database | Transaction<Tables>,
  from: number,
  to: number,
): Promise<{ added: number; removed: number }> {
  const result = await sql<{ added: number; removed: number }>`SELECT
      (SELECT count(*) FROM deny_entry WHERE ${coming(from, to)})::bigint AS added,
      (SELECT count(*) FROM deny_entry WHERE ${leaving(from, to)})::bigint AS removed`.execute(database);
  return result.rows[0]!;
}

export interface ChangeRow {
  readonly scope: string;
  readonly reason: string;
  readonly lock_on_sight: boolean;
  readonly card_token: string;
  readonly pan_sealed: Uint8Array;
}

const NUMBERS_AT_ONCE = 2000;

/**
 * All rows of a change, by slices of the number line. Both ends of a slice are stated: with `ORDER BY … LIMIT` a database
 * without statistics of the table may sort everything that is left for each page.
 */
export async function* readChanges(
  database: Database,
  what: 'coming' | 'leaving',
  from: number,
  to: number,
): AsyncGenerator<readonly ChangeRow[]> {
  const number = sql.ref(what === 'coming' ? 'added_no' : 'removed_no');
  const condition = what === 'coming' ? coming : leaving;
  for (let after = from; after < to; after += NUMBERS_AT_ONCE) {
    const { rows } = await sql<ChangeRow>`SELECT scope, reason, lock_on_sight, card_token, pan_sealed
      FROM deny_entry WHERE ${number} > ${after} AND ${number} <= ${Math.min(to, after + NUMBERS_AT_ONCE)}
        AND ${condition(from, to)}`.execute(database);
    if (rows.length > 0) yield rows;
  }
}

export interface CurrentVersion {
  readonly version: number;
  readonly through_no: number;
  readonly cards: number;
}

export async function currentVersion(database: Database | Transaction<Tables>): Promise<CurrentVersion> {
  const row = await database
    .selectFrom('deny_version')
    .select(['version', 'through_no', 'cards'])
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? { version: 0, through_no: 0, cards: 0 };
}
