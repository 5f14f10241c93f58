/**
 * Messages packed and unpacked by a dialect. Packing writes digits straight into one buffer; unpacking only finds where
 * fields are (checking every length and that nothing is left over) and decodes a field when it is asked for.
 */
import { messageError } from './errors.ts';
import type { Dialect, FieldSpecification } from './field.ts';

export type FieldValue = string | Uint8Array;

/** MTI and fields as sent: digits and text as strings, bytes as bytes. */
export interface Message {
  readonly mti: string;
  readonly fields: Readonly<Record<number, FieldValue>>;
}

const MESSAGE_BYTES_MAX = 4096;
const MTI_BYTES = 2;
const BITMAP_BYTES = 8;
const FIELDS_START = MTI_BYTES + BITMAP_BYTES;
const FIELDS_MAX = 64;
const SECOND_MAP_MAX = 128;
/** Below this a loop is faster than the call that copies. */
const COPY_BY_HAND_MAX = 24;
/**
 * Messages are written one behind the other into slabs and handed out as views: no copy, and one allocation for many
 * messages. A slab lives as long as a message of it.
 */
const SLAB_BYTES = 8 * MESSAGE_BYTES_MAX;
let slab = new Uint8Array(SLAB_BYTES);
let slabUsed = 0;

/** Value of a hex digit's character code, 255 for others. */
const NIBBLE = new Uint8Array(256).fill(255);
for (let digit = 0; digit < 10; digit++) NIBBLE[48 + digit] = digit;
for (let letter = 0; letter < 6; letter++) {
  NIBBLE[65 + letter] = 10 + letter;
  NIBBLE[97 + letter] = 10 + letter;
}
NIBBLE[61] = 0x0d; // '=' is nibble D in track data

const TWO_DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).toUpperCase().padStart(2, '0'));

/** Bytes from the MTI to the last field. Throws `POLYCARD_ISO8583_*` naming the field that does not fit. */
export function packMessage(dialect: Dialect, message: Message): Uint8Array {
  if (SLAB_BYTES - slabUsed < MESSAGE_BYTES_MAX) {
    slab = new Uint8Array(SLAB_BYTES);
    slabUsed = 0;
  }
  const out = slab;
  const start = slabUsed;
  const limit = start + MESSAGE_BYTES_MAX;
  packDigits(out, start, limit, message.mti, 4, 'MTI');
  const { fields } = message;
  let high = 0;
  let low = 0;
  let offset = start + FIELDS_START;
  for (let field = 2; field <= FIELDS_MAX; field++) {
    const value = fields[field];
    if (value === undefined) continue;
    const row = dialect.fields[field];
    if (row === undefined) throw unknownField(dialect, String(field), offset - start);
    if (field <= 32) high |= 1 << (32 - field);
    else low |= 1 << (64 - field);
    offset = packField(out, offset, limit, row, value);
  }
  for (let index = 0; index < 4; index++) {
    out[start + MTI_BYTES + index] = high >>> (24 - index * 8);
    out[start + MTI_BYTES + 4 + index] = low >>> (24 - index * 8);
  }
  refuseUnknownKeys(dialect, message, offset - start);
  slabUsed = offset;
  return out.subarray(start, offset);
}

/** Numbers that are no field of a 64-bit map: a caller that names one has made a mistake. */
function refuseUnknownKeys(dialect: Dialect, { fields }: Message, offset: number): void {
  for (let field = 0; field < 2; field++)
    if (fields[field] !== undefined) throw unknownField(dialect, String(field), offset);
  for (let field = FIELDS_MAX + 1; field <= SECOND_MAP_MAX; field++) {
    if (fields[field] !== undefined) throw unknownField(dialect, String(field), offset);
  }
}

function unknownField(dialect: Dialect, field: string, offset: number): Error {
  return messageError('FIELD_UNKNOWN', `F${field}`, offset, `a field of ${dialect.name}`, 'a field it has no row for');
}

function packField(out: Uint8Array, start: number, limit: number, row: FieldSpecification, value: FieldValue): number {
  let offset = start;
  const length = value.length;
  if (row.prefix === 'fixed') {
    if (length > row.length || (row.encoding === 'raw' && length !== row.length))
      throw lengthError(row, offset, length);
  } else {
    if (length > row.length) throw lengthError(row, offset, length);
    if (row.prefix === 'LLL') out[offset++] = (length / 100) | 0;
    const rest = length % 100;
    out[offset++] = (((rest / 10) | 0) << 4) | (rest % 10);
  }
  const isFixed = row.prefix === 'fixed';
  if (row.encoding === 'bcd') {
    if (typeof value !== 'string') throw messageError('FIELD_TYPE', `F${row.field}`, offset, 'digits', 'bytes');
    if (row.content === 'n' && (length & 1) === 0 && (!isFixed || length === row.length)) {
      return packDigits(out, offset, limit, value, length, row.field);
    }
    return packNibbles(out, offset, limit, value, isFixed ? row.length : length, row);
  }
  const width = isFixed ? row.length : length;
  if (offset + width > limit) throw tooLong(row.field, offset);
  if (typeof value === 'string') {
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code > 255) {
        throw messageError('FIELD_TEXT', `F${row.field}`, offset + index, 'one-byte characters', 'another character');
      }
      out[offset + index] = code;
    }
  } else if (length <= COPY_BY_HAND_MAX) {
    for (let index = 0; index < length; index++) out[offset + index] = value[index]!;
  } else {
    out.set(value, offset);
  }
  if (length < width) out.fill(0x20, offset + length, offset + width);
  return offset + width;
}

