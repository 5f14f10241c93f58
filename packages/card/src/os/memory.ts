/**
 * Persistent memory of one application on a card: one byte array, changed only by whole transactions.
 *
 * A transaction is first written to a journal, then sealed by one indivisible write, then copied to its place, then
 * forgotten. Power may go at any of these physical writes: before the seal the old state stays, after it `recover()`
 * copies again. Nobody ever sees a state in between. The array is as long as what it holds, so that tens of thousands
 * of cards fit into one process.
 */
import { PolycardError } from '@polycard/bytes';
import type { PowerSupply } from './power.ts';

export interface MemoryWrite {
  /** Where the bytes go; the memory grows when this is its end. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Plain data of a memory; the journal is there only when power went in the middle of a transaction. */
export interface MemorySnapshot {
  readonly bytes: string;
  readonly journal?: readonly { readonly offset: number; readonly bytes: string }[];
}

export const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
export const fromBase64 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'));

export class PersistentMemory {
  readonly #power: PowerSupply;
  #bytes: Uint8Array;
  #journal: MemoryWrite[] | undefined;
  #sealed = false;

  constructor(power: PowerSupply, bytes: Uint8Array) {
    this.#power = power;
    this.#bytes = bytes;
  }

  static restore(power: PowerSupply, snapshot: MemorySnapshot): PersistentMemory {
    const memory = new PersistentMemory(power, fromBase64(snapshot.bytes));
    if (snapshot.journal !== undefined) {
      memory.#journal = snapshot.journal.map(({ offset, bytes }) => ({ offset, bytes: fromBase64(bytes) }));
      memory.#sealed = true;
    }
    return memory;
  }

  get lengthBytes(): number {
    return this.#bytes.length;
  }

  /** A view; it is only good until the next transaction. */
  view(offset: number, lengthBytes: number): Uint8Array {
    return this.#bytes.subarray(offset, offset + lengthBytes);
  }

  u8(offset: number): number {
    return this.#bytes[offset]!;
  }

  u16(offset: number): number {
    return (this.#bytes[offset]! << 8) | this.#bytes[offset + 1]!;
  }

  /** Does all writes or, when power is cut before the seal, none of them. */
  commit(writes: readonly MemoryWrite[]): void {
    if (writes.length === 0) return;
    const journal: MemoryWrite[] = [];
    this.#journal = journal;
    this.#sealed = false;
    for (const write of writes) this.#power.write(() => journal.push(write));
    this.#power.write(() => {
      this.#sealed = true;
    });
    this.#applyJournal(journal);
  }

  /** Power is back: finishes a sealed transaction, forgets an unsealed one. May be cut again. */
  recover(): void {
    if (this.#journal === undefined) return;
    if (this.#sealed) this.#applyJournal(this.#journal);
    else this.#journal = undefined;
  }

  #applyJournal(journal: readonly MemoryWrite[]): void {
    for (const { offset, bytes } of journal) {
      this.#power.write(
        () => this.#put(offset, bytes),
        () => this.#put(offset, bytes.subarray(0, bytes.length >> 1)),
      );
    }
    this.#power.write(() => {
      this.#journal = undefined;
      this.#sealed = false;
    });
  }

  #put(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length;
    if (offset > this.#bytes.length) {
      throw new PolycardError('POLYCARD_CARD_MEMORY', `write at ${offset} is behind the end ${this.#bytes.length}`);
    }
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(end);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, offset);
  }

  snapshot(): MemorySnapshot {
    const bytes = toBase64(this.#bytes);
    if (this.#journal === undefined || !this.#sealed) return { bytes };
    return {
      bytes,
      journal: this.#journal.map((write) => ({ offset: write.offset, bytes: toBase64(write.bytes) })),
    };
  }
}
