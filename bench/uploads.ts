/** Uploads made durable through the gateway's queue on PostgreSQL, beside a bare COPY of the same rows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { startPlatform } from '@polycard/platform';
import pg from 'pg';
import { startPostgresql } from '../e2e/postgresql.ts';
import { BUS, GUANGDONG, joinPlatform } from '../e2e/small-site.ts';
import type { Figure } from './figure.ts';

const TERMINALS_AT_ONCE = 64;
const TAPS_EACH = 40;
const PASSWORD = 'bench';

export async function benchUploads(): Promise<Figure[]> {
  const database = await startPostgresql();
  const directory = mkdtempSync(join(tmpdir(), 'polycard-bench-'));
  const platform = await startPlatform({
    ...{ dataDirectory: directory, blueprintDirectory: GUANGDONG, host: '127.0.0.1', port: 0, gatewayPort: 0 },
    ...{ version: 'bench', logLevel: 'error', simulationSeed: 'bench', databaseUrl: database.url },
  });
  try {
    await platform.setPassword('fleet', 'fleet', PASSWORD);
    const joined = await Promise.all(
      Array.from({ length: TERMINALS_AT_ONCE }, (_, index) =>
        joinPlatform(platform.url, () => platform.gateway, PASSWORD, {
          cards: 1,
          seed: `bench-${index}`,
          devicePrefix: String(100 + index),
        }),
      ),
    );
    for (const { terminals, cards } of joined) {
      const bus = terminals[BUS]!;
      const card = VirtualCard.restore(cards[0]!.snapshot, { random: seededRandom('bench') });
      for (let tap = 0; tap < TAPS_EACH; tap++) {
        const outcome = bus.terminal!.tap(card, {
          kind: 'boarding',
          at: `2018090110${String(tap).padStart(2, '0')}00`,
          declaredBaseFen: 200,
        });
        if (outcome.result !== 'accepted') throw new Error(outcome.result);
      }
    }
    const count = TERMINALS_AT_ONCE * TAPS_EACH;
    const started = process.hrtime.bigint();
    await Promise.all(joined.map(({ terminals }) => terminals[BUS]!.upload()));
    const rate = count / (Number(process.hrtime.bigint() - started) / 1e9);
    return [
      {
        name: `uploads durable, ${TERMINALS_AT_ONCE} terminals, PostgreSQL ${database.version}`,
        unit: 'taps/s',
        value: rate,
        limit: await bareCopy(database.url, count),
        limitName: 'bare COPY of the same rows',
      },
    ];
  } finally {
    await platform.close();
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The rows out to a file and back into a table of the same shape and indexes, by COPY. */
async function bareCopy(url: string, count: number): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('CREATE TABLE tap_copy (LIKE tap INCLUDING ALL)');
    const path = `/tmp/polycard-copy-${process.pid}.bin`;
    await client.query(`COPY tap TO '${path}' (FORMAT binary)`);
    const started = process.hrtime.bigint();
    await client.query(`COPY tap_copy FROM '${path}' (FORMAT binary)`);
    const rate = count / (Number(process.hrtime.bigint() - started) / 1e9);
    await client.query(`COPY (SELECT '') TO '${path}'`);
    return rate;
  } finally {
    await client.end();
  }
}
