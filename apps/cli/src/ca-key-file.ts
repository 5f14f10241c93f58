/**
 * Certification authority keys as a file: JSON `[{rid,index,modulus,exponent}]` for RSA, `[{rid,index,point}]` for SM2,
 * hexadecimal.
 */
import { readFileSync } from 'node:fs';
import { PolycardError } from '@polycard/bytes';
import { isSm2PublicKey } from '@polycard/crypto';
import { openRsaPublicKey, type PublicKey } from '@polycard/emv';

const MODULUS_BYTES_MAX = 248; // EMV 4.4 Book 2 §11: up to 1984 bits
const SM2_POINT_BYTES = 64;
const HEX = /^([0-9A-F]{2})+$/;

/** By RID and index, as the terminal looks them up. Throws `POLYCARD_CLI_CA_FILE` with the entry and the field. */
export function readCaKeys(path: string): ReadonlyMap<string, PublicKey> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw wrong(path, (cause as Error).message, '--capk');
  }
  return caKeysOf(parsed, path);
}

export function caKeysOf(entries: unknown, path: string): ReadonlyMap<string, PublicKey> {
  if (!Array.isArray(entries)) throw wrong(path, 'it is no list', '--capk');
  return new Map(entries.map((entry: unknown, place) => opened(entry, path, place)));
}

function opened(entry: unknown, path: string, place: number): [string, PublicKey] {
  const fields = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
  const hex = (name: string, bytes: number, bytesMax = bytes): string => {
    const value = fields[name];
    // some lists write index and exponent as numbers
    const text = typeof value === 'number' ? evenHex(value) : typeof value === 'string' ? value : '';
    const compact = text.replace(/\s+/g, '').toUpperCase();
    const isRight = HEX.test(compact) && compact.length >= bytes * 2 && compact.length <= bytesMax * 2;
    if (!isRight) throw wrong(path, `${name} is no hexadecimal of ${bytes} to ${bytesMax} bytes`, `[${place}].${name}`);
    return compact;
  };
  const [rid, index] = [hex('rid', 5), hex('index', 1)];
  if (fields['point'] !== undefined) {
    // x‖y; some lists write 04 (uncompressed) in front
    const point = Buffer.from(hex('point', SM2_POINT_BYTES, SM2_POINT_BYTES + 1), 'hex').subarray(-SM2_POINT_BYTES);
    if (!isSm2PublicKey(point)) throw wrong(path, 'point is not on the SM2 curve', `[${place}].point`);
    return [rid + index, { point }];
  }
  const [modulus, exponent] = [hex('modulus', 64, MODULUS_BYTES_MAX), hex('exponent', 1, 3)];
  return [rid + index, openRsaPublicKey(Buffer.from(modulus, 'hex'), Buffer.from(exponent, 'hex'))];
}

function evenHex(value: number): string {
  const hex = Number.isInteger(value) && value >= 0 ? value.toString(16) : '';
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}

function wrong(path: string, what: string, where: string): PolycardError {
  return new PolycardError('POLYCARD_CLI_CA_FILE', `${path} holds no certification authority keys: ${what}`, {
    where,
    expected: 'JSON [{rid,index,modulus,exponent}] or [{rid,index,point}], hexadecimal',
  });
}
