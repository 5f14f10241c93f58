import { PolycardError } from './errors.ts';

/** Packed BCD of a decimal digit string, right aligned with leading zero nibbles to `lengthBytes`. */
export function bcdFromDigits(digits: string, lengthBytes: number): Uint8Array {
  if (digits.length > lengthBytes * 2) {
    throw new PolycardError('POLYCARD_BYTES_BCD', `${digits.length} digits do not fit ${lengthBytes} BCD bytes`);
  }
  const padded = digits.padStart(lengthBytes * 2, '0');
  const out = new Uint8Array(lengthBytes);
  for (let index = 0; index < lengthBytes; index++) {
    const high = padded.charCodeAt(index * 2) - 48;
    const low = padded.charCodeAt(index * 2 + 1) - 48;
    if (high < 0 || high > 9 || low < 0 || low > 9) {
      throw new PolycardError('POLYCARD_BYTES_BCD', `character ${index * 2} or ${index * 2 + 1} is no decimal digit`);
    }
    out[index] = (high << 4) | low;
  }
  return out;
}

/** Packed BCD of a non-negative integer, e.g. an EMV n12 amount in fen (`lengthBytes` 6). */
export function bcdFromNumber(value: number, lengthBytes: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new PolycardError('POLYCARD_BYTES_BCD', `BCD needs a non-negative integer, got ${value}`);
  }
  return bcdFromDigits(String(value), lengthBytes);
}

/** Decimal digits of packed BCD. Throws `POLYCARD_BYTES_BCD` on a nibble A..F. */
export function digitsFromBcd(bytes: Uint8Array): string {
  let digits = '';
  for (let index = 0; index < bytes.length; index++) {
    const high = bytes[index]! >> 4;
    const low = bytes[index]! & 0x0f;
    if (high > 9 || low > 9) {
      throw new PolycardError('POLYCARD_BYTES_BCD', `byte ${index} is no packed BCD`, { expected: 'nibbles 0-9' });
    }
    digits += String.fromCharCode(48 + high, 48 + low);
  }
  return digits;
}

export function numberFromBcd(bytes: Uint8Array): number {
  let value = 0;
  for (let index = 0; index < bytes.length; index++) {
    const high = bytes[index]! >> 4;
    const low = bytes[index]! & 0x0f;
    if (high > 9 || low > 9) {
      throw new PolycardError('POLYCARD_BYTES_BCD', `byte ${index} is no packed BCD`, { expected: 'nibbles 0-9' });
    }
    value = value * 100 + high * 10 + low;
  }
  return value;
}
