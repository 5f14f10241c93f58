/**
 * A segment holds the cards that share an issuer prefix, a length, a scope, a reason and a rule: what is left of a card
 * number is a serial, and sorted serials are written as the differences between neighbours. Cards of one issuer are
 * numbered densely, so a difference is about one byte.
 *
 * A number whose last digit is the Luhn check digit (ISO/IEC 7812-1 Annex B) is held without it.
 */
import { type ByteReader, PolycardError } from '@polycard/bytes';
import { type DenyEntry, type DenyReason, type DenyScope, isIdentifier } from './entry.ts';
import { readVarint, type VarintWriter } from './varint.ts';

export const PREFIX_DIGITS = 6;

export interface SegmentName {
  /** First six digits. */
  readonly prefix: string;
  /** Digits of the whole card number. */
  readonly digits: number;
  readonly hasCheckDigit: boolean;
  readonly scope: DenyScope;
  readonly reason: DenyReason;
  readonly lockOnSight: boolean;
}

/** Canonical text of a name: segments are ordered by it. */
export function segmentKey(name: SegmentName): string {
  return [
    name.prefix,
    String(name.digits).padStart(2, '0'),
    name.hasCheckDigit ? 'c' : 'p',
    name.scope,
    name.reason,
    name.lockOnSight ? 'l' : '-',
  ].join('|');
}

/** True when the last digit is the check digit over those before it. */
export function hasLuhnDigit(cardNo: string): boolean {
  let sum = 0;
  for (let index = cardNo.length - 1, position = 0; index >= 0; index--, position++) {
    let digit = cardNo.charCodeAt(index) - 48;
    if ((position & 1) === 1) {
      digit *= 2;
      if (digit > 9) digit -= 9;
    }
    sum += digit;
  }
  return sum % 10 === 0;
}

/** Where an entry belongs, and its serial there. */
export function placeOf(entry: DenyEntry): { readonly name: SegmentName; readonly serial: number } {
  const { cardNo, scope, reason, lockOnSight } = entry;
  const hasCheckDigit = hasLuhnDigit(cardNo);
  const name = {
    prefix: cardNo.slice(0, PREFIX_DIGITS),
    digits: cardNo.length,
    hasCheckDigit,
    scope,
    reason,
    lockOnSight,
  };
  return { name, serial: serialOf(cardNo, hasCheckDigit) };
}

export function serialOf(cardNo: string, hasCheckDigit: boolean): number {
  return Number(cardNo.slice(PREFIX_DIGITS, hasCheckDigit ? -1 : undefined));
}

/** The card number a serial stands for. */
export function cardNoOf(name: SegmentName, serial: number): string {
  const serialDigits = name.digits - PREFIX_DIGITS - (name.hasCheckDigit ? 1 : 0);
  const body = `${name.prefix}${String(serial).padStart(serialDigits, '0')}`;
  if (!name.hasCheckDigit) return body;
  for (let digit = 0; digit <= 9; digit++) if (hasLuhnDigit(`${body}${digit}`)) return `${body}${digit}`;
  return body;
}

export function writeSegmentName(writer: VarintWriter, name: SegmentName): void {
  writer.digits(name.prefix);
  writer.varint(name.digits);
  writer.text(name.scope);
  writer.text(name.reason);
  writer.varint((name.hasCheckDigit ? 1 : 0) | (name.lockOnSight ? 2 : 0));
}

/** Throws `POLYCARD_DENY_LIST_FORMAT` or a truncation error. */
export function readSegmentName(reader: ByteReader): SegmentName {
  const at = reader.offset;
  const prefix = Array.from(reader.take(PREFIX_DIGITS / 2, 'segment prefix'), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
  const digits = readVarint(reader, 'card number length');
  const text = (field: string): string =>
    new TextDecoder().decode(reader.take(reader.u8(`length of the ${field}`), field));
  const [scope, reason] = [text('scope'), text('reason')];
  const flags = readVarint(reader, 'segment flags');
  if (!/^\d{6}$/.test(prefix) || digits < 8 || digits > 19 || ![scope, reason].every(isIdentifier) || flags > 3) {
    throw new PolycardError('POLYCARD_DENY_LIST_FORMAT', `deny list: offset ${at} holds no segment name`, {
      where: `offset ${at}`,
      expected: 'prefix of 6 digits, 8 to 19 digits, a scope, a reason, flags 0 to 3',
    });
  }
  return { prefix, digits, hasCheckDigit: (flags & 1) !== 0, scope, reason, lockOnSight: (flags & 2) !== 0 };
}

/** Sorted distinct serials as differences; the first one as it is. */
export function writeSerials(writer: VarintWriter, serials: ArrayLike<number>): void {
  let previous = -1;
  for (let index = 0; index < serials.length; index++) {
    writer.varint(serials[index]! - previous - 1);
    previous = serials[index]!;
  }
}

export function readSerials(reader: ByteReader, count: number): Float64Array {
  // each serial takes a byte at least: a count that promises more than is there is refused before memory is taken
  reader.need(count, 'serials');
  const serials = new Float64Array(count);
  let previous = -1;
  for (let index = 0; index < count; index++) {
    previous += readVarint(reader, 'serial') + 1;
    serials[index] = previous;
  }
  return serials;
}
