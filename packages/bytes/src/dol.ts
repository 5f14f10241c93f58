/** Data object lists: tag and length pairs without values (EMV 4.4 Book 3 §5.4). */
import { PolycardError } from './errors.ts';
import { toHex } from './hex.ts';
import { ByteReader } from './reader.ts';

export interface DolEntry {
  readonly tag: string;
  readonly lengthBytes: number;
}

export function parseDol(bytes: Uint8Array, what = 'DOL'): DolEntry[] {
  const reader = new ByteReader(bytes, what);
  const entries: DolEntry[] = [];
  while (reader.remaining > 0) {
    const start = reader.offset;
    if ((reader.u8('tag') & 0x1f) === 0x1f) while ((reader.u8('tag') & 0x80) !== 0);
    const tag = toHex(bytes.subarray(start, reader.offset));
    if (tag.length > 6) throw new PolycardError('POLYCARD_TLV_TAG', `tag at offset ${start} of ${what} is too long`);
    entries.push({ tag, lengthBytes: reader.u8(`length of ${tag}`) });
  }
  return entries;
}

export function dolLengthBytes(entries: readonly DolEntry[]): number {
  return entries.reduce((sum, entry) => sum + entry.lengthBytes, 0);
}

/** `n` and `cn` formats decide on which side a value is cut or filled; everything else is treated as binary. */
export type DolAlignment = (tag: string) => 'right' | 'left';

/**
 * Values of a DOL in its order: absent ones zero, shorter and longer ones fitted on the side of their format
 * (EMV 4.4 Book 3 §5.4: numeric right aligned; everything else is cut or filled on the right).
 */
export function buildDol(
  entries: readonly DolEntry[],
  value: (tag: string) => Uint8Array | undefined,
  alignment: DolAlignment = () => 'left',
): Uint8Array {
  const out = new Uint8Array(dolLengthBytes(entries));
  let offset = 0;
  for (const { tag, lengthBytes } of entries) {
    const found = value(tag);
    if (found !== undefined) {
      if (alignment(tag) === 'right') {
        const part = found.length > lengthBytes ? found.subarray(found.length - lengthBytes) : found;
        out.set(part, offset + lengthBytes - part.length);
      } else {
        out.set(found.length > lengthBytes ? found.subarray(0, lengthBytes) : found, offset);
      }
    }
    offset += lengthBytes;
  }
  return out;
}

/** Splits DOL data back into its values (views). Throws `POLYCARD_TLV_DOL` when the length does not fit. */
export function splitDol(entries: readonly DolEntry[], data: Uint8Array, what = 'DOL data'): Map<string, Uint8Array> {
  const expected = dolLengthBytes(entries);
  if (data.length !== expected) {
    throw new PolycardError('POLYCARD_TLV_DOL', `${what} has ${data.length} bytes, expected ${expected}`);
  }
  const values = new Map<string, Uint8Array>();
  let offset = 0;
  for (const { tag, lengthBytes } of entries) {
    values.set(tag, data.subarray(offset, offset + lengthBytes));
    offset += lengthBytes;
  }
  return values;
}
