/** AES-CMAC (NIST SP 800-38B; RFC 4493) with keys of 16, 24 or 32 bytes. */
import { concat, PolycardError } from '@polycard/bytes';
import { openCbc } from './node-crypto.ts';

const BLOCK_BYTES = 16;
const REDUCTION = 0x87;

/** Multiplication by x in GF(2^128). */
function doubled(block: Uint8Array): Uint8Array {
  const out = new Uint8Array(BLOCK_BYTES);
  for (let index = 0; index < BLOCK_BYTES; index++) {
    out[index] = ((block[index]! << 1) | ((block[index + 1] ?? 0) >> 7)) & 0xff;
  }
  if ((block[0]! & 0x80) !== 0) out[BLOCK_BYTES - 1]! ^= REDUCTION;
  return out;
}

const ZERO_BLOCK = new Uint8Array(BLOCK_BYTES);

/** A MAC function under one key, its subkeys made once. Gives all 16 bytes. */
export function openAesCmac(key: Uint8Array): (...parts: readonly Uint8Array[]) => Uint8Array {
  if (![16, 24, 32].includes(key.length)) {
    throw new PolycardError('POLYCARD_CRYPTO_KEY', `an AES key has 16, 24 or 32 bytes, got ${key.length}`);
  }
  const cipher = openCbc('aes-cbc', key);
  const whole = doubled(cipher.encrypt(ZERO_BLOCK, ZERO_BLOCK));
  const padded = doubled(whole);
  return (...parts) => {
    const data = concat(...parts);
    const blocks = Math.max(1, Math.ceil(data.length / BLOCK_BYTES));
    const input = new Uint8Array(blocks * BLOCK_BYTES);
    input.set(data);
    const complete = data.length === input.length;
    if (!complete) input[data.length] = 0x80;
    const mask = complete ? whole : padded;
    const last = input.length - BLOCK_BYTES;
    for (let index = 0; index < BLOCK_BYTES; index++) input[last + index]! ^= mask[index]!;
    const chained = cipher.encrypt(input, ZERO_BLOCK);
    return chained.slice(chained.length - BLOCK_BYTES);
  };
}

export function aesCmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return openAesCmac(key)(...parts);
}
