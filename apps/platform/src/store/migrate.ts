/** A migration is a folder with `up.sql`; folders are applied once, in the order of their names, each in a transaction. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toHex } from '@polycard/bytes';
import { sha256 } from '@polycard/crypto';
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

const MIGRATIONS = fileURLToPath(new URL('./migrations/', import.meta.url));
const MIGRATION_LOCK = 20181117;

export async function migrate(database: Kysely<Tables>, now: Date): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await sql`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(transaction);
    await sql`CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL)`.execute(
      transaction,
    );
    const applied = new Set(
      (await transaction.selectFrom('migration').select('name').execute()).map((row) => row.name),
    );
    for (const name of migrationNames()) {
      if (applied.has(name)) continue;
      for (const statement of statementsOf(textOf(name))) {
        await sql.raw(statement).execute(transaction);
      }
      await transaction.insertInto('migration').values({ name, applied_at: now }).execute();
    }
  });
}

function migrationNames(): string[] {
  return readdirSync(MIGRATIONS)
    .filter((name) => /^\d{4}-/.test(name))
    .sort();
}

function textOf(name: string): string {
  return readFileSync(`${MIGRATIONS}${name}/up.sql`, 'utf8');
}

/** Names the whole list of migrations: another text, another digest. */
export function migrationsDigest(): string {
  const all = migrationNames().map((name) => `${name}\n${textOf(name)}`);
  return toHex(sha256(new TextEncoder().encode(all.join('\n')))).slice(0, 16);
}

/** One statement at a time: the extended protocol takes no more. Migrations hold no semicolons inside statements. */
function statementsOf(text: string): string[] {
  return text
    .replace(/^--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
