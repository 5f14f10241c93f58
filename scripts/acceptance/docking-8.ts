/**
 * docking.8: the conformance kit. Every case of host, terminal and card passes on ours, and each deliberately broken variant
 * fails in the cases it names; the command says so by its exit code, its JSON and its report.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  BROKEN_CARDS,
  BROKEN_HOSTS,
  BROKEN_TERMINALS,
  type BrokenVariant,
  type CaseResult,
  htmlReport,
  type Kind,
  prepareOwnCard,
  prepareOwnTerminal,
  reportOf,
  runOwnHost,
  startOwnPlatform,
} from '@polycard/conformance';
import { Findings, figure } from './item.ts';

const GUANGDONG = fileURLToPath(new URL('../../blueprints/guangdong', import.meta.url));
const COMMAND = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
const CASES_MIN: Readonly<Record<Kind, number>> = { host: 20, terminal: 15, card: 15 };
const VARIANTS_MIN = 10;
export const CONFORMANCE_PLANTS = ['own-host-broken', 'variant-that-breaks-nothing'];

type Play<V> = (run: { readonly only?: readonly string[] }, broken?: V) => Promise<CaseResult[]>;

export async function conformance(plant: string | undefined): Promise<string[]> {
  const findings = new Findings();
  const own = await startOwnPlatform(GUANGDONG, 'docking.8');
  const localTime = (): string => '20180901090000';
  try {
    const spoilt = BROKEN_HOSTS.find(({ name }) => name === 'totals-always-equal');
    const playHost: Play<(typeof BROKEN_HOSTS)[number]> = (run, broken) =>
      runOwnHost(own, { localTime, ...run }, broken ?? (plant === 'own-host-broken' ? spoilt : undefined));
    const harmless = BROKEN_HOSTS.map(({ credulity: _, ...variant }) => ({ ...variant, make: () => ({}) }));
    const hosts = plant === 'variant-that-breaks-nothing' ? harmless : BROKEN_HOSTS;
    await judge(findings, 'host', playHost, hosts);
    if (plant === undefined) {
      const playCard = await prepareOwnCard(own);
      await judge(findings, 'card', (run, broken) => playCard({ localTime, ...run }, broken), BROKEN_CARDS);
      await judge(findings, 'terminal', await prepareOwnTerminal(own), BROKEN_TERMINALS);
    }
  } finally {
    await own.close();
  }
  if (plant === undefined) command(findings);
  return findings.list;
}

async function judge<V extends BrokenVariant>(
  findings: Findings,
  kind: Kind,
  play: Play<V>,
  variants: readonly V[],
): Promise<void> {
  const report = reportOf({ kind, target: `our own ${kind}`, startedAt: '' }, await play({}));
  const { total, pass, notApplicable } = report.summary;
  figure(`${kind}: cases, passed, not applicable`, `${total}, ${pass}, ${notApplicable}`);
  for (const { id, verdict, reason } of report.cases) {
    const holds = verdict === 'pass' || verdict === 'not-applicable';
    findings.expect(holds, `${id} on our own ${kind}: ${verdict}, ${reason}`);
  }
  findings.expect(total >= CASES_MIN[kind], `${kind}: ${total} cases, expected ${CASES_MIN[kind]}`);
  findings.expect(
    report.cases.every(({ evidence }) => evidence.length > 0),
    `${kind}: a case has no evidence`,
  );
  const text = JSON.stringify(report) + htmlReport(report);
  findings.expect(
    !/622202\d{9}0005|(?<!\d)621444\d{13}(?!\d)/.test(text),
    `${kind}: the report has a whole account number`,
  );
  let found = 0;
  for (const variant of variants) {
    const cases = await play({ only: variant.fails }, variant);
    const missed = variant.fails.filter((id) => cases.find((result) => result.id === id)?.verdict !== 'fail');
    findings.expect(missed.length === 0, `${kind} broken by ${variant.name}: ${missed.join(', ')} did not fail`);
    if (missed.length === 0) found++;
  }
  figure(`${kind}: broken variants found`, `${found} of ${variants.length}`);
  findings.expect(variants.length >= VARIANTS_MIN, `${kind}: ${variants.length} variants, expected ${VARIANTS_MIN}`);
}

/** The command as a vendor calls it: exit codes, JSON, the HTML report. */
function command(findings: Findings): void {
  const directory = mkdtempSync(join(tmpdir(), 'polycard-docking-8-'));
  try {
    const call = (args: readonly string[]) =>
      spawnSync(process.execPath, [COMMAND, 'conform', ...args], { encoding: 'utf8' });
    const listed = call(['--list-broken', '--json']);
    const { broken } = JSON.parse(listed.stdout) as { broken: { name: string; fails: string[] }[] };
    findings.equal(
      broken.length,
      BROKEN_HOSTS.length + BROKEN_CARDS.length + BROKEN_TERMINALS.length,
      'variants listed',
    );
    const html = join(directory, 'report.html');
    const { status, stdout } = call(['card', '--self', '--broken', 'counter-stuck', '--json', '--html', html]);
    findings.equal(status, 1, 'exit code of conform card --self --broken counter-stuck');
    const { summary } = JSON.parse(stdout) as { summary: { failed: string[] } };
    findings.expect(summary.failed.includes('card.atc.increases'), 'the failing case is not named');
    findings.expect(
      readFileSync(html, 'utf8').includes('card.atc.increases'),
      'the report does not name the failing case',
    );
    findings.equal(
      call(['card', '--self', '--broken', 'nothing']).status,
      2,
      'exit code for a variant that is not there',
    );
    figure('polycard conform: exit codes, JSON, report', 'as documented');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
