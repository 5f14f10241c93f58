/** F48 and F62 of the batch upload, 0320 (reference iso8583.md §1.8). */
import { messageError } from '../errors.ts';
import { fixedDigits, latin1, TextCursor } from './text-fields.ts';

export interface BatchDetail {
  readonly isForeign: boolean;
  readonly traceNo: number;
  readonly pan: string;
  readonly amountFen: number;
}

/** Eight details fill F48. */
export const BATCH_DETAILS_MAX = 8;

/** F48 of 60.3 = 201: count 2, then card organisation 2, trace 6, card number 20, amount 12 each. */
export function encodeBatchDetails(details: readonly BatchDetail[]): string {
  if (details.length === 0 || details.length > BATCH_DETAILS_MAX)
    throw messageError('FIELD_VALUE', 'F48', 0, `1 to ${BATCH_DETAILS_MAX} details`, `${details.length}`);
  const rows = details.map(
    ({ isForeign, traceNo, pan, amountFen }) =>
      `${isForeign ? '01' : '00'}${fixedDigits('F48', traceNo, 6)}${pan.padStart(20, '0')}${fixedDigits('F48', amountFen, 12)}`,
  );
  return `${fixedDigits('F48', details.length, 2)}${rows.join('')}`;
}

export function parseBatchDetails(text: string): BatchDetail[] {
  const cursor = TextCursor.ofText('F48', text);
  const count = cursor.number(2, 'number of details');
  if (count > BATCH_DETAILS_MAX) throw cursor.error(0, `up to ${BATCH_DETAILS_MAX} details`, `${count}`);
  const details = Array.from({ length: count }, () => ({
    isForeign: cursor.digits(2, 'card organisation') !== '00',
    traceNo: cursor.number(6, 'trace number'),
    pan: cursor.digits(20, 'card number').replace(/^0+/, ''),
    amountFen: cursor.number(12, 'amount'),
  }));
  cursor.end('the details');
  return details;
}

/** F48 of 60.3 = 202 and 207: how many details were uploaded, 4 digits. */
export const encodeBatchTotal = (count: number): string => fixedDigits('F48', count, 4);

export function parseBatchTotal(text: string): number {
  const cursor = TextCursor.ofText('F48', text);
  const count = cursor.number(4, 'number of details');
  cursor.end('the total');
  return count;
}

/** F62 of an approved chip transaction, 203 and 205, and of one the card approved against its issuer, 204 and 206. */
export interface ChipDetail {
  readonly kind: 'approved' | 'issuer-authentication-failed';
  readonly isForeign: boolean;
  readonly amountFen: number;
  readonly currency: string;
}

export function encodeChipDetail({ kind, isForeign, amountFen, currency }: ChipDetail): Uint8Array {
  const organisation = isForeign ? '01' : '00';
  const amount = `${fixedDigits('F62', amountFen, 12)}${currency}`;
  return latin1(kind === 'approved' ? `61${organisation}00${amount}` : `71${organisation}05${amount}22`);
}

export function parseChipDetail(bytes: Uint8Array): ChipDetail {
  const cursor = new TextCursor('F62', bytes);
  const at = cursor.offset;
  const type = cursor.digits(2, 'detail type');
  if (type !== '61' && type !== '71') throw cursor.error(at, 'detail type 61 or 71', type);
  const isForeign = cursor.digits(2, 'card organisation') !== '00';
  cursor.digits(2, 'chip condition');
  const detail = { isForeign, amountFen: cursor.number(12, 'amount'), currency: cursor.digits(3, 'currency') };
  if (type === '71') cursor.digits(2, 'reason');
  cursor.end('the detail');
  return { kind: type === '61' ? 'approved' : 'issuer-authentication-failed', ...detail };
}
