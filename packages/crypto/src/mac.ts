/** MACs of the PBOC card world over 3DES and SM4. */

import { concat, PolycardError, xor } from '@polycard/bytes';
import { type BlockMode, encryptBlocks } from './node-crypto.ts';

/** Symmetric algorithm of a key: two-key 3DES or SM4, both with 16-byte keys. */
export type Algorithm = '3DES' | 'SM4';

export function blockLengthBytes(algorithm: Algorithm): 8 | 16 {
  return algorithm === '3DES' ? 8 : 16;
}

/** ISO/IEC 9797-1 padding method 2: 80 then 00 to the block size, always at least one byte. */
export function pad80(data: Uint8Array, blockBytes: number): Uint8Array {
  const padded = new Uint8Array(data.length + blockBytes - (data.length % blockBytes));
  padded.set(data);
  padded[data.length] = 0x80;
  return padded;
}

function requireKey(key: Uint8Array, lengthBytes: number, name: string): void {
  if (key.length !== lengthBytes) {
    throw new PolycardError('POLYCARD_CRYPTO_KEY', `${name} has ${key.length} bytes, expected ${lengthBytes}`);
  }
}

/**
 * ISO/IEC 9797-1 algorithm 3 ("retail MAC") with padding method 2 and DES: CBC with the left key half, the last block
 * completed to 3DES. `iv` is 8 bytes, zero unless given. Gives all 8 bytes; commands send the first 4.
 */
export function macAlgorithm3(key: Uint8Array, data: Uint8Array, iv: Uint8Array = new Uint8Array(8)): Uint8Array {
  requireKey(key, 16, 'ALG3 key');
  const padded = pad80(data, 8);
  const lastStart = padded.length - 8;
  let chained: Uint8Array = iv;
  if (lastStart > 0) {
    const left = key.subarray(0, 8);
    const cbc = encryptBlocks('des-ede-cbc', concat(left, left), padded.subarray(0, lastStart), iv);
    chained = cbc.subarray(cbc.length - 8);
  }
  return encryptBlocks('des-ede-ecb', key, xor(padded.subarray(lastStart), chained));
}

/** Single-DES CBC-MAC with padding method 2 under an 8-byte session key; all 8 bytes. E-purse MACs send the first 4. */
export function macDes(key: Uint8Array, data: Uint8Array, iv: Uint8Array = new Uint8Array(8)): Uint8Array {
  requireKey(key, 8, 'DES key');
  const cbc = encryptBlocks('des-ede-cbc', concat(key, key), pad80(data, 8), iv);
  return cbc.subarray(cbc.length - 8);
}

/** SM4 CBC-MAC with padding method 2 to 16 bytes; gives the whole last block (PBOC uses its first 8 or 4 bytes). */
export function macSm4(key: Uint8Array, data: Uint8Array, iv: Uint8Array = new Uint8Array(16)): Uint8Array {
  requireKey(key, 16, 'SM4 key');
  const cbc = encryptBlocks('sm4-cbc', key, pad80(data, 16), iv);
  return cbc.subarray(cbc.length - 16);
}

/** MAC over `data` under a 16-byte key of the given algorithm; first 8 bytes of the result. */
export function macOf(algorithm: Algorithm, key: Uint8Array, data: Uint8Array): Uint8Array {
  return algorithm === '3DES' ? macAlgorithm3(key, data) : macSm4(key, data).subarray(0, 8);
}

/** ECB mode name of an algorithm. */
export function ecbMode(algorithm: Algorithm): Extract<BlockMode, 'des-ede-ecb' | 'sm4-ecb'> {
  return algorithm === '3DES' ? 'des-ede-ecb' : 'sm4-ecb';
}
