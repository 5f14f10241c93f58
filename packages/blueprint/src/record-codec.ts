/**
 * Records and transparent files as values and back, compiled from their specification; no offset is typed anywhere else.
 * A record of a variable extended file is `ID(2) ‖ length(1) ‖ data` and the codec writes ID and length itself.
 */
import {
  bcdFromDigits,
  bcdFromNumber,
  digitsFromBcd,
  fromHex,
  numberFromBcd,
  PolycardError,
  toHex,
} from '@polycard/bytes';
import { decodeGb18030, encodeGb18030 } from './gb18030.ts';
import type { RecordField } from './schema/field.ts';

export type RecordValue = number | string;
export type RecordValues = Record<string, RecordValue>;

/** What a codec is made from: a record of an extended file (with its ID) or a layout of a file. */
export interface RecordLayout {
  readonly recordId?: string;
  readonly name: string;
  readonly lengthBytes: number;
  readonly fields: readonly RecordField[];
}

export interface RecordCodec<Layout extends RecordLayout = RecordLayout> {
  readonly name: string;
  /** Two bytes; absent for a cyclic file. */
  readonly recordId?: Uint8Array;
  readonly lengthBytes: number;
  readonly specification: Layout;
  field(name: string): RecordField | undefined;
  /** The record as it is opened: every field at its initial value or zero. */
  initial(): Uint8Array;
  /** Values by field name. Throws `POLYCARD_RECORD_LENGTH`, `POLYCARD_RECORD_ID`, `POLYCARD_RECORD_FIELD`. */
  decode(bytes: Uint8Array): RecordValues;
  /** The record with these values over `base` (a record as read) or over the initial one. Unknown names are refused. */
  encode(values: RecordValues, base?: Uint8Array): Uint8Array;
}

export function compileRecord<Layout extends RecordLayout>(specification: Layout): RecordCodec<Layout> {
  const { name, lengthBytes } = specification;
  const recordId = specification.recordId === undefined ? undefined : fromHex(specification.recordId);
  const fields = new Map(specification.fields.map((field) => [field.name, field]));
  const template = new Uint8Array(lengthBytes);
  if (recordId !== undefined) {
    template.set(recordId);
    template[2] = lengthBytes - 3;
  }
  for (const field of specification.fields) {
    if (field.initial !== undefined) template.set(fromHex(field.initial), field.offset);
  }
  const check = (bytes: Uint8Array): void => {
    if (bytes.length !== lengthBytes) {
      throw new PolycardError(
        'POLYCARD_RECORD_LENGTH',
        `record ${name} has ${bytes.length} bytes, expected ${lengthBytes}`,
        { where: name },
      );
    }
    if (recordId !== undefined && (bytes[0] !== recordId[0] || bytes[1] !== recordId[1])) {
      throw new PolycardError(
        'POLYCARD_RECORD_ID',
        `record ${name} has ID ${toHex(bytes.subarray(0, 2))}, expected ${toHex(recordId)}`,
        { where: name },
      );
    }
  };
  return {
    name,
    ...(recordId === undefined ? {} : { recordId }),
    lengthBytes,
    specification,
    field: (fieldName) => fields.get(fieldName),
    initial: () => template.slice(),
    decode(bytes) {
      check(bytes);
      const values: RecordValues = {};
      for (const field of specification.fields) {
        if (field.coding === 'rfu') continue;
        values[field.name] = decodeField(name, field, bytes.subarray(field.offset, field.offset + field.length));
      }
      return values;
    },
    encode(values, base) {
      if (base !== undefined) check(base);
      const out = (base ?? template).slice();
      if (recordId !== undefined) out[2] = template[2]!; // a base read from a card may hold any length byte
      for (const [fieldName, value] of Object.entries(values)) {
        const field = fields.get(fieldName);
        if (field === undefined) {
          throw new PolycardError('POLYCARD_RECORD_FIELD', `record ${name} has no field ${fieldName}`, {
            where: `${name}.${fieldName}`,
            expected: [...fields.keys()].join(', '),
          });
        }
        const place = out.subarray(field.offset, field.offset + field.length);
        // text may be padded in more than one way: what does not change keeps its bytes
        if (PADDED.has(field.coding) && isUnchanged(name, field, place, value)) continue;
        out.set(encodeField(name, field, value), field.offset);
      }
      return out;
    },
  };
}

