/**
 * PUT KEY (84 D4 01 kid): a new version of a key under the management key; enciphered key 16 ‖ version 1 ‖ check value 3,
 * MAC. Reference industries.md §0.3. The old version is gone at once: keeping it until the new one is first used needs a
 * second slot for every key.
 */
import {
  type CommandApdu,
  equalBytes,
  SW_6A80_WRONG_DATA,
  SW_6A86_INCORRECT_P1_P2,
  SW_6A88_REFERENCED_DATA_NOT_FOUND,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { checkValue } from '@polycard/crypto';
import { CLA_MANAGEMENT, type CommandResult, type IndustryContext } from './context.ts';
import { keyWrite } from './life-cycle.ts';
import { unprotect } from './secure-messaging.ts';

const DATA_BYTES = 20;

export function putKey(context: IndustryContext, command: CommandApdu): CommandResult {
  const { image, memory, session } = context;
  const { cla, p1, p2 } = command;
  if (cla !== CLA_MANAGEMENT) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (p1 !== 0x01) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const slot = image.keys.find(({ reference }) => reference === p2);
  // the activation key has its own custodians; the management tree does not reach it
  if (slot === undefined || p2 === image.activationKey) return { sw: SW_6A88_REFERENCED_DATA_NOT_FOUND };
  const opened = unprotect(context, command, image.managementKey, 'enc');
  if (typeof opened === 'number') return { sw: opened };
  const { data } = opened;
  const [key, version] = [data.slice(0, 16), data[16] ?? 0];
  if (data.length !== DATA_BYTES || version === 0) return { sw: SW_6A80_WRONG_DATA };
  if (!equalBytes(checkValue(image.algorithm, key), data.subarray(17))) return { sw: SW_6A80_WRONG_DATA };
  memory.commit([keyWrite(slot, version, key)]);
  session.authenticated.delete(p2);
  return { sw: SW_9000_SUCCESS };
}
