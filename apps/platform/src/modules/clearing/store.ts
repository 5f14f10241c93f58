/** Clearing's tables: what it reads and the bulk statements it writes. */
import { sql, type Transaction } from 'kysely';
import { bulkInsert, rowsAsRecordset } from '../../store/bulk.ts';
import type { Database } from '../../store/database.ts';
import type { Tables } from '../../store/tables.ts';
import type { Told } from '../parameters/schedule.ts';
import type { NewException } from './exceptions.ts';
import type { ClearingData, IndustryData } from './uploaded-tap.ts';

export interface ReceivedTap {
  readonly id: string;
  readonly card_token: string;
  readonly received_no: number;
  readonly terminal_no: string;
  readonly sequence_no: number;
  readonly kind: 'entry' | 'exit' | 'boarding' | 'counter' | 'purchase' | 'alighting';
  readonly at: string;
  readonly business_date: string;
  readonly operator_id: string;
  readonly charged_fen: number;
  readonly atc: number;
  readonly application_cryptogram: string;
  readonly clearing_data: ClearingData;
  readonly industry_data: IndustryData;
  readonly pan_sealed: Uint8Array | null;
  readonly psn: string | null;
  readonly issuer_id: string | null;
  readonly discounts: string | null;
  readonly terminal_operator_id: string | null;
}

/** What clearing knows of a tap's card and terminal; null where the store has none. */
type Surroundings = Pick<ReceivedTap, 'pan_sealed' | 'psn' | 'issuer_id' | 'discounts' | 'terminal_operator_id'>;

/**
 * The oldest taps that wait, with their cards and terminals. These are looked up by key for just this chunk: joined,
 * a database without statistics reads the whole card table for every chunk.
 */
export async function readReceived(transaction: Transaction<Tables>, limit: number): Promise<ReceivedTap[]> {
  const { rows: taps } = await sql<Omit<ReceivedTap, keyof Surroundings>>`
    SELECT id, card_token, received_no, terminal_no, sequence_no, kind, at, business_date,
      operator_id, charged_fen, atc, application_cryptogram, clearing_data, industry_data
    FROM tap
    WHERE state = 'received'
    ORDER BY received_no
    LIMIT ${limit}
    FOR UPDATE`.execute(transaction);
  if (taps.length === 0) return [];
  const distinct = (values: readonly string[]): string[] => [...new Set(values)];
  const cards = await transaction
    .selectFrom('card')
    .select(['token', 'pan_sealed', 'psn', 'issuer_id'])
    .where('token', '=', sql<string>`ANY(${distinct(taps.map((tap) => tap.card_token))}::text[])`)
    .execute();
  const terminals = await transaction
    .selectFrom('terminal')
    .select(['terminal_no', 'operator_id'])
    .where('terminal_no', '=', sql<string>`ANY(${distinct(taps.map((tap) => tap.terminal_no))}::text[])`)
    .execute();
  const parties = await transaction.selectFrom('party').select(['id', 'discounts']).execute();
  const cardOf = new Map(cards.map((card) => [card.token, card]));
  const operatorOf = new Map(terminals.map((terminal) => [terminal.terminal_no, terminal.operator_id]));
  const discountsOf = new Map(parties.map((party) => [party.id, party.discounts]));
  return taps.map((tap) => {
    const card = cardOf.get(tap.card_token);
    return {
      ...tap,
      pan_sealed: card?.pan_sealed ?? null,
      psn: card?.psn ?? null,
      issuer_id: card?.issuer_id ?? null,
      discounts: discountsOf.get(tap.operator_id) ?? null,
      terminal_operator_id: operatorOf.get(tap.terminal_no) ?? null,
    };
  });
}

/** For each tap whose card transaction was received before: the first one's id. */
export async function readEarlier(
  transaction: Transaction<Tables>,
  taps: readonly ReceivedTap[],
): Promise<Map<string, string>> {
  const result = await sql<{ id: string; first_id: string }>`
    SELECT r.id, (
      SELECT earlier.id FROM tap earlier
      WHERE earlier.card_token = r.card_token AND earlier.atc = r.atc
        AND earlier.application_cryptogram = r.application_cryptogram AND earlier.received_no < r.received_no
        -- one that nobody knew about is no first: this upload is its proof
        AND earlier.industry_data->>'tornOutcome' <> 'unresolved'
      ORDER BY earlier.received_no LIMIT 1
    ) AS first_id
    FROM ${rowsAsRecordset(
      [
        { name: 'id', type: 'text' },
        { name: 'card_token', type: 'text' },
        { name: 'atc', type: 'integer' },
        { name: 'application_cryptogram', type: 'text' },
        { name: 'received_no', type: 'bigint' },
      ],
      taps.map(({ id, card_token, atc, application_cryptogram, received_no }) => ({
        id,
        card_token,
        atc,
        application_cryptogram,
        received_no,
      })),
    )}`.execute(transaction);
  return new Map(result.rows.flatMap((row) => (row.first_id === null ? [] : [[row.id, row.first_id]])));
}

