/**
 * SM2 on the curve of GB/T 32918.5-2017: signatures over SM3, and public key encryption C1‖C3‖C2.
 *
 * Signatures bind the signer by ZA with the user id 1234567812345678 (GM/T 0009-2012 as publicly described). Points come
 * from sm-crypto-v2; the scalars k are drawn here, so that a seeded run gives the same again. node:crypto knows the
 * curve but signs with a wrong or empty user id, so it is not used.
 */
import { concat, equalBytes, fromHex, PolycardError, toHex, xor } from '@polycard/bytes';
import { kdf, sm2 } from 'sm-crypto-v2';
import { sm3 } from './node-crypto.ts';
import type { RandomSource } from './random.ts';
import { bigintFromBytes, bytesFromBigint, modularInverse } from './rsa-key.ts';

const FIELD_BYTES = 32;
/** x‖y, without the leading 04. */
export const SM2_PUBLIC_KEY_BYTES = 64;
/** r‖s. */
export const SM2_SIGNATURE_BYTES = 64;
export const SM2_PRIVATE_KEY_BYTES = FIELD_BYTES;
export const SM2_USER_ID = new TextEncoder().encode('1234567812345678');

/** Curve of GB/T 32918.5: coefficients, base point, order. */
const A = fromHex('FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC');
const B = fromHex('28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93');
const G = fromHex(
  '32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7' +
    'BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0',
);
const ORDER = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;

export interface Sm2KeyPair {
  /** d, 32 bytes. */
  readonly privateKey: Uint8Array;
  /** x‖y, 64 bytes. */
  readonly publicKey: Uint8Array;
}

function requireLength(bytes: Uint8Array, lengthBytes: number, what: string): void {
  if (bytes.length !== lengthBytes) {
    throw new PolycardError('POLYCARD_CRYPTO_SM2', `${what} has ${bytes.length} bytes, expected ${lengthBytes}`, {
      where: what,
    });
  }
}

/** A point times a scalar, x‖y. */
function multiply(scalar: bigint, point: Uint8Array): Uint8Array {
  return Uint8Array.from(sm2.ecdh(scalar, `04${toHex(point)}`, false).subarray(1));
}

/** A scalar in [1, n-1]. */
function drawScalar(random: RandomSource): bigint {
  for (;;) {
    const value = bigintFromBytes(random(FIELD_BYTES));
    if (value > 0n && value < ORDER) return value;
  }
}

/** True for x‖y of a point on the curve. */
export function isSm2PublicKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== SM2_PUBLIC_KEY_BYTES) return false;
  try {
    return sm2.verifyPublicKey(`04${toHex(publicKey)}`);
  } catch {
    return false;
  }
}

export function sm2PublicKeyOf(privateKey: Uint8Array): Uint8Array {
  requireLength(privateKey, SM2_PRIVATE_KEY_BYTES, 'SM2 private key');
  const d = bigintFromBytes(privateKey);
  if (d === 0n || d >= ORDER - 1n) {
    throw new PolycardError('POLYCARD_CRYPTO_SM2', 'the private key is outside 1 to n-2', { where: 'privateKey' });
  }
  return multiply(d, G);
}

export function generateSm2Key(random: RandomSource): Sm2KeyPair {
  for (;;) {
    const d = drawScalar(random);
    if (d === ORDER - 1n) continue; // 1 + d would have no inverse
    return { privateKey: bytesFromBigint(d, FIELD_BYTES), publicKey: multiply(d, G) };
  }
}

/** ZA: SM3 over the user id, the curve and the public key; 32 bytes. */
export function sm2UserDigest(publicKey: Uint8Array, userId: Uint8Array = SM2_USER_ID): Uint8Array {
  requireLength(publicKey, SM2_PUBLIC_KEY_BYTES, 'SM2 public key');
  const bits = userId.length * 8;
  return sm3(Uint8Array.of(bits >> 8, bits & 0xff), userId, A, B, G, publicKey);
}

/** e: what a signature is over. */
export function sm2MessageDigest(publicKey: Uint8Array, message: Uint8Array, userId?: Uint8Array): Uint8Array {
  return sm3(sm2UserDigest(publicKey, userId), message);
}

