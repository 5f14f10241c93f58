/** The region's certification authority keys as terminals take them: public, hexadecimal. */
import { toHex } from '@polycard/bytes';
import type { Vault } from '@polycard/vault';
import { CA_KEY_LABEL, type Region } from './region.ts';

export interface CaKeyEntry {
  /** Registered application provider identifier, 10 hex digits. */
  readonly rid: string;
  /** Tag 8F, two hex digits. */
  readonly index: string;
  readonly modulus: string;
  readonly exponent: string;
}

export function certificationAuthorityKeys(vault: Vault, region: Region): CaKeyEntry[] {
  const { modulus, exponent } = vault.rsaPublicKey(CA_KEY_LABEL);
  const { rid, caIndex } = region.blueprint.cards.profile;
  return [{ rid, index: caIndex, modulus: toHex(modulus), exponent: toHex(exponent) }];
}
