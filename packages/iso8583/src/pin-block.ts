/**
 * PIN blocks (F52) and the security control (F53). ISO 9564-1 format 0, with the account number, and the same block
 * without it (reference iso8583.md §1.7). The cipher comes from outside; a clear block is wiped by whoever made it.
 */
import { xor } from '@polycard/bytes';
import { messageError } from './errors.ts';

const PIN_BLOCK_BYTES = 8;
const PIN_DIGITS_MIN = 4;
const PIN_DIGITS_MAX = 12;

/** Clear block. With `pan`, the 12 rightmost digits without the check digit are mixed in. */
export function encodePinBlock(pin: string, pan?: string): Uint8Array {
  if (!/^\d+$/.test(pin) || pin.length < PIN_DIGITS_MIN || pin.length > PIN_DIGITS_MAX)
    throw messageError(
      'FIELD_VALUE',
      'F52',
      0,
      `a PIN of ${PIN_DIGITS_MIN} to ${PIN_DIGITS_MAX} digits`,
      `${pin.length} characters`,
    );
  const block = hexBytes(`0${pin.length.toString(16)}${pin}`.padEnd(PIN_BLOCK_BYTES * 2, 'F'));
  return pan === undefined ? block : xor(block, panPart(pan));
}

/** The PIN of a clear block; a block that holds none is an error, and says nothing of what it held. */
export function parsePinBlock(block: Uint8Array, pan?: string): string {
  if (block.length !== PIN_BLOCK_BYTES) throw messageError('FIELD_LENGTH', 'F52', 0, '8 bytes', `${block.length}`);
  const clear = pan === undefined ? block : xor(block, panPart(pan));
  const text = Buffer.from(clear).toString('hex').toUpperCase();
  const length = Number.parseInt(text[1]!, 16);
  const match = /^0[0-9A-F](\d*)(F*)$/.exec(text);
  if (match === null || length < PIN_DIGITS_MIN || length > PIN_DIGITS_MAX || match[1]!.length !== length)
    throw messageError('FIELD_VALUE', 'F52', 0, 'a PIN block of format 0 under this key and account', 'another block');
  return match[1]!;
}

function panPart(pan: string): Uint8Array {
  if (!/^\d{8,19}$/.test(pan)) throw messageError('FIELD_VALUE', 'F2', 0, '8 to 19 digits', `${pan.length} characters`);
  return hexBytes(`0000${pan.slice(0, -1).slice(-12).padStart(12, '0')}`);
}

const hexBytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

export interface SecurityControl {
  readonly pin: 'none' | 'without-pan' | 'with-pan';
  readonly keys: 'single-DES' | 'double-length' | 'SM4';
  readonly isTrackEncrypted: boolean;
}

const PIN_DIGIT = { none: '0', 'without-pan': '1', 'with-pan': '2' } as const;
/** Digit 2; 3 for SM4 is an assumption, the sources know 0 and 6 only. */
const KEYS_DIGIT = { 'single-DES': '0', 'double-length': '6', SM4: '3' } as const;

export function encodeSecurityControl({ pin, keys, isTrackEncrypted }: SecurityControl): string {
  return `${PIN_DIGIT[pin]}${KEYS_DIGIT[keys]}${isTrackEncrypted ? '1' : '0'}${'0'.repeat(13)}`;
}

export function parseSecurityControl(text: string): SecurityControl {
  const nameOf = <Name extends string>(digits: Readonly<Record<Name, string>>, at: number): Name => {
    const found = (Object.keys(digits) as Name[]).find((name) => digits[name] === text[at]);
    if (found === undefined)
      throw messageError('FIELD_VALUE', 'F53', at, Object.values(digits).join(', '), 'another digit');
    return found;
  };
  return { pin: nameOf(PIN_DIGIT, 0), keys: nameOf(KEYS_DIGIT, 1), isTrackEncrypted: text[2] === '1' };
}
