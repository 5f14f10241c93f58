/** What a region left in its data directory: the keys and account numbers it had, and every row it wrote. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@polycard/crypto';
import { type KeyInfo, Keystore, SoftwareVault } from '@polycard/vault';
import { sql } from 'kysely';
import { type Database, openDatabase } from '../../apps/platform/src/store/database.ts';

export interface RegionSecrets {
  readonly keys: readonly { readonly name: string; readonly clear: Uint8Array }[];
  readonly accountNumbers: readonly { readonly name: string; readonly pan: string }[];
}

export interface LeftByRegion extends RegionSecrets {
  /** Every row of every table as text, byte columns as hex. */
  readonly rows: string;
}

/** A region on the embedded database whose keystore its own passphrase opens. */
export function isReadableRegion(directory: string): boolean {
  return ['vault/keystore.json', 'vault/passphrase', 'database/PG_VERSION'].every((name) =>
    existsSync(join(directory, name)),
  );
}

export async function readRegion(directory: string): Promise<LeftByRegion> {
  const text = readFileSync(join(directory, 'vault/keystore.json'), 'utf8');
  const passphrase = readFileSync(join(directory, 'vault/passphrase'), 'utf8').trim();
  const storage = { load: () => text, save: () => undefined };
  const random = seededRandom('scan of secrets');
  const keystore = new Keystore(storage, { passphrase }, random);
  const keys = (keystore.records() as readonly KeyInfo[])
    .filter(({ state }) => state !== 'destroyed')
    .map((key) => ({ name: `key ${key.label}#${key.version}`, clear: keystore.expose(key) }));
  const vault = new SoftwareVault({ storage, passphrase, random, now: () => new Date() });
  const store = await openDatabase({ directory, now: () => new Date() });
  try {
    const cards = await store.database.selectFrom('card').select(['token', 'pan_sealed']).execute();
    const accountNumbers = cards.map(({ token, pan_sealed }) => ({
      name: `account number of ${token}`,
      pan: new TextDecoder().decode(vault.open(pan_sealed, `card:${token}`)),
    }));
    return { keys, accountNumbers, rows: await rowsOf(store.database) };
  } finally {
    await store.close();
    vault.close();
  }
}

async function rowsOf(database: Database): Promise<string> {
  const tables = await sql<{
    name: string;
  }>`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`.execute(database);
  let text = '';
  for (const { name } of tables.rows) {
    const { rows } = await sql<{ row: string }>`SELECT ${sql.ref(name)}::text AS row FROM ${sql.table(name)}`.execute(
      database,
    );
    text += rows.map(({ row }) => row).join('\n');
  }
  return text;
}

/** Files of the data directory but the sealed keystore's passphrase, which is the trial's own, and those under `but`. */
export function publicFiles(directory: string, but?: string): string {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter(
      (name) =>
        !name.endsWith('passphrase') &&
        (but === undefined || !name.startsWith(but)) &&
        statSync(join(directory, name)).isFile(),
    )
    .map((name) => readFileSync(join(directory, name), 'latin1'))
    .join('\n');
}
