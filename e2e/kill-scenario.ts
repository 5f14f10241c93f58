/**
 * `kill -9` of the platform in the middle of uploads, several times, with PostgreSQL: the terminals go on, and in the
 * end no tap is lost, none is booked twice and the ledger sums to zero.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generatePlan, type ReplayResult, replay } from '@polycard/fleet';
import { readBlueprint } from '@polycard/platform';
import pg from 'pg';
import { PlatformProcess } from './platform-process.ts';
import { freePort, startPostgresql } from './postgresql.ts';
import { GUANGDONG } from './small-site.ts';

export interface KillReport {
  readonly result: ReplayResult;
  readonly kills: number;
  readonly postgresql: string;
  /** Rows of the store after everything: taps, distinct card transactions, uploads, rides without postings. */
  readonly stored: {
    readonly taps: number;
    readonly distinct: number;
    readonly uploads: number;
    readonly sumFen: number;
    readonly chargedFen: number;
    readonly postedFen: number;
  };
}

export async function runKills(options: {
  readonly taps: number;
  readonly kills: number;
  readonly seed: string;
  /** A planted fault: one fare posting is taken out of the ledger before it is counted. */
  readonly dropPosting?: boolean;
}): Promise<KillReport> {
  const database = await startPostgresql();
  const directory = mkdtempSync(join(tmpdir(), 'polycard-kill-'));
  const [port, gatewayPort] = [await freePort(), await freePort()];
  const environment = { DATABASE_URL: database.url, POLYCARD_FLEET_PASSWORD: 'kill' };
  const start = (): PlatformProcess => new PlatformProcess({ data: directory, port, gatewayPort, environment });
  let platform = start();
  let kills = 0;
  try {
    await platform.ready;
    const blueprint = readBlueprint(GUANGDONG);
    const plan = generatePlan(blueprint, { taps: options.taps, seed: options.seed, from: '20180901063000' });
    let restarting: Promise<unknown> = Promise.resolve();
    const killAt = new Set(
      Array.from({ length: options.kills }, (_, index) =>
        Math.floor((plan.steps.length * (index + 1)) / (options.kills + 1)),
      ),
    );
    let tapped = 0;
    const result = await replay(plan, {
      platformUrl: `http://127.0.0.1:${port}`,
      gateway: { host: '127.0.0.1', port: gatewayPort },
      account: { name: 'fleet', password: 'kill' },
      bureau: { name: 'fleet-bureau', password: 'kill' },
      seed: options.seed,
      faults: {},
      cardRsaBits: blueprint.cards.profile.cardRsaBits,
      report: () => undefined,
      closeDays: true,
      patienceMs: 60_000,
      // a short breath after each tap, so that uploads and clearing are under way when the platform dies
      pace: async () => {
        tapped++;
        if (!killAt.has(tapped)) return;
        kills++;
        await restarting;
        const victim = platform;
        restarting = (async () => {
          await new Promise((resolve) => setTimeout(resolve, 3));
          await victim.end('SIGKILL');
          platform = start();
          await platform.ready;
        })();
      },
    });
    await restarting;
    if (options.dropPosting === true) await dropPosting(database.url);
    return { result, kills, postgresql: database.version, stored: await countStored(database.url) };
  } finally {
    await platform.end('SIGTERM');
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function dropPosting(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    "DELETE FROM posting WHERE (entry_id, line) = (SELECT entry_id, line FROM posting WHERE what = 'fare' AND amount_fen < 0 LIMIT 1)",
  );
  await client.end();
}

async function countStored(url: string): Promise<KillReport['stored']> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const one = async (text: string): Promise<number> =>
      Number((await client.query<{ value: string }>(text)).rows[0]!.value);
    return {
      taps: await one('SELECT count(*) AS value FROM tap'),
      distinct: await one('SELECT count(DISTINCT (card_token, atc)) AS value FROM tap'),
      uploads: await one('SELECT count(*) AS value FROM upload'),
      sumFen: await one('SELECT coalesce(sum(amount_fen), 0) AS value FROM posting'),
      chargedFen: await one('SELECT coalesce(sum(charged_fen), 0) AS value FROM tap'),
      postedFen: await one(
        "SELECT coalesce(-sum(amount_fen), 0) AS value FROM posting WHERE what = 'fare' AND amount_fen < 0",
      ),
    };
  } finally {
    await client.end();
  }
}
