/**
 * Loads whose end nobody has told: when a business day is closed, those are listed that were granted and of which neither
 * script result nor reversal came. What tells later (the counter's 0620 or 0400, or the card's own log) resolves them.
 */
import { sql, type Transaction } from 'kysely';
import { type BulkColumn, rowsAsRecordset } from '../../store/bulk.ts';
import type { Tables } from '../../store/tables.ts';
import { EXPLANATIONS } from '../clearing/exceptions.ts';
import { openExceptions } from '../clearing/store.ts';
import { keyOf, type OnlineState } from './transactions.ts';

const REASON = 'load-untold';
const exceptionOf = (key: string): string => `${key}:${REASON}`;

type UntoldRow = Pick<
  Tables['online_transaction'],
  'terminal_no' | 'batch_no' | 'trace_no' | 'card_token' | 'amount_fen' | 'business_date'
>;

/**
 * Within the transaction that closes the day; gives how many are untold, those listed before included. A load is listed
 * under its own business day, also one that came after that day was closed. The rows stay locked: what tells meanwhile
 * waits, and finds them listed.
 */
export async function listUntoldLoads(
  transaction: Transaction<Tables>,
  businessDate: string,
  openedAt: Date,
): Promise<number> {
  const { rows } = await sql<UntoldRow>`
    SELECT terminal_no, batch_no, trace_no, card_token, amount_fen, business_date FROM online_transaction
    WHERE business_date <= ${businessDate} AND kind = 'cash-load' AND state = 'approved' AND script <> ''
    ORDER BY terminal_no, batch_no, trace_no FOR UPDATE`.execute(transaction);
  await openExceptions(
    transaction,
    rows.map((row) => {
      const key = { terminalNo: row.terminal_no, batchNo: row.batch_no, traceNo: row.trace_no };
      return {
        ...{ id: exceptionOf(keyOf(key)), reason: REASON, tapId: null, cardToken: row.card_token },
        ...{ terminalNo: row.terminal_no, businessDate: row.business_date },
        explanation: EXPLANATIONS.loadUntold({ ...key, amountFen: row.amount_fen, businessDate: row.business_date }),
      };
    }),
    openedAt,
  );
  return rows.length;
}

const TOLD_COLUMNS: readonly BulkColumn[] = ['id', 'en', 'zh'].map((name) => ({ name, type: 'text' }));

/** These loads, by their keys, have their end: what is listed of them is resolved, and says how each ended. */
export async function endListedLoads(
  transaction: Transaction<Tables>,
  ends: ReadonlyMap<string, OnlineState>,
): Promise<void> {
  if (ends.size === 0) return;
  const told = [...ends].map(([key, state]) => ({
    id: exceptionOf(key),
    ...EXPLANATIONS.loadTold(state === 'loaded'),
  }));
  // resolved before, it may end otherwise: the card's word comes after a reversal's, and both are kept
  await sql`UPDATE exception SET state = 'resolved',
      explanation_en = explanation_en || '. ' || r.en, explanation_zh = explanation_zh || '。' || r.zh
    FROM ${rowsAsRecordset(TOLD_COLUMNS, told)} WHERE exception.id = r.id`.execute(transaction);
}
