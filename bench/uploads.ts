/**
 * Uploads made durable through the gateway on PostgreSQL, beside a bare multi-row insert and a bare COPY of the same rows
 * in the same run. Frames, MACs and cryptograms are real; terminals and cards are the light ones of the soak.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@polycard/crypto';
import pg from 'pg';
import { PlatformProcess } from '../e2e/platform-process.ts';
import { startPostgresql } from '../e2e/postgresql.ts';
import { joinPlatform } from '../e2e/small-site.ts';
import { lightTap } from '../e2e/soak/light-card.ts';
import {
  enrolLightTerminals,
  issueLightCards,
  likenessesOf,
  RECORDED_CARDS,
  recordTaps,
} from '../e2e/soak/light-site.ts';
import type { SoakWorld } from '../e2e/soak/light-terminal.ts';
import type { Figure } from './figure.ts';

const TERMINALS_AT_ONCE = 256;
const TAPS_EACH = 40;
const CARDS = 128;
const ROWS_PER_INSERT = 500;
const PASSWORD = 'bench';
const LIMIT_MS = 300_000;
const CALM = { sentTwice: 0, lostAnswer: 0, lostFrame: 0, onTwoLines: 0 };

export async function benchUploads(): Promise<Figure[]> {
  const database = await startPostgresql();
  const directory = mkdtempSync(join(tmpdir(), 'polycard-bench-'));
  const platform = new PlatformProcess({
    data: directory,
    environment: { DATABASE_URL: database.url, POLYCARD_FLEET_PASSWORD: PASSWORD },
  });
  try {
    const { url, gateway: address } = await platform.ready;
    const [host, port] = address.split(':') as [string, string];
    const gateway = { host, port: Number(port) };
    const rate = await uploadRate(url, gateway);
    await platform.end('SIGTERM');
    const [inserted, copied] = await bareRates(database.url);
    const name = `uploads durable, ${TERMINALS_AT_ONCE} terminals, PostgreSQL ${database.version}`;
    return [
      { name, unit: 'taps/s', value: rate, limit: inserted, limitName: 'bare multi-row insert of the same rows' },
      { name: 'the same uploads', unit: 'taps/s', value: rate, limit: copied, limitName: 'bare COPY of the same rows' },
    ];
  } finally {
    await platform.end('SIGTERM');
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function uploadRate(url: string, gateway: { host: string; port: number }): Promise<number> {
  const random = seededRandom('bench');
  const site = await joinPlatform(url, () => gateway, PASSWORD, { cards: RECORDED_CARDS, seed: 'bench' });
  const likenesses = recordTaps(site);
  const cards = await issueLightCards(site, CARDS, random);
  const world: SoakWorld = {
    gateway,
    lines: { open: 0, most: 0 },
    disturbances: CALM,
    disturbed: { ...CALM, lostLines: 0 },
    deadlineMs: Date.now() + LIMIT_MS,
    onStored: () => undefined,
  };
  const terminals = await enrolLightTerminals(site, TERMINALS_AT_ONCE, 'bench', world);
  await Promise.all(terminals.map((terminal) => terminal.signIn()));
  // taps are made before the clock starts: a terminal has them in its journal
  const journals = terminals.map((_, index) => {
    const alike = likenessesOf(index, likenesses);
    return Array.from({ length: TAPS_EACH }, (_unused, tap) =>
      lightTap(cards[(index + tap) % cards.length]!, alike[tap % alike.length]!, random),
    );
  });
  const started = process.hrtime.bigint();
  await Promise.all(
    terminals.map(async (terminal, index) => {
      for (const tap of journals[index]!) await terminal.upload(tap);
    }),
  );
  const rate = (TERMINALS_AT_ONCE * TAPS_EACH) / (Number(process.hrtime.bigint() - started) / 1e9);
  for (const terminal of terminals) terminal.close();
  return rate;
}

/** Rows of `tap` and `upload` into tables of the same shape and indexes: by INSERT of many rows, then by COPY. */
async function bareRates(url: string): Promise<readonly [inserted: number, copied: number]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const tables = ['tap', 'upload'];
    let insertSeconds = 0;
    let copySeconds = 0;
    let taps = 0;
    for (const table of tables) {
      // text in, text out: what the driver would make of the values is not measured
      const names = await columnsOf(client, table);
      const { rows } = await client.query<string[]>({
        text: `SELECT ${names.map((name) => `${name}::text`).join(', ')} FROM ${table}`,
        rowMode: 'array',
      });
      if (table === 'tap') taps = rows.length;
      await client.query(`CREATE TABLE ${table}_inserted (LIKE ${table} INCLUDING ALL)`);
      await client.query(`CREATE TABLE ${table}_copied (LIKE ${table} INCLUDING ALL)`);
      let started = process.hrtime.bigint();
      for (let from = 0; from < rows.length; from += ROWS_PER_INSERT) {
        const group = rows.slice(from, from + ROWS_PER_INSERT);
        const values = group.map(
          (_, row) => `(${names.map((_name, column) => `$${row * names.length + column + 1}`).join(', ')})`,
        );
        await client.query(
          `INSERT INTO ${table}_inserted (${names.join(', ')}) VALUES ${values.join(', ')}`,
          group.flat(),
        );
      }
      insertSeconds += Number(process.hrtime.bigint() - started) / 1e9;
      const path = join(tmpdir(), `polycard-copy-${process.pid}.bin`);
      await client.query(`COPY ${table} TO '${path}' (FORMAT binary)`);
      started = process.hrtime.bigint();
      await client.query(`COPY ${table}_copied FROM '${path}' (FORMAT binary)`);
      copySeconds += Number(process.hrtime.bigint() - started) / 1e9;
      await client.query(`COPY (SELECT '') TO '${path}'`);
    }
    return [taps / insertSeconds, taps / copySeconds];
  } finally {
    await client.end();
  }
}

async function columnsOf(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ column_name: string }>(
    'SELECT column_name FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position',
    [table],
  );
  return rows.map((row) => row.column_name);
}
