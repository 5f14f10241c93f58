/**
 * SM2Cipher of GM/T 0009-2012, as publicly described: SEQUENCE { x INTEGER, y INTEGER, hash OCTET STRING, cipher OCTET
 * STRING } in DER, around the raw 04‖x‖y‖C3‖C2.
 */
import { concat, encodeTlv, PolycardError, parseTlv } from '@polycard/bytes';

const FIELD_BYTES = 32;
const HASH_BYTES = 32;

/** DER integer of an unsigned field element: no leading zeros, one where the top bit is set. */
function derInteger(field: Uint8Array): Uint8Array {
  let start = 0;
  while (start < field.length - 1 && field[start] === 0) start++;
  const body = field.subarray(start);
  return encodeTlv('02', (body[0]! & 0x80) === 0 ? body : concat(Uint8Array.of(0), body));
}

function fieldElement(integer: Uint8Array): Uint8Array | undefined {
  const body = integer[0] === 0 ? integer.subarray(1) : integer;
  if (integer.length === 0 || body.length > FIELD_BYTES) return undefined;
  const field = new Uint8Array(FIELD_BYTES);
  field.set(body, FIELD_BYTES - body.length);
  return field;
}

export function encodeSm2Cipher(raw: Uint8Array): Uint8Array {
  const x = raw.subarray(1, 1 + FIELD_BYTES);
  const y = raw.subarray(1 + FIELD_BYTES, 1 + 2 * FIELD_BYTES);
  const hash = raw.subarray(1 + 2 * FIELD_BYTES, 1 + 2 * FIELD_BYTES + HASH_BYTES);
  const cipher = raw.subarray(1 + 2 * FIELD_BYTES + HASH_BYTES);
  return encodeTlv('30', concat(derInteger(x), derInteger(y), encodeTlv('04', hash), encodeTlv('04', cipher)));
}

/** The raw 04‖x‖y‖C3‖C2. Throws `POLYCARD_VAULT_IMPORT`. */
export function decodeSm2Cipher(der: Uint8Array): Uint8Array {
  const fail = (): PolycardError =>
    new PolycardError('POLYCARD_VAULT_IMPORT', 'the SM2 envelope is no SM2Cipher', {
      where: 'enciphered',
      expected: 'SEQUENCE { INTEGER, INTEGER, OCTET STRING, OCTET STRING }',
    });
  let parts: readonly { readonly tag: string; readonly value: Uint8Array }[];
  try {
    const [sequence, ...rest] = parseTlv(der, 'SM2Cipher');
    if (sequence?.tag !== '30' || rest.length > 0) throw fail();
    parts = parseTlv(sequence.value, 'SM2Cipher');
  } catch {
    throw fail();
  }
  const [x, y, hash, cipher] = parts;
  const tags = parts.map(({ tag }) => tag).join(' ');
  const point = [x, y].map((part) => fieldElement(part?.value ?? new Uint8Array(0)));
  if (tags !== '02 02 04 04' || point[0] === undefined || point[1] === undefined || hash!.value.length !== HASH_BYTES) {
    throw fail();
  }
  return concat(Uint8Array.of(0x04), point[0], point[1], hash!.value, cipher!.value);
}
