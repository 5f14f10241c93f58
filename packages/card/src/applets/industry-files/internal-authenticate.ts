/** INTERNAL AUTHENTICATE (00 88 00 kid): the card proves that it holds the key. ISO 7816-4 §11.5.2; industries.md §0.3. */
import {
  type CommandApdu,
  SW_6A86_INCORRECT_P1_P2,
  SW_6A88_REFERENCED_DATA_NOT_FOUND,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { INTERNAL_AUTHENTICATION_BYTES, internalCryptogram } from '@polycard/emv';
import type { CommandResult, IndustryContext } from './context.ts';

export function internalAuthenticate(context: IndustryContext, command: CommandApdu): CommandResult {
  const { session, image } = context;
  const { cla, p1, p2, data } = command;
  if (cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (p1 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (data.length !== INTERNAL_AUTHENTICATION_BYTES) return { sw: SW_6700_WRONG_LENGTH };
  const key = context.key(p2);
  const use = image.keys.find(({ reference }) => reference === p2)?.use;
  if (key === undefined || use !== 'internal-authentication') return { sw: SW_6A88_REFERENCED_DATA_NOT_FOUND };
  session.cardProved = true;
  return { sw: SW_9000_SUCCESS, data: internalCryptogram(key, data) };
}
