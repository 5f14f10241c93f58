/** Files of a purse in its persistent memory: reading them, and the writes a change of them makes. */
import { concat } from '@polycard/bytes';
import type { MemoryWrite, PersistentMemory } from '../../os/memory.ts';
import { CYCLIC_HEADER_BYTES, type PurseFile, recordSlotBytes } from './image.ts';

export class PurseFiles {
  readonly #memory: PersistentMemory;
  readonly #files: readonly PurseFile[];

  constructor(memory: PersistentMemory, files: readonly PurseFile[]) {
    this.#memory = memory;
    this.#files = files;
  }

  file(sfi: number): PurseFile | undefined {
    return this.#files.find((file) => file.sfi === sfi);
  }

  transparent(file: PurseFile): Uint8Array {
    return this.#memory.view(file.offset, file.lengthBytes).slice();
  }

  transparentWrite(file: PurseFile, offset: number, bytes: Uint8Array): MemoryWrite {
    return { offset: file.offset + offset, bytes };
  }

  #slotOffset(file: PurseFile, slot: number): number {
    const header = file.type === 'cyclic' ? CYCLIC_HEADER_BYTES : 0;
    return file.offset + header + slot * recordSlotBytes(file);
  }

  #slot(file: PurseFile, slot: number): Uint8Array | undefined {
    const offset = this.#slotOffset(file, slot);
    const lengthBytes = this.#memory.u8(offset);
    return lengthBytes === 0 ? undefined : this.#memory.view(offset + 1, lengthBytes).slice();
  }

  #slotWrite(file: PurseFile, slot: number, record: Uint8Array): MemoryWrite {
    return { offset: this.#slotOffset(file, slot), bytes: concat(Uint8Array.of(record.length), record) };
  }

  /** Record by number from 1; of a cyclic file 1 is the newest. */
  record(file: PurseFile, number: number): Uint8Array | undefined {
    if (number < 1 || number > file.records) return undefined;
    if (file.type !== 'cyclic') return this.#slot(file, number - 1);
    const next = this.#memory.u8(file.offset);
    const used = this.#memory.u8(file.offset + 1);
    return number > used ? undefined : this.#slot(file, (next - number + 2 * file.records) % file.records);
  }

  /** Number of the first record with this identifier; 0 when there is none. Two-byte identifiers go by their low byte too. */
  numberOfId(file: PurseFile, id: number): number {
    for (let number = 1; number <= file.records; number++) {
      const record = this.#slot(file, number - 1);
      if (record === undefined) continue;
      const own = recordId(file, record);
      if (own === id || (file.idBytes === 2 && id < 0x100 && (own & 0xff) === id)) return number;
    }
    return 0;
  }

  recordWrite(file: PurseFile, number: number, record: Uint8Array): MemoryWrite {
    return this.#slotWrite(file, number - 1, record);
  }

  /** A record into a free place of a variable file; undefined when it is full. */
  appendWrite(file: PurseFile, record: Uint8Array): MemoryWrite | undefined {
    for (let slot = 0; slot < file.records; slot++) {
      if (this.#slot(file, slot) === undefined) return this.#slotWrite(file, slot, record);
    }
    return undefined;
  }

  /** Several new records of a cyclic file in one transaction, oldest first. */
  cyclicWrites(file: PurseFile, records: readonly Uint8Array[]): MemoryWrite[] {
    const next = this.#memory.u8(file.offset);
    const used = this.#memory.u8(file.offset + 1);
    const writes = records.map((record, index) => this.#slotWrite(file, (next + index) % file.records, record));
    const header = Uint8Array.of((next + records.length) % file.records, Math.min(used + records.length, file.records));
    return [...writes, { offset: file.offset, bytes: header }];
  }
}

/** Identifier at the front of a record. */
export function recordId(file: PurseFile, record: Uint8Array): number {
  return file.idBytes === 2 ? (record[0]! << 8) | record[1]! : record[0]!;
}
