/** Agreement of a 16-byte transport key between the platform and a bureau or terminal maker: X25519, HKDF-SHA-256. */
import { createPrivateKey, createPublicKey, diffieHellman, hkdfSync, type KeyObject } from 'node:crypto';
import { PolycardError } from '@polycard/bytes';
import type { RandomSource } from './random.ts';

const PKCS8_X25519_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex'); // RFC 8410 §7
const SPKI_X25519_PREFIX = Buffer.from('302a300506032b656e032100', 'hex'); // RFC 8410 §4
export const ZONE_PUBLIC_KEY_BYTES = 32;

export interface ZoneKeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

export function makeZoneKeyPair(random: RandomSource): ZoneKeyPair {
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_X25519_PREFIX, random(32)]),
    format: 'der',
    type: 'pkcs8',
  });
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { publicKey: Uint8Array.from(der.subarray(der.length - ZONE_PUBLIC_KEY_BYTES)), privateKey };
}

/** The shared 3DES transport key of a zone. Both sides give the same: the public keys are bound in, lower first. */
export function agreeZoneKey(own: ZoneKeyPair, theirPublicKey: Uint8Array): Uint8Array {
  if (theirPublicKey.length !== ZONE_PUBLIC_KEY_BYTES) {
    throw new PolycardError(
      'POLYCARD_CRYPTO_AGREEMENT',
      `an X25519 public key has 32 bytes, got ${theirPublicKey.length}`,
    );
  }
  const publicKey = createPublicKey({
    key: Buffer.concat([SPKI_X25519_PREFIX, theirPublicKey]),
    format: 'der',
    type: 'spki',
  });
  const shared = diffieHellman({ privateKey: own.privateKey, publicKey });
  const salt = Buffer.concat([own.publicKey, theirPublicKey].sort(Buffer.compare));
  return new Uint8Array(hkdfSync('sha256', shared, salt, 'polycard zone transport key 3DES', 16));
}
