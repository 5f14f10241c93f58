/** Keys of a ceremony's keystore on their way into the working one: the trees of the region, not the keystore's own. */
import { PolycardError } from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import type { KeyEngine, KeyRecord } from '../engine.ts';
import { keyName, rightTo } from '../key-model.ts';
import type { CeremonyKeystore } from '../vault.ts';
import { Keystore, parseDocument } from './keystore.ts';

const isOfATree = ({ usage, state }: KeyRecord): boolean =>
  ['activation', 'management', 'issuer'].includes(rightTo(usage)) && state !== 'destroyed';

/** What a keystore document says it holds; nothing is opened. Throws `POLYCARD_VAULT_FORMAT`. */
export const recordsIn = (document: string): KeyRecord[] =>
  parseDocument(document)
    .keys.map(({ record }) => record)
    .filter(isOfATree);

/** As `Vault.adopt`. Clear keys are wiped when this returns. */
export function adoptKeys(
  engine: KeyEngine,
  { document, passphrase }: CeremonyKeystore,
  random: RandomSource,
): { taken: string[]; left: ReadonlyMap<string, string> } {
  const taken: string[] = [];
  const left = new Map<string, string>();
  const known = new Map(engine.records().map((record) => [keyName(record), record]));
  const ceremony = new Keystore({ load: () => document, save: () => undefined }, { passphrase }, random);
  try {
    const keys = ceremony.records().filter(isOfATree);
    for (const record of keys) {
      const here = known.get(keyName(record));
      if (here === undefined || here.checkValue === record.checkValue) continue;
      throw new PolycardError(
        'POLYCARD_VAULT_CONFLICT',
        `${keyName(record)} was made here (${here.checkValue}) and is not the ceremony's (${record.checkValue})`,
        { where: record.label, expected: 'data that begin with the keys of the ceremony' },
      );
    }
    engine.together(() => {
      for (const record of keys) {
        if (known.has(keyName(record))) continue;
        try {
          engine.import(record, ceremony.expose(record));
          taken.push(keyName(record));
        } catch (error) {
          if (!(error instanceof PolycardError) || error.code !== 'POLYCARD_VAULT_UNSUPPORTED') throw error;
          left.set(record.label, error.message);
        }
      }
    });
  } finally {
    ceremony.wipe();
  }
  return { taken, left };
}
