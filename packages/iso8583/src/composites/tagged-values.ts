/**
 * Tag, length, value with every tag taken as primitive: the contactless parameters of 394 and the status of 362. Tags like
 * FF805D have the bit of a constructed object set but hold plain values (reference iso8583.md §1.7).
 */
import { concat, fromHex, toHex } from '@polycard/bytes';
import { messageError } from '../errors.ts';

/** Value bytes by tag, in the order sent. */
export type TaggedValues = ReadonlyMap<string, Uint8Array>;

/** What the 394 download carries, as publicly described. */
export const CONTACTLESS_PARAMETERS = {
  FF805D: 'channelOn',
  FF803A: 'flashCardTime',
  FF803C: 'flashCardRecordTime',
  FF8057: 'cdcvm',
  FF8059: 'noPinNoSignatureLimit',
} as const;

const VALUE_BYTES_MAX = 127;

export function encodeTaggedValues(values: TaggedValues, field = 'F62'): Uint8Array {
  const parts = [...values].map(([tag, value]) => {
    if (value.length > VALUE_BYTES_MAX)
      throw messageError('FIELD_LENGTH', `${field}.${tag}`, 0, `at most ${VALUE_BYTES_MAX} bytes`, `${value.length}`);
    return concat(fromHex(tag), Uint8Array.of(value.length), value);
  });
  return concat(...parts);
}

/** Throws `POLYCARD_ISO8583_FIELD_VALUE` naming the offset where a tag, length or value is cut off, or a tag repeats. */
export function parseTaggedValues(bytes: Uint8Array, field = 'F62'): TaggedValues {
  const values = new Map<string, Uint8Array>();
  for (let offset = 0; offset < bytes.length; ) {
    const start = offset;
    if ((bytes[offset++]! & 0x1f) === 0x1f) while (((bytes[offset++] ?? 0) & 0x80) !== 0 && offset - start < 3);
    const length = bytes[offset++];
    if (length === undefined || length > VALUE_BYTES_MAX || offset + length > bytes.length)
      throw messageError('FIELD_VALUE', field, start, 'a tag, its length and so many bytes', 'fewer bytes');
    const tag = toHex(bytes.subarray(start, offset - 1));
    if (values.has(tag)) throw messageError('FIELD_VALUE', field, start, 'each tag once', `${tag} again`);
    values.set(tag, bytes.slice(offset, offset + length));
    offset += length;
  }
  return values;
}
