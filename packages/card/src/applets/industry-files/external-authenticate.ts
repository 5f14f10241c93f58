/**
 * EXTERNAL AUTHENTICATE (00 82 00 kid): the terminal proves that it holds a key; data cryptogram 8 ‖ terminal random 8 ‖
 * key version 1. ISO 7816-4 §11.5.4; reference industries.md §0.5.
 */
import {
  type CommandApdu,
  SW_6A80_WRONG_DATA,
  SW_6A86_INCORRECT_P1_P2,
  SW_6A88_REFERENCED_DATA_NOT_FOUND,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { constantTimeEqual } from '@polycard/crypto';
import { externalCryptogram } from '@polycard/emv';
import type { CommandResult, IndustryContext } from './context.ts';
import { tryKey } from './tries.ts';

const DATA_BYTES = 17;

export function externalAuthenticate(context: IndustryContext, command: CommandApdu): CommandResult {
  const { session, image, memory } = context;
  const { cla, p1, p2, data } = command;
  if (cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (p1 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (data.length !== DATA_BYTES) return { sw: SW_6700_WRONG_LENGTH };
  const slot = image.keys.find(({ reference }) => reference === p2);
  const key = context.key(p2);
  const isForTerminals = slot?.use === 'authentication' || slot?.use === 'management';
  if (slot === undefined || key === undefined || !isForTerminals) return { sw: SW_6A88_REFERENCED_DATA_NOT_FOUND };
  const { challenge } = session;
  session.challenge = undefined;
  if (challenge === undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  if (data[16] !== memory.u8(slot.offset)) return { sw: SW_6A80_WRONG_DATA };
  session.authenticated.delete(p2);
  const expected = externalCryptogram(key, challenge, data.subarray(8, 16));
  const isRight = () => constantTimeEqual(expected, data.subarray(0, 8));
  const fault = tryKey(context, p2, isRight, (left) => 0x63c0 | left);
  if (fault !== undefined) return { sw: fault };
  session.authenticated.add(p2);
  return { sw: SW_9000_SUCCESS };
}
