/**
 * Line protection (线路保护) of purse commands: secure messaging format 2 with the challenge of GET CHALLENGE as IV.
 * PBOC 2.0 Part 1 §7 as publicly described; the challenge is good for one command.
 */
import {
  type CommandApdu,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_6988_MAC_INCORRECT,
} from '@polycard/bytes';
import { constantTimeEqual } from '@polycard/crypto';
import { decipherLine, lineProtectionMac, PURSE_MAC_BYTES } from '@polycard/emv';
import type { PurseContext } from './context.ts';
import type { PurseKey } from './image.ts';

/** Data of a command without its MAC, deciphered when asked; a status word when it does not hold. */
export function unprotect(
  { session }: PurseContext,
  command: CommandApdu,
  key: PurseKey | undefined,
  mode: 'mac' | 'enciphered',
): Uint8Array | number {
  const { cla, ins, p1, p2, data } = command;
  const { challenge } = session;
  session.challenge = undefined;
  if (data.length < PURSE_MAC_BYTES) return SW_6700_WRONG_LENGTH;
  if (key === undefined || challenge === undefined) return SW_6985_CONDITIONS_NOT_SATISFIED;
  const body = data.slice(0, data.length - PURSE_MAC_BYTES);
  const mac = lineProtectionMac(key, challenge, Uint8Array.of(cla, ins, p1, p2, data.length), body);
  if (!constantTimeEqual(mac, data.subarray(body.length))) return SW_6988_MAC_INCORRECT;
  return mode === 'mac' ? body : (decipherLine(key, body) ?? SW_6988_MAC_INCORRECT);
}
