/**
 * PIN CHANGE/UNBLOCK (84 24): P2 = 00 sets the try counter back, 01 changes the PIN with the current one in the block,
 * 02 with the new one alone. PBOC 3.0 Part 5 Annex B as publicly described.
 */
import {
  type CommandApdu,
  SW_6A80_WRONG_DATA,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { deriveSessionKey, openPinChangeData, SCRIPT_MAC_BYTES } from '@polycard/emv';
import type { CommandResult, PbocContext } from './context.ts';
import { type AcceptedScript, acceptScript, refusedScript, scriptAlgorithm } from './issuer-script.ts';
import { pinWrite, resetTriesWrite, storedPin } from './pin.ts';

const UNBLOCK = 0x00;
const WITH_CURRENT_PIN = 0x01;
const NEW_PIN_ONLY = 0x02;
const CHANGE_BYTES = 16;

function newPinOf(context: PbocContext, script: AcceptedScript, p2: number): string | undefined {
  const { image, memory } = context;
  const algorithm = scriptAlgorithm(context);
  const skEnc = deriveSessionKey(algorithm, image.keyEnc, script.transaction.atc);
  const current = storedPin(memory);
  if (p2 === NEW_PIN_ONLY) return openPinChangeData(algorithm, skEnc, script.data, { udkEnc: image.keyEnc });
  if (!/^\d{4,12}$/.test(current)) return undefined; // personalised without a PIN of digits
  return openPinChangeData(algorithm, skEnc, script.data, { udkEnc: image.keyEnc, currentPin: current });
}

export function pinChange(context: PbocContext, command: CommandApdu): CommandResult {
  const { cla, p1, p2, data } = command;
  if (cla !== 0x84) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (p1 !== 0 || ![UNBLOCK, WITH_CURRENT_PIN, NEW_PIN_ONLY].includes(p2)) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const length = p2 === UNBLOCK ? 0 : CHANGE_BYTES;
  if (data.length !== length + SCRIPT_MAC_BYTES) return { sw: SW_6700_WRONG_LENGTH };
  const script = acceptScript(context, command);
  if (typeof script === 'number') return { sw: script };
  const writes = [...script.writes, resetTriesWrite(context.memory)];
  if (p2 !== UNBLOCK) {
    const pin = newPinOf(context, script, p2);
    if (pin === undefined) return refusedScript(context, script, { sw: SW_6A80_WRONG_DATA, failed: true });
    writes.push(pinWrite(pin));
  }
  context.memory.commit(writes);
  return { sw: SW_9000_SUCCESS };
}
