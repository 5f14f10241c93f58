/**
 * 0500: the terminals' totals of their batches against the platform's. Asked twice, it answers the same. A whole line of
 * terminals settles at the end of its day, so settlements of the same moment share one transaction.
 */
import type { SettlementTotals } from '@polycard/iso8583';
import { sql, type Transaction } from 'kysely';
import type { PlatformContext } from '../context.ts';
import { EXPLANATIONS } from '../modules/clearing/exceptions.ts';
import { openExceptions } from '../modules/clearing/store.ts';
import { bulkInsert, rowsAsRecordset } from '../store/bulk.ts';
import type { Tables } from '../store/tables.ts';
import { GroupCommit } from './group-commit.ts';

const BATCH_NO_MAX = 999_999;

export interface BatchClaim {
  readonly terminalNo: string;
  readonly batchNo: number;
  readonly totals: SettlementTotals;
}

export interface BatchResult {
  readonly totals: 'equal' | 'unequal';
  readonly nextBatchNo: number;
}

interface Settled extends BatchClaim {
  readonly host: Omit<SettlementTotals, 'result'>;
  readonly isEqual: boolean;
}

const KEY_COLUMNS = [
  { name: 'terminal_no', type: 'text' },
  { name: 'batch_no', type: 'integer' },
] as const;

const BATCH_COLUMNS = [
  ...KEY_COLUMNS,
  { name: 'terminal_count', type: 'integer' },
  { name: 'terminal_fen', type: 'bigint' },
  { name: 'host_count', type: 'integer' },
  { name: 'host_fen', type: 'bigint' },
  { name: 'terminal_credit_count', type: 'integer' },
  { name: 'terminal_credit_fen', type: 'bigint' },
  { name: 'host_credit_count', type: 'integer' },
  { name: 'host_credit_fen', type: 'bigint' },
  { name: 'totals', type: 'text' },
  { name: 'settled_at', type: 'timestamptz' },
] as const;

const keyOf = (batch: { terminalNo: string; batchNo: number }): string => `${batch.terminalNo}-${batch.batchNo}`;

export class BatchSettlement {
  readonly #context: PlatformContext;
  readonly #group: GroupCommit<BatchClaim, BatchResult>;

  constructor(context: PlatformContext) {
    this.#context = context;
    this.#group = new GroupCommit((claims) => this.#settle(claims));
  }

  /** Resolves when the batch is settled and that is durable. */
  settle(claim: BatchClaim): Promise<BatchResult> {
    return this.#group.add(claim);
  }

  close(): Promise<void> {
    return this.#group.close();
  }

  async #settle(claims: readonly BatchClaim[]): Promise<BatchResult[]> {
    // the same batch twice in one group is one message sent twice: the first stands for both
    const byKey = new Map<string, BatchClaim>();
    for (const claim of claims) if (!byKey.has(keyOf(claim))) byKey.set(keyOf(claim), claim);
    const totals = await this.#context.store.database.transaction().execute(async (transaction) => {
      const compared = await compare(transaction, [...byKey.values()]);
      const fresh = compared.flatMap((row) => ('isEqual' in row ? [row] : []));
      if (fresh.length > 0) await this.#write(transaction, fresh);
      return new Map(
        compared.map((row) => [keyOf(row), 'isEqual' in row ? (row.isEqual ? 'equal' : 'unequal') : row.settled]),
      );
    });
    return claims.map((claim) => ({
      totals: totals.get(keyOf(claim))!,
      nextBatchNo: nextBatchNo(claim.batchNo),
    }));
  }

  async #write(transaction: Transaction<Tables>, settled: readonly Settled[]): Promise<void> {
    const { region, now } = this.#context;
    const time = now();
    const rows = settled.map((batch) => ({
      terminal_no: batch.terminalNo,
      batch_no: batch.batchNo,
      terminal_count: batch.totals.debitCount,
      terminal_fen: batch.totals.debitFen,
      host_count: batch.host.debitCount,
      host_fen: batch.host.debitFen,
      terminal_credit_count: batch.totals.creditCount,
      terminal_credit_fen: batch.totals.creditFen,
      host_credit_count: batch.host.creditCount,
      host_credit_fen: batch.host.creditFen,
      totals: batch.isEqual ? 'equal' : 'unequal',
      settled_at: time.toISOString(),
    }));
    await bulkInsert('batch', BATCH_COLUMNS, rows).execute(transaction);
    await sql`UPDATE terminal SET batch_no = r.batch_no, state = 'settled', last_seen_at = ${time.toISOString()}::timestamptz
      FROM ${rowsAsRecordset(
        KEY_COLUMNS,
        settled.map(({ terminalNo, batchNo }) => ({ terminal_no: terminalNo, batch_no: nextBatchNo(batchNo) })),
      )} WHERE terminal.terminal_no = r.terminal_no`.execute(transaction);
    await openExceptions(
      transaction,
      settled
        .filter(({ isEqual }) => !isEqual)
        .map((batch) => ({
          id: `${batch.terminalNo}-${String(batch.batchNo).padStart(6, '0')}:batch-totals`,
          reason: 'batch-totals',
          tapId: null,
          cardToken: null,
          terminalNo: batch.terminalNo,
          businessDate: region.businessDate(region.localTime(time)),
          explanation: EXPLANATIONS.batchTotals(
            batch.totals.debitCount + batch.totals.creditCount,
            batch.host.debitCount + batch.host.creditCount,
          ),
        })),
      time,
    );
  }
}

