import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReplayResult } from '@polycard/fleet';
import { benchIsMeasured } from '../../bench/main.ts';
import { runKills } from '../../e2e/kill-scenario.ts';
import { PlatformProcess } from '../../e2e/platform-process.ts';
import { type PowerCutPlant, runPowerCuts } from '../../e2e/power-cut-scenario.ts';
import { type AcceptanceItem, Findings, figure, tests } from './item.ts';
import { records, replay } from './replay-command.ts';

const REPLAY_LIMIT_MS = 5 * 60_000;
const FIRST_START_MS = 30_000;
const LATER_START_MS = 10_000;

/** 50 charged amounts of exits and boardings one fen higher. */
function raised(path: string): string {
  const [header, ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const rides = lines.flatMap((line, index) => (line.split(',')[2] === '地铁入站' ? [] : [index]));
  const step = Math.floor(rides.length / 50);
  const chosen = new Set(Array.from({ length: 50 }, (_, index) => rides[index * step + (index % 7)]!));
  const column = header!.split(',').indexOf('deal_money');
  const changed = lines.map((line, index) => {
    if (!chosen.has(index)) return line;
    const cells = line.split(',');
    cells[column] = String(Number(cells[column]) + 1);
    return cells.join(',');
  });
  return `${[header, ...changed].join('\n')}\n`;
}

const comparable = ({ elapsedMs: _elapsed, tapTime, ...rest }: ReplayResult) => ({
  ...rest,
  exchanges: tapTime.exchanges,
});

async function start(plant: string | undefined): Promise<string[]> {
  const findings = new Findings();
  const directory = mkdtempSync(join(tmpdir(), 'polycard-start-'));
  try {
    const first = new PlatformProcess({ data: directory });
    const ready = await first.ready;
    const firstMs = Date.now() - first.startedAt;
    figure('ready the first time, ms', firstMs);
    findings.expect(firstMs <= FIRST_START_MS, `the first start took ${firstMs} ms`);
    findings.expect(ready.firstAccounts.length > 0, 'no first sign-in was printed');
    const health = await fetch(`${ready.url}/health`);
    const body = (await health.json()) as Record<string, unknown>;
    findings.equal(health.status, 200, 'GET /health');
    for (const key of ['status', 'database', 'version'])
      findings.expect(typeof body[key] === 'string', `/health lacks ${key}`);
    const page = await fetch(ready.url);
    findings.expect(
      page.status === 200 && (await page.text()).includes('<div id="root">'),
      'the console is not served',
    );
    if (plant === 'lock-removed') rmSync(join(directory, 'platform.lock'));
    const second = new PlatformProcess({ data: directory });
    const refusal = await second.ready.then(
      () => 'it started',
      (error: Error) => error.message,
    );
    await second.end('SIGKILL');
    findings.expect(
      /another platform \(process \d+\) is running/.test(refusal),
      `a second instance on the same data: ${refusal.slice(0, 120)}`,
    );
    findings.equal(await first.end('SIGINT'), 0, 'exit code after Ctrl-C');
    const later = new PlatformProcess({ data: directory });
    await later.ready;
    const laterMs = Date.now() - later.startedAt;
    figure('ready afterwards, ms', laterMs);
    findings.expect(laterMs <= LATER_START_MS, `a later start took ${laterMs} ms`);
    await later.end('SIGINT');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return findings.list;
}

async function realDay(plant: string | undefined): Promise<string[]> {
  const findings = new Findings();
  const { path, cleanUp } = records();
  const directory = mkdtempSync(join(tmpdir(), 'polycard-day-'));
  try {
    const planted = plant === 'cryptogram-changed' ? ['--faults', 'cryptogram=1'] : [];
    const file = join(directory, 'raised.csv');
    if (plant === 'amount-raised') writeFileSync(file, raised(path));
    const day = await replay(plant === 'amount-raised' ? file : path, '--format', 'shenzhen', ...planted);
    figure('records, cards, terminals', `${day.records}, ${day.cards}, ${day.terminals}`);
    figure('fares charged, matched', `${day.fares.charged}, ${day.fares.matched}`);
    figure('base fares computed, matched', `${day.baseFares.computed}, ${day.baseFares.matched}`);
    figure('cryptograms verified, failed', `${day.cryptograms.verified}, ${day.cryptograms.failed}`);
    figure('postings, sum', `${day.ledger.postings}, ${day.ledger.sumFen}`);
    figure('tap time p50, p99 ms', `${day.tapTime.p50Ms}, ${day.tapTime.p99Ms}`);
    figure('elapsed, ms', day.elapsedMs);
    findings.expect(day.elapsedMs <= REPLAY_LIMIT_MS, `it took ${day.elapsedMs} ms`);
    findings.equal(day.taps.performed + day.taps.refused, day.records, 'performed plus refused');
    findings.equal(day.fares.matched, day.fares.charged, 'fares matched');
    findings.equal(day.cryptograms.failed, 0, 'cryptograms failed');
    findings.equal(day.ledger.sumFen, 0, 'ledger sum');
    findings.equal(
      day.settlement.reduce((sum, { netFen }) => sum + netFen, 0),
      0,
      'sum of net positions',
    );
    if (plant !== undefined) return findings.list;

    writeFileSync(file, raised(path));
    const high = await replay(file, '--format', 'shenzhen');
    figure(
      'raised by one fen: unmatched, exceptions',
      `${high.fares.charged - high.fares.matched}, ${JSON.stringify(high.exceptions)}`,
    );
    findings.equal(high.fares.charged - high.fares.matched, 50, 'unmatched after 50 amounts were raised');
    findings.equal(high.exceptions, { fare: 50 }, 'exceptions after 50 amounts were raised');
    const faulty = await replay(path, '--format', 'shenzhen', '--faults', 'cryptogram=10,duplicate=10,gap=10,mac=10');
    figure('planted faults', JSON.stringify(faulty.exceptions));
    findings.equal(
      Object.entries(faulty.exceptions).sort(),
      [
        ['cryptogram', 10],
        ['duplicate', 10],
        ['gap', 10],
        ['mac', 10],
      ],
      'planted faults',
    );

    const trace = join(directory, 'trace.ndjson');
    const [first, second] = [
      await replay('--generate', '2000', '--seed', '7', '--trace', trace),
      await replay('--generate', '2000', '--seed', '7'),
    ];
    findings.equal(comparable(second), comparable(first), 'the same seed twice');
    const lines = readFileSync(trace, 'utf8').trim().split('\n');
    figure('trace lines for 2,000 taps', lines.length);
    findings.equal(lines.length, 2000, 'trace lines');
  } finally {
    rmSync(directory, { recursive: true, force: true });
    cleanUp();
  }
  return findings.list;
}

async function kills(plant: string | undefined): Promise<string[]> {
  const findings = new Findings();
  const taps = 1200;
  const report = await runKills({
    taps,
    kills: 8,
    seed: 'acceptance',
    ...(plant === 'posting-dropped' ? { dropPosting: true } : {}),
  });
  figure('PostgreSQL', report.postgresql);
  figure('kills, taps performed', `${report.kills}, ${report.result.taps.performed}`);
  figure(
    'taps stored, distinct, uploads',
    `${report.stored.taps}, ${report.stored.distinct}, ${report.stored.uploads}`,
  );
  figure(
    'charged, posted, ledger sum (fen)',
    `${report.stored.chargedFen}, ${report.stored.postedFen}, ${report.stored.sumFen}`,
  );
  findings.equal(
    [report.stored.taps, report.stored.distinct, report.stored.uploads],
    [taps, taps, taps],
    'taps stored, distinct, uploads',
  );
  findings.equal(report.stored.sumFen, 0, 'ledger sum');
  findings.equal(report.stored.postedFen, report.stored.chargedFen, 'posted fares');
  return findings.list;
}

async function powerCuts(plant: string | undefined): Promise<string[]> {
  const findings = new Findings();
  for (const kind of ['exit', 'entry', 'boarding'] as const) {
    const report = await runPowerCuts(kind, plant as PowerCutPlant | undefined);
    figure(`${kind}: cut points (APDUs twice, writes)`, `${report.cutPoints} (${report.apdus} × 2 + ${report.writes})`);
    for (const violation of report.violations) findings.list.push(`${kind}: ${violation}`);
  }
  return findings.list;
}

export const TAPS: Readonly<Record<string, AcceptanceItem>> = {
  'taps.1': { title: 'starts, answers, refuses a second instance, stops', plants: ['lock-removed'], run: start },
  'taps.2': { title: 'a real day of taps', plants: ['cryptogram-changed', 'amount-raised'], run: realDay },
  'taps.3': { title: 'kill -9 on PostgreSQL', plants: ['posting-dropped'], run: kills },
  'taps.4': {
    title: 'power cut at every APDU and every write',
    plants: ['commit-at-gpo', 'forget-torn-tap'],
    run: powerCuts,
  },
  'taps.5': {
    title: 'reference vectors, frames, MACs and card transcripts',
    plants: ['vector-changed'],
    run: (plant) =>
      tests(
        ['packages/crypto', 'packages/emv', 'packages/iso8583', 'packages/card', 'packages/vault'],
        plant === undefined ? {} : { POLYCARD_PLANT: plant },
      ),
  },
  'taps.6': {
    title: 'every console page in headless Chromium',
    plants: ['console-missing'],
    run: (plant) =>
      tests(['e2e/console.test.ts'], {
        POLYCARD_SCREENSHOTS: 'screenshots',
        ...(plant === undefined ? {} : { POLYCARD_PLANT: plant }),
      }),
  },
  'taps.7': {
    title: 'figures beside their limits',
    plants: ['figure-missing'],
    run: (plant) => benchIsMeasured(plant),
  },
};
