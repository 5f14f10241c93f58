/** The vault on a PKCS#11 token. */
import { PolycardError } from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import { KeyVault } from '../key-vault.ts';
import { Pkcs11Engine } from './pkcs11-engine.ts';

export interface Pkcs11VaultOptions {
  /** `pkcs11:/usr/lib/softhsm/libsofthsm2.so?token=polycard`. */
  readonly address: string;
  readonly pin: string | undefined;
  /** Source of nonces and working keys; the token makes its keys itself. */
  readonly random: RandomSource;
  readonly now: () => Date;
}

export class Pkcs11Vault extends KeyVault {
  /** Throws `POLYCARD_VAULT_ADDRESS`, `_LIBRARY`, `_TOKEN` or `_PIN`. */
  constructor({ address, pin, random, now }: Pkcs11VaultOptions) {
    const place = parsePkcs11Address(address);
    if (pin === undefined || pin === '') {
      throw new PolycardError('POLYCARD_VAULT_PIN', `token ${place.token} needs a PIN`, {
        where: 'POLYCARD_PKCS11_PIN',
        expected: "the token's user PIN in POLYCARD_PKCS11_PIN",
      });
    }
    super({ engine: new Pkcs11Engine({ ...place, pin, nonceRandom: random }), random, now });
  }
}

/** Throws `POLYCARD_VAULT_ADDRESS`. */
export function parsePkcs11Address(address: string): { readonly library: string; readonly token: string } {
  const match = /^pkcs11:([^?]+)\?token=([^&]+)$/.exec(address);
  if (match === null) {
    throw new PolycardError('POLYCARD_VAULT_ADDRESS', `${address} names no token`, {
      where: '--vault',
      expected: 'pkcs11:LIBRARY?token=LABEL, such as pkcs11:/usr/lib/softhsm/libsofthsm2.so?token=polycard',
    });
  }
  return { library: match[1]!, token: decodeURIComponent(match[2]!) };
}