/** An even number of decimal digits, two a byte: what most fields are. */
function packDigits(
  out: Uint8Array,
  start: number,
  limit: number,
  text: string,
  digits: number,
  field: number | 'MTI',
): number {
  if (text.length !== digits)
    throw messageError('FIELD_LENGTH', nameOf(field), start, `${digits} digits`, `${text.length}`);
  if (start + digits > limit) throw tooLong(field, start);
  let at = start;
  for (let index = 0; index < digits; index += 2) {
    const high = text.charCodeAt(index) - 48;
    const low = text.charCodeAt(index + 1) - 48;
    if (high >>> 0 > 9 || low >>> 0 > 9) {
      throw messageError('FIELD_DIGITS', nameOf(field), at, 'decimal digits', 'another character');
    }
    out[at++] = (high << 4) | low;
  }
  return at;
}

/** Odd or short digits and track data: filled with zeros on the side the field says. */
function packNibbles(
  out: Uint8Array,
  start: number,
  limit: number,
  text: string,
  digits: number,
  row: FieldSpecification,
): number {
  const bytes = (digits + 1) >> 1;
  if (text.length > digits) throw lengthError(row, start, text.length);
  if (start + bytes > limit) throw tooLong(row.field, start);
  const base = row.content === 'z' ? 16 : 10;
  // positions before the text and behind it are filled
  let position = row.fill === 'left' ? text.length - bytes * 2 : 0;
  for (let at = start; at < start + bytes; at++) {
    const high = nibbleAt(text, position++);
    const low = nibbleAt(text, position++);
    if (high >= base || low >= base) {
      const expected = base === 10 ? 'decimal digits' : 'track digits';
      throw messageError('FIELD_DIGITS', `F${row.field}`, start, expected, 'another character');
    }
    out[at] = (high << 4) | low;
  }
  return start + bytes;
}

/** A digit's value; 0 outside the text, 255 for what is no digit. */
function nibbleAt(text: string, position: number): number {
  if (position < 0 || position >= text.length) return 0;
  const code = text.charCodeAt(position);
  return code < 256 ? NIBBLE[code]! : 255;
}

const nameOf = (field: number | 'MTI'): string => (field === 'MTI' ? field : `F${field}`);

function tooLong(field: number | 'MTI', offset: number): Error {
  return messageError('TOO_LONG', nameOf(field), offset, `at most ${MESSAGE_BYTES_MAX} bytes`, 'more');
}

function lengthError(row: FieldSpecification, offset: number, found: number): Error {
  const unit = row.encoding === 'bcd' ? 'digits' : 'bytes';
  return messageError(
    'FIELD_LENGTH',
    `F${row.field}`,
    offset,
    `${row.prefix === 'fixed' ? '' : 'at most '}${row.length} ${unit}`,
    `${found}`,
  );
}

/** A received message: field positions are known and checked, contents are decoded on request. */
export class ReceivedMessage {
  readonly bytes: Uint8Array;
  readonly dialect: Dialect;
  /** Start and length (digits for BCD content) of each field; start 0 means absent. */
  readonly #positions: Uint16Array;

  constructor(dialect: Dialect, bytes: Uint8Array, positions: Uint16Array) {
    this.dialect = dialect;
    this.bytes = bytes;
    this.#positions = positions;
  }

  get mti(): string {
    return TWO_DIGITS[this.bytes[0]!]! + TWO_DIGITS[this.bytes[1]!]!;
  }

  has(field: number): boolean {
    return this.#positions[field * 2] !== 0;
  }

  /** Field numbers present, ascending. */
  fields(): number[] {
    const present: number[] = [];
    for (let field = 2; field <= 64; field++) if (this.has(field)) present.push(field);
    return present;
  }

