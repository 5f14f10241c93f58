/** Pieces that several commands share: length-value fields and lengths inside command data. */
import { type ByteReader, concat, encodeLength, SW_6A80_WRONG_DATA } from '@polycard/bytes';
import { Refusal } from '../refusal.ts';

/** Runs a parser on the card side: whatever it throws is wrong data. */
export function readOrRefuse<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(SW_6A80_WRONG_DATA, `${what} cannot be read`, what);
  }
}

/** BER length; 128 may also come as the one byte 80 (GPC 2.3.1 §11.1.5). */
export function readLength(reader: ByteReader, field: string): number {
  const first = reader.u8(field);
  if (first <= 0x80) return first;
  if (first === 0x81) return reader.u8(field);
  if (first === 0x82) return reader.u16(field);
  throw new Refusal(SW_6A80_WRONG_DATA, `length of ${field} begins with ${first.toString(16)}`, field);
}

export function lv(value: Uint8Array): Uint8Array {
  return concat(encodeLength(value.length), value);
}

export function readLv(reader: ByteReader, field: string): Uint8Array {
  return reader.take(readLength(reader, field), field);
}

export function requireAid(aid: Uint8Array, field: string): Uint8Array {
  if (aid.length >= 5 && aid.length <= 16) return aid;
  throw new Refusal(SW_6A80_WRONG_DATA, `an AID has 5 to 16 bytes, ${field} has ${aid.length}`, field);
}
