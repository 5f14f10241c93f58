/**
 * The content of a list: segments with their sorted serials, and its canonical bytes. Two lists with the same entries
 * have the same bytes, so a hash over them says whether a terminal holds what the host holds.
 */
import { ByteReader, PolycardError } from '@polycard/bytes';
import { checkEntry, type DenyEntry } from './entry.ts';
import {
  cardNoOf,
  placeOf,
  readSegmentName,
  readSerials,
  type SegmentName,
  segmentKey,
  writeSegmentName,
  writeSerials,
} from './segment.ts';
import { readVarint, VarintWriter } from './varint.ts';

export interface Segment {
  readonly name: SegmentName;
  /** Sorted, distinct. */
  readonly serials: Float64Array;
}

/** By `segmentKey`, in its order; no empty segments. */
export type ListContent = ReadonlyMap<string, Segment>;

export const EMPTY_CONTENT: ListContent = new Map();

/** Gathers entries as they come, so that a million of them are never held as objects. */
export class ContentBuilder {
  readonly #segments = new Map<string, { name: SegmentName; serials: number[] }>();

  /** Throws `POLYCARD_DENY_LIST_ENTRY`. The same entry twice counts once. */
  add(entry: DenyEntry): void {
    checkEntry(entry);
    const { name, serial } = placeOf(entry);
    const key = segmentKey(name);
    const segment = this.#segments.get(key);
    if (segment === undefined) this.#segments.set(key, { name, serials: [serial] });
    else segment.serials.push(serial);
  }

  finish(): ListContent {
    return ordered(
      [...this.#segments].map(([key, { name, serials }]) => [key, { name, serials: sortedDistinct(serials) }]),
    );
  }
}

/** Throws `POLYCARD_DENY_LIST_ENTRY`. The same entry twice counts once. */
export function contentOf(entries: Iterable<DenyEntry>): ListContent {
  const builder = new ContentBuilder();
  for (const entry of entries) builder.add(entry);
  return builder.finish();
}

export function* entriesOf(content: ListContent): Generator<DenyEntry> {
  for (const { name, serials } of content.values()) {
    for (const serial of serials) {
      yield { cardNo: cardNoOf(name, serial), scope: name.scope, reason: name.reason, lockOnSight: name.lockOnSight };
    }
  }
}

/** How many cards are listed for each scope, reason and rule. */
export function countsOf(
  content: ListContent,
): { readonly scope: string; readonly reason: string; readonly lockOnSight: boolean; readonly cards: number }[] {
  const counts = new Map<string, { scope: string; reason: string; lockOnSight: boolean; cards: number }>();
  for (const { name, serials } of content.values()) {
    const { scope, reason, lockOnSight } = name;
    const key = `${scope}/${reason}/${lockOnSight}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { scope, reason, lockOnSight, cards: serials.length });
    else known.cards += serials.length;
  }
  return [...counts.values()];
}

export function countOf(content: ListContent): number {
  let count = 0;
  for (const { serials } of content.values()) count += serials.length;
  return count;
}

/** Canonical bytes: number of segments, then for each its name, count and serials. */
export function encodeContent(content: ListContent): Uint8Array {
  const writer = new VarintWriter();
  writer.varint(content.size);
  for (const { name, serials } of content.values()) {
    writeSegmentName(writer, name);
    writer.varint(serials.length);
    writeSerials(writer, serials);
  }
  return writer.finish();
}

/** Throws `POLYCARD_DENY_LIST_FORMAT` or a truncation error with the offset. */
export function decodeContent(bytes: Uint8Array): ListContent {
  const reader = new ByteReader(bytes, 'deny list');
  const content = readSegments(reader);
  if (reader.remaining > 0) throw formatError(reader.offset, 'the end of the list', `${reader.remaining} bytes more`);
  return content;
}

/** Segments as a snapshot and a delta write them; in order, none empty. */
export function readSegments(reader: ByteReader): ListContent {
  const count = readVarint(reader, 'number of segments');
  const segments: [string, Segment][] = [];
  let previous = '';
  for (let index = 0; index < count; index++) {
    const at = reader.offset;
    const name = readSegmentName(reader);
    const key = segmentKey(name);
    if (key <= previous) throw formatError(at, 'segments in order', 'one out of order');
    const size = readVarint(reader, 'segment size');
    if (size === 0) throw formatError(at, 'a segment with cards', 'an empty one');
    segments.push([key, { name, serials: readSerials(reader, size) }]);
    previous = key;
  }
  return new Map(segments);
}

export function ordered(segments: readonly (readonly [string, Segment])[]): ListContent {
  return new Map([...segments].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sortedDistinct(serials: readonly number[]): Float64Array {
  const sorted = Float64Array.from(serials).sort();
  let length = 0;
  for (let index = 0; index < sorted.length; index++) {
    if (index === 0 || sorted[index] !== sorted[length - 1]) sorted[length++] = sorted[index]!;
  }
  return sorted.slice(0, length);
}

export function formatError(offset: number, expected: string, found: string): PolycardError {
  return new PolycardError(
    'POLYCARD_DENY_LIST_FORMAT',
    `deny list: offset ${offset}: expected ${expected}, found ${found}`,
    { where: `offset ${offset}`, expected },
  );
}
