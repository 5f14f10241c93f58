import { expect, it } from 'vitest';
import { runKills } from './kill-scenario.ts';

it('kill -9 of the platform on PostgreSQL: no tap lost, none booked twice, ledger sum 0', async () => {
  const report = await runKills({ taps: 240, kills: 3, seed: 'kill' });
  console.log(`PostgreSQL ${report.postgresql}: ${report.kills} kills, ${report.stored.taps} taps stored`);
  expect(report.kills).toBe(3);
  expect(report.result.taps).toMatchObject({ performed: 240, refused: 0 });
  expect(report.stored).toMatchObject({ taps: 240, distinct: 240, uploads: 240, sumFen: 0 });
  expect(report.stored.postedFen).toBe(report.stored.chargedFen);
  expect(report.result.exceptions).toEqual({});
  expect(report.result.settlement.reduce((sum, position) => sum + position.netFen, 0)).toBe(0);
});
