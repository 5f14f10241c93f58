/**
 * VERIFY (00 20), CHANGE REFERENCE DATA (00 24, old ‖ new) and RESET RETRY COUNTER (84 2C, also 84 24, a new PIN under the
 * unblock key). PIN blocks `2n digits F…`. ISO 7816-4 §11.5.6 to §11.5.10; reference industries.md §0.3.
 */
import {
  type CommandApdu,
  SW_6A80_WRONG_DATA,
  SW_6A86_INCORRECT_P1_P2,
  SW_6A88_REFERENCED_DATA_NOT_FOUND,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_9000_SUCCESS,
  toHex,
} from '@polycard/bytes';
import { constantTimeEqual } from '@polycard/crypto';
import { CLA_MANAGEMENT, type CommandResult, type IndustryContext } from './context.ts';
import { PIN_OFFSET, PIN_TRIES_OFFSET } from './image.ts';
import { unprotect } from './secure-messaging.ts';
import { tryPin } from './tries.ts';

const PIN_BLOCK_BYTES = 8;

function isPinBlock({ image }: IndustryContext, block: Uint8Array): boolean {
  const { digitsMin, digitsMax } = image.pin;
  const text = toHex(block);
  const digits = Number.parseInt(text.charAt(1), 16);
  const hasLength = text.startsWith('2') && digits >= digitsMin && digits <= digitsMax;
  return hasLength && new RegExp(`^\\d{${digits}}F*$`).test(text.slice(2));
}

function compare(context: IndustryContext, block: Uint8Array): number | undefined {
  const stored = context.memory.view(PIN_OFFSET, PIN_BLOCK_BYTES).slice();
  return tryPin(context, PIN_TRIES_OFFSET, () => stored[0] !== 0 && constantTimeEqual(stored, block));
}

function reference(context: IndustryContext, { p1, p2 }: CommandApdu): number | undefined {
  if (p1 !== 0) return SW_6A86_INCORRECT_P1_P2;
  const { pin } = context.image;
  return pin.reference !== 0 && p2 === pin.reference ? undefined : SW_6A88_REFERENCED_DATA_NOT_FOUND;
}

export function verify(context: IndustryContext, command: CommandApdu): CommandResult {
  const { session } = context;
  if (command.cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  const unknown = reference(context, command);
  if (unknown !== undefined) return { sw: unknown };
  if (command.data.length !== PIN_BLOCK_BYTES) return { sw: SW_6700_WRONG_LENGTH };
  session.pinVerified = false;
  const fault = compare(context, command.data);
  session.pinVerified = fault === undefined;
  return { sw: fault ?? SW_9000_SUCCESS };
}

export function changeReferenceData(context: IndustryContext, command: CommandApdu): CommandResult {
  if (command.cla === CLA_MANAGEMENT) return resetRetryCounter(context, command);
  if (command.cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  const unknown = reference(context, command);
  if (unknown !== undefined) return { sw: unknown };
  if (command.data.length !== 2 * PIN_BLOCK_BYTES) return { sw: SW_6700_WRONG_LENGTH };
  const fresh = command.data.slice(PIN_BLOCK_BYTES);
  if (!isPinBlock(context, fresh)) return { sw: SW_6A80_WRONG_DATA };
  context.session.pinVerified = false;
  const fault = compare(context, command.data.subarray(0, PIN_BLOCK_BYTES));
  if (fault === undefined) context.memory.commit([{ offset: PIN_OFFSET, bytes: fresh }]);
  return { sw: fault ?? SW_9000_SUCCESS };
}

export function resetRetryCounter(context: IndustryContext, command: CommandApdu): CommandResult {
  const { image, memory } = context;
  if (command.cla !== CLA_MANAGEMENT) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  const unknown = reference(context, command);
  if (unknown !== undefined) return { sw: unknown };
  const opened = unprotect(context, command, image.pin.unblockKey, 'enc');
  if (typeof opened === 'number') return { sw: opened };
  if (!isPinBlock(context, opened.data)) return { sw: SW_6A80_WRONG_DATA };
  memory.commit([
    { offset: PIN_OFFSET, bytes: opened.data },
    { offset: PIN_TRIES_OFFSET, bytes: Uint8Array.of(image.pin.triesMax) },
  ]);
  return { sw: SW_9000_SUCCESS };
}
