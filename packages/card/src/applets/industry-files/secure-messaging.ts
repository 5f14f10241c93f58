/** Secure messaging of commands and answers (reference industries.md §0.5): the challenge makes the session keys, once. */
import {
  type CommandApdu,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_6988_MAC_INCORRECT,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { constantTimeEqual } from '@polycard/crypto';
import {
  decipherIndustry,
  encipherIndustry,
  INDUSTRY_MAC_BYTES,
  type IndustryKey,
  industryCommandMac,
  industryResponseMac,
} from '@polycard/emv';
import type { CommandResult, IndustryContext } from './context.ts';
import { tryKey } from './tries.ts';

export type ProtectionMode = 'mac' | 'enc';

/** How a command came: its data in clear, and how its answer goes back. */
export interface Unprotected {
  readonly data: Uint8Array;
  readonly answer: (data: Uint8Array) => CommandResult;
}

const plainAnswer = (data: Uint8Array): CommandResult => ({ sw: SW_9000_SUCCESS, data });

export function unprotectedCommand({ data }: CommandApdu): Unprotected {
  return { data: data.slice(), answer: plainAnswer };
}

/** Checks the MAC under this key and deciphers; a status word when it does not hold. Wrong MACs count against the key. */
export function unprotect(
  context: IndustryContext,
  command: CommandApdu,
  reference: number,
  mode: ProtectionMode,
): Unprotected | number {
  const { session } = context;
  const { cla, ins, p1, p2, data } = command;
  const { challenge } = session;
  session.challenge = undefined;
  const key = context.key(reference);
  if (data.length < INDUSTRY_MAC_BYTES) return SW_6700_WRONG_LENGTH;
  if (key === undefined || challenge === undefined) return SW_6985_CONDITIONS_NOT_SATISFIED;
  const body = data.slice(0, data.length - INDUSTRY_MAC_BYTES);
  const mac = data.subarray(body.length);
  const expected = industryCommandMac(key, challenge, Uint8Array.of(cla, ins, p1, p2), body);
  const fault = tryKey(
    context,
    reference,
    () => constantTimeEqual(expected, mac),
    () => SW_6988_MAC_INCORRECT,
  );
  if (fault !== undefined) return fault;
  if (mode === 'mac') return { data: body, answer: answerWithMac(key, challenge, false) };
  // a command that only asks carries no data, and its answer comes enciphered
  const plain = body.length === 0 ? body : decipherIndustry(key, challenge, body);
  return plain === undefined ? SW_6988_MAC_INCORRECT : { data: plain, answer: answerWithMac(key, challenge, true) };
}

function answerWithMac(key: IndustryKey, challenge: Uint8Array, enciphered: boolean) {
  return (data: Uint8Array): CommandResult => {
    const body = enciphered ? encipherIndustry(key, challenge, data) : data;
    const mac = industryResponseMac(key, challenge, body);
    const answer = new Uint8Array(body.length + mac.length);
    answer.set(body);
    answer.set(mac, body.length);
    return { sw: SW_9000_SUCCESS, data: answer };
  };
}
