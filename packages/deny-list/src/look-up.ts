/**
 * The list as a gate holds it: delta-coded serials in blocks with a table of first serials, so that a million cards take
 * little more than a megabyte and a look-up decodes one block.
 *
 * Issuers whose cards lie far apart (sparse account numbers) get a filter in front: it answers "not listed" for almost
 * every card with one probe, and never decides alone.
 */
import type { ListContent, Segment } from './content.ts';
import { type DenyReason, type DenyScope, WHOLE_CARD } from './entry.ts';
import { hasLuhnDigit, PREFIX_DIGITS, writeSerials } from './segment.ts';
import { VarintWriter } from './varint.ts';

export interface Denial {
  readonly scope: DenyScope;
  readonly reason: DenyReason;
  readonly lockOnSight: boolean;
}

const BLOCK_SERIALS = 32;
/** Mean distance between neighbours beyond which a filter pays. */
const SPARSE_DISTANCE = 100_000;
const FILTER_BITS_PER_CARD = 10;

interface Blocks {
  readonly digits: number;
  readonly hasCheckDigit: boolean;
  readonly denial: Denial;
  readonly firsts: Float64Array;
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  readonly filter: Uint32Array | undefined;
}

export class DenyLookUp {
  readonly #byPrefix = new Map<number, Blocks[]>();
  #sizeBytes = 0;

  constructor(content: ListContent) {
    for (const segment of content.values()) {
      const prefix = Number(segment.name.prefix);
      const blocks = build(segment);
      this.#sizeBytes +=
        blocks.bytes.length +
        blocks.firsts.byteLength +
        blocks.offsets.byteLength +
        (blocks.filter === undefined ? 0 : blocks.filter.byteLength);
      const known = this.#byPrefix.get(prefix);
      if (known === undefined) this.#byPrefix.set(prefix, [blocks]);
      else known.push(blocks);
    }
  }

  /** Bytes of the tables, without the engine's own overhead. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Why the card is refused for this application, or undefined. A denial of the whole card comes first. */
  find(cardNo: string, application: DenyScope): Denial | undefined {
    const blocks = this.#byPrefix.get(digitsOf(cardNo, 0, PREFIX_DIGITS));
    if (blocks === undefined) return undefined;
    let found: Denial | undefined;
    for (const candidate of blocks) {
      if (candidate.digits !== cardNo.length) continue;
      const { denial } = candidate;
      if (denial.scope !== WHOLE_CARD && (denial.scope !== application || found !== undefined)) continue;
      const end = candidate.hasCheckDigit ? cardNo.length - 1 : cardNo.length;
      const serial = digitsOf(cardNo, PREFIX_DIGITS, end);
      if (!holds(candidate, serial)) continue;
      // a number with a wrong check digit is another number than the one listed
      if (candidate.hasCheckDigit !== hasLuhnDigit(cardNo)) continue;
      if (denial.scope === WHOLE_CARD) return denial;
      found = denial;
    }
    return found;
  }
}

function digitsOf(text: string, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index++) value = value * 10 + (text.charCodeAt(index) - 48);
  return value;
}

function build({ name, serials }: Segment): Blocks {
  const count = Math.ceil(serials.length / BLOCK_SERIALS);
  const firsts = new Float64Array(count);
  const offsets = new Uint32Array(count);
  const writer = new VarintWriter();
  let length = 0;
  for (let block = 0; block < count; block++) {
    const from = block * BLOCK_SERIALS;
    const part = serials.subarray(from, from + BLOCK_SERIALS);
    firsts[block] = part[0]!;
    offsets[block] = length;
    const inner = new VarintWriter();
    // the first serial stands in the table: inside the block numbers count from it
    writeSerials(
      inner,
      part.subarray(1).map((serial) => serial - part[0]! - 1),
    );
    const bytes = inner.finish();
    writer.bytes(bytes);
    length += bytes.length;
  }
  const spread = serials.length < 2 ? 0 : (serials.at(-1)! - serials[0]!) / serials.length;
  return {
    digits: name.digits,
    hasCheckDigit: name.hasCheckDigit,
    denial: { scope: name.scope, reason: name.reason, lockOnSight: name.lockOnSight },
    firsts,
    offsets,
    bytes: writer.finish(),
    filter: spread > SPARSE_DISTANCE ? filterOf(serials) : undefined,
  };
}

function holds(blocks: Blocks, serial: number): boolean {
  const { firsts, offsets, bytes, filter } = blocks;
  if (filter !== undefined && !mayHold(filter, serial)) return false;
  let [low, high] = [0, firsts.length - 1];
  if (high < 0 || serial < firsts[0]!) return false;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (firsts[middle]! <= serial) low = middle;
    else high = middle - 1;
  }
  const wanted = serial - firsts[low]!;
  if (wanted === 0) return true;
  const end = low + 1 < offsets.length ? offsets[low + 1]! : bytes.length;
  let at = offsets[low]!;
  let value = 0;
  while (at < end) {
    let step = 0;
    let scale = 1;
    for (;;) {
      const byte = bytes[at++]!;
      step += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 128;
    }
    value += step + 1;
    if (value >= wanted) return value === wanted;
  }
  return false;
}

/** One probe of two bits in one word: a split-block filter of about 10 bits a card. */
function filterOf(serials: Float64Array): Uint32Array {
  const words = new Uint32Array(Math.max(1, Math.ceil((serials.length * FILTER_BITS_PER_CARD) / 32)));
  for (const serial of serials) {
    const hash = mixed(serial);
    words[hash % words.length]! |= bitsOf(hash);
  }
  return words;
}

function mayHold(words: Uint32Array, serial: number): boolean {
  const hash = mixed(serial);
  const bits = bitsOf(hash);
  return (words[hash % words.length]! & bits) >>> 0 === bits;
}

function bitsOf(hash: number): number {
  const other = Math.imul(hash, 0x9e3779b1) >>> 0;
  return ((1 << (other & 31)) | (1 << ((other >>> 5) & 31)) | (1 << ((other >>> 10) & 31))) >>> 0;
}

function mixed(serial: number): number {
  let hash = Math.imul(((serial % 4294967296) | 0) ^ Math.floor(serial / 4294967296), 0x85ebca6b);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
