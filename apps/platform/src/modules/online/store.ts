/** Tables of online transactions: what a group of messages needs to know, and what it writes, in bulk. */
import { WHOLE_CARD } from '@polycard/deny-list';
import { sql, type Transaction } from 'kysely';
import { type BulkColumn, bulkInsert, rowsAsRecordset } from '../../store/bulk.ts';
import type { Tables } from '../../store/tables.ts';
import {
  keyOf,
  type OnlineKey,
  type ReversalRequest,
  type ScriptReport,
  type StoredTransaction,
} from './transactions.ts';

const KEY_COLUMNS: readonly BulkColumn[] = [
  { name: 'terminal_no', type: 'text' },
  { name: 'batch_no', type: 'integer' },
  { name: 'trace_no', type: 'integer' },
];
const keyRow = ({ terminalNo, batchNo, traceNo }: OnlineKey) => ({
  ...{ terminal_no: terminalNo, batch_no: batchNo, trace_no: traceNo },
});

export interface OnlineCard {
  readonly token: string;
  readonly pan_sealed: Uint8Array;
  readonly psn: string;
  readonly issuer_id: string;
  readonly product: string;
  readonly state: string;
  readonly issued_balance_fen: number;
}

type Row = Tables['online_transaction'];

export async function readTransactions(
  transaction: Transaction<Tables>,
  keys: readonly OnlineKey[],
): Promise<Map<string, StoredTransaction>> {
  const { rows } = await sql<Row>`SELECT o.* FROM ${rowsAsRecordset(KEY_COLUMNS, keys.map(keyRow))}
    JOIN online_transaction o ON o.terminal_no = r.terminal_no AND o.batch_no = r.batch_no AND o.trace_no = r.trace_no
    FOR UPDATE OF o`.execute(transaction);
  return new Map(rows.map((row) => stored(row)).map((entry) => [keyOf(entry), entry]));
}

function stored(row: Row): StoredTransaction {
  return {
    ...{ terminalNo: row.terminal_no, batchNo: row.batch_no, traceNo: row.trace_no, kind: row.kind, state: row.state },
    ...{ cardToken: row.card_token, atc: row.atc, amountFen: row.amount_fen, businessDate: row.business_date },
    digest: row.digest,
    ...(row.card_balance_fen === null ? {} : { cardBalanceFen: row.card_balance_fen }),
    ...(row.original_batch_no === null || row.original_trace_no === null
      ? {}
      : { original: { batchNo: row.original_batch_no, traceNo: row.original_trace_no } }),
    outcome: {
      ...{ code: row.code, referenceNo: row.reference_no, issuerAuthentication: row.issuer_authentication },
      script: row.script,
      ...(row.balance_fen === null ? {} : { balanceFen: row.balance_fen }),
    },
  };
}

export async function readReversals(
  transaction: Transaction<Tables>,
  keys: readonly OnlineKey[],
): Promise<Set<string>> {
  const { rows } = await sql<{ terminal_no: string; batch_no: number; trace_no: number }>`
    SELECT o.terminal_no, o.batch_no, o.trace_no FROM ${rowsAsRecordset(KEY_COLUMNS, keys.map(keyRow))}
    JOIN reversal o ON o.terminal_no = r.terminal_no AND o.batch_no = r.batch_no AND o.trace_no = r.trace_no`.execute(
    transaction,
  );
  return new Set(
    rows.map((row) => keyOf({ terminalNo: row.terminal_no, batchNo: row.batch_no, traceNo: row.trace_no })),
  );
}

export async function readCards(
  transaction: Transaction<Tables>,
  tokens: readonly string[],
): Promise<Map<string, OnlineCard>> {
  const rows = await transaction
    .selectFrom('card')
    .select(['token', 'pan_sealed', 'psn', 'issuer_id', 'product', 'state', 'issued_balance_fen'])
    .where('token', '=', sql<string>`ANY(${tokens}::text[])`)
    .execute();
  return new Map(rows.map((row) => [row.token, row]));
}

/** Cards that are on the deny list as a whole, published or about to be. */
export async function readListed(transaction: Transaction<Tables>, tokens: readonly string[]): Promise<Set<string>> {
  const rows = await transaction
    .selectFrom('deny_entry')
    .select('card_token')
    .where('card_token', '=', sql<string>`ANY(${tokens}::text[])`)
    .where('scope', '=', WHOLE_CARD)
    .where('removed_no', 'is', null)
    .execute();
  return new Set(rows.map(({ card_token }) => card_token));
}

/** A load of these cards whose end nobody has told, with the operator of its counter. */
export interface UntoldLoad {
  readonly load: StoredTransaction;
  readonly operatorId: string;
}

export async function readUntoldLoads(
  transaction: Transaction<Tables>,
  tokens: readonly string[],
): Promise<UntoldLoad[]> {
  const { rows } = await sql<Row & { operator_id: string }>`SELECT o.*, t.operator_id FROM online_transaction o
    JOIN terminal t ON t.terminal_no = o.terminal_no
    WHERE o.card_token = ANY(${tokens}::text[]) AND o.kind = 'cash-load' AND o.state = 'approved'
    FOR UPDATE OF o`.execute(transaction);
  return rows.map((row) => ({ load: stored(row), operatorId: row.operator_id }));
}

/** What each card paid by taps since it was issued. */
export async function readCharged(
  transaction: Transaction<Tables>,
  tokens: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ card_token: string; fen: number }>`
    SELECT card_token, sum(charged_fen)::bigint AS fen FROM tap WHERE card_token = ANY(${tokens}::text[])
    GROUP BY card_token`.execute(transaction);
  return new Map(rows.map((row) => [row.card_token, row.fen]));
}

