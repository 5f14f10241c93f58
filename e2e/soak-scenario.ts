/**
 * The soak: many connected terminals on real TCP against a real platform on real PostgreSQL. They sign in, download,
 * upload with lost lines and frames sent twice, while the platform is killed with `kill -9` and started again; in the end
 * what the host has equals, terminal by terminal, what the terminals hold.
 *
 * Light are the terminals (no kernel) and the cards (no chip): `soak/light-terminal.ts`, `soak/light-card.ts`. Frames,
 * MACs, cryptograms, and four terminals with cards that really tap are not.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@polycard/crypto';
import { PlatformProcess } from './platform-process.ts';
import { freePort, startPostgresql } from './postgresql.ts';
import { joinPlatform } from './small-site.ts';
import { type LightCard, lightTap } from './soak/light-card.ts';
import {
  enrolLightTerminals,
  issueLightCards,
  type Likeness,
  likenessesOf,
  RECORDED_CARDS,
  recordTaps,
} from './soak/light-site.ts';
import { DISTURBANCES, type Disturbed, type LightTerminal, type SoakWorld } from './soak/light-terminal.ts';
import { countStored, dropPosting, type StoredCounts, tapsWaiting } from './soak/stored-counts.ts';

export type SoakFault = 'answer-before-commit' | 'duplicate-counted' | 'posting-dropped';

export interface SoakOptions {
  readonly terminals: number;
  readonly taps: number;
  readonly cards: number;
  readonly kills: number;
  readonly seed: string;
  /** The whole soak gives up after this. */
  readonly limitMs: number;
  readonly fault?: SoakFault | undefined;
  readonly report?: (phase: string, done: number, total: number) => void;
}

export interface SoakReport {
  readonly terminals: readonly LightTerminal[];
  readonly stored: StoredCounts;
  readonly kills: number;
  readonly disturbed: Disturbed;
  readonly linesMost: number;
  /** Lines open at once after sign-in, before the first tap. */
  readonly linesConnected: number;
  readonly postgresql: string;
  readonly waiting: number;
  readonly elapsedMs: {
    readonly start: number;
    readonly upload: number;
    readonly settle: number;
    readonly clear: number;
  };
}

const PASSWORD = 'soak';
const FAULTS = new URL('soak/planted-faults.ts', import.meta.url).href;
/** The terminals' starts and settlements: so many at once. */
const STARTS_AT_ONCE = 128;
const CLEARING_POLL_MS = 500;

