/**
 * Offline PIN blocks: the one of VERIFY (plain and enciphered), and the one PIN CHANGE carries.
 * EMV 4.4 Book 3 §6.5.12, Book 2 §7; PBOC 3.0 Part 5 Annex B (PIN CHANGE/UNBLOCK) as publicly described. A PIN is a
 * string of 4 to 12 digits here; it never appears in an error.
 */
import { concat, equalBytes, PolycardError, toHex, xor } from '@polycard/bytes';
import { type Algorithm, decryptBlocks, ecbMode, encryptBlocks } from '@polycard/crypto';

const BLOCK_BYTES = 8;
/** Length byte 08, the block, then 80 00‥ to 16 bytes. */
const CHANGE_TAIL = Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0);
const CHANGE_BYTES = 16;

function requirePin(pin: string): void {
  if (!/^\d{4,12}$/.test(pin)) {
    throw new PolycardError('POLYCARD_EMV_PIN', 'a PIN has 4 to 12 digits', { where: 'pin' });
  }
}

function controlBlock(control: number, pin: string): Uint8Array {
  requirePin(pin);
  const digits = `${(control | pin.length).toString(16).padStart(2, '0')}${pin}`.padEnd(BLOCK_BYTES * 2, 'F');
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

/** Digits of a block `cn‖digits‖F…` with the given control nibble; undefined when it is none. */
function digitsOfBlock(block: Uint8Array, control: number): string | undefined {
  if (block.length !== BLOCK_BYTES || block[0]! >> 4 !== control) return undefined;
  const length = block[0]! & 0x0f;
  const text = toHex(block.subarray(1));
  const fits = length >= 4 && length <= 12 && /^\d+$/.test(text.slice(0, length)) && /^F*$/.test(text.slice(length));
  return fits ? text.slice(0, length) : undefined;
}

/** Plaintext PIN block of VERIFY: `2n‖digits‖F…`, 8 bytes. */
export function buildPinBlock(pin: string): Uint8Array {
  return controlBlock(0x20, pin);
}

/** PIN of a VERIFY block; undefined when the block is malformed. */
export function pinOfBlock(block: Uint8Array): string | undefined {
  return digitsOfBlock(block, 2);
}

/** PIN digits left-justified in 8 bytes, filled with zero: what a current PIN adds to the change block. */
function currentPinFactor(pin: string): Uint8Array {
  requirePin(pin);
  return Uint8Array.from(Buffer.from(pin.padEnd(BLOCK_BYTES * 2, '0'), 'hex'));
}

/** D1: four zero bytes and bytes 5 to 8 of the card's ENC key as it is, parity bits included. */
function keyFactor(udkEnc: Uint8Array): Uint8Array {
  return concat(new Uint8Array(4), udkEnc.subarray(4, 8));
}

export interface PinChange {
  readonly newPin: string;
  /** Goes in with P2 = 01. */
  readonly currentPin?: string;
  /** Card key UDK-ENC, 16 bytes; its raw bytes go into the block. */
  readonly udkEnc: Uint8Array;
}

/** Data of PIN CHANGE before its MAC: 16 bytes under SK-ENC. */
export function buildPinChangeData(algorithm: Algorithm, skEnc: Uint8Array, change: PinChange): Uint8Array {
  let block: Uint8Array = xor(keyFactor(change.udkEnc), controlBlock(0x00, change.newPin));
  if (change.currentPin !== undefined) block = xor(block, currentPinFactor(change.currentPin));
  return encryptBlocks(ecbMode(algorithm), skEnc, concat(Uint8Array.of(BLOCK_BYTES), block, CHANGE_TAIL));
}

/** New PIN out of PIN CHANGE data; undefined when it does not decipher to a PIN (wrong key, wrong current PIN). */
export function openPinChangeData(
  algorithm: Algorithm,
  skEnc: Uint8Array,
  data: Uint8Array,
  known: { readonly udkEnc: Uint8Array; readonly currentPin?: string },
): string | undefined {
  if (data.length !== CHANGE_BYTES) return undefined;
  const plain = decryptBlocks(ecbMode(algorithm), skEnc, data);
  if (plain[0] !== BLOCK_BYTES || !equalBytes(plain.subarray(1 + BLOCK_BYTES), CHANGE_TAIL)) return undefined;
  let block: Uint8Array = xor(plain.subarray(1, 1 + BLOCK_BYTES), keyFactor(known.udkEnc));
  if (known.currentPin !== undefined) block = xor(block, currentPinFactor(known.currentPin));
  return digitsOfBlock(block, 0);
}

const ENCIPHERED_HEADER = 0x7f;
const CHALLENGE_BYTES = 8;

/** Plaintext of an enciphered PIN (EMV 4.4 Book 2 §7.2): 7F‖PIN block‖card challenge‖padding to the key length. */
export function buildEncipheredPinText(pin: string, challenge: Uint8Array, padding: Uint8Array): Uint8Array {
  if (challenge.length !== CHALLENGE_BYTES) {
    throw new PolycardError('POLYCARD_EMV_PIN', `the card's challenge has ${challenge.length} bytes, expected 8`, {
      where: 'challenge',
    });
  }
  return concat(Uint8Array.of(ENCIPHERED_HEADER), buildPinBlock(pin), challenge, padding);
}

/** PIN of a deciphered text; undefined when header or challenge are others. */
export function pinOfEncipheredText(text: Uint8Array, challenge: Uint8Array): string | undefined {
  const end = 1 + BLOCK_BYTES + CHALLENGE_BYTES;
  if (text.length < end || text[0] !== ENCIPHERED_HEADER) return undefined;
  if (!equalBytes(text.subarray(1 + BLOCK_BYTES, end), challenge)) return undefined;
  return pinOfBlock(text.subarray(1, 1 + BLOCK_BYTES));
}
