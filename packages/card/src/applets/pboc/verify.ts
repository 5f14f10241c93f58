/**
 * VERIFY (00 20) of the offline PIN, plain (P2 = 80) or enciphered (88), and the GET CHALLENGE (00 84) that the
 * enciphered one needs. EMV 4.4 Book 3 §6.5.6, §6.5.12, Book 2 §7; PBOC 3.0 Part 5 §11 as publicly described.
 */
import {
  type CommandApdu,
  SW_6A86_INCORRECT_P1_P2,
  SW_6D00_INS_NOT_SUPPORTED,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6983_AUTHENTICATION_BLOCKED,
  SW_6984_REFERENCED_DATA_INVALIDATED,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { constantTimeEqual } from '@polycard/crypto';
import { pinOfEncipheredText } from '@polycard/emv';
import type { CommandResult, PbocContext } from './context.ts';
import { cardSigner } from './dynamic-signature.ts';
import { FIELD, STATE_BLOCKED, writeField } from './layout.ts';
import { pinFieldOf, pinTries, resetTriesWrite, triesWrite } from './pin.ts';

const P2_PLAIN = 0x80;
const P2_ENCIPHERED = 0x88;
const BLOCK_BYTES = 8;
const CHALLENGE_BYTES = 8;
const SW_63C0_TRIES_LEFT = 0x63c0;

const CVR_PERFORMED = 0x04;
const CVR_FAILED = 0x02;
const CVR_EXCEEDED = 0x40;
const CVR_BLOCKED_BY_PIN = 0x02;
/** 9F52 byte 2 b8: the last try lost blocks the application. */
const ADA_EXCEEDED_BLOCKS = 0x80;

function enciphers({ image, switches }: PbocContext): boolean {
  return (
    switches.encipheredPin === 'when-personalised' && image.enciphersPin && cardSigner(image.groupings) !== undefined
  );
}

export function getChallenge(context: PbocContext, command: CommandApdu): CommandResult {
  if (!enciphers(context)) return { sw: SW_6D00_INS_NOT_SUPPORTED };
  const { cla, p1, p2, data } = command;
  if (cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (p1 !== 0 || p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (data.length > 0) return { sw: SW_6700_WRONG_LENGTH };
  const challenge = context.random(CHALLENGE_BYTES);
  context.session.challenge = challenge.slice();
  return { sw: SW_9000_SUCCESS, data: challenge };
}

/** The six bytes to compare with the stored PIN: digits filled with F. Undefined when nothing was deciphered. */
function presentedPin(context: PbocContext, p2: number, data: Uint8Array): Uint8Array | undefined {
  if (p2 === P2_PLAIN) return data.subarray(1, 1 + FIELD.pin.lengthBytes);
  const { challenge } = context.session;
  const pin = pinOfEncipheredText(cardSigner(context.image.groupings)!.sign(data), challenge!);
  return pin === undefined ? undefined : pinFieldOf(pin);
}

function wrongPin(context: PbocContext): CommandResult {
  const { image, memory, session } = context;
  const left = pinTries(memory) - 1;
  const writes = [triesWrite(left)];
  session.cvr[0]! |= CVR_FAILED;
  if (left === 0) {
    session.cvr[1]! |= CVR_EXCEEDED;
    if (((image.fixed.get('9F52')?.[1] ?? 0) & ADA_EXCEEDED_BLOCKS) !== 0) {
      session.cvr[1]! |= CVR_BLOCKED_BY_PIN;
      writes.push(writeField('state', Uint8Array.of(memory.u8(FIELD.state.offset) | STATE_BLOCKED)));
    }
  }
  memory.commit(writes);
  return { sw: SW_63C0_TRIES_LEFT | Math.min(left, 0x0f) };
}

export function verify(context: PbocContext, command: CommandApdu): CommandResult {
  const { memory, session, image } = context;
  const { cla, p1, p2, data } = command;
  if (cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (p1 !== 0 || (p2 !== P2_PLAIN && !(p2 === P2_ENCIPHERED && enciphers(context)))) {
    return { sw: SW_6A86_INCORRECT_P1_P2 };
  }
  const length = p2 === P2_PLAIN ? BLOCK_BYTES : cardSigner(image.groupings)!.modulusBytes;
  if (data.length !== length) return { sw: SW_6700_WRONG_LENGTH };
  if (p2 === P2_ENCIPHERED && session.challenge === undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  session.cvr[0]! |= CVR_PERFORMED;
  const before = session.verifications++;
  if (pinTries(memory) === 0) {
    session.cvr[0]! |= CVR_FAILED;
    session.cvr[1]! |= CVR_EXCEEDED;
    return { sw: before === 0 ? SW_6984_REFERENCED_DATA_INVALIDATED : SW_6983_AUTHENTICATION_BLOCKED };
  }
  // A block that does not decipher, or whose number is above the modulus, is a wrong PIN: it must not be a free guess.
  let presented: Uint8Array | undefined;
  try {
    presented = presentedPin(context, p2, data);
  } catch {
    presented = undefined;
  }
  const stored = memory.view(FIELD.pin.offset, FIELD.pin.lengthBytes);
  if (presented === undefined || !constantTimeEqual(presented, stored)) return wrongPin(context);
  session.cvr[0]! &= ~CVR_FAILED;
  memory.commit([resetTriesWrite(memory)]);
  return { sw: SW_9000_SUCCESS };
}