export async function readLastSequences(
  transaction: Transaction<Tables>,
  terminalNos: readonly string[],
): Promise<Map<string, number>> {
  if (terminalNos.length === 0) return new Map();
  const rows = await transaction
    .selectFrom('terminal')
    .select(['terminal_no', 'last_sequence'])
    .where('terminal_no', '=', sql<string>`ANY(${terminalNos}::text[])`)
    .execute();
  return new Map(rows.map((row) => [row.terminal_no, row.last_sequence]));
}

/** What these terminals have downloaded of the parameter schedule, and when. */
export async function readTold(
  transaction: Transaction<Tables>,
  terminalNos: readonly string[],
): Promise<Map<string, Told[]>> {
  const rows = await transaction
    .selectFrom('parameter_told')
    .selectAll()
    .where('terminal_no', '=', sql<string>`ANY(${terminalNos}::text[])`)
    .execute();
  const told = new Map<string, Told[]>();
  for (const { terminal_no, sequence, told_at } of rows) {
    const of = told.get(terminal_no) ?? [];
    of.push({ sequence, toldAt: told_at });
    told.set(terminal_no, of);
  }
  return told;
}

export interface ClearedTap {
  readonly id: string;
  readonly card_token: string;
  readonly state: 'cleared' | 'suspended';
  readonly cryptogram: 'unchecked' | 'verified' | 'failed';
  readonly exceptions: readonly string[];
  readonly fare: unknown;
  readonly base_fen: number | null;
}

export async function writeCleared(
  transaction: Transaction<Tables>,
  rows: readonly ClearedTap[],
  clearedAt: Date,
): Promise<void> {
  await sql`UPDATE tap SET state = r.state, cryptogram = r.cryptogram, fare = r.fare, base_fen = coalesce(r.base_fen, tap.base_fen),
      exceptions = tap.exceptions || ARRAY(SELECT jsonb_array_elements_text(r.exceptions)), cleared_at = ${clearedAt.toISOString()}::timestamptz
    FROM ${rowsAsRecordset(
      [
        { name: 'id', type: 'text' },
        { name: 'card_token', type: 'text' },
        { name: 'state', type: 'text' },
        { name: 'cryptogram', type: 'text' },
        { name: 'exceptions', type: 'jsonb' },
        { name: 'fare', type: 'jsonb' },
        { name: 'base_fen', type: 'bigint' },
      ],
      rows,
    )} WHERE tap.card_token = r.card_token AND tap.id = r.id`.execute(transaction);
}

export async function writeSequences(
  transaction: Transaction<Tables>,
  sequences: ReadonlyMap<string, number>,
): Promise<void> {
  if (sequences.size === 0) return;
  const rows = [...sequences].map(([terminal_no, last_sequence]) => ({ terminal_no, last_sequence }));
  await sql`UPDATE terminal SET last_sequence = r.last_sequence FROM ${rowsAsRecordset(
    [
      { name: 'terminal_no', type: 'text' },
      { name: 'last_sequence', type: 'integer' },
    ],
    rows,
  )} WHERE terminal.terminal_no = r.terminal_no AND terminal.last_sequence < r.last_sequence`.execute(transaction);
}

export interface NewPosting {
  readonly entry_id: string;
  readonly line: number;
  readonly tap_id: string;
  readonly business_date: string;
  readonly account: string;
  readonly party_id: string;
  readonly amount_fen: number;
  readonly what: string;
  readonly posted_at: string;
}

/** An entry that is already there stays as it is: postings are never changed. */
export async function writePostings(transaction: Transaction<Tables>, rows: readonly NewPosting[]): Promise<void> {
  if (rows.length === 0) return;
  await bulkInsert(
    'posting',
    [
      { name: 'entry_id', type: 'text' },
      { name: 'line', type: 'integer' },
      { name: 'tap_id', type: 'text' },
      { name: 'business_date', type: 'text' },
      { name: 'account', type: 'text' },
      { name: 'party_id', type: 'text' },
      { name: 'amount_fen', type: 'bigint' },
      { name: 'what', type: 'text' },
      { name: 'posted_at', type: 'timestamptz' },
    ],
    rows,
    'ON CONFLICT (entry_id, line) DO NOTHING',
  ).execute(transaction);
}

/** Opens exceptions; one that is already open (the same fault found again) stays as it is. */
export async function openExceptions(
  database: Database | Transaction<Tables>,
  exceptions: readonly NewException[],
  openedAt: Date,
): Promise<void> {
  if (exceptions.length === 0) return;
  await bulkInsert(
    'exception',
    [
      ...[
        'id',
        'reason',
        'state',
        'tap_id',
        'card_token',
        'terminal_no',
        'business_date',
        'explanation_en',
        'explanation_zh',
      ].map((name) => ({
        name,
        type: 'text' as const,
      })),
      { name: 'opened_at', type: 'timestamptz' },
    ],
    exceptions.map((exception) => ({
      id: exception.id,
      reason: exception.reason,
      state: 'open',
      tap_id: exception.tapId,
      card_token: exception.cardToken,
      terminal_no: exception.terminalNo,
      business_date: exception.businessDate,
      explanation_en: exception.explanation.en,
      explanation_zh: exception.explanation.zh,
      opened_at: openedAt.toISOString(),
    })),
    'ON CONFLICT (id) DO NOTHING',
  ).execute(database);
}
