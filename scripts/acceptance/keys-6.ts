/** keys.6: a scan of everything a run produces finds no clear key and no full account number. */
import { type ScanPlant, scanForSecrets } from '../../e2e/secrets-scan.ts';
import { type AcceptanceItem, Findings, figure } from './item.ts';

async function scan(plant: string | undefined): Promise<string[]> {
  const findings = new Findings();
  const report = await scanForSecrets(plant as ScanPlant | undefined);
  figure('keys, account numbers looked for', `${report.keys}, ${report.accountNumbers}`);
  for (const [source, characters] of Object.entries(report.sources)) figure(`searched: ${source}`, characters);
  findings.expect(report.keys > 20 && report.accountNumbers > 0, 'there was nothing to look for');
  findings.list.push(...report.found);
  return findings.list;
}

export const KEYS_6: AcceptanceItem = {
  title: 'no clear key and no full account number in logs, answers, errors, rows and crash output',
  plants: ['key-in-log', 'pan-in-answer', 'key-in-table', 'pan-in-error'],
  run: scan,
};
