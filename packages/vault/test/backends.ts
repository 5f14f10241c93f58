/** The two back ends, each made fresh, for suites that hold on both. */
import type { RandomSource } from '@polycard/crypto';
import { seededRandom } from '@polycard/crypto';
import { type KeyVault, Pkcs11Vault, SoftwareVault } from '../src/index.ts';
import { makeToken, TEST_PIN, type TestToken } from './softhsm.ts';

export interface TestBackend {
  readonly name: 'software keystore' | 'SoftHSM2';
  /** What the back end cannot do. */
  readonly lacks: ReadonlySet<'SM4' | 'key-blocks' | 'master-key-export'>;
  /** Opens what `clear` left empty; opened again it holds what it held. */
  open(now?: () => Date): KeyVault;
  /** A new, empty place for keys. */
  clear(): void;
  remove(): void;
}

export const START = new Date('2026-01-01T00:00:00Z');

export function softwareBackend(seed = 'software backend'): TestBackend {
  let document: string | undefined;
  const random: RandomSource = seededRandom(seed);
  return {
    name: 'software keystore',
    lacks: new Set(),
    open: (now = () => START) =>
      new SoftwareVault({
        storage: {
          load: () => document,
          save: (text) => {
            document = text;
          },
        },
        passphrase: 'correct horse',
        random,
        now,
      }),
    clear: () => {
      document = undefined;
    },
    remove: () => undefined,
  };
}

/** Tokens are made before the library starts, so there are some at hand, one for each `clear`. */
export function softHsmBackend(tokens = 12): TestBackend {
  const made: TestToken = makeToken('polycard-1', tokens);
  process.env['SOFTHSM2_CONF'] = made.environment.SOFTHSM2_CONF;
  let current = 0;
  const random: RandomSource = seededRandom('token backend');
  return {
    name: 'SoftHSM2',
    lacks: new Set(['SM4', 'key-blocks', 'master-key-export']),
    open: (now = () => START) =>
      new Pkcs11Vault({
        address: made.address.replace('polycard-1', `polycard-${current}`),
        pin: TEST_PIN,
        random,
        now,
      }),
    clear: () => {
      current++;
      if (current > tokens) throw new Error(`this suite needs more than ${tokens} tokens`);
    },
    remove: () => made.remove(),
  };
}
