/** F48 of 0500 and 0510: domestic totals, then those of foreign cards (reference iso8583.md §1.8). */
import { messageError } from '../errors.ts';

export interface SettlementTotals {
  readonly debitFen: number;
  readonly debitCount: number;
  readonly creditFen: number;
  readonly creditCount: number;
  /** 0 as sent, 1 equal, 2 unequal. */
  readonly result: 0 | 1 | 2 | 3;
}

/** A count has three digits: settle before a batch holds more. */
export const BATCH_COUNT_MAX = 999;
const F48_DIGITS = 62;

export function encodeSettlementTotals(totals: SettlementTotals): string {
  if (totals.debitCount > BATCH_COUNT_MAX || totals.creditCount > BATCH_COUNT_MAX) {
    throw messageError(
      'FIELD_VALUE',
      'F48',
      0,
      `counts up to ${BATCH_COUNT_MAX}`,
      `${Math.max(totals.debitCount, totals.creditCount)}`,
    );
  }
  const digits = (value: number, length: number): string => String(value).padStart(length, '0');
  const domestic =
    digits(totals.debitFen, 12) +
    digits(totals.debitCount, 3) +
    digits(totals.creditFen, 12) +
    digits(totals.creditCount, 3);
  return `${domestic}${totals.result}${'0'.repeat(31)}`;
}

export function parseSettlementTotals(text: string): SettlementTotals {
  if (text.length !== F48_DIGITS)
    throw messageError('FIELD_LENGTH', 'F48', 0, `${F48_DIGITS} digits of totals`, `${text.length}`);
  return {
    debitFen: Number(text.slice(0, 12)),
    debitCount: Number(text.slice(12, 15)),
    creditFen: Number(text.slice(15, 27)),
    creditCount: Number(text.slice(27, 30)),
    result: Number(text[30]) as SettlementTotals['result'],
  };
}
