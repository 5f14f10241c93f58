/**
 * Torn taps that their terminals gave up: whenever a card is seen again, clearing looks whether its uploads now tell
 * what became of them (`resolveTornTap`). One that paid is cleared and posted like any other; one that did not is
 * closed; the exception says how it ended.
 */
import { type LoadEvidence, resolveTornTap, type TapEvidence, type TornVerdict } from '@polycard/terminal';
import { sql, type Transaction } from 'kysely';
import { rowsAsRecordset } from '../../store/bulk.ts';
import type { Tables } from '../../store/tables.ts';
import type { Words } from '../api-types.ts';
import { EXPLANATIONS } from './exceptions.ts';
import type { ClearingData, IndustryData } from './uploaded-tap.ts';

interface EvidenceRow {
  readonly id: string;
  readonly card_token: string;
  readonly terminal_no: string;
  readonly kind: TapEvidence['kind'];
  readonly state: string;
  readonly at: string;
  readonly place_code: string | null;
  readonly entry_place_code: string | null;
  readonly entry_at: string | null;
  readonly charged_fen: number;
  readonly atc: number;
  readonly application_cryptogram: string;
  readonly cryptogram: string;
  readonly clearing_data: ClearingData;
  readonly industry_data: IndustryData;
}

interface ResolvedTap {
  readonly id: string;
  readonly card_token: string;
  /** Back to the queue: cleared and posted as a tap known by its proof. */
  readonly is_received: boolean;
  readonly is_closed: boolean;
  readonly outcome: string;
  readonly note_en: string;
  readonly note_zh: string;
}

/** Balances above this are an underflow of the card's answer (reference pboc.md §10.1 K17). */
const BALANCE_MAX_FEN = 100_000_000;

/** Resolves what the uploads of these cards tell by now; gives how many taps. */
export async function resolveTornTaps(
  transaction: Transaction<Tables>,
  cardTokens: readonly string[],
): Promise<number> {
  const { rows: open } = await sql<{ card_token: string }>`
    SELECT DISTINCT card_token FROM tap
    WHERE card_token = ANY(${[...new Set(cardTokens)]}::text[]) AND state = 'suspended' AND 'torn' = ANY (exceptions)
      AND industry_data->>'tornVerdict' IS NULL`.execute(transaction);
  if (open.length === 0) return 0;
  const { rows } = await sql<EvidenceRow>`
    SELECT id, card_token, terminal_no, kind, state, at, place_code, entry_place_code, entry_at, charged_fen, atc,
      application_cryptogram, cryptogram, clearing_data, industry_data
    FROM tap WHERE card_token = ANY(${open.map((row) => row.card_token)}::text[])`.execute(transaction);
  const loads = await readLoads(
    transaction,
    open.map((row) => row.card_token),
  );
  const resolved = rows.filter(isOpen).flatMap((row): ResolvedTap[] => {
    const others = rows.filter(
      ({ id, card_token, cryptogram }) => card_token === row.card_token && id !== row.id && cryptogram === 'verified',
    );
    const verdict =
      row.cryptogram === 'verified'
        ? resolveTornTap(evidenceOf(row), others.map(evidenceOf), loads.get(row.card_token))
        : undefined;
    return verdict === undefined ? [] : [resolvedTap(row, verdict)];
  });
  if (resolved.length > 0) await write(transaction, resolved);
  return resolved.length;
}

/** Loads that the issuer granted and nobody took back. */
async function readLoads(
  transaction: Transaction<Tables>,
  cardTokens: readonly string[],
): Promise<Map<string, LoadEvidence[]>> {
  const rows = await transaction
    .selectFrom('online_transaction')
    .select(['card_token', 'atc', 'amount_fen', 'state'])
    .where('card_token', '=', sql<string>`ANY(${[...cardTokens]}::text[])`)
    .where('kind', '=', 'cash-load')
    .where('state', 'in', ['approved', 'loaded'])
    .execute();
  const loads = rows.map(({ card_token, atc, amount_fen, state }) => ({
    card_token,
    load: { atc: atc ?? 0, amountFen: amount_fen, isCertain: state === 'loaded' },
  }));
  return new Map(
    [...Map.groupBy(loads, ({ card_token }) => card_token)].map(([token, of]) => [token, of.map(({ load }) => load)]),
  );
}

