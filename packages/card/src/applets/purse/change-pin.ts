/**
 * RELOAD PIN (80 5E 00, under the reload key), CHANGE PIN (80 5E 01, old FF new) and PIN UNBLOCK (84 24, under the
 * unblock key). PBOC 2.0 Part 1 §8 as publicly described.
 */
import {
  type CommandApdu,
  concat,
  equalBytes,
  SW_6A80_WRONG_DATA,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_6988_MAC_INCORRECT,
  SW_9000_SUCCESS,
  SW_9302_MAC_INCORRECT,
} from '@polycard/bytes';
import { constantTimeEqual } from '@polycard/crypto';
import { reloadPinMac } from '@polycard/emv';
import type { MemoryWrite } from '../../os/memory.ts';
import { countUnblockFailure } from './application-block.ts';
import type { CommandResult, PurseContext } from './context.ts';
import { KEY_TYPE } from './image.ts';
import { FIELD, writeField } from './layout.ts';
import { unprotect } from './line-protection.ts';
import { isPinShape, pinBytes, storedPin, tryPin } from './verify-pin.ts';

const MAC_BYTES = 4;
const SEPARATOR = 0xff;

function fullTries({ memory }: PurseContext): MemoryWrite {
  return writeField('pinTries', memory.view(FIELD.pinTryLimit.offset, 1).slice());
}

function reload(context: PurseContext, { cla, ins, p1, p2, data }: CommandApdu): CommandResult {
  const { image, memory, switches } = context;
  const key = image.keys.find(({ type }) => type === KEY_TYPE.pinReload);
  if (key === undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const pin = data.slice(0, Math.max(0, data.length - MAC_BYTES));
  if (!isPinShape(pin)) return { sw: SW_6700_WRONG_LENGTH };
  const header = Uint8Array.of(cla, ins, p1, p2, data.length);
  const mac = reloadPinMac(key, switches.reloadPinMacInput === 'pin' ? pin : concat(header, pin));
  if (!constantTimeEqual(mac, data.subarray(pin.length))) return { sw: SW_9302_MAC_INCORRECT };
  memory.commit([writeField('pin', pinBytes(pin)), fullTries(context)]);
  return { sw: SW_9000_SUCCESS };
}

function change(context: PurseContext, data: Uint8Array): CommandResult {
  const separator = data.indexOf(SEPARATOR);
  const [old, fresh] = [data.slice(0, Math.max(0, separator)), data.slice(separator + 1)];
  if (separator < 0 || !isPinShape(old) || !isPinShape(fresh)) return { sw: SW_6700_WRONG_LENGTH };
  const sw = tryPin(context, old);
  if (sw === SW_9000_SUCCESS) context.memory.commit([writeField('pin', pinBytes(fresh))]);
  return { sw };
}

export function reloadOrChangePin(context: PurseContext, command: CommandApdu): CommandResult {
  if (command.cla !== 0x80) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (command.p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  context.session.pinVerified = false;
  if (command.p1 === 0x00) return reload(context, command);
  return command.p1 === 0x01 ? change(context, command.data) : { sw: SW_6A86_INCORRECT_P1_P2 };
}

export function unblockPin(context: PurseContext, command: CommandApdu): CommandResult {
  const { image, memory, switches } = context;
  if (command.cla !== 0x84) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (command.p1 !== 0 || command.p2 > 0x01) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const key = image.keys.find(({ type }) => type === KEY_TYPE.pinUnblock);
  const pin = unprotect(context, command, key, 'enciphered');
  if (pin === SW_6988_MAC_INCORRECT) return { sw: countUnblockFailure(context, pin) };
  if (typeof pin === 'number') return { sw: pin };
  if (!isPinShape(pin)) return { sw: SW_6A80_WRONG_DATA };
  if (switches.unblockPin === 'must-match' && !equalBytes(pin, storedPin(context)))
    return { sw: countUnblockFailure(context, SW_6A80_WRONG_DATA) };
  memory.commit([
    writeField('pin', pinBytes(pin)),
    fullTries(context),
    writeField('unblockFailures', Uint8Array.of(0)),
  ]);
  return { sw: SW_9000_SUCCESS };
}
