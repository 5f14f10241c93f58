/**
 * Files of the extended application in persistent memory. They are empty at issue; APPEND RECORD adds to the end:
 *
 *     variable file   file index 1 | record length 1 | management key 16 | record
 *     cyclic file     file index 1 | record length 1 | management key 16 | newest slot 1 | used 1 | slots
 *
 * A record never changes its length and is never removed, so everything is found by walking from the start.
 * PBOC 3.0 Part 14 Annex A as publicly described.
 */
import type { Algorithm } from '@polycard/crypto';
import type { MemoryWrite, PersistentMemory } from '../../os/memory.ts';
import type { ExtendedFile } from './image.ts';
import type { PbocSwitches } from './switches.ts';

const HEADER_BYTES = 18;
const CYCLIC_HEADER_BYTES = HEADER_BYTES + 2;

/** An activated record of a variable file, or an opened cyclic file. */
export interface ExtendedEntry {
  readonly file: ExtendedFile;
  /** Offset of the entry in memory. */
  readonly offset: number;
  readonly recordBytes: number;
}

/** Algorithm of the MACs of reads and updates: of the keys the file was opened with, unless the card's mask fixes one. */
export function cappMacAlgorithm({ file }: ExtendedEntry, switches: PbocSwitches): Algorithm {
  return switches.cappMacAlgorithm === 'as-opened' ? file.algorithm : switches.cappMacAlgorithm;
}

export class ExtendedFiles {
  readonly #memory: PersistentMemory;
  readonly #files: readonly ExtendedFile[];
  readonly #start: number;

  constructor(memory: PersistentMemory, files: readonly ExtendedFile[], start: number) {
    this.#memory = memory;
    this.#files = files;
    this.#start = start;
  }

  file(sfi: number): ExtendedFile | undefined {
    return this.#files.find((file) => file.sfi === sfi);
  }

  #entries(file: ExtendedFile): ExtendedEntry[] {
    const found: ExtendedEntry[] = [];
    let offset = this.#start;
    while (offset < this.#memory.lengthBytes) {
      const owner = this.#files[this.#memory.u8(offset)]!;
      const recordBytes = this.#memory.u8(offset + 1);
      if (owner === file) found.push({ file, offset, recordBytes });
      offset += owner.cyclic ? CYCLIC_HEADER_BYTES + owner.size * recordBytes : HEADER_BYTES + recordBytes;
    }
    return found;
  }

  /** The activated entries of a variable file with this ID, oldest first, from the one after `behind`. */
  findRecord(file: ExtendedFile, id: number, behind?: number): ExtendedEntry | undefined {
    return this.#entries(file).find(
      (entry) =>
        (behind === undefined || entry.offset > behind) && this.#memory.u16(entry.offset + HEADER_BYTES) === id,
    );
  }

  /** The opened cyclic file; undefined before its APPEND RECORD. */
  openedCyclic(file: ExtendedFile): ExtendedEntry | undefined {
    return this.#entries(file)[0];
  }

  /** Bytes of all records of a variable file; keys are not counted. */
  usedBytes(file: ExtendedFile): number {
    return this.#entries(file).reduce((sum, entry) => sum + entry.recordBytes, 0);
  }

  /** A copy of the record of a variable file. */
  record({ offset, recordBytes }: ExtendedEntry): Uint8Array {
    return this.#memory.view(offset + HEADER_BYTES, recordBytes).slice();
  }

  managementKey({ offset }: ExtendedEntry): Uint8Array {
    return this.#memory.view(offset + 2, 16).slice();
  }

  /** A copy of a cyclic record, 1 the newest; undefined when there are fewer. */
  cyclicRecord({ file, offset, recordBytes }: ExtendedEntry, number: number): Uint8Array | undefined {
    const newest = this.#memory.u8(offset + HEADER_BYTES);
    const used = this.#memory.u8(offset + HEADER_BYTES + 1);
    if (number < 1 || number > used) return undefined;
    const slot = (newest - (number - 1) + file.size) % file.size;
    return this.#memory.view(offset + CYCLIC_HEADER_BYTES + slot * recordBytes, recordBytes).slice();
  }

  /** Adds a record, or opens the cyclic file with its first one. */
  appendWrite(file: ExtendedFile, managementKey: Uint8Array, record: Uint8Array): MemoryWrite {
    const length = file.cyclic ? CYCLIC_HEADER_BYTES + file.size * record.length : HEADER_BYTES + record.length;
    const bytes = new Uint8Array(length);
    bytes[0] = this.#files.indexOf(file);
    bytes[1] = record.length;
    bytes.set(managementKey, 2);
    if (file.cyclic) bytes[HEADER_BYTES + 1] = 1;
    bytes.set(record, file.cyclic ? CYCLIC_HEADER_BYTES : HEADER_BYTES);
    return { offset: this.#memory.lengthBytes, bytes };
  }

  replaceWrite(entry: ExtendedEntry, record: Uint8Array): MemoryWrite {
    return { offset: entry.offset + HEADER_BYTES, bytes: record };
  }

  /** Records that become the newest of a cyclic file, in this order. */
  cyclicWrites(entry: ExtendedEntry, records: readonly Uint8Array[]): MemoryWrite[] {
    const { file, offset, recordBytes } = entry;
    let newest = this.#memory.u8(offset + HEADER_BYTES);
    let used = this.#memory.u8(offset + HEADER_BYTES + 1);
    const writes: MemoryWrite[] = [];
    for (const record of records) {
      newest = (newest + 1) % file.size;
      used = Math.min(used + 1, file.size);
      const whole = new Uint8Array(recordBytes);
      whole.set(record);
      writes.push({ offset: offset + CYCLIC_HEADER_BYTES + newest * recordBytes, bytes: whole });
    }
    writes.push({ offset: offset + HEADER_BYTES, bytes: Uint8Array.of(newest, used) });
    return writes;
  }
}
