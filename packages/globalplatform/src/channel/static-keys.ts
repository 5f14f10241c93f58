/** The static keys of a security domain and what is made from them (GPC 2.3.1 §B.6, §E.4; Amendment D §6.2). */
import { PolycardError } from '@polycard/bytes';
import { encryptBlocks } from '@polycard/crypto';
import type { ScpNumber } from './protocol.ts';

export interface StaticKeys {
  readonly enc: Uint8Array;
  readonly mac: Uint8Array;
  readonly dek: Uint8Array;
}

/** Key types (GPC 2.3.1 §11.1.8). */
export const KEY_TYPE_DES = 0x80;
export const KEY_TYPE_AES = 0x88;
export type SymmetricKeyType = typeof KEY_TYPE_DES | typeof KEY_TYPE_AES;

export const KEY_CHECK_VALUE_BYTES = 3;

export function keyTypeOf(scp: ScpNumber): SymmetricKeyType {
  return scp === 2 ? KEY_TYPE_DES : KEY_TYPE_AES;
}

/** First three bytes of E(00×8) for 3DES, of E(01×16) for AES (GPC 2.3.1 §B.6). */
export function keyCheckValue(type: SymmetricKeyType, key: Uint8Array): Uint8Array {
  const block = type === KEY_TYPE_DES ? new Uint8Array(8) : new Uint8Array(16).fill(1);
  return encryptBlocks(type === KEY_TYPE_DES ? 'des-ede-ecb' : 'aes-ecb', key, block).slice(0, KEY_CHECK_VALUE_BYTES);
}

/** Throws `POLYCARD_GP_KEYS` when the keys are none of the protocol. Never says their bytes. */
export function requireStaticKeys(scp: ScpNumber, keys: StaticKeys): void {
  const lengths = [keys.enc.length, keys.mac.length, keys.dek.length];
  const allowed = scp === 2 ? [16] : [16, 24, 32];
  if (!allowed.includes(keys.enc.length) || new Set(lengths).size !== 1) {
    throw new PolycardError('POLYCARD_GP_KEYS', `SCP0${scp} keys of ${lengths.join(', ')} bytes`, {
      where: 'keys',
      expected: scp === 2 ? 'ENC, MAC and DEK of 16 bytes' : 'ENC, MAC and DEK of 16, 24 or 32 bytes each',
    });
  }
}
