/**
 * An operator's own records against what was cleared: every amount that differs becomes an exception. The card's
 * signature decides what was charged; the record is a claim.
 */
import { sql } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { rowsAsRecordset } from '../../store/bulk.ts';
import { audit } from '../audit/service.ts';
import { EXPLANATIONS } from '../clearing/exceptions.ts';
import { openExceptions } from '../clearing/store.ts';

const COLUMNS = [
  { name: 'tap_id', type: 'text' },
  { name: 'claimed_fen', type: 'bigint' },
] as const;

export async function reconcile(
  context: PlatformContext,
  records: readonly { tapId: string; claimedFen: number }[],
  who: string,
) {
  const { store, now } = context;
  const rows = records.map(({ tapId, claimedFen }) => ({ tap_id: tapId, claimed_fen: claimedFen }));
  return store.database.transaction().execute(async (transaction) => {
    const known = await sql<{
      tap_id: string;
      claimed_fen: number;
      card_token: string;
      terminal_no: string;
      business_date: string;
      charged_fen: number;
    }>`SELECT r.tap_id, r.claimed_fen, tap.card_token, tap.terminal_no, tap.business_date, tap.charged_fen
      FROM ${rowsAsRecordset(COLUMNS, rows)} JOIN tap ON tap.id = r.tap_id`.execute(transaction);
    const time = now();
    await sql`INSERT INTO operator_record (tap_id, card_token, claimed_fen, agrees, received_at)
      SELECT r.tap_id, tap.card_token, r.claimed_fen, r.claimed_fen = tap.charged_fen, ${time.toISOString()}::timestamptz
      FROM ${rowsAsRecordset(COLUMNS, rows)} JOIN tap ON tap.id = r.tap_id
      ON CONFLICT (tap_id) DO NOTHING`.execute(transaction);
    const differing = known.rows.filter((row) => row.claimed_fen !== row.charged_fen);
    await openExceptions(
      transaction,
      differing.map((row) => ({
        id: `${row.tap_id}:fare`,
        reason: 'fare',
        tapId: row.tap_id,
        cardToken: row.card_token,
        terminalNo: row.terminal_no,
        businessDate: row.business_date,
        explanation: EXPLANATIONS.recordDiffers(row.charged_fen, row.claimed_fen),
      })),
      time,
    );
    if (differing.length > 0) {
      await sql`UPDATE tap SET exceptions = array_append(exceptions, 'fare')
        FROM ${rowsAsRecordset(
          [{ name: 'id', type: 'text' }],
          differing.map((row) => ({ id: row.tap_id })),
        )}
        WHERE tap.id = r.id AND NOT ('fare' = ANY(tap.exceptions))`.execute(transaction);
    }
    await audit(transaction, time, {
      who,
      what: 'records.reconciled',
      subject: `${records.length} records`,
      detail: { agreed: known.rows.length - differing.length, differing: differing.length },
    });
    return {
      agreed: known.rows.length - differing.length,
      differing: differing.length,
      unknown: records.length - known.rows.length,
    };
  });
}
