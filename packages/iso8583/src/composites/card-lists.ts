/**
 * The two list downloads of the legacy dialect (reference iso8583.md §1.7): the BIN blacklist in numbered records (390),
 * and the transit list in increments (570). Both are doors to one deny list; neither is fit for a million cards.
 */
import { messageError } from '../errors.ts';
import { fixedDigits, latin1, TextCursor } from './text-fields.ts';

export interface BinBlacklistPage {
  readonly status: 'none' | 'last' | 'more';
  /** Index of the last record of the page; a 3-digit index: 1,000 records are the most there can be. */
  readonly lastIndex: number;
  /** Card numbers or their beginnings. */
  readonly numbers: readonly string[];
}

const BLACKLIST_STATUS = { '0': 'none', '1': 'last', '2': 'more' } as const;
export const BIN_BLACKLIST_RECORDS_MAX = 1000;

/** 0800 390: the first record wanted, from 0. */
export function encodeBinBlacklistRequest(index: number): Uint8Array {
  return latin1(fixedDigits('F62', index, 3));
}

export function parseBinBlacklistRequest(bytes: Uint8Array): number {
  const cursor = new TextCursor('F62', bytes);
  const index = cursor.number(3, 'record index');
  cursor.end('the request');
  return index;
}

export function encodeBinBlacklistPage({ status, lastIndex, numbers }: BinBlacklistPage): Uint8Array {
  const code = Object.entries(BLACKLIST_STATUS).find(([, name]) => name === status)![0];
  const records = numbers.map((number) => `${fixedDigits('F62', number.length, 2)}${number}`);
  return latin1(`${code}${fixedDigits('F62', lastIndex, 3)}${records.join('')}`);
}

export function parseBinBlacklistPage(bytes: Uint8Array): BinBlacklistPage {
  const cursor = new TextCursor('F62', bytes);
  const status = cursor.oneOf(BLACKLIST_STATUS, 'list status');
  const lastIndex = cursor.number(3, 'last index');
  const numbers: string[] = [];
  while (cursor.remaining > 0) numbers.push(cursor.digits(cursor.number(2, 'length of a number'), 'a number'));
  return { status, lastIndex, numbers };
}

export interface TransitListRequest {
  /** 8 characters. */
  readonly institution: string;
  /** YYYYMMDD. */
  readonly lastUpdate: string;
  /** 10 digits; zeros at first, then what the last answer gave. */
  readonly cursor: string;
}

export interface TransitListRecord {
  readonly change: 'add' | 'remove';
  readonly cardNo: string;
  /** 12 characters whose meaning the sources do not give; kept as they are. */
  readonly rest: string;
}

export interface TransitListAnswer {
  readonly nextCursor: string;
  /** Empty: nothing newer. */
  readonly records: readonly TransitListRecord[];
}

const TRANSIT_CARD_DIGITS = 20;
const TRANSIT_REST_BYTES = 12;

/** F63 of 0800 570. */
export function encodeTransitListRequest({ institution, lastUpdate, cursor }: TransitListRequest): string {
  if (institution.length > 8 || !/^\d{8}$/.test(lastUpdate) || !/^\d{10}$/.test(cursor))
    throw messageError('FIELD_VALUE', 'F63', 0, 'institution of up to 8, date of 8 and cursor of 10 digits', 'others');
  return `${institution.padEnd(8)}${lastUpdate}${cursor}`;
}

export function parseTransitListRequest(text: string): TransitListRequest {
  const cursor = TextCursor.ofText('F63', text);
  const request = {
    institution: cursor.text(8, 'institution').trimEnd(),
    lastUpdate: cursor.digits(8, 'last update'),
    cursor: cursor.digits(10, 'cursor'),
  };
  cursor.end('the request');
  return request;
}

export function encodeTransitListAnswer({ nextCursor, records }: TransitListAnswer): string {
  if (records.length === 0) return '0';
  return `2${nextCursor}${records
    .map(
      ({ change, cardNo, rest }) =>
        `${change === 'add' ? '1' : '0'}${cardNo.padEnd(TRANSIT_CARD_DIGITS)}${rest.padEnd(TRANSIT_REST_BYTES)}`,
    )
    .join('')}`;
}

export function parseTransitListAnswer(text: string): TransitListAnswer {
  const cursor = TextCursor.ofText('F63', text);
  if (cursor.oneOf({ '0': false, '1': false, '2': true }, 'list status') === false)
    return { nextCursor: '', records: [] };
  const nextCursor = cursor.digits(10, 'next cursor');
  const records: TransitListRecord[] = [];
  while (cursor.remaining > 0) {
    const change = cursor.text(1, 'change') === '1' ? 'add' : 'remove';
    const at = cursor.offset;
    const cardNo = cursor.text(TRANSIT_CARD_DIGITS, 'card number').trimEnd();
    if (!/^\d+$/.test(cardNo)) throw cursor.error(at, 'digits of a card number', 'other characters');
    records.push({ change, cardNo, rest: cursor.text(TRANSIT_REST_BYTES, 'rest of the record') });
  }
  return { nextCursor, records };
}
