/**
 * Cards onto the list and off it, by people: one by one, from a card's page, from a file of account numbers. Nothing a
 * person does here reaches a terminal: that takes a publication, which somebody else approves.
 */
import { PolycardError, toHex } from '@polycard/bytes';
import { WHOLE_CARD } from '@polycard/deny-list';
import type { Transaction } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import type { Tables } from '../../store/tables.ts';
import { audit } from '../audit/service.ts';
import { type CsvLine, parseCsv } from './card-file.ts';
import { ruleFor, wrongEntry } from './rules.ts';
import { insertEntries, type NewEntry, removeEntries } from './store.ts';

const PAN = /^\d{8,19}$/;
const LINES_AT_ONCE = 500;
const REFUSALS_SHOWN = 100;

export interface WantedEntry {
  /** Account number, or the token of a card that is known here. */
  readonly cardNo?: string;
  readonly cardToken?: string;
  readonly scope?: string;
  readonly reason: string;
}

export interface ImportAnswer {
  readonly lines: number;
  readonly added: number;
  readonly known: number;
  readonly refused: number;
  /** The first hundred, by line of the file; never an account number. */
  readonly refusals: readonly { readonly line: number; readonly problem: string }[];
}

type Context = PlatformContext;

/** Lists cards. Sent twice under one `id` it is done once and answered the same. */
export async function addEntries(
  context: Context,
  request: { readonly id: string; readonly why: string; readonly entries: readonly WantedEntry[] },
  who: string,
): Promise<{ added: number; known: number }> {
  const known = await answered<{ added: number; known: number }>(context, request.id, 'add', who);
  if (known !== undefined) return known;
  const rows: NewEntry[] = [];
  for (const wanted of request.entries)
    rows.push(newEntry(context, await numberOf(context, wanted), wanted, request.why));
  return once(context, request.id, 'add', who, async (transaction, at) => {
    const listed = await insertEntries(transaction, rows, { who, at });
    await audit(transaction, at, {
      who,
      what: 'deny-list.added',
      subject: subjectOf(rows),
      why: request.why,
      detail: { ...listed, reasons: [...new Set(rows.map(({ scope, reason }) => `${scope}/${reason}`))].slice(0, 20) },
    });
    return listed;
  });
}

export async function takeOff(
  context: Context,
  request: {
    readonly id: string;
    readonly why: string;
    readonly entries: readonly Omit<WantedEntry, 'reason'>[];
  },
  who: string,
): Promise<{ removed: number; notListed: number }> {
  const known = await answered<{ removed: number; notListed: number }>(context, request.id, 'remove', who);
  if (known !== undefined) return known;
  const rows: { card_token: string; scope: string }[] = [];
  for (const wanted of request.entries) {
    const card_token = wanted.cardToken ?? context.vault.token(await numberOf(context, wanted));
    rows.push({ card_token, scope: wanted.scope ?? WHOLE_CARD });
  }
  return once(context, request.id, 'remove', who, async (transaction, at) => {
    const removed = await removeEntries(transaction, rows, { who, at, why: request.why });
    await audit(transaction, at, {
      who,
      what: 'deny-list.removed',
      subject: subjectOf(rows),
      why: request.why,
      detail: { removed, asked: rows.length },
    });
    return { removed, notListed: rows.length - removed };
  });
}

/**
 * A file of account numbers, a few hundred lines to a transaction: the gateway works on in between. Cut off half-way
 * it is sent again under the same `id`: what is listed already is known, and the answer counts the whole file.
 */
