/**
 * The audit trail: who, what, when, on what, chained by SHA-256 so that a removed or changed entry shows. An act and
 * its entry are one transaction: if the entry cannot be written, the act does not happen.
 */
import { toHex } from '@polycard/bytes';
import { sha256 } from '@polycard/crypto';
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../../store/tables.ts';

const AUDIT_LOCK = 20260901;
export const AUDIT_START = '0'.repeat(64);

export interface AuditAct {
  readonly who: string;
  /** What was done, in the catalogue's words: `terminals.enrolled`, `day.closed`. */
  readonly what: string;
  readonly subject: string;
  /** Facts of the act; never a key, never a full PAN. */
  readonly detail: Record<string, unknown>;
}

export function auditHash(previousHash: string, sequence: number, at: string, act: AuditAct): string {
  const text = JSON.stringify([previousHash, sequence, at, act.who, act.what, act.subject, canonical(act.detail)]);
  return toHex(sha256(new TextEncoder().encode(text)));
}

/** Writes one entry inside the caller's transaction. */
export async function audit(transaction: Transaction<Tables>, now: Date, act: AuditAct): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${AUDIT_LOCK})`.execute(transaction);
  const last = await transaction
    .selectFrom('audit')
    .select(['sequence', 'hash'])
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  const sequence = (last?.sequence ?? 0) + 1;
  const previousHash = last?.hash ?? AUDIT_START;
  await transaction
    .insertInto('audit')
    .values({
      sequence,
      at: now,
      who: act.who,
      what: act.what,
      subject: act.subject,
      detail: JSON.stringify(act.detail),
      previous_hash: previousHash,
      hash: auditHash(previousHash, sequence, now.toISOString(), act),
    })
    .execute();
}

/** JSON with sorted keys: jsonb does not keep the order in which they were written. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}
