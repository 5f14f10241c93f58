/** GET CHALLENGE (00 84): four or eight random bytes for the line protection of the next command. */
import {
  type CommandApdu,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import type { CommandResult, PurseContext } from './context.ts';

export function getChallenge({ session, random }: PurseContext, command: CommandApdu): CommandResult {
  if (command.cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (command.p1 !== 0 || command.p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (command.data.length !== 0 || (command.le !== 4 && command.le !== 8)) return { sw: SW_6700_WRONG_LENGTH };
  session.challenge = random(command.le).slice();
  return { sw: SW_9000_SUCCESS, data: session.challenge };
}
