/**
 * Money on the card: balance, limits and allowance of the currency in use, and 9F5D worked out from them.
 * PBOC 3.0 Part 13 (electronic cash) and Part 14 §5, §6 (allowance) as publicly described. Amounts are fen.
 */
import { bcdFromNumber, numberFromBcd } from '@polycard/bytes';
import type { MemoryWrite, PersistentMemory } from '../../os/memory.ts';
import { FIELD, type FieldName, writeField } from './layout.ts';

const AMOUNT_BYTES = 6;

export function readAmount(memory: PersistentMemory, name: FieldName): number {
  return numberFromBcd(memory.view(FIELD[name].offset, AMOUNT_BYTES));
}

export function writeAmount(name: FieldName, amount: number): MemoryWrite {
  return writeField(name, bcdFromNumber(amount, AMOUNT_BYTES));
}

export function readField(memory: PersistentMemory, name: FieldName): Uint8Array {
  return memory.view(FIELD[name].offset, FIELD[name].lengthBytes);
}

/** The fields of the first currency, and those of the second one that take their place while it is in use. */
export const SECOND_CURRENCY_FIELD: Readonly<Partial<Record<FieldName, FieldName>>> = {
  '9F79': 'DF79',
  '9F77': 'DF77',
  '9F78': 'DF78',
  '9F6D': 'DF76',
  '9F6B': 'DF72',
};

export function fieldInCurrency(name: FieldName, second: boolean): FieldName {
  return (second ? SECOND_CURRENCY_FIELD[name] : undefined) ?? name;
}

const LOW_VALUE = 0x80;
const LOW_VALUE_AND_CTTA = 0x40;
const LOW_VALUE_OR_CTTA = 0x20;

/** What CTTA is held against: the upper limit 9F5C, or 9F54 on a card without one. */
export function cttaLimit(memory: PersistentMemory): number {
  return readAmount(memory, '9F5C') || readAmount(memory, '9F54');
}

/**
 * 9F5D, available offline amount: the balance for the low-value option (floor 0), what the CTTA limit leaves for
 * "and" (as observed), both together for "or"; nothing when no option of 9F68 byte 1 is on.
 */
export function availableOfflineAmount(
  additional: Uint8Array,
  amounts: { balance: number; ctta: number; cttaLimit: number },
): number {
  const cttaLeft = Math.max(0, amounts.cttaLimit - amounts.ctta);
  const option = additional[0] ?? 0;
  if ((option & LOW_VALUE) !== 0) return Math.max(0, amounts.balance);
  if ((option & LOW_VALUE_AND_CTTA) !== 0) return cttaLeft;
  if ((option & LOW_VALUE_OR_CTTA) !== 0) return Math.max(0, amounts.balance) + cttaLeft;
  return 0;
}
