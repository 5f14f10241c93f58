/** Keys of a ceremony's keystore on their way into the working one: the trees of the region, not the keystore's own. */
import type { RandomSource } from '@polycard/crypto';
import type { KeyRecord } from '../engine.ts';
import { rightTo } from '../key-model.ts';
import { Keystore, parseDocument } from './keystore.ts';

const isOfATree = ({ usage, state }: KeyRecord): boolean =>
  ['activation', 'management', 'issuer'].includes(rightTo(usage)) && state !== 'destroyed';

/** What a keystore document says it holds; nothing is opened. Throws `POLYCARD_VAULT_FORMAT`. */
export const recordsIn = (document: string): KeyRecord[] =>
  parseDocument(document)
    .keys.map(({ record }) => record)
    .filter(isOfATree);

/** Each key in the clear, for one call; wiped afterwards. Throws `POLYCARD_VAULT_PASSPHRASE`, `POLYCARD_VAULT_TAMPERED`. */
export function withKeysOf<T>(
  { document, passphrase }: { readonly document: string; readonly passphrase: string },
  random: RandomSource,
  work: (keys: readonly { readonly record: KeyRecord; readonly clear: Uint8Array }[]) => T,
): T {
  const keystore = new Keystore({ load: () => document, save: () => undefined }, { passphrase }, random);
  try {
    return work(
      keystore
        .records()
        .filter(isOfATree)
        .map((record) => ({ record, clear: keystore.expose(record) })),
    );
  } finally {
    keystore.wipe();
  }
}
