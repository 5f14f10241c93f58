/** The vault on a software keystore. */
import type { RandomSource } from '@polycard/crypto';
import { KeyVault } from '../key-vault.ts';
import type { ShareSet } from '../shares.ts';
import { Keystore, type KeystoreStorage } from './keystore.ts';
import type { Unsealing } from './seals.ts';
import { SoftwareEngine } from './software-engine.ts';

export type SoftwareVaultOptions = {
  readonly storage: KeystoreStorage;
  /** Source of all keys; a seeded one makes a simulation reproducible and must never hold real keys. */
  readonly random: RandomSource;
  /** Source of nonces and working keys. */
  readonly nonceRandom?: RandomSource;
  readonly now: () => Date;
} & Unsealing;

export class SoftwareVault extends KeyVault {
  readonly #keystore: Keystore;

  constructor(options: SoftwareVaultOptions) {
    const nonceRandom = options.nonceRandom ?? options.random;
    const keystore = new Keystore(options.storage, options, nonceRandom);
    super({
      engine: new SoftwareEngine(keystore, options.random, nonceRandom),
      random: nonceRandom,
      now: options.now,
    });
    this.#keystore = keystore;
  }

  /** Makes N shares of which M open the keystore, and gives them this once. */
  sealByShares(threshold: number, count: number): ShareSet {
    return this.#keystore.sealByShares(threshold, count);
  }

  /** From now on only shares open it. Throws `POLYCARD_VAULT_SHARE` when there are none. */
  removePassphrase(): void {
    this.#keystore.removePassphrase();
  }

  sealByPassphrase(passphrase: string): void {
    this.#keystore.sealByPassphrase(passphrase);
  }

  /** The keystore document that only shares open. */
  backup(): string {
    return this.#keystore.backup();
  }
}
