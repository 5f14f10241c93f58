import { PolycardError } from './errors.ts';

/** Bytes of a hexadecimal string; blanks are allowed between bytes. Throws `POLYCARD_BYTES_HEX`. */
export function fromHex(hex: string): Uint8Array {
  const compact = /\s/.test(hex) ? hex.replace(/\s+/g, '') : hex;
  if (compact.length % 2 !== 0) {
    throw new PolycardError('POLYCARD_BYTES_HEX', `hex text has an odd number of digits (${compact.length})`, {
      expected: 'two digits for each byte',
    });
  }
  // Buffer.from looks only at the low byte of a character: U+0130 would be a 0
  const wrong = compact.search(/[^0-9A-Fa-f]/);
  if (wrong >= 0) {
    throw new PolycardError('POLYCARD_BYTES_HEX', `hex text has a character that is no digit at offset ${wrong}`, {
      expected: '0-9 A-F',
    });
  }
  const bytes = Buffer.from(compact, 'hex');
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Upper-case hexadecimal, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex').toUpperCase();
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Equal content; not constant time, for public data only (`crypto` has the constant-time one for MACs). */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

export function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length);
  for (let index = 0; index < a.length; index++) out[index] = a[index]! ^ (b[index] ?? 0);
  return out;
}

export function complement(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let index = 0; index < bytes.length; index++) out[index] = ~bytes[index]! & 0xff;
  return out;
}
