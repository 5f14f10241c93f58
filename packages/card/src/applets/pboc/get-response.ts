/** GET RESPONSE (00 C0) of T=0: the FCI of a locked application, whose SELECT answered 6283 alone; whole, whatever Le says. ISO 7816-4:2020 §7.6.1. */
import {
  type CommandApdu,
  SW_6D00_INS_NOT_SUPPORTED,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import type { CommandResult, PbocContext } from './context.ts';

export function getResponse({ session }: PbocContext, command: CommandApdu): CommandResult {
  const data = session.pendingResponse;
  if (data === undefined) return { sw: SW_6D00_INS_NOT_SUPPORTED };
  session.pendingResponse = undefined;
  if (command.cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  return { sw: SW_9000_SUCCESS, data };
}
