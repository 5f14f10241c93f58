/** The region's certification authority keys as terminals take them: public, hexadecimal. */
import { toHex } from '@polycard/bytes';
import type { Vault } from '@polycard/vault';
import { readBlueprint } from './blueprint-files.ts';
import { CA_KEY_LABEL, Region } from './region.ts';
import { seedKeys } from './seed.ts';
import { openVault } from './vault-files.ts';

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
  const own = { rid, index: caIndex, modulus: toHex(modulus), exponent: toHex(exponent) };
  const further = region.blueprint.terminals.caKeys ?? [];
  return [own, ...further.map(({ name: _name, ...key }) => key)];
}

export interface SimulationOptions {
  readonly blueprintDirectory: string;
  readonly simulationSeed: string;
  /** Where its keystore may lie while this runs. */
  readonly dataDirectory: string;
  readonly now?: () => Date;
}

/** The keys a platform of this seed would have, without starting one. */
export async function simulatedCaKeys(options: SimulationOptions): Promise<CaKeyEntry[]> {
  const { simulationSeed, now = () => new Date() } = options;
  const region = new Region(readBlueprint(options.blueprintDirectory));
  const vault = openVault({ directory: options.dataDirectory, simulationSeed, now });
  try {
    await seedKeys({ vault, region });
    return certificationAuthorityKeys(vault, region);
  } finally {
    vault.close();
  }
}
