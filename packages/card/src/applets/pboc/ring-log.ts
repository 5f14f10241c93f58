/** A log of fixed length in persistent memory: a new record takes the place of the oldest; 1 is the newest. */
import type { MemoryWrite, PersistentMemory } from '../../os/memory.ts';
import { FIELD, type FieldName, writeField } from './layout.ts';

export interface RingLog {
  readonly offset: number;
  readonly recordBytes: number;
  /** At most 255. */
  readonly records: number;
  /** Records written, up to `records`; and the slot of the next one. */
  readonly used: FieldName;
  readonly next: FieldName;
}

export function ringLengthBytes(ring: RingLog | undefined): number {
  return ring === undefined ? 0 : ring.records * ring.recordBytes;
}

export function ringWrites(ring: RingLog | undefined, memory: PersistentMemory, record: Uint8Array): MemoryWrite[] {
  if (ring === undefined || ring.records === 0) return [];
  const slot = memory.u8(FIELD[ring.next].offset);
  const used = memory.u8(FIELD[ring.used].offset);
  return [
    { offset: ring.offset + slot * ring.recordBytes, bytes: record },
    writeField(ring.next, Uint8Array.of((slot + 1) % ring.records)),
    writeField(ring.used, Uint8Array.of(Math.min(used + 1, ring.records))),
  ];
}

export function ringUsed(ring: RingLog, memory: PersistentMemory): number {
  return memory.u8(FIELD[ring.used].offset);
}

/** A copy of record `number`; undefined when there are fewer. */
export function ringRecord(
  ring: RingLog | undefined,
  memory: PersistentMemory,
  number: number,
): Uint8Array | undefined {
  if (ring === undefined || number < 1 || number > ringUsed(ring, memory)) return undefined;
  const slot = (memory.u8(FIELD[ring.next].offset) - number + ring.records * 2) % ring.records;
  return memory.view(ring.offset + slot * ring.recordBytes, ring.recordBytes).slice();
}
