/** GET CHALLENGE (00 84): eight random bytes, good for one command. ISO 7816-4 §11.5.3. */
import {
  type CommandApdu,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { INDUSTRY_CHALLENGE_BYTES } from '@polycard/emv';
import type { CommandResult, IndustryContext } from './context.ts';

export function getChallenge({ session, random }: IndustryContext, command: CommandApdu): CommandResult {
  const { cla, p1, p2, data, le } = command;
  if (cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (p1 !== 0 || p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (data.length !== 0 || le !== INDUSTRY_CHALLENGE_BYTES) return { sw: SW_6700_WRONG_LENGTH };
  session.challenge = random(INDUSTRY_CHALLENGE_BYTES).slice();
  return { sw: SW_9000_SUCCESS, data: session.challenge };
}
