/** 0500: the terminal's totals of a batch against the platform's. Asked twice, it answers the same. */
import type { SettlementTotals } from '@polycard/iso8583';
import { sql } from 'kysely';
import type { PlatformContext } from '../context.ts';
import { EXPLANATIONS } from '../modules/clearing/exceptions.ts';
import { openExceptions } from '../modules/clearing/store.ts';
import type { GatewayTerminal } from './terminal-directory.ts';

const BATCH_NO_MAX = 999_999;

export async function settleBatch(
  context: PlatformContext,
  terminal: GatewayTerminal,
  batchNo: number,
  totals: SettlementTotals,
): Promise<{ totals: 'equal' | 'unequal'; nextBatchNo: number }> {
  const { store, region, now } = context;
  const nextBatchNo = (batchNo % BATCH_NO_MAX) + 1;
  return store.database.transaction().execute(async (transaction) => {
    const settled = await transaction
      .selectFrom('batch')
      .select('totals')
      .where('terminal_no', '=', terminal.terminalNo)
      .where('batch_no', '=', batchNo)
      .executeTakeFirst();
    if (settled !== undefined) return { totals: settled.totals as 'equal' | 'unequal', nextBatchNo };
    const host = await sql<{ count: number; fen: number }>`
      SELECT count(*)::bigint AS count, coalesce(sum(charged_fen), 0)::bigint AS fen FROM upload
      WHERE terminal_no = ${terminal.terminalNo} AND batch_no = ${batchNo}`.execute(transaction);
    const { count, fen } = host.rows[0]!;
    const isEqual = count === totals.debitCount && fen === totals.debitFen;
    const time = now();
    await transaction
      .insertInto('batch')
      .values({
        terminal_no: terminal.terminalNo,
        batch_no: batchNo,
        terminal_count: totals.debitCount,
        terminal_fen: totals.debitFen,
        host_count: count,
        host_fen: fen,
        totals: isEqual ? 'equal' : 'unequal',
        settled_at: time,
      })
      .execute();
    await transaction
      .updateTable('terminal')
      .set({ batch_no: nextBatchNo, state: 'settled', last_seen_at: time })
      .where('terminal_no', '=', terminal.terminalNo)
      .execute();
    if (!isEqual) {
      await openExceptions(
        transaction,
        [
          {
            id: `${terminal.terminalNo}-${String(batchNo).padStart(6, '0')}:batch-totals`,
            reason: 'batch-totals',
            tapId: null,
            cardToken: null,
            terminalNo: terminal.terminalNo,
            businessDate: region.businessDate(region.localTime(time)),
            explanation: EXPLANATIONS.batchTotals(totals.debitCount, count),
          },
        ],
        time,
      );
    }
    return { totals: isEqual ? 'equal' : 'unequal', nextBatchNo };
  });
}
