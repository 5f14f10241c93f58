/**
 * A card's keys from a master key and what the card says of itself (key diversification data, 10 bytes), as the widespread
 * tools do it; GPC 2.3.1 leaves it to the issuer.
 */
import { concat, PolycardError } from '@polycard/bytes';
import { encryptBlocks } from '@polycard/crypto';
import { scp03Derive } from '../channel/scp03.ts';
import type { StaticKeys } from '../channel/static-keys.ts';
import { DIVERSIFICATION_DATA_BYTES } from '../commands/initialize-update.ts';

/** `none`: the master key is the card's. `emv`, `visa2`: 3DES. `kdf3`: SP 800-108 with AES-CMAC. */
export const DIVERSIFICATIONS = ['none', 'emv', 'visa2', 'kdf3'] as const;
export type Diversification = (typeof DIVERSIFICATIONS)[number];

/** Key numbers: 1 ENC, 2 MAC, 3 DEK. */
function templateKey(master: Uint8Array, x: Uint8Array, number: number): Uint8Array {
  return Uint8Array.from(
    encryptBlocks('des-ede-ecb', master, concat(x, Uint8Array.of(0xf0, number), x, Uint8Array.of(0x0f, number))),
  );
}

function cardKey(method: Diversification, master: Uint8Array, data: Uint8Array, number: number): Uint8Array {
  switch (method) {
    case 'none':
      return master;
    case 'emv':
      return templateKey(master, data.subarray(4, 10), number);
    case 'visa2':
      return templateKey(master, concat(data.subarray(0, 2), data.subarray(4, 8)), number);
    case 'kdf3':
      return scp03Derive(master, number, master.length, data);
  }
}

/** Throws `POLYCARD_GP_KEYS` when the data are no diversification data. */
export function diversifyKeys(method: Diversification, master: StaticKeys, data: Uint8Array): StaticKeys {
  if (data.length !== DIVERSIFICATION_DATA_BYTES) {
    throw new PolycardError('POLYCARD_GP_KEYS', `key diversification data have 10 bytes, got ${data.length}`);
  }
  return {
    enc: cardKey(method, master.enc, data, 1),
    mac: cardKey(method, master.mac, data, 2),
    dek: cardKey(method, master.dek, data, 3),
  };
}
