/**
 * Files of the extended application in persistent memory. They are empty at issue; APPEND RECORD adds to the end:
 *
 *     variable file   file index 1 | record length 1 | management key 16 | key version 1 | record
 *     cyclic file     file index 1 | record length 1 | management key 16 | key version 1 | newest slot 1 | used 1 | slots
 *
 * and so does the first UPDATE RECORD of a payment record (`records.ts`):
 *
 *     payment record  FF | SFI 1 | record number 1 | room 2 | length 2 | record, filled up to its room
 *
 * An extended record never changes its length and nothing is ever removed, so all is found by walking from the start.
 * PBOC 3.0 Part 14 Annex A as publicly described.
 */
import type { Algorithm } from '@polycard/crypto';
import type { MemoryWrite, PersistentMemory } from '../../os/memory.ts';
import type { ExtendedFile, RecordName } from './image.ts';
import type { PbocSwitches } from './switches.ts';

const KEY_OFFSET = 2;
const KEY_VERSION_OFFSET = 18;
const HEADER_BYTES = 19;
/** Version of the management key that APPEND RECORD installs. */
const FIRST_KEY_VERSION = 1;
const CYCLIC_HEADER_BYTES = HEADER_BYTES + 2;
const PAYMENT_RECORD = 0xff;
const PAYMENT_HEADER_BYTES = 7;

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

  /** Offsets of everything behind the logs, oldest first. */
  *#offsets(): Generator<number> {
    let offset = this.#start;
    while (offset < this.#memory.lengthBytes) {
      yield offset;
      const owner = this.#memory.u8(offset);
      if (owner === PAYMENT_RECORD) {
        offset += PAYMENT_HEADER_BYTES + this.#memory.u16(offset + 3);
        continue;
      }
      const { cyclic, size } = this.#files[owner]!;
      const recordBytes = this.#memory.u8(offset + 1);
      offset += cyclic ? CYCLIC_HEADER_BYTES + size * recordBytes : HEADER_BYTES + recordBytes;
    }
  }

  #entries(file: ExtendedFile): ExtendedEntry[] {
    const index = this.#files.indexOf(file);
    const entries: ExtendedEntry[] = [];
    for (const offset of this.#offsets()) {
      if (this.#memory.u8(offset) === index) entries.push({ file, offset, recordBytes: this.#memory.u8(offset + 1) });
    }
    return entries;
  }

  #updatedOffset({ sfi, number }: RecordName): number | undefined {
    for (const offset of this.#offsets()) {
      if (this.#memory.u8(offset) !== PAYMENT_RECORD) continue;
      if (this.#memory.u8(offset + 1) === sfi && this.#memory.u8(offset + 2) === number) return offset;
    }
    return undefined;
  }

  /** A copy of a payment record the issuer has updated; undefined while it is as personalised. */
  updatedRecord(name: RecordName): Uint8Array | undefined {
    const offset = this.#updatedOffset(name);
    if (offset === undefined) return undefined;
    return this.#memory.view(offset + PAYMENT_HEADER_BYTES, this.#memory.u16(offset + 5)).slice();
  }

  updatedRecordWrite(name: RecordName, roomBytes: number, record: Uint8Array): MemoryWrite {
    const bytes = new Uint8Array(PAYMENT_HEADER_BYTES + roomBytes);
    bytes.set([PAYMENT_RECORD, name.sfi, name.number]);
    bytes.set([roomBytes >> 8, roomBytes & 0xff, record.length >> 8, record.length & 0xff], 3);
    bytes.set(record, PAYMENT_HEADER_BYTES);
    return { offset: this.#updatedOffset(name) ?? this.#memory.lengthBytes, bytes };
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
    return this.#memory.view(offset + KEY_OFFSET, 16).slice();
  }

  /** Counts the replacements of the management key; 1 as it was opened. */
  keyVersion({ offset }: ExtendedEntry): number {
    return this.#memory.u8(offset + KEY_VERSION_OFFSET);
  }

  keyWrite({ offset }: ExtendedEntry, managementKey: Uint8Array, keyVersion: number): MemoryWrite {
    return { offset: offset + KEY_OFFSET, bytes: Uint8Array.of(...managementKey, keyVersion) };
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
    bytes.set(managementKey, KEY_OFFSET);
    bytes[KEY_VERSION_OFFSET] = FIRST_KEY_VERSION;
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
