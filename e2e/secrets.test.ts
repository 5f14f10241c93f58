import { expect, it } from 'vitest';
import { scanForSecrets } from './secrets-scan.ts';

it('no key and no account number of a region at work is in its log, answers, errors, rows, files or audit; a planted one is found', async () => {
  const report = await scanForSecrets();
  expect(report.found).toEqual([]);
  expect(report.keys).toBeGreaterThan(20);
  expect(report.accountNumbers).toBeGreaterThan(0);
  for (const [source, characters] of Object.entries(report.sources))
    if (source !== 'log') expect([source, characters > 100]).toEqual([source, true]);
}, 400_000);
