/**
 * Cardholder verification by the card's list (8E): offline PIN plain or enciphered, signature, none.
 * EMV 4.4 Book 3 §10.5, Annex C3; PBOC 3.0 Part 6 as publicly described. A combined method needs both of its parts.
 */
import { SW_9000_SUCCESS } from '@polycard/bytes';
import { type RandomSource, rsaRecover } from '@polycard/crypto';
import { buildEncipheredPinText, buildPinBlock, isSm2Key, type PublicKey } from '@polycard/emv';
import type { CardLine } from './card-line.ts';
import { type TerminalResults, TSI, TVR } from './terminal-results.ts';

const METHOD = {
  fail: 0x00,
  plainPin: 0x01,
  onlinePin: 0x02,
  plainPinAndSignature: 0x03,
  encipheredPin: 0x04,
  encipheredPinAndSignature: 0x05,
  signature: 0x1e,
  none: 0x1f,
} as const;
/** The next rule is tried when this one fails. */
const GO_ON = 0x40;
const METHOD_MASK = 0x3f;
const CONDITION = { always: 0x00, supported: 0x03, underX: 0x06, overX: 0x07, underY: 0x08, overY: 0x09 } as const;
/** Terminal capabilities (9F33) byte 2. */
const CAPABLE = { plainPin: 0x80, onlinePin: 0x40, signature: 0x20, encipheredPin: 0x10, none: 0x08 } as const;
const RESULT = { unknown: 0x00, failed: 0x01, successful: 0x02 } as const;

export interface VerificationInput {
  readonly list: Uint8Array | undefined;
  /** 9F33. */
  readonly capabilities: Uint8Array;
  readonly amountFen: number;
  readonly pin: string | undefined;
  /** The card's key, for an enciphered PIN. */
  readonly cardKey: PublicKey | undefined;
  readonly random: RandomSource;
}

function isCapable(method: number, capabilities: Uint8Array): boolean {
  const byte = capabilities[1] ?? 0;
  switch (method) {
    case METHOD.plainPin:
      return (byte & CAPABLE.plainPin) !== 0;
    case METHOD.encipheredPin:
      return (byte & CAPABLE.encipheredPin) !== 0;
    case METHOD.plainPinAndSignature:
      return (byte & CAPABLE.plainPin) !== 0 && (byte & CAPABLE.signature) !== 0;
    case METHOD.encipheredPinAndSignature:
      return (byte & CAPABLE.encipheredPin) !== 0 && (byte & CAPABLE.signature) !== 0;
    case METHOD.onlinePin:
      return (byte & CAPABLE.onlinePin) !== 0;
    case METHOD.signature:
      return (byte & CAPABLE.signature) !== 0;
    case METHOD.none:
      return (byte & CAPABLE.none) !== 0;
    default:
      return false;
  }
}

function applies(condition: number, method: number, input: VerificationInput, amounts: readonly number[]): boolean {
  switch (condition) {
    case CONDITION.always:
      return true;
    case CONDITION.supported:
      return isCapable(method, input.capabilities);
    case CONDITION.underX:
      return input.amountFen < amounts[0]!;
    case CONDITION.overX:
      return input.amountFen > amounts[0]!;
    case CONDITION.underY:
      return input.amountFen < amounts[1]!;
    case CONDITION.overY:
      return input.amountFen > amounts[1]!;
    default:
      return false; // cash, cashback: not this terminal's transactions
  }
}

async function offlinePin(line: CardLine, enciphered: boolean, input: VerificationInput, results: TerminalResults) {
  if (input.pin === undefined) {
    results.found(TVR.pinNotEntered);
    return false;
  }
  const tries = (await line.getData(0x9f, 0x17))?.[0];
  if (tries === 0) {
    results.found(TVR.pinTriesExceeded);
    return false;
  }
  let data = buildPinBlock(input.pin);
  if (enciphered) {
    if (input.cardKey === undefined || isSm2Key(input.cardKey)) return false;
    const challenge = await line.send({ cla: 0x00, ins: 0x84, p1: 0, p2: 0 });
    if (challenge.sw !== SW_9000_SUCCESS || challenge.data.length !== 8) return false;
    const padding = input.random(input.cardKey.modulus.length - 17);
    data = rsaRecover(input.cardKey.handle, buildEncipheredPinText(input.pin, challenge.data, padding));
  }
  const p2 = enciphered ? 0x88 : 0x80;
  const { sw } = await line.sendQuietly({ cla: 0x00, ins: 0x20, p1: 0, p2, data });
  if (sw === SW_9000_SUCCESS) return true;
  if (sw === 0x63c0 || sw === 0x6983 || sw === 0x6984) results.found(TVR.pinTriesExceeded);
  return false;
}

async function perform(line: CardLine, method: number, input: VerificationInput, results: TerminalResults) {
  switch (method) {
    case METHOD.plainPin:
    case METHOD.plainPinAndSignature:
      return offlinePin(line, false, input, results);
    case METHOD.encipheredPin:
    case METHOD.encipheredPinAndSignature:
      return offlinePin(line, true, input, results);
    case METHOD.onlinePin:
      if (input.pin === undefined) results.found(TVR.pinNotEntered);
      else results.found(TVR.onlinePinEntered);
      return input.pin !== undefined;
    case METHOD.signature:
    case METHOD.none:
      return true;
    default:
      return false;
  }
}

/** 9F34: method, condition, result. */
export async function verifyCardholder(
  line: CardLine,
  input: VerificationInput,
  results: TerminalResults,
): Promise<Uint8Array> {
  const { list } = input;
  if (list === undefined || list.length < 10) return Uint8Array.of(0x3f, 0x00, RESULT.unknown);
  results.performed(TSI.cardholderVerification);
  const amounts = [0, 4].map((offset) => list.subarray(offset, offset + 4).reduce((sum, byte) => sum * 256 + byte, 0));
  let last: Uint8Array = Uint8Array.of(0x3f, 0x00, RESULT.failed);
  for (let offset = 8; offset + 1 < list.length; offset += 2) {
    const [code, condition] = [list[offset]!, list[offset + 1]!];
    const method = code & METHOD_MASK;
    if (!applies(condition, method, input, amounts)) continue;
    if (isCapable(method, input.capabilities) && (await perform(line, method, input, results))) {
      const signed = method === METHOD.signature || method === METHOD.onlinePin;
      return Uint8Array.of(code, condition, signed ? RESULT.unknown : RESULT.successful);
    }
    if (method > METHOD.encipheredPinAndSignature && method !== METHOD.signature && method !== METHOD.none) {
      results.found(TVR.methodUnknown);
    }
    last = Uint8Array.of(code, condition, RESULT.failed);
    if ((code & GO_ON) === 0) break;
  }
  results.found(TVR.verificationFailed);
  return last;
}
