/** Files of an industry file application in its persistent memory, and changes that wait for COMMIT. */
import type { MemoryWrite, PersistentMemory } from '../../os/memory.ts';
import { CYCLIC_HEADER_BYTES, type IndustryFile } from './image.ts';

export interface QueuedChange {
  readonly file: IndustryFile;
  /** A new record of a cyclic file, or bytes at a place in the memory. */
  readonly append: boolean;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export class IndustryFiles {
  readonly #memory: PersistentMemory;

  constructor(memory: PersistentMemory) {
    this.#memory = memory;
  }

  transparent(file: IndustryFile): Uint8Array {
    return this.#memory.view(file.offset, file.lengthBytes);
  }

  /** Place of a record, 1 the first; of a cyclic file 1 is the newest. Undefined when there is none. */
  recordOffset(file: IndustryFile, number: number): number | undefined {
    if (number < 1 || number > file.records) return undefined;
    if (file.type === 'linear-fixed') return file.offset + (number - 1) * file.lengthBytes;
    const next = this.#memory.u8(file.offset);
    const used = this.#memory.u8(file.offset + 1);
    if (number > used) return undefined;
    const slot = (next - number + 2 * file.records) % file.records;
    return file.offset + CYCLIC_HEADER_BYTES + slot * file.lengthBytes;
  }

  record(file: IndustryFile, number: number): Uint8Array | undefined {
    const offset = this.recordOffset(file, number);
    return offset === undefined ? undefined : this.#memory.view(offset, file.lengthBytes);
  }

  /** All changes as the writes of one commit; several new records of one file follow each other. */
  writes(changes: readonly QueuedChange[]): MemoryWrite[] {
    const writes: MemoryWrite[] = [];
    const rings = new Map<IndustryFile, { next: number; used: number }>();
    for (const { file, append, offset, bytes } of changes) {
      if (!append) {
        writes.push({ offset, bytes });
        continue;
      }
      const ring = rings.get(file) ?? { next: this.#memory.u8(file.offset), used: this.#memory.u8(file.offset + 1) };
      writes.push({ offset: file.offset + CYCLIC_HEADER_BYTES + ring.next * file.lengthBytes, bytes });
      rings.set(file, { next: (ring.next + 1) % file.records, used: Math.min(ring.used + 1, file.records) });
    }
    for (const [file, { next, used }] of rings) writes.push({ offset: file.offset, bytes: Uint8Array.of(next, used) });
    return writes;
  }
}
