/**
 * The audit trail: who, what, when, on what, before and after, why, approved by whom, chained by SHA-256 and SM3. An
 * act and its entry are one transaction: if the entry cannot be written, the act does not happen.
 */
import {
  type AuditAct,
  CHAIN_START,
  type ChainHead,
  chainAnchor,
  chainEntry,
  dayOf,
  EMPTY_CHAIN,
} from '@polycard/audit';
import { sql, type Transaction } from 'kysely';
import { bulkInsert } from '../../store/bulk.ts';
import type { Tables } from '../../store/tables.ts';

export type { AuditAct } from '@polycard/audit';

const AUDIT_LOCK = 20260901;

/**
 * Writes entries inside the caller's transaction. The lock is held until it ends, so heads never fork; take it late.
 * Throws `POLYCARD_AUDIT_FORMAT` for details that have no canonical text.
 */
export async function audit(transaction: Transaction<Tables>, now: Date, ...acts: readonly AuditAct[]): Promise<void> {
  if (acts.length === 0) return;
  await sql`SELECT pg_advisory_xact_lock(${AUDIT_LOCK})`.execute(transaction);
  let head = await readHead(transaction);
  const rows = [];
  for (const act of acts) {
    const entry = chainEntry(head, now, act);
    if (head.sequence > 0 && dayOf(head.at) !== dayOf(entry.at)) await anchorDay(transaction, head);
    rows.push({ ...entry, who: act.who, what: act.what, subject: act.subject });
    head = entry;
  }
  await bulkInsert(
    'audit',
    [
      { name: 'sequence', type: 'bigint' },
      { name: 'at', type: 'timestamptz' },
      ...['who', 'what', 'subject', 'text', 'sha256', 'sm3'].map((name) => ({ name, type: 'text' as const })),
    ],
    rows,
  ).execute(transaction);
}

async function readHead(transaction: Transaction<Tables>): Promise<ChainHead> {
  const last = await transaction
    .selectFrom('audit')
    .select(['sequence', 'at', 'sha256', 'sm3'])
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last === undefined ? EMPTY_CHAIN : { ...last, at: last.at.toISOString() };
}

/** The day of `head` is over: its last entry is noted in an anchor, chained to the anchor before. */
async function anchorDay(transaction: Transaction<Tables>, head: ChainHead): Promise<void> {
  const before = await transaction
    .selectFrom('audit_anchor')
    .select(['last', 'sha256', 'sm3'])
    .orderBy('last', 'desc')
    .limit(1)
    .executeTakeFirst();
  const anchor = {
    day: dayOf(head.at),
    first: (before?.last ?? 0) + 1,
    last: head.sequence,
    head: { sha256: head.sha256, sm3: head.sm3 },
  };
  await transaction
    .insertInto('audit_anchor')
    .values({ day: anchor.day, last: anchor.last, ...chainAnchor(before ?? CHAIN_START, anchor) })
    .execute();
}
