/**
 * Cryptography of industry file applications, the same for card, PSAM and host: session keys from a challenge, external,
 * internal authentication, secure messaging of class 04. Reference industries.md §0.5, vectors §0.8.
 *
 * The session key is one more dispersion with the card's challenge, as a public health-card reader makes it; encipherment
 * and MAC have a key each (`split`) unless a profile wants one for both (`single`).
 */
import { complement, concat, xor } from '@polycard/bytes';
import {
  type Algorithm,
  blockLengthBytes,
  decryptBlocks,
  disperse,
  ecbMode,
  encryptBlocks,
  macOf,
  pad80,
} from '@polycard/crypto';

export type SessionMode = 'split' | 'single';

export const INDUSTRY_MAC_BYTES = 4;
export const INDUSTRY_CHALLENGE_BYTES = 8;
/** Terminal random of INTERNAL AUTHENTICATE, and its answer. */
export const INTERNAL_AUTHENTICATION_BYTES = 16;

export interface IndustryKey {
  readonly algorithm: Algorithm;
  /** 16 bytes. */
  readonly key: Uint8Array;
  readonly session: SessionMode;
}

interface SessionKeys {
  readonly algorithm: Algorithm;
  readonly encipherment: Uint8Array;
  readonly mac: Uint8Array;
}

/** SK_enc = disp(K, R), SK_mac = disp(K, ~R). `challenge` is the card's, 8 bytes. */
export function industrySession({ algorithm, key, session }: IndustryKey, challenge: Uint8Array): SessionKeys {
  const encipherment = disperse(algorithm, key, challenge);
  const mac = session === 'split' ? disperse(algorithm, key, complement(challenge)) : encipherment;
  return { algorithm, encipherment, mac };
}

/** EXTERNAL AUTHENTICATE: C = E_SK(R_t ‖ 00×8) with SK = disp(K, R); its two halves exclusive-ored, 8 bytes. */
export function externalCryptogram(key: IndustryKey, challenge: Uint8Array, terminalRandom: Uint8Array): Uint8Array {
  const session = disperse(key.algorithm, key.key, challenge);
  const block = concat(terminalRandom, new Uint8Array(8));
  const enciphered = encryptBlocks(ecbMode(key.algorithm), session, block);
  return xor(enciphered.subarray(0, 8), enciphered.subarray(8));
}

/**
 * INTERNAL AUTHENTICATE: the card proves that it holds the key. Ours: SK = disp(K, first half of R_t), answer =
 * E_SK(second half ‖ its complement); the key itself never enciphers what a terminal chooses.
 */
export function internalCryptogram(key: IndustryKey, terminalRandom: Uint8Array): Uint8Array {
  const session = disperse(key.algorithm, key.key, terminalRandom.subarray(0, 8));
  const half = terminalRandom.subarray(8, 16);
  return encryptBlocks(ecbMode(key.algorithm), session, concat(half, complement(half)));
}

function macUnder({ algorithm, mac }: SessionKeys, data: Uint8Array): Uint8Array {
  return macOf(algorithm, mac, data).slice(0, INDUSTRY_MAC_BYTES);
}

/** MAC of a command: over CLA INS P1 P2 Lc (the MAC counted) and its data as sent. */
export function industryCommandMac(
  key: IndustryKey,
  challenge: Uint8Array,
  header: Uint8Array,
  body: Uint8Array,
): Uint8Array {
  const lc = Uint8Array.of(body.length + INDUSTRY_MAC_BYTES);
  return macUnder(industrySession(key, challenge), concat(header.subarray(0, 4), lc, body));
}

/** MAC of an answer: over its data as sent and 9000, under the key of the command's challenge. */
export function industryResponseMac(key: IndustryKey, challenge: Uint8Array, body: Uint8Array): Uint8Array {
  return macUnder(industrySession(key, challenge), concat(body, Uint8Array.of(0x90, 0x00)));
}

/** Length byte ‖ data ‖ 80 00.., always padded; ECB. */
export function encipherIndustry(key: IndustryKey, challenge: Uint8Array, plain: Uint8Array): Uint8Array {
  const { algorithm, encipherment } = industrySession(key, challenge);
  const body = pad80(concat(Uint8Array.of(plain.length), plain), blockLengthBytes(algorithm));
  return encryptBlocks(ecbMode(algorithm), encipherment, body);
}

/** Undefined when it is none of ours. */
export function decipherIndustry(key: IndustryKey, challenge: Uint8Array, body: Uint8Array): Uint8Array | undefined {
  const { algorithm, encipherment } = industrySession(key, challenge);
  const blockBytes = blockLengthBytes(algorithm);
  if (body.length === 0 || body.length % blockBytes !== 0) return undefined;
  const plain = decryptBlocks(ecbMode(algorithm), encipherment, body);
  const end = 1 + plain[0]!;
  const isFilled = plain.subarray(end).every((byte, index) => byte === (index === 0 ? 0x80 : 0x00));
  const filling = plain.length - end;
  return isFilled && filling >= 1 && filling <= blockBytes ? plain.slice(1, end) : undefined;
}

/** TAC of what a COMMIT wrote, and MACs inside the data: 4 bytes under a card or meter key, no session. */
export function industryTac(algorithm: Algorithm, key: Uint8Array, data: Uint8Array): Uint8Array {
  return macOf(algorithm, key, data).slice(0, INDUSTRY_MAC_BYTES);
}
