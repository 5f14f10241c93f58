/** Access conditions of purse files: free, PIN, line protection with MAC or enciphered, never. */
import { type CommandApdu, SW_6E00_CLA_NOT_SUPPORTED, SW_6982_SECURITY_STATUS } from '@polycard/bytes';
import type { PurseContext } from './context.ts';
import { ACCESS, KEY_TYPE } from './image.ts';
import { unprotect } from './line-protection.ts';

export const CLA_SECURE = 0x04;

export function mayRead({ session }: PurseContext, condition: number): boolean {
  return condition === ACCESS.free || (condition === ACCESS.pin && session.pinVerified);
}

/** Data of an updating command in clear, or the status word that refuses it. Protection may be more than is asked. */
export function permittedData(context: PurseContext, command: CommandApdu, condition: number): Uint8Array | number {
  const { session, image } = context;
  const { cla } = command;
  if (cla !== 0x00 && cla !== CLA_SECURE) return SW_6E00_CLA_NOT_SUPPORTED;
  if (condition === ACCESS.never) return SW_6982_SECURITY_STATUS;
  if (condition === ACCESS.pin && !session.pinVerified) return SW_6982_SECURITY_STATUS;
  const isProtected = condition === ACCESS.mac || condition === ACCESS.enciphered;
  if (cla === 0x00) return isProtected ? SW_6982_SECURITY_STATUS : command.data.slice();
  const key = image.keys.find(({ type }) => type === KEY_TYPE.lineProtection);
  return unprotect(context, command, key, condition === ACCESS.enciphered ? 'enciphered' : 'mac');
}
