/** The offline PIN in the card's memory: digits filled with F, tries left, and the limit they go back to. */
import type { MemoryWrite, PersistentMemory } from '../../os/memory.ts';
import { FIELD, writeField } from './layout.ts';

const PIN_DIGITS_MAX = 12;

/** False on a card without an offline PIN. */
export function hasPin(memory: PersistentMemory): boolean {
  return memory.u8(FIELD.pinTryLimit.offset) !== 0;
}

export function pinTries(memory: PersistentMemory): number {
  return memory.u8(FIELD['9F17'].offset);
}

export function isPinExhausted(memory: PersistentMemory): boolean {
  return hasPin(memory) && pinTries(memory) === 0;
}

export function storedPin(memory: PersistentMemory): string {
  const field = memory.view(FIELD.pin.offset, FIELD.pin.lengthBytes);
  return Buffer.from(field).toString('hex').toUpperCase().replace(/F+$/, '');
}

export function pinFieldOf(pin: string): Uint8Array {
  return Uint8Array.from(Buffer.from(pin.padEnd(PIN_DIGITS_MAX, 'F'), 'hex'));
}

export function pinWrite(pin: string): MemoryWrite {
  return writeField('pin', pinFieldOf(pin));
}

export function triesWrite(tries: number): MemoryWrite {
  return writeField('9F17', Uint8Array.of(tries));
}

/** Tries back to their limit. */
export function resetTriesWrite(memory: PersistentMemory): MemoryWrite {
  return triesWrite(memory.u8(FIELD.pinTryLimit.offset));
}