  /** Digits or text of a field, undefined when absent. Throws on a nibble above 9 in a numeric field. */
  text(field: number): string | undefined {
    const start = this.#positions[field * 2]!;
    if (start === 0) return undefined;
    const length = this.#positions[field * 2 + 1]!;
    const row = this.dialect.fields[field]!;
    if (row.encoding === 'bcd') return this.#digits(row, start, length);
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, length).toString('latin1');
  }

  /** Text of a field that must be there. Throws `POLYCARD_ISO8583_FIELD_MISSING`. */
  required(field: number): string {
    const text = this.text(field);
    if (text === undefined)
      throw messageError('FIELD_MISSING', `F${field}`, this.bytes.length, 'the field', 'no such field');
    return text;
  }

  /** A view of a field's bytes as they stand in the message. */
  raw(field: number): Uint8Array | undefined {
    const start = this.#positions[field * 2]!;
    if (start === 0) return undefined;
    const length = this.#positions[field * 2 + 1]!;
    const width = this.dialect.fields[field]!.encoding === 'bcd' ? (length + 1) >> 1 : length;
    return this.bytes.subarray(start, start + width);
  }

  /** The message as plain values, to pack again or to show. */
  toMessage(): Message {
    const fields: Record<number, FieldValue> = {};
    for (const field of this.fields()) {
      const isBytes = this.dialect.fields[field]!.content === 'b';
      fields[field] = isBytes ? this.raw(field)! : this.text(field)!;
    }
    return { mti: this.mti, fields };
  }

  /** Everything before field 64: what a message authentication code is made over. */
  beforeMac(): Uint8Array {
    const start = this.#positions[128]!;
    return this.bytes.subarray(0, start === 0 ? this.bytes.length : start);
  }

  #digits(row: FieldSpecification, start: number, length: number): string {
    const bytes = (length + 1) >> 1;
    let text = '';
    for (let index = 0; index < bytes; index++) text += TWO_DIGITS[this.bytes[start + index]!]!;
    if (length < text.length) text = row.fill === 'left' ? text.slice(text.length - length) : text.slice(0, length);
    if (row.content === 'n' && /[A-F]/.test(text)) {
      throw messageError('FIELD_DIGITS', `F${row.field}`, start, 'decimal digits', 'a nibble above 9');
    }
    return text;
  }
}

/** Finds every field. Throws `POLYCARD_ISO8583_*` with field, offset, expected and found. */
export function unpackMessage(dialect: Dialect, bytes: Uint8Array): ReceivedMessage {
  const end = bytes.length;
  if (end < FIELDS_START)
    throw messageError('TRUNCATED', 'bitmap', end, `${FIELDS_START} bytes of MTI and bitmap`, `${end}`);
  if (end > MESSAGE_BYTES_MAX)
    throw messageError('TOO_LONG', 'message', MESSAGE_BYTES_MAX, `at most ${MESSAGE_BYTES_MAX} bytes`, `${end}`);
  if ((bytes[0]! & 0xf0) > 0x90 || (bytes[0]! & 0x0f) > 9 || (bytes[1]! & 0xf0) > 0x90 || (bytes[1]! & 0x0f) > 9) {
    throw messageError('MTI', 'MTI', 0, 'four decimal digits', 'a nibble above 9');
  }
  const positions = new Uint16Array(130);
  let offset = FIELDS_START;
  for (let group = 0; group < BITMAP_BYTES; group++) {
    let bits = bytes[MTI_BYTES + group]!;
    while (bits !== 0) {
      const bit = Math.clz32(bits) - 24;
      bits &= 0xff >> (bit + 1);
      const field = group * 8 + bit + 1;
      const row = dialect.fields[field];
      if (row === undefined) {
        throw messageError(
          'FIELD_UNKNOWN',
          `F${field}`,
          MTI_BYTES + group,
          `fields of ${dialect.name}`,
          'a bit for a field it has no row for',
        );
      }
      let length = row.length;
      if (row.prefix !== 'fixed') {
        const prefixBytes = row.prefix === 'LL' ? 1 : 2;
        if (offset + prefixBytes > end) throw truncated(row, offset, prefixBytes, end);
        length = 0;
        for (let index = 0; index < prefixBytes; index++) {
          const byte = bytes[offset++]!;
          if ((byte & 0x0f) > 9 || byte > 0x99)
            throw messageError('FIELD_PREFIX', `F${field}`, offset - 1, 'a BCD length', 'a nibble above 9');
          length = length * 100 + (byte >> 4) * 10 + (byte & 0x0f);
        }
        if (length > row.length) throw lengthError(row, offset, length);
      }
      const width = row.encoding === 'bcd' ? (length + 1) >> 1 : length;
      if (offset + width > end) throw truncated(row, offset, width, end);
      positions[field * 2] = offset;
      positions[field * 2 + 1] = length;
      offset += width;
    }
  }
  if (offset !== end) throw messageError('LEFT_OVER', 'message', offset, 'the end', `${end - offset} more bytes`);
  return new ReceivedMessage(dialect, bytes, positions);
}

function truncated(row: FieldSpecification, offset: number, wanted: number, end: number): Error {
  return messageError('TRUNCATED', `F${row.field}`, offset, `${wanted} bytes`, `${end - offset}`);
}
