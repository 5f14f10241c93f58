/**
 * Where the keys are: in a PKCS#11 token where one is named, else in a software keystore, `vault/keystore.json` in the data directory, sealed under a passphrase from
 * POLYCARD_VAULT_PASSPHRASE, or for trials from `vault/passphrase`, made at first start and readable by its owner only.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { toHex } from '@polycard/bytes';
import { type RandomSource, seededRandom, systemRandom } from '@polycard/crypto';
import { type KeystoreStorage, Pkcs11Vault, SoftwareVault, type Vault } from '@polycard/vault';

export interface VaultOptions {
  readonly directory: string;
  /** `pkcs11:LIBRARY?token=LABEL`; the software keystore when left out. */
  readonly address?: string | undefined;
  /** The token's user PIN. */
  readonly pin?: string | undefined;
  readonly passphrase?: string | undefined;
  /** Makes the same keys again for the same text; for throw-away simulations only. */
  readonly simulationSeed?: string | undefined;
  readonly now: () => Date;
}

export function openVault(options: VaultOptions): Vault {
  const nonceRandom: RandomSource =
    options.simulationSeed === undefined ? systemRandom : seededRandom(`nonce:${options.simulationSeed}`);
  if (options.address !== undefined) {
    // keys of a token outlive a simulation: the same nonce under the same key would be seen twice
    return new Pkcs11Vault({ address: options.address, pin: options.pin, random: systemRandom, now: options.now });
  }
  const folder = join(options.directory, 'vault');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const random: RandomSource =
    options.simulationSeed === undefined ? systemRandom : seededRandom(`vault:${options.simulationSeed}`);
  return new SoftwareVault({
    storage: keystoreFile(join(folder, 'keystore.json')),
    passphrase: options.passphrase ?? trialPassphrase(join(folder, 'passphrase')),
    random,
    nonceRandom,
    now: options.now,
  });
}

/** Write, flush, rename: after a crash the file is the old or the new one. */
function keystoreFile(path: string): KeystoreStorage {
  return {
    load: () => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
    save: (document) => {
      const temporary = `${path}.new`;
      const file = openSync(temporary, 'w', 0o600);
      try {
        writeSync(file, document);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, path);
      const folder = openSync(dirname(path), 'r');
      try {
        fsyncSync(folder);
      } finally {
        closeSync(folder);
      }
    },
  };
}

function trialPassphrase(path: string): string {
  if (!existsSync(path)) writeFileSync(path, toHex(systemRandom(24)), { mode: 0o600, flag: 'wx' });
  return readFileSync(path, 'utf8').trim();
}