/** What was loaded onto each card since it was issued: unless told otherwise, a granted load arrived. */
export async function readLoaded(
  transaction: Transaction<Tables>,
  tokens: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ card_token: string; fen: number }>`
    SELECT card_token, sum(amount_fen)::bigint AS fen FROM online_transaction
    WHERE card_token = ANY(${tokens}::text[]) AND kind = 'cash-load' AND state IN ('approved', 'loaded')
    GROUP BY card_token`.execute(transaction);
  return new Map(rows.map((row) => [row.card_token, row.fen]));
}

/** What each card spent online on a business day. */
export async function readSpent(
  transaction: Transaction<Tables>,
  tokens: readonly string[],
  businessDate: string,
): Promise<Map<string, number>> {
  const { rows } = await sql<{ card_token: string; fen: number }>`
    SELECT card_token, sum(amount_fen)::bigint AS fen FROM online_transaction
    WHERE card_token = ANY(${tokens}::text[]) AND business_date = ${businessDate} AND kind = 'sale' AND state = 'approved'
    GROUP BY card_token`.execute(transaction);
  return new Map(rows.map((row) => [row.card_token, row.fen]));
}

/** Counters (9F36) whose cryptogram was answered before, as `token|counter`. */
export async function readUsedCounters(
  transaction: Transaction<Tables>,
  tokens: readonly string[],
): Promise<Set<string>> {
  const { rows } = await sql<{ card_token: string; atc: number }>`SELECT card_token, atc FROM online_transaction
    WHERE card_token = ANY(${tokens}::text[]) AND atc IS NOT NULL`.execute(transaction);
  return new Set(rows.map((row) => `${row.card_token}|${row.atc}`));
}

const TRANSACTION_COLUMNS: readonly BulkColumn[] = [
  ...KEY_COLUMNS,
  ...['kind', 'state', 'code', 'card_token', 'business_date', 'digest'].map((name) => ({
    name,
    type: 'text' as const,
  })),
  ...['reference_no', 'issuer_authentication', 'script'].map((name) => ({ name, type: 'text' as const })),
  ...['atc', 'original_batch_no', 'original_trace_no'].map((name) => ({ name, type: 'integer' as const })),
  { name: 'amount_fen', type: 'bigint' },
  { name: 'balance_fen', type: 'bigint' },
  { name: 'card_balance_fen', type: 'bigint' },
  { name: 'received_at', type: 'timestamptz' },
];

/** New rows are inserted; those that were there get their state. */
export async function writeTransactions(
  transaction: Transaction<Tables>,
  rows: readonly StoredTransaction[],
  receivedAt: Date,
): Promise<void> {
  if (rows.length === 0) return;
  await bulkInsert(
    'online_transaction',
    TRANSACTION_COLUMNS,
    rows.map((row) => ({
      ...keyRow(row),
      ...{ kind: row.kind, state: row.state, code: row.outcome.code, card_token: row.cardToken, atc: row.atc },
      ...{ amount_fen: row.amountFen, balance_fen: row.outcome.balanceFen ?? null, business_date: row.businessDate },
      ...{ digest: row.digest, reference_no: row.outcome.referenceNo },
      issuer_authentication: row.outcome.issuerAuthentication,
      script: row.outcome.script,
      card_balance_fen: row.cardBalanceFen ?? null,
      original_batch_no: row.original?.batchNo ?? null,
      original_trace_no: row.original?.traceNo ?? null,
      received_at: receivedAt.toISOString(),
    })),
    'ON CONFLICT (terminal_no, batch_no, trace_no) DO UPDATE SET state = excluded.state',
  ).execute(transaction);
}

export async function writeReversals(
  transaction: Transaction<Tables>,
  rows: readonly (ReversalRequest & { readonly found: boolean })[],
  receivedAt: Date,
): Promise<void> {
  if (rows.length === 0) return;
  await bulkInsert(
    'reversal',
    [
      ...KEY_COLUMNS,
      { name: 'amount_fen', type: 'bigint' },
      { name: 'reason', type: 'text' },
      { name: 'found', type: 'boolean' },
      { name: 'received_at', type: 'timestamptz' },
    ],
    rows.map((row) => ({
      ...keyRow(row),
      ...{ amount_fen: row.amountFen, reason: row.reason, found: row.found, received_at: receivedAt.toISOString() },
    })),
    'ON CONFLICT (terminal_no, batch_no, trace_no) DO NOTHING',
  ).execute(transaction);
}

export async function writeScriptReports(
  transaction: Transaction<Tables>,
  reports: readonly ScriptReport[],
  receivedAt: Date,
): Promise<void> {
  if (reports.length === 0) return;
  await bulkInsert(
    'script_result',
    [
      ...KEY_COLUMNS,
      { name: 'original_batch_no', type: 'integer' },
      { name: 'original_trace_no', type: 'integer' },
      { name: 'result', type: 'text' },
      { name: 'received_at', type: 'timestamptz' },
    ],
    reports.map((report) => ({
      ...keyRow(report),
      ...{ original_batch_no: report.original.batchNo, original_trace_no: report.original.traceNo },
      ...{ result: report.result, received_at: receivedAt.toISOString() },
    })),
    'ON CONFLICT (terminal_no, batch_no, trace_no) DO NOTHING',
  ).execute(transaction);
}
