/** keys.6: a scan of everything a run produces finds no clear key and no full account number. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ScanPlant, scanForSecrets } from '../../e2e/secrets-scan.ts';
import { scanEvidence } from '../scan-evidence.ts';
import { type AcceptanceItem, Findings, figure, tests } from './item.ts';

async function scan(plant: string | undefined): Promise<string[]> {
  const findings = new Findings();
  const ofOwnRegion = plant === 'leak-in-run' ? undefined : (plant as ScanPlant | undefined);
  const report = await scanForSecrets(ofOwnRegion);
  figure('keys, account numbers looked for', `${report.keys}, ${report.accountNumbers}`);
  for (const [source, characters] of Object.entries(report.sources)) figure(`searched: ${source}`, characters);
  findings.expect(report.keys > 20 && report.accountNumbers > 0, 'there was nothing to look for');
  findings.list.push(...report.found);
  if (plant === undefined || plant === 'leak-in-run') findings.list.push(...(await wholeRun(plant)));
  return findings.list;
}

/**
 * Tests whose regions together touch every kind of key and account number. `npm test` ends with the same search over
 * the whole run; this is its quarter that takes minutes and not ten.
 */
const WITH_REGIONS = [
  ...['activation', 'audit', 'deny-list', 'gateway', 'host-messages', 'key-exchange', 'key-rotation'],
  ...['parameters', 'terminal-enrol', 'terminal-run', 'torn-clearing'],
].map((name) => `e2e/${name}.test.ts`);

/** Those tests, with everything they leave searched for every key and account number they had. */
async function wholeRun(plant: string | undefined): Promise<string[]> {
  const evidence = mkdtempSync(join(tmpdir(), 'polycard-evidence-'));
  try {
    const files = plant === undefined ? WITH_REGIONS : ['e2e/activation.test.ts'];
    const failed = await tests(files, { POLYCARD_EVIDENCE: evidence });
    const { regions, keys, accountNumbers, searched, found, missedCanaries } = await scanEvidence(
      evidence,
      plant === undefined ? undefined : 'key',
    );
    figure('regions of the test run, keys, account numbers', `${regions}, ${keys}, ${accountNumbers}`);
    for (const [source, characters] of Object.entries(searched)) figure(`searched of the run: ${source}`, characters);
    return [...failed, ...found, ...missedCanaries.map((what) => `a planted ${what} is not found`)];
  } finally {
    rmSync(evidence, { recursive: true, force: true });
  }
}

export const KEYS_6: AcceptanceItem = {
  title: 'no clear key and no full account number in logs, answers, errors, rows and crash output',
  plants: ['key-in-log', 'pan-in-answer', 'key-in-table', 'pan-in-error', 'leak-in-run'],
  run: scan,
};
