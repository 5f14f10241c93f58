/**
 * APPLICATION BLOCK (84 1E; P2 00 for a time, 01 for ever) and APPLICATION UNBLOCK (84 18), line-protected. After a
 * number of failed unblock commands in a row the application is blocked for ever. PBOC 2.0 Part 1 §8 as publicly described.
 */
import {
  type CommandApdu,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_6988_MAC_INCORRECT,
  SW_9000_SUCCESS,
  SW_9303_PERMANENTLY_BLOCKED,
} from '@polycard/bytes';
import { PURSE_MAC_BYTES } from '@polycard/emv';
import type { CommandResult, PurseContext } from './context.ts';
import { KEY_TYPE } from './image.ts';
import { FIELD, STATE_BLOCKED, STATE_OPEN, STATE_PERMANENTLY_BLOCKED, writeField } from './layout.ts';
import { unprotect } from './line-protection.ts';

/** Counts a failure; gives the status word to answer. */
export function countUnblockFailure({ memory, switches }: PurseContext, sw: number): number {
  const failures = memory.u8(FIELD.unblockFailures.offset) + 1;
  const counted = writeField('unblockFailures', Uint8Array.of(failures));
  if (failures < switches.unblockFailuresMax) {
    memory.commit([counted]);
    return sw;
  }
  memory.commit([counted, writeField('state', Uint8Array.of(STATE_PERMANENTLY_BLOCKED))]);
  return SW_9303_PERMANENTLY_BLOCKED;
}

function protectedCommand(context: PurseContext, command: CommandApdu): number | undefined {
  if (command.cla !== 0x84) return SW_6E00_CLA_NOT_SUPPORTED;
  if (command.data.length !== PURSE_MAC_BYTES) return SW_6700_WRONG_LENGTH;
  const key = context.image.keys.find(({ type }) => type === KEY_TYPE.lineProtection);
  const body = unprotect(context, command, key, 'mac');
  return typeof body === 'number' ? body : undefined;
}

export function applicationBlock(context: PurseContext, command: CommandApdu): CommandResult {
  if (command.p1 !== 0 || command.p2 > 1) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const fault = protectedCommand(context, command);
  if (fault !== undefined) return { sw: fault };
  const state = command.p2 === 0 ? STATE_BLOCKED : STATE_PERMANENTLY_BLOCKED;
  context.memory.commit([writeField('state', Uint8Array.of(state))]);
  return { sw: SW_9000_SUCCESS };
}

export function applicationUnblock(context: PurseContext, command: CommandApdu): CommandResult {
  const { memory } = context;
  if (command.p1 !== 0 || command.p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (memory.u8(FIELD.state.offset) !== STATE_BLOCKED) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const fault = protectedCommand(context, command);
  if (fault === SW_6988_MAC_INCORRECT) return { sw: countUnblockFailure(context, fault) };
  if (fault !== undefined) return { sw: fault };
  const counted = writeField('unblockFailures', Uint8Array.of(0));
  memory.commit([counted, writeField('state', Uint8Array.of(STATE_OPEN))]);
  return { sw: SW_9000_SUCCESS };
}
