/** Where the changing data of a purse lie in its persistent memory: fixed fields, the log, then the files. */
import type { MemoryWrite, PersistentMemory } from '../../os/memory.ts';
import { PURSE_SLOTS, type PurseSlot } from './image.ts';

const FIELD_LENGTHS = {
  /** `STATE_*`. */
  state: 1,
  unblockFailures: 1,
  pinTries: 1,
  pinTryLimit: 1,
  /** Length, then the PIN in packed digits. */
  pin: 9,
  /** Type of the last transaction (00: none), its counter after it, MAC2 (zeros for online ones) and TAC. */
  proof: 11,
  logNext: 1,
  logUsed: 1,
} as const;

type FieldName = keyof typeof FIELD_LENGTHS;

const SLOT_LENGTHS = {
  exists: 1,
  balance: 4,
  overdraftLimit: 3,
  cap: 4,
  onlineSequence: 2,
  offlineSequence: 2,
} as const;
export type SlotField = keyof typeof SLOT_LENGTHS;

function place<Name extends string>(
  lengths: Readonly<Record<Name, number>>,
): { fields: Record<Name, { offset: number; lengthBytes: number }>; end: number } {
  const fields = {} as Record<Name, { offset: number; lengthBytes: number }>;
  let offset = 0;
  for (const [name, lengthBytes] of Object.entries(lengths) as [Name, number][]) {
    fields[name] = { offset, lengthBytes };
    offset += lengthBytes;
  }
  return { fields, end: offset };
}

const fixed = place(FIELD_LENGTHS);
const slotFields = place(SLOT_LENGTHS);

export const FIELD = fixed.fields;
const SLOTS_OFFSET = fixed.end;
export const LOG_OFFSET = SLOTS_OFFSET + PURSE_SLOTS.length * slotFields.end;
/** PBOC 2.0 Part 2, transaction detail: counter 2, overdraft limit 3, amount 4, type 1, terminal 6, date 4, time 3. */
export const LOG_RECORD_BYTES = 23;
export const LOG_RECORDS = 10;
export const LOG_SFI = 0x18;
export const FILES_OFFSET = LOG_OFFSET + LOG_RECORDS * LOG_RECORD_BYTES;

export const STATE_OPEN = 0;
export const STATE_BLOCKED = 1;
export const STATE_PERMANENTLY_BLOCKED = 2;

export function writeField(name: FieldName, bytes: Uint8Array): MemoryWrite {
  return { offset: FIELD[name].offset, bytes };
}

function slotOffset(slot: PurseSlot, field: SlotField): number {
  return SLOTS_OFFSET + PURSE_SLOTS.indexOf(slot) * slotFields.end + slotFields.fields[field].offset;
}

/** A number of a purse; the balance is signed, all others are not. */
export function readSlot(memory: PersistentMemory, slot: PurseSlot, field: SlotField): number {
  const bytes = memory.view(slotOffset(slot, field), SLOT_LENGTHS[field]);
  const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return field === 'balance' ? value | 0 : value;
}

export function writeSlot(slot: PurseSlot, field: SlotField, value: number): MemoryWrite {
  const bytes = new Uint8Array(SLOT_LENGTHS[field]);
  for (let index = bytes.length - 1, rest = value; index >= 0; index--, rest = Math.floor(rest / 256)) {
    bytes[index] = rest & 0xff;
  }
  return { offset: slotOffset(slot, field), bytes };
}
