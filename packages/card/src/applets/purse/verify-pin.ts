/**
 * VERIFY (00 20): the holder's PIN, as packed digits. PBOC 2.0 Part 1 §8 as publicly described. The try is counted
 * before the comparison, so that a card torn in between has counted it.
 */
import {
  type CommandApdu,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6983_AUTHENTICATION_BLOCKED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { constantTimeEqual } from '@polycard/crypto';
import type { CommandResult, PurseContext } from './context.ts';
import { FIELD, writeField } from './layout.ts';

const PIN_BYTES_MIN = 2;
export const PIN_BYTES_MAX = 8;

export function isPinShape(pin: Uint8Array): boolean {
  return pin.length >= PIN_BYTES_MIN && pin.length <= PIN_BYTES_MAX;
}

export function storedPin({ memory }: PurseContext): Uint8Array {
  return memory.view(FIELD.pin.offset + 1, memory.u8(FIELD.pin.offset)).slice();
}

export function pinBytes(pin: Uint8Array): Uint8Array {
  const stored = new Uint8Array(FIELD.pin.lengthBytes);
  stored[0] = pin.length;
  stored.set(pin, 1);
  return stored;
}

/** Counts the try, compares, and gives 9000, 63Cx or 6983. */
export function tryPin(context: PurseContext, pin: Uint8Array): number {
  const { memory } = context;
  const left = memory.u8(FIELD.pinTries.offset);
  if (left === 0) return SW_6983_AUTHENTICATION_BLOCKED;
  memory.commit([writeField('pinTries', Uint8Array.of(left - 1))]);
  if (!constantTimeEqual(pin, storedPin(context)))
    return left === 1 ? SW_6983_AUTHENTICATION_BLOCKED : 0x63c0 | (left - 1);
  memory.commit([writeField('pinTries', memory.view(FIELD.pinTryLimit.offset, 1).slice())]);
  return SW_9000_SUCCESS;
}

export function verifyPin(context: PurseContext, command: CommandApdu): CommandResult {
  const { session } = context;
  if (command.cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (command.p1 !== 0 || command.p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (!isPinShape(command.data)) return { sw: SW_6700_WRONG_LENGTH };
  session.pinVerified = false;
  const sw = tryPin(context, command.data);
  session.pinVerified = sw === SW_9000_SUCCESS;
  return { sw };
}
