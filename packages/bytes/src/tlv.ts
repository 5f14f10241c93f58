/**
 * BER-TLV as EMV uses it: tags of up to three bytes, definite lengths of up to four (EMV 4.4 Book 3 Annex B).
 * Does not do indefinite lengths, which EMV does not use.
 */
import { PolycardError } from './errors.ts';
import { concat, toHex } from './hex.ts';
import { ByteReader } from './reader.ts';

export interface TlvNode {
  /** Tag as upper-case hex, e.g. `9F26`. */
  readonly tag: string;
  readonly value: Uint8Array;
  /** Present when the tag is constructed (bit 6 of its first byte). */
  readonly children?: readonly TlvNode[];
}

const TAG_BYTES_MAX = 3;
const DEPTH_MAX = 8;

export function isConstructed(tag: string): boolean {
  return (Number.parseInt(tag.slice(0, 2), 16) & 0x20) !== 0;
}

function readTag(reader: ByteReader): string {
  const start = reader.offset;
  const first = reader.u8('tag');
  if ((first & 0x1f) === 0x1f) {
    let more = true;
    while (more) {
      if (reader.offset - start >= TAG_BYTES_MAX) {
        throw new PolycardError('POLYCARD_TLV_TAG', `tag at offset ${start} is longer than ${TAG_BYTES_MAX} bytes`);
      }
      more = (reader.u8('tag') & 0x80) !== 0;
    }
  }
  return toHex(reader.bytes.subarray(start, reader.offset));
}

function readLength(reader: ByteReader, tag: string): number {
  const first = reader.u8(`length of ${tag}`);
  if (first < 0x80) return first;
  const count = first & 0x7f;
  if (count === 0 || count > 4) {
    throw new PolycardError(
      'POLYCARD_TLV_LENGTH',
      `length of ${tag} at offset ${reader.offset - 1} is ${first.toString(16)}`,
      {
        where: tag,
        expected: 'a definite length of at most four bytes',
      },
    );
  }
  let length = 0;
  for (let index = 0; index < count; index++) length = length * 256 + reader.u8(`length of ${tag}`);
  return length;
}

/** All objects of `bytes`; bytes 00 between objects are skipped (EMV 4.4 Book 3 Annex B1). Throws `POLYCARD_TLV_*`. */
export function parseTlv(bytes: Uint8Array, what = 'TLV', depth = 0): TlvNode[] {
  if (depth > DEPTH_MAX) throw new PolycardError('POLYCARD_TLV_DEPTH', `${what} is nested deeper than ${DEPTH_MAX}`);
  const reader = new ByteReader(bytes, what);
  const nodes: TlvNode[] = [];
  while (reader.remaining > 0) {
    if (reader.bytes[reader.offset] === 0) {
      reader.offset++;
      continue;
    }
    const tag = readTag(reader);
    const value = reader.take(readLength(reader, tag), tag);
    if (isConstructed(tag)) nodes.push({ tag, value, children: parseTlv(value, tag, depth + 1) });
    else nodes.push({ tag, value });
  }
  return nodes;
}

/** First object with this tag, searched depth first. */
export function findTlv(nodes: readonly TlvNode[], tag: string): Uint8Array | undefined {
  for (const node of nodes) {
    if (node.tag === tag) return node.value;
    const inside = node.children === undefined ? undefined : findTlv(node.children, tag);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

export function encodeLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  if (length < 0x100) return Uint8Array.of(0x81, length);
  if (length < 0x10000) return Uint8Array.of(0x82, length >> 8, length & 0xff);
  throw new PolycardError('POLYCARD_TLV_LENGTH', `a value of ${length} bytes is too long for a card object`);
}

export function encodeTlv(tag: string, value: Uint8Array): Uint8Array {
  return concat(Buffer.from(tag, 'hex'), encodeLength(value.length), value);
}

/** Objects in the order given. */
export function encodeTlvs(entries: readonly (readonly [tag: string, value: Uint8Array])[]): Uint8Array {
  return concat(...entries.map(([tag, value]) => encodeTlv(tag, value)));
}

/** Flat map of every primitive object; a tag that comes twice keeps its first value. */
export function tlvMap(nodes: readonly TlvNode[], into = new Map<string, Uint8Array>()): Map<string, Uint8Array> {
  for (const node of nodes) {
    if (node.children !== undefined) tlvMap(node.children, into);
    else if (!into.has(node.tag)) into.set(node.tag, node.value);
  }
  return into;
}