function nextBatchNo(batchNo: number): number {
  return (batchNo % BATCH_NO_MAX) + 1;
}

/**
 * Each claim beside what the platform has, or the answer it got when it was settled before. Debits are uploaded taps and
 * online sales that were not reversed, credits the voids of such sales.
 */
async function compare(
  transaction: Transaction<Tables>,
  claims: readonly BatchClaim[],
): Promise<(Settled | (BatchClaim & { readonly settled: 'equal' | 'unequal' }))[]> {
  const { rows } = await sql<{
    terminal_no: string;
    batch_no: number;
    settled: string | null;
    taps: number;
    tap_fen: number;
    sales: number;
    sale_fen: number;
    voids: number;
    void_fen: number;
  }>`
    SELECT r.terminal_no, r.batch_no,
      (SELECT batch.totals FROM batch WHERE batch.terminal_no = r.terminal_no AND batch.batch_no = r.batch_no) AS settled,
      uploaded.*, online.*
    FROM ${rowsAsRecordset(
      KEY_COLUMNS,
      claims.map(({ terminalNo, batchNo }) => ({ terminal_no: terminalNo, batch_no: batchNo })),
    )}
    CROSS JOIN LATERAL (
      SELECT count(*)::bigint AS taps, coalesce(sum(upload.charged_fen), 0)::bigint AS tap_fen FROM upload
      WHERE upload.terminal_no = r.terminal_no AND upload.batch_no = r.batch_no
    ) AS uploaded
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE o.kind = 'sale')::bigint AS sales,
        coalesce(sum(o.amount_fen) FILTER (WHERE o.kind = 'sale'), 0)::bigint AS sale_fen,
        count(*) FILTER (WHERE o.kind = 'void')::bigint AS voids,
        coalesce(sum(o.amount_fen) FILTER (WHERE o.kind = 'void'), 0)::bigint AS void_fen
      FROM online_transaction o
      WHERE o.terminal_no = r.terminal_no AND o.batch_no = r.batch_no AND o.state IN ('approved', 'voided')
    ) AS online`.execute(transaction);
  const found = new Map(rows.map((row) => [`${row.terminal_no}-${row.batch_no}`, row]));
  return claims.map((claim) => {
    const row = found.get(keyOf(claim))!;
    if (row.settled === 'equal' || row.settled === 'unequal') return { ...claim, settled: row.settled };
    const host = {
      ...{ debitCount: row.taps + row.sales, debitFen: row.tap_fen + row.sale_fen },
      ...{ creditCount: row.voids, creditFen: row.void_fen },
    };
    const { totals } = claim;
    const isEqual =
      host.debitCount === totals.debitCount &&
      host.debitFen === totals.debitFen &&
      host.creditCount === totals.creditCount &&
      host.creditFen === totals.creditFen;
    return { ...claim, host, isEqual };
  });
}
