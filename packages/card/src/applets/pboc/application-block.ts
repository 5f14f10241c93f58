/**
 * APPLICATION BLOCK (84 1E), APPLICATION UNBLOCK (84 18) and CARD BLOCK (84 16): issuer scripts without data.
 * PBOC 3.0 Part 5 Annex B as publicly described. A running transaction may still end after any of them.
 */
import {
  type CommandApdu,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { SCRIPT_MAC_BYTES } from '@polycard/emv';
import type { CommandHandler, CommandResult, PbocContext } from './context.ts';
import { acceptScript, malformedScript } from './issuer-script.ts';
import { FIELD, STATE_BLOCKED, STATE_CARD_BLOCKED, writeField } from './layout.ts';

function changeState(context: PbocContext, command: CommandApdu, change: (state: number) => number): CommandResult {
  if (command.cla !== 0x84) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (command.p1 !== 0 || command.p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (command.data.length !== SCRIPT_MAC_BYTES) return malformedScript(context, SW_6700_WRONG_LENGTH);
  const script = acceptScript(context, command);
  if (typeof script === 'number') return { sw: script };
  const state = change(context.memory.u8(FIELD.state.offset));
  context.memory.commit([...script.writes, writeField('state', Uint8Array.of(state))]);
  return { sw: SW_9000_SUCCESS };
}

export const applicationBlock: CommandHandler = (context, command) =>
  changeState(context, command, (state) => state | STATE_BLOCKED);

export const applicationUnblock: CommandHandler = (context, command) =>
  changeState(context, command, (state) => state & ~STATE_BLOCKED);

export const cardBlock: CommandHandler = (context, command) =>
  changeState(context, command, (state) => state | STATE_CARD_BLOCKED);
