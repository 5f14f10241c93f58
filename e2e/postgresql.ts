/** A PostgreSQL server of its own for a test: fresh cluster in a temporary folder, loopback only, gone afterwards. */
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { postgresqlBin } from '../scripts/debian.ts';

export interface TestPostgresql {
  readonly url: string;
  readonly version: string;
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;

export async function startPostgresql(): Promise<TestPostgresql> {
  const bin = postgresqlBin();
  if (bin === undefined) throw new Error('PostgreSQL 15 or newer is not installed: npm test installs it');
  const directory = mkdtempSync(join(tmpdir(), 'polycard-pg-'));
  // the server refuses to run as root
  const identity = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : undefined;
  if (identity !== undefined) chownSync(directory, identity.uid, identity.gid);
  const cluster = join(directory, 'cluster');
  execFileSync(`${bin}/initdb`, ['-D', cluster, '-U', 'polycard', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...identity,
    stdio: 'ignore',
  });
  const port = await freePort();
  const server = spawn(`${bin}/postgres`, ['-D', cluster, '-h', '127.0.0.1', '-p', String(port), '-k', directory], {
    ...identity,
    stdio: 'ignore',
  });
  const url = `postgres://polycard@127.0.0.1:${port}/postgres`;
  const version = await waitUntilReady(url);
  return {
    url,
    version,
    close: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGINT');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }).trim());
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

async function waitUntilReady(url: string): Promise<string> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
      return rows[0]!.server_version;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