function isOpen({ state, industry_data }: EvidenceRow): boolean {
  return state === 'suspended' && industry_data.tornOutcome === 'unresolved' && industry_data.tornVerdict === undefined;
}

function resolvedTap({ id, card_token, charged_fen }: EvidenceRow, verdict: TornVerdict): ResolvedTap {
  const { outcome, by } = verdict;
  const refundFen = 'refundFen' in verdict ? verdict.refundFen : undefined;
  const note: Words = EXPLANATIONS.tornResolved(outcome, by, refundFen ?? charged_fen);
  return {
    ...{ id, card_token, outcome: `${outcome} by ${by}` },
    // what goes back was charged by another tap: this one stands
    is_received: (outcome === 'committed' && by !== 'twin') || refundFen !== undefined,
    // the fare of a ride that never began is still to be returned
    is_closed: outcome !== 'refund-due',
    note_en: note.en,
    note_zh: note.zh,
  };
}

function evidenceOf(row: EvidenceRow): TapEvidence {
  const { industry_data: industry } = row;
  const digits = (iso: string): string => iso.replace(/[-:T]/g, '');
  const available = Number(row.clearing_data['9F5D'] ?? Number.NaN);
  return {
    ...{ atc: row.atc, cryptogram: row.application_cryptogram, kind: row.kind, terminalNo: row.terminal_no },
    ...{ at: digits(row.at), placeCode: row.place_code ?? '0000', chargedFen: row.charged_fen },
    ...(available <= BALANCE_MAX_FEN ? { availableFen: available } : {}),
    ...(row.entry_place_code === null ? {} : { entryPlaceCode: row.entry_place_code }),
    ...(row.entry_at === null ? {} : { entryTime: digits(row.entry_at) }),
    tornOutcome: industry.tornOutcome,
    ...(industry.markedFen === undefined ? {} : { markedFen: industry.markedFen }),
    ...(industry.closedRide === undefined ? {} : { closedRide: industry.closedRide }),
    ...(industry.resolves === undefined ? {} : { resolves: industry.resolves }),
  };
}

async function write(transaction: Transaction<Tables>, resolved: readonly ResolvedTap[]): Promise<void> {
  const rows = rowsAsRecordset(
    [
      ...(['id', 'card_token', 'outcome', 'note_en', 'note_zh'] as const).map((name) => ({
        name,
        type: 'text' as const,
      })),
      { name: 'is_received', type: 'boolean' },
      { name: 'is_closed', type: 'boolean' },
    ],
    resolved,
  );
  await sql`UPDATE tap SET
      state = CASE WHEN r.is_received THEN 'received' ELSE tap.state END,
      exceptions = CASE WHEN r.is_received THEN array_remove(tap.exceptions, 'torn') ELSE tap.exceptions END,
      industry_data = tap.industry_data || jsonb_build_object('tornVerdict', r.outcome)
        || CASE WHEN r.is_received THEN jsonb_build_object('tornOutcome', 'proof') ELSE '{}'::jsonb END
    FROM ${rows} WHERE tap.card_token = r.card_token AND tap.id = r.id`.execute(transaction);
  await sql`UPDATE exception SET
      state = CASE WHEN r.is_closed THEN 'resolved' ELSE exception.state END,
      explanation_en = exception.explanation_en || '. ' || r.note_en,
      explanation_zh = exception.explanation_zh || '。' || r.note_zh
    FROM ${rows} WHERE exception.id = r.id || ':torn'`.execute(transaction);
}