export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const report = options.report ?? (() => undefined);
  const deadlineMs = Date.now() + options.limitMs;
  const database = await startPostgresql();
  const directory = mkdtempSync(join(tmpdir(), 'polycard-soak-'));
  const [port, gatewayPort] = [await freePort(), await freePort()];
  const environment = {
    DATABASE_URL: database.url,
    POLYCARD_FLEET_PASSWORD: PASSWORD,
    ...(options.fault === undefined || options.fault === 'posting-dropped'
      ? {}
      : { POLYCARD_SOAK_FAULT: options.fault, NODE_OPTIONS: `--import ${FAULTS}` }),
  };
  const start = (): PlatformProcess => new PlatformProcess({ data: directory, port, gatewayPort, environment });
  let platform = start();
  const gateway = { host: '127.0.0.1', port: gatewayPort };
  let terminals: LightTerminal[] = [];
  try {
    await platform.ready;
    const random = seededRandom(`soak:${options.seed}`);
    const site = await joinPlatform(`http://127.0.0.1:${port}`, () => gateway, PASSWORD, {
      cards: RECORDED_CARDS,
      seed: options.seed,
      patienceMs: options.limitMs,
    });
    const likenesses = recordTaps(site);
    report('terminals and cards', 0, options.terminals);
    const lightCards = await issueLightCards(site, options.cards, random);

    const killAt = Array.from({ length: options.kills }, (_, index) =>
      Math.floor((options.taps * (index + 1)) / (options.kills + 1)),
    );
    let kills = 0;
    let stored = 0;
    let restarting: Promise<unknown> = Promise.resolve();
    const disturbed: Disturbed = { sentTwice: 0, lostAnswer: 0, lostFrame: 0, onTwoLines: 0, lostLines: 0 };
    const lines = { open: 0, most: 0 };
    const world: SoakWorld = {
      ...{ gateway, lines, disturbed, deadlineMs, disturbances: DISTURBANCES },
      onStored: () => {
        stored++;
        if (stored % 1000 === 0) report('taps', stored, options.taps);
        if (stored < (killAt[0] ?? Number.POSITIVE_INFINITY)) return;
        killAt.shift();
        kills++;
        restarting = restarting.then(async () => {
          await platform.end('SIGKILL');
          platform = start();
          await platform.ready;
        });
        restarting.catch(() => undefined);
      },
    };
    const started = Date.now();
    terminals = await enrolLightTerminals(site, options.terminals, options.seed, world);
    await inTurn(terminals, STARTS_AT_ONCE, async (terminal, index) => {
      await terminal.signIn();
      await terminal.download();
      if (index % 100 === 0) report('sign in and download', index, terminals.length);
    });
    const linesConnected = lines.open;

    const uploading = Date.now();
    const half = Math.ceil(options.taps / terminals.length / 2);
    await Promise.all([
      ...terminals.map((terminal, index) =>
        tapAndUpload(terminal, index, { ...options, half, likenesses, lightCards }),
      ),
      ...site.terminals.map((terminal) => terminal.upload()),
    ]);
    await restarting;
    const settling = Date.now();
    await inTurn(terminals, STARTS_AT_ONCE, (terminal) => terminal.settle());

    const clearing = Date.now();
    let waiting = await tapsWaiting(database.url);
    while (waiting > 0 && Date.now() < deadlineMs) {
      report('clearing', options.taps - waiting, options.taps);
      await new Promise((resolve) => setTimeout(resolve, CLEARING_POLL_MS));
      waiting = await tapsWaiting(database.url);
    }
    const cleared = Date.now();
    if (options.fault === 'posting-dropped') await dropPosting(database.url);
    return {
      ...{ terminals, kills, disturbed, linesConnected, waiting },
      stored: await countStored(database.url),
      linesMost: lines.most,
      postgresql: database.version,
      elapsedMs: {
        start: uploading - started,
        upload: settling - uploading,
        settle: clearing - settling,
        clear: cleared - clearing,
      },
    };
  } finally {
    for (const terminal of terminals) terminal.close();
    await platform.end('SIGTERM');
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What the soak must show: host and terminals agree, everything was really there. Empty when it holds. */
export function soakFindings(report: SoakReport, options: SoakOptions): string[] {
  const findings: string[] = [];
  const expect = (what: string, found: unknown, expected: unknown): void => {
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
    if (a !== b && findings.length < 20) findings.push(`${what}: expected ${b}, found ${a}`);
  };
  for (const terminal of report.terminals) {
    const no = terminal.terminalNo;
    const stored = report.stored.terminals.get(no);
    if (stored === undefined) {
      findings.push(`terminal ${no} is not in the store`);
      continue;
    }
    const held = {
      count: terminal.batches.reduce((sum, { count }) => sum + count, 0),
      fen: terminal.batches.reduce((sum, { fen }) => sum + fen, 0),
    };
    expect(`terminal ${no}: uploads`, stored.uploads, held);
    expect(`terminal ${no}: taps cleared`, stored.cleared, held);
    expect(`terminal ${no}: fares posted, fen`, stored.posted.fen, held.fen);
    const settled = terminal.batches.filter(({ totals }) => totals !== undefined);
    expect(
      `terminal ${no}: batches`,
      stored.batches.map(({ batchNo, terminal: theirs, host, totals }) => [batchNo, theirs, host, totals]),
      settled.map(({ batchNo, count, fen }) => [batchNo, { count, fen }, { count, fen }, 'equal']),
    );
    expect(
      `terminal ${no}: totals as answered`,
      settled.map(({ totals }) => totals),
      settled.map(() => 'equal'),
    );
  }
  const total = report.terminals.flatMap(({ batches }) => batches).reduce((sum, { count }) => sum + count, 0);
  expect('taps the terminals hold', total, options.taps);
  expect('terminals connected at once', report.linesConnected, options.terminals);
  expect('kills', report.kills, options.kills);
  expect('taps that clearing did not reach', report.waiting, 0);
  expect('exceptions', report.stored.exceptions, {});
  expect('sum of the ledger, fen', report.stored.postingSumFen, 0);
  return findings;
}

/** One terminal's day: its share of the taps, settled once in the middle. */
async function tapAndUpload(
  terminal: LightTerminal,
  index: number,
  day: SoakOptions & {
    readonly half: number;
    readonly likenesses: readonly Likeness[];
    readonly lightCards: readonly LightCard[];
  },
): Promise<void> {
  const random = seededRandom(`${day.seed}:taps:${terminal.terminalNo}`);
  const likenesses = likenessesOf(index, day.likenesses);
  const count = Math.floor(day.taps / day.terminals) + (index < day.taps % day.terminals ? 1 : 0);
  for (let tap = 0; tap < count; tap++) {
    const card = day.lightCards[(index + tap * day.terminals) % day.lightCards.length]!;
    await terminal.upload(lightTap(card, likenesses[tap % likenesses.length]!, random));
    if (tap + 1 === day.half) await terminal.settle();
  }
}

/** Works on all, so many at once. */
async function inTurn<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) await work(items[index]!, index);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, one));
}