const PADDED: ReadonlySet<RecordField['coding']> = new Set(['ascii', 'gb18030']);

function isUnchanged(record: string, field: RecordField, bytes: Uint8Array, value: RecordValue): boolean {
  try {
    return decodeField(record, field, bytes) === value;
  } catch {
    return false;
  }
}

function decodeField(record: string, field: RecordField, bytes: Uint8Array): RecordValue {
  try {
    switch (field.coding) {
      case 'uint':
        return bytes.reduce((value, byte) => value * 256 + byte, 0);
      case 'sint': {
        const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
        return bytes[0]! < 0x80 ? value : value - 256 ** bytes.length;
      }
      case 'bcd':
        return numberFromBcd(bytes);
      case 'digits':
        return digitsFromBcd(bytes);
      case 'date':
      case 'datetime':
        return bytes.every((byte) => byte === 0) ? '' : digitsFromBcd(bytes);
      case 'ascii':
        return Buffer.from(bytes)
          .toString('latin1')
          .replace(/[\0 ]+$/, '');
      case 'gb18030':
        return decodeGb18030(bytes).replace(/[\0 ]+$/, '');
      default:
        return toHex(bytes);
    }
  } catch (cause) {
    throw fieldError(record, field, `does not decode as ${field.coding}`, cause);
  }
}

function encodeField(record: string, field: RecordField, value: RecordValue): Uint8Array {
  try {
    switch (field.coding) {
      case 'uint':
        return encodeUint(Number(value), field.length);
      case 'sint':
        return encodeSint(Number(value), field.length);
      case 'bcd':
        return bcdFromNumber(Number(value), field.length);
      case 'digits':
        return bcdFromDigits(String(value), field.length);
      case 'date':
      case 'datetime':
        return value === ''
          ? new Uint8Array(field.length)
          : bcdFromDigits(exactly(String(value), field.length * 2), field.length);
      case 'ascii':
        return padded(encodeAscii(String(value)), field.length);
      case 'gb18030':
        return padded(encodeGb18030(String(value)), field.length);
      default:
        return fromHex(exactly(String(value), field.length * 2));
    }
  } catch (cause) {
    throw fieldError(record, field, `cannot hold ${JSON.stringify(value)} as ${field.coding}`, cause);
  }
}

function encodeSint(value: number, lengthBytes: number): Uint8Array {
  const range = 256 ** lengthBytes;
  if (!(value >= -range / 2 && value < range / 2)) throw new RangeError('out of range');
  return encodeUint(value < 0 ? value + range : value, lengthBytes);
}

function encodeAscii(text: string): Uint8Array {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new RangeError('holds characters that are no printable ASCII');
  return Buffer.from(text, 'latin1');
}

function padded(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length > length) throw new RangeError(`takes ${bytes.length} bytes, there are ${length}`);
  const out = new Uint8Array(length).fill(0x20);
  out.set(bytes);
  return out;
}

function encodeUint(value: number, lengthBytes: number): Uint8Array {
  let rest = value;
  if (!Number.isSafeInteger(rest) || rest < 0 || rest >= 256 ** lengthBytes) throw new RangeError('out of range');
  const out = new Uint8Array(lengthBytes);
  for (let index = lengthBytes - 1; index >= 0; index--) {
    out[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return out;
}

function exactly(text: string, length: number): string {
  if (text.length !== length) throw new RangeError(`has ${text.length} characters, expected ${length}`);
  return text;
}

function fieldError(record: string, field: RecordField, problem: string, cause: unknown): PolycardError {
  return new PolycardError(
    'POLYCARD_RECORD_FIELD',
    `record ${record}, field ${field.name} (offset ${field.offset}, ${field.length} bytes) ${problem}`,
    {
      where: `${record}.${field.name}`,
      cause,
    },
  );
}
