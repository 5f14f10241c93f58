/**
 * One SQL dialect, two drivers: PGlite embedded (default) and PostgreSQL by URL. Both run the same migrations.
 *
 * PGlite has one session, never fsyncs and has no directory lock (two processes would lose rows), so the platform takes
 * a lock file of its own (`lockDirectory`) before it opens anything in a data directory.
 */
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PolycardError } from '@polycard/bytes';
import { Kysely, PGliteDialect, PostgresDialect } from 'kysely';
import pg from 'pg';
import { openCluster } from './embedded-cluster.ts';
import { migrate, migrationsDigest } from './migrate.ts';
import type { Tables } from './tables.ts';

export type Database = Kysely<Tables>;

export interface OpenDatabase {
  readonly database: Database;
  /** For people: `PGlite 18 in ./data/database` or `PostgreSQL at host/name`. */
  readonly description: string;
  readonly kind: 'pglite' | 'postgresql';
  close(): Promise<void>;
}

const OID_INT8 = 20;
const OID_NUMERIC = 1700;

function asSafeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new PolycardError('POLYCARD_STORE_INTEGER', `the database gave ${text}, which is beyond 2^53`);
  }
  return value;
}

export async function openDatabase(options: {
  readonly directory: string;
  readonly url?: string | undefined;
  readonly now: () => Date;
}): Promise<OpenDatabase> {
  return options.url === undefined || options.url === ''
    ? openPglite(options.directory, options.now)
    : openPostgresql(options.url, options.now);
}

async function openPglite(directory: string, now: () => Date): Promise<OpenDatabase> {
  const options = {
    parsers: { [OID_INT8]: asSafeInteger, [OID_NUMERIC]: asSafeInteger },
  };
  const pglite = await openCluster(join(directory, 'database'), options, {
    digest: migrationsDigest(),
    prepare: (fresh) => migrate(new Kysely<Tables>({ dialect: new PGliteDialect({ pglite: fresh }) }), now()),
  });
  const database = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
  await migrate(database, now());
  return {
    database,
    kind: 'pglite',
    description: `PGlite in ${join(directory, 'database')}`,
    close: () => database.destroy(),
  };
}

async function openPostgresql(url: string, now: () => Date): Promise<OpenDatabase> {
  const types = {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === OID_INT8 || oid === OID_NUMERIC ? asSafeInteger : pg.types.getTypeParser(oid, format as 'text'),
  };
  const pool = new pg.Pool({ connectionString: url, max: 8, types: types as pg.CustomTypesConfig });
  // an idle connection that the server ends is replaced at the next query; without a listener it would end the process
  pool.on('error', () => undefined);
  const database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await migrate(database, now());
  } catch (cause) {
    await database.destroy();
    const place = describeUrl(url);
    throw new PolycardError(
      'POLYCARD_STORE_UNREACHABLE',
      `the database ${place} could not be prepared: ${(cause as Error).message}`,
      {
        where: 'DATABASE_URL',
        expected: 'a reachable PostgreSQL 15 or newer whose user may create tables',
        cause,
      },
    );
  }
  return {
    database,
    kind: 'postgresql',
    description: `PostgreSQL at ${describeUrl(url)}`,
    close: () => database.destroy(),
  };
}

/** Host, port and database name; never the password. */
function describeUrl(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    return 'in DATABASE_URL';
  }
}

/** Takes `platform.lock` with this process's number; a lock left by a process that is gone is replaced. */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, 'platform.lock');
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = openSync(path, 'wx');
      writeSync(file, String(process.pid));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
      if (holder > 0 && holder !== process.pid && isAlive(holder)) {
        throw new PolycardError(
          'POLYCARD_STORE_LOCKED',
          `another platform (process ${holder}) is running on ${directory}`,
          { where: path, expected: 'one platform for each data directory: stop it, or choose another with --data' },
        );
      }
      rmSync(path, { force: true });
    }
  }
  throw new PolycardError('POLYCARD_STORE_LOCKED', `the lock ${path} could not be taken`);
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
