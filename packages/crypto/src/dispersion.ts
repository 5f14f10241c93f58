/** Key dispersion (分散) and check values, as publicly described for PBOC cards (reference pboc.md §5; vectors V2). */
import { complement, concat, PolycardError } from '@polycard/bytes';
import { type Algorithm, blockLengthBytes, ecbMode } from './mac.ts';
import { encryptBlocks, openEncryptor } from './node-crypto.ts';

export const DISPERSION_FACTOR_BYTES = 8;

/** F‖~F: two 3DES blocks or one SM4 block. */
export function dispersionInput(factor: Uint8Array): Uint8Array {
  if (factor.length !== DISPERSION_FACTOR_BYTES) {
    throw new PolycardError('POLYCARD_CRYPTO_FACTOR', `a dispersion factor has 8 bytes, got ${factor.length}`);
  }
  return concat(factor, complement(factor));
}

/** One level: 3DES_K(F)‖3DES_K(~F), or SM4_K(F‖~F). No parity adjustment. */
export function disperse(algorithm: Algorithm, key: Uint8Array, factor: Uint8Array): Uint8Array {
  return encryptBlocks(ecbMode(algorithm), key, dispersionInput(factor));
}

/** Top down: each result is the parent of the next factor. */
export function disperseAlong(algorithm: Algorithm, key: Uint8Array, factors: readonly Uint8Array[]): Uint8Array {
  return factors.reduce<Uint8Array>((parent, factor) => disperse(algorithm, parent, factor), key);
}

/** Many children of one parent in one cipher call; gives one 16-byte key per factor. */
export function disperseMany(algorithm: Algorithm, key: Uint8Array, factors: readonly Uint8Array[]): Uint8Array[] {
  const input = new Uint8Array(factors.length * 16);
  for (let index = 0; index < factors.length; index++) input.set(dispersionInput(factors[index]!), index * 16);
  const output = openEncryptor(ecbMode(algorithm), key)(input);
  return factors.map((_, index) => output.slice(index * 16, index * 16 + 16));
}

/** Check value: the first bytes of one zero block under the key; 3 bytes on cards, 4 on UnionPay POS. */
export function checkValue(algorithm: Algorithm, key: Uint8Array, lengthBytes = 3): Uint8Array {
  return encryptBlocks(ecbMode(algorithm), key, new Uint8Array(blockLengthBytes(algorithm))).slice(0, lengthBytes);
}
