import { expect, it } from 'vitest';
import { runSoak, type SoakOptions, soakFindings } from './soak-scenario.ts';

it('a soak with lost lines, repeats and kill -9 on PostgreSQL: host and terminals agree, terminal by terminal', async () => {
  const options: SoakOptions = { terminals: 40, taps: 400, cards: 20, kills: 2, seed: 'suite', limitMs: 100_000 };
  const report = await runSoak(options);
  console.log(`PostgreSQL ${report.postgresql}: ${JSON.stringify({ ...report.elapsedMs, ...report.disturbed })}`);
  expect(soakFindings(report, options)).toEqual([]);
  expect(report.disturbed.lostLines).toBeGreaterThan(0);
});
