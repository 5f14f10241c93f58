/**
 * docking.2: a soak of 2,000 connected terminals and 200,000 taps against a platform on PostgreSQL that is killed and
 * started again: counts and sums equal what the terminals hold. POLYCARD_SOAK=200,20000 runs it smaller.
 */
import { runSoak, type SoakFault, type SoakOptions, soakFindings } from '../../e2e/soak-scenario.ts';
import { Findings, figure } from './item.ts';

const FULL = { terminals: 2000, taps: 200_000 };
/** A planted fault shows in a small soak too. */
const PLANTED = { terminals: 20, taps: 1200 };
const CARDS_PER_TERMINAL = 0.5;
const KILLS = 4;
const LIMIT_MS = 14 * 60_000;
const REPORT_EVERY_MS = 5000;

export async function soak(plant: string | undefined): Promise<string[]> {
  const size = plant === undefined ? sizeAsked() : PLANTED;
  const options: SoakOptions = {
    ...size,
    cards: Math.ceil(size.terminals * CARDS_PER_TERMINAL),
    kills: KILLS,
    seed: 'docking.2',
    limitMs: LIMIT_MS,
    fault: plant as SoakFault | undefined,
    report: progress(),
  };
  const result = await runSoak(options);
  const findings = new Findings();
  findings.list.push(...soakFindings(result, options));
  const held = result.terminals.flatMap(({ batches }) => batches);
  const parameters = result.terminals.reduce(
    (sum, terminal) => sum + [...terminal.parameters.values()].reduce((bytes, set) => bytes + set, 0),
    0,
  );
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  figure(`PostgreSQL ${result.postgresql}, terminals connected at once`, result.linesConnected);
  figure(
    'taps held by the terminals',
    held.reduce((sum, { count }) => sum + count, 0),
  );
  figure(
    'their sum, fen',
    held.reduce((sum, { fen }) => sum + fen, 0),
  );
  figure('batches settled', held.filter(({ totals }) => totals !== undefined).length);
  figure('kill -9 and restart', result.kills);
  const { sentTwice, lostAnswer, lostFrame, onTwoLines, lostLines } = result.disturbed;
  figure('sent twice, on two lines at once', `${sentTwice}, ${onTwoLines}`);
  figure('answers lost, frames cut, lines opened again', `${lostAnswer}, ${lostFrame}, ${lostLines}`);
  figure('parameters downloaded, bytes', parameters);
  figure('sign-in and download', seconds(result.elapsedMs.start));
  figure('uploads', seconds(result.elapsedMs.upload));
  figure('taps a second, restarts included', Math.round(options.taps / (result.elapsedMs.upload / 1000)));
  figure('settlement, then clearing', `${seconds(result.elapsedMs.settle)}, ${seconds(result.elapsedMs.clear)}`);
  return findings.list;
}

function sizeAsked(): { terminals: number; taps: number } {
  const [terminals, taps] = (process.env['POLYCARD_SOAK'] ?? '').split(',').map(Number);
  return terminals === undefined || taps === undefined || !(terminals > 0) || !(taps > 0) ? FULL : { terminals, taps };
}

function progress(): (phase: string, done: number, total: number) => void {
  let lastMs = 0;
  return (phase, done, total) => {
    const now = Date.now();
    if (now - lastMs < REPORT_EVERY_MS) return;
    lastMs = now;
    process.stderr.write(`  … ${phase} ${done} of ${total}\n`);
  };
}