export async function importFile(
  context: Context,
  request: {
    readonly id: string;
    readonly fileName: string;
    readonly csv: string;
    readonly scope?: string;
    readonly reason?: string;
    readonly why: string;
  },
  who: string,
): Promise<ImportAnswer> {
  const { store, now } = context;
  const known = await answered<ImportAnswer>(context, request.id, 'import', who);
  if (known !== undefined) return known;
  let [lines, added, already] = [0, 0, 0];
  const refusals: { line: number; problem: string }[] = [];
  let refused = 0;
  let batch: NewEntry[] = [];
  const flush = async (): Promise<void> => {
    const rows = batch;
    batch = [];
    const listed = await store.database
      .transaction()
      .execute((transaction) => insertEntries(transaction, rows, { who, at: now() }));
    added += listed.added;
    already += listed.known;
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (const line of parseCsv(request.csv, { scope: request.scope ?? WHOLE_CARD, reason: request.reason ?? '' })) {
    lines += 1;
    try {
      batch.push(newEntry(context, checked(line.cardNo), line, request.why));
    } catch (error) {
      if (!(error instanceof PolycardError)) throw error;
      refused += 1;
      if (refusals.length < REFUSALS_SHOWN) refusals.push({ line: line.line, problem: refusalText(error, line) });
    }
    if (batch.length === LINES_AT_ONCE) await flush();
  }
  if (batch.length > 0) await flush();
  const answer = { lines, added, known: already, refused, refusals };
  return once(context, request.id, 'import', who, async (transaction, at) => {
    await audit(transaction, at, {
      who,
      what: 'deny-list.imported',
      subject: request.fileName,
      why: request.why,
      detail: { lines, added, known: already, refused },
    });
    return answer;
  });
}

function refusalText(error: PolycardError, { cardNo }: CsvLine): string {
  return error.where === 'cardNo' ? `${cardNo.length} characters, expected 8 to 19 digits` : error.message;
}

function checked(cardNo: string): string {
  if (!PAN.test(cardNo)) throw wrongEntry('cardNo', 'an account number has 8 to 19 digits');
  return cardNo;
}

async function numberOf({ store, vault }: Context, wanted: Omit<WantedEntry, 'reason'>): Promise<string> {
  if (wanted.cardNo !== undefined) return checked(wanted.cardNo);
  const token = wanted.cardToken;
  if (token === undefined) throw wrongEntry('cardNo', 'an account number or the token of a card');
  const card = await store.database
    .selectFrom('card')
    .select('pan_sealed')
    .where('token', '=', token)
    .executeTakeFirst();
  if (card === undefined) throw problem('POLYCARD_CARD_UNKNOWN', `there is no card ${token}`, 'cardToken');
  return new TextDecoder().decode(vault.open(card.pan_sealed, `card:${token}`));
}

function newEntry(context: Context, cardNo: string, wanted: Omit<WantedEntry, 'cardNo'>, why: string): NewEntry {
  const { vault } = context;
  const scope = wanted.scope ?? WHOLE_CARD;
  const { lock } = ruleFor(context, scope, wanted.reason);
  const card_token = vault.token(cardNo);
  return {
    card_token,
    scope,
    reason: wanted.reason,
    lock_on_sight: lock,
    pan_masked: maskedPan(cardNo),
    pan_last4: cardNo.slice(-4),
    pan_sealed: toHex(vault.seal(new TextEncoder().encode(cardNo), `deny-entry:${card_token}`)),
    why,
  };
}

/** Six and four digits; of a number too short for both, the last four. */
export function maskedPan(cardNo: string): string {
  const shown = cardNo.length < 14 ? 0 : 6;
  return `${cardNo.slice(0, shown)}${'*'.repeat(cardNo.length - shown - 4)}${cardNo.slice(-4)}`;
}

const subjectOf = (rows: readonly { card_token: string }[]): string =>
  rows.length === 1 ? rows[0]!.card_token : `${rows.length} cards`;

/** What was answered under this key before. Throws `POLYCARD_DENY_LIST_CONFLICT` when it stands for something else. */
async function answered<T>({ store }: Context, id: string, what: string, who: string): Promise<T | undefined> {
  const row = await store.database.selectFrom('deny_act').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.what !== what || row.who !== who)
    throw problem('POLYCARD_DENY_LIST_CONFLICT', `${id} stands for another change`, 'id');
  return row.answer as T;
}

/** The work and its answer in one transaction. */
async function once<T>(
  context: Context,
  id: string,
  what: string,
  who: string,
  work: (transaction: Transaction<Tables>, at: Date) => Promise<T>,
): Promise<T> {
  const at = context.now();
  return context.store.database.transaction().execute(async (transaction) => {
    const answer = await work(transaction, at);
    await transaction
      .insertInto('deny_act')
      .values({ id, what, who, answer: JSON.stringify(answer), at })
      .execute();
    return answer;
  });
}