/** r‖s, 64 bytes, over ZA‖message. */
export function sm2Sign(
  key: Sm2KeyPair,
  message: Uint8Array,
  random: RandomSource,
  userId: Uint8Array = SM2_USER_ID,
): Uint8Array {
  requireLength(key.privateKey, SM2_PRIVATE_KEY_BYTES, 'SM2 private key');
  const d = bigintFromBytes(key.privateKey);
  const e = bigintFromBytes(sm2MessageDigest(key.publicKey, message, userId));
  for (;;) {
    const k = drawScalar(random);
    const r = (e + bigintFromBytes(multiply(k, G).subarray(0, FIELD_BYTES))) % ORDER;
    if (r === 0n || r + k === ORDER) continue;
    const product = (k - ((r * d) % ORDER) + ORDER) % ORDER;
    const s = (modularInverse(1n + d, ORDER) * product) % ORDER;
    if (s !== 0n) return concat(bytesFromBigint(r, FIELD_BYTES), bytesFromBigint(s, FIELD_BYTES));
  }
}

/** False for a signature of another key, message or length; never throws. */
export function sm2Verify(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  userId: Uint8Array = SM2_USER_ID,
): boolean {
  if (signature.length !== SM2_SIGNATURE_BYTES || !isSm2PublicKey(publicKey)) return false;
  // The library takes r and s of 0 and of n and above; the standard (GB/T 32918.2 §7.1) does not.
  for (const half of [signature.subarray(0, FIELD_BYTES), signature.subarray(FIELD_BYTES)]) {
    const value = bigintFromBytes(half);
    if (value === 0n || value >= ORDER) return false;
  }
  const digest = toHex(sm2MessageDigest(publicKey, message, userId)).toLowerCase();
  try {
    return sm2.doVerifySignature(
      fromHex(digest.toUpperCase()),
      toHex(signature).toLowerCase(),
      `04${toHex(publicKey)}`,
      {
        hash: false,
      },
    );
  } catch {
    return false; // r + s = n and other points at infinity
  }
}

/** C1 (65 bytes, with 04)‖C3 (32)‖C2, GB/T 32918.4. */
export function sm2Encrypt(publicKey: Uint8Array, message: Uint8Array, random: RandomSource): Uint8Array {
  if (!isSm2PublicKey(publicKey)) {
    throw new PolycardError('POLYCARD_CRYPTO_SM2', 'the public key is no point of the curve', { where: 'publicKey' });
  }
  for (;;) {
    const k = drawScalar(random);
    const shared = multiply(k, publicKey);
    const stream = Uint8Array.from(kdf(shared, message.length));
    if (message.length > 0 && stream.every((byte) => byte === 0)) continue;
    const check = sm3(shared.subarray(0, FIELD_BYTES), message, shared.subarray(FIELD_BYTES));
    return concat(Uint8Array.of(0x04), multiply(k, G), check, xor(message, stream));
  }
}

/** Throws `POLYCARD_CRYPTO_SM2` when the text was changed or is for another key. */
export function sm2Decrypt(privateKey: Uint8Array, text: Uint8Array): Uint8Array {
  const c2 = 1 + SM2_PUBLIC_KEY_BYTES + FIELD_BYTES;
  const c1 = text.subarray(1, 1 + SM2_PUBLIC_KEY_BYTES);
  if (text.length < c2 || text[0] !== 0x04 || !isSm2PublicKey(c1)) {
    throw new PolycardError('POLYCARD_CRYPTO_SM2', 'the enciphered text does not begin with a point of the curve', {
      where: 'C1',
    });
  }
  const shared = multiply(bigintFromBytes(privateKey), c1);
  const body = text.subarray(c2);
  const message = xor(body, Uint8Array.from(kdf(shared, body.length)));
  const check = sm3(shared.subarray(0, FIELD_BYTES), message, shared.subarray(FIELD_BYTES));
  if (!equalBytes(check, text.subarray(1 + SM2_PUBLIC_KEY_BYTES, c2))) {
    throw new PolycardError('POLYCARD_CRYPTO_SM2', 'the enciphered text was changed or is for another key', {
      where: 'C3',
    });
  }
  return message;
}
