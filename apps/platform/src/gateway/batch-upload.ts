/**
 * 0320: what a terminal sends of its batch after settlement (reference iso8583.md §1.8). Details of online sales (201)
 * and the unequal forms of chip details (205, 206) follow unequal totals, the equal forms (203, 204) equal ones; 202 or 207
 * ends it. After unequal totals the end compares the details with what is here, and names the difference.
 */
import { type BatchDetail, type ChipDetail, NETWORK_CODES } from '@polycard/iso8583';
import { sql } from 'kysely';
import type { PlatformContext } from '../context.ts';
import { EXPLANATIONS } from '../modules/clearing/exceptions.ts';
import { openExceptions } from '../modules/clearing/store.ts';
import { bulkInsert } from '../store/bulk.ts';

export type BatchTotals = 'equal' | 'unequal';

/** 60.3 of a batch upload, and the totals it follows. */
export const UPLOAD_CODES: Readonly<Record<string, BatchTotals>> = {
  [NETWORK_CODES.batchUploadDetails]: 'unequal',
  '203': 'equal',
  '204': 'equal',
  '205': 'unequal',
  '206': 'unequal',
  [NETWORK_CODES.batchEndUnequal]: 'unequal',
  [NETWORK_CODES.batchEndEqual]: 'equal',
};

export interface BatchKey {
  readonly terminalNo: string;
  readonly batchNo: number;
}

type Detail = Pick<BatchDetail, 'traceNo' | 'amountFen'> & { readonly kind: 'online' | 'chip' | ChipDetail['kind'] };

/** How the batch was settled; undefined before that. */
export async function settledTotals({ store }: PlatformContext, key: BatchKey): Promise<BatchTotals | undefined> {
  const row = await store.database
    .selectFrom('batch')
    .select('totals')
    .where('terminal_no', '=', key.terminalNo)
    .where('batch_no', '=', key.batchNo)
    .executeTakeFirst();
  return row?.totals as BatchTotals | undefined;
}

/** Keeps details; sent twice, they are kept once. */
export async function keepDetails(
  { store, now }: PlatformContext,
  { terminalNo, batchNo }: BatchKey,
  details: readonly Detail[],
): Promise<void> {
  await bulkInsert(
    'batch_detail',
    [
      { name: 'terminal_no', type: 'text' },
      { name: 'batch_no', type: 'integer' },
      { name: 'trace_no', type: 'integer' },
      { name: 'kind', type: 'text' },
      { name: 'amount_fen', type: 'bigint' },
      { name: 'received_at', type: 'timestamptz' },
    ],
    details.map(({ traceNo, amountFen, kind }) => ({
      ...{ terminal_no: terminalNo, batch_no: batchNo, trace_no: traceNo, amount_fen: amountFen },
      ...{ kind: kind === 'approved' ? 'chip' : kind, received_at: now().toISOString() },
    })),
    'ON CONFLICT (terminal_no, batch_no, trace_no) DO NOTHING',
  ).execute(store.database);
}

/**
 * After unequal totals: transactions that only one side has, or with another amount, become one named exception. A terminal
 * that sent no details is not compared: its totals are an exception already.
 */
export async function compareDetails(context: PlatformContext, { terminalNo, batchNo }: BatchKey): Promise<void> {
  const { store, region, now } = context;
  const { rows } = await sql<{ trace_no: number; host_fen: number | null; terminal_fen: number | null }>`
    WITH host AS (
      SELECT trace_no, charged_fen AS fen FROM upload WHERE terminal_no = ${terminalNo} AND batch_no = ${batchNo}
      UNION ALL
      SELECT trace_no, amount_fen FROM online_transaction
      WHERE terminal_no = ${terminalNo} AND batch_no = ${batchNo} AND kind = 'sale' AND state IN ('approved', 'voided')
    ), detail AS (
      SELECT trace_no, amount_fen AS fen FROM batch_detail WHERE terminal_no = ${terminalNo} AND batch_no = ${batchNo}
    )
    SELECT trace_no, host.fen AS host_fen, detail.fen AS terminal_fen FROM host FULL JOIN detail USING (trace_no)
    WHERE host.fen IS DISTINCT FROM detail.fen AND EXISTS (SELECT FROM detail) ORDER BY trace_no`.execute(
    store.database,
  );
  if (rows.length === 0) return noteAgreement(context, { terminalNo, batchNo });
  const traces = (only: (row: (typeof rows)[0]) => boolean): number[] => rows.filter(only).map((row) => row.trace_no);
  const time = now();
  await openExceptions(
    store.database,
    [
      {
        id: `${terminalNo}-${String(batchNo).padStart(6, '0')}:batch-details`,
        reason: 'batch-totals',
        tapId: null,
        cardToken: null,
        terminalNo,
        businessDate: region.businessDate(region.localTime(time)),
        explanation: EXPLANATIONS.batchDetails(
          traces((row) => row.host_fen === null),
          traces((row) => row.terminal_fen === null),
          traces((row) => row.host_fen !== null && row.terminal_fen !== null),
        ),
      },
    ],
    time,
  );
}

/** What was missing came with the batch upload: both sides have the same transactions now, and the exception says so. */
async function noteAgreement({ store }: PlatformContext, { terminalNo, batchNo }: BatchKey): Promise<void> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::bigint AS count FROM batch_detail WHERE terminal_no = ${terminalNo} AND batch_no = ${batchNo}`.execute(
    store.database,
  );
  const count = rows[0]?.count ?? 0;
  if (count === 0) return;
  const note = EXPLANATIONS.batchAgrees(count);
  await sql`UPDATE exception SET state = 'resolved',
      explanation_en = explanation_en || '. ' || ${note.en}::text, explanation_zh = explanation_zh || '。' || ${note.zh}::text
    WHERE id = ${`${terminalNo}-${String(batchNo).padStart(6, '0')}:batch-totals`} AND state = 'open'`.execute(
    store.database,
  );
}
