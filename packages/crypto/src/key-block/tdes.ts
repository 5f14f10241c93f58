/** 3DES with two or three keys, and its CMAC (NIST SP 800-38B), for key blocks. */
import { concat, xor } from '@polycard/bytes';
import { type BlockMode, encryptBlocks } from '../node-crypto.ts';

const BLOCK_BYTES = 8;
const CARRY = 0x1b;

/** Cipher mode of a DES key by its length: 24 bytes are three keys, 16 two; 8 is given doubled. */
export function tdesMode(key: Uint8Array, mode: 'ecb' | 'cbc'): BlockMode {
  return key.length === 24 ? `des-ede3-${mode}` : `des-ede-${mode}`;
}

function doubled(block: Uint8Array): Uint8Array {
  const out = new Uint8Array(BLOCK_BYTES);
  for (let index = 0; index < BLOCK_BYTES; index++) {
    out[index] = ((block[index]! << 1) | ((block[index + 1] ?? 0) >> 7)) & 0xff;
  }
  if ((block[0]! & 0x80) !== 0) out[BLOCK_BYTES - 1]! ^= CARRY;
  return out;
}

/** CMAC under a 3DES key of 16 or 24 bytes; 8 bytes. */
export function tdesCmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  const whole = doubled(encryptBlocks(tdesMode(key, 'ecb'), key, new Uint8Array(BLOCK_BYTES)));
  const complete = data.length > 0 && data.length % BLOCK_BYTES === 0;
  const lastStart = complete ? data.length - BLOCK_BYTES : data.length - (data.length % BLOCK_BYTES);
  const last = new Uint8Array(BLOCK_BYTES);
  last.set(data.subarray(lastStart));
  if (!complete) last[data.length - lastStart] = 0x80;
  const input = concat(data.subarray(0, lastStart), xor(last, complete ? whole : doubled(whole)));
  const chained = encryptBlocks(tdesMode(key, 'cbc'), key, input, new Uint8Array(BLOCK_BYTES));
  return chained.slice(chained.length - BLOCK_BYTES);
}
