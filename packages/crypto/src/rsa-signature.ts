/** RSA signatures with SHA-256 over raw RSA (RFC 8017 §8.2, RSASSA-PKCS1-v1_5): for keys whose private half only a vault can use. */
import { equalBytes, fromHex } from '@polycard/bytes';
import { importRsaPublic, rsaRecover, sha256 } from './node-crypto.ts';

/** DigestInfo of SHA-256 (RFC 8017 §9.2, note 1). */
const SHA256_DIGEST_INFO = fromHex('3031300D060960864801650304020105000420');
const DIGEST_BYTES = 32;

/** EMSA-PKCS1-v1_5: the block a private key signs, as long as its modulus. */
export function signatureBlock(message: Uint8Array, modulusBytes: number): Uint8Array {
  const block = new Uint8Array(modulusBytes).fill(0xff);
  const tail = SHA256_DIGEST_INFO.length + DIGEST_BYTES;
  block[0] = 0;
  block[1] = 1;
  block[modulusBytes - tail - 1] = 0;
  block.set(SHA256_DIGEST_INFO, modulusBytes - tail);
  block.set(sha256(message), modulusBytes - DIGEST_BYTES);
  return block;
}

export interface RsaVerifier {
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

/** Compares the whole recovered block: with exponent 3 anything less could be forged. */
export function openRsaVerifier(modulus: Uint8Array, exponent: Uint8Array): RsaVerifier {
  const handle = importRsaPublic(modulus, exponent);
  return {
    verify: (message, signature) => {
      if (signature.length !== modulus.length) return false;
      try {
        return equalBytes(rsaRecover(handle, signature), signatureBlock(message, modulus.length));
      } catch {
        return false; // a number beyond the modulus is no signature
      }
    },
  };
}
