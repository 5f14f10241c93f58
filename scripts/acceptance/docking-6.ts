/** Torn taps: every exchange and every write cut for nine flows, held to a terminal again in four ways, and with another reader in between. */
import { openSmallSite } from '../../e2e/small-site.ts';
import { runTornLoads } from '../../e2e/torn-load-scenario.ts';
import { type CounterPlant, runActivationFlow, runLoadFlow } from '../../packages/terminal/test/torn/counter-flow.ts';
import { type FlowReport, HANDLED, RETAPS, type Retap } from '../../packages/terminal/test/torn/cuts.ts';
import { runPurchaseFlow } from '../../packages/terminal/test/torn/purchase-flow.ts';
import { RIDE_FLOWS, type RidePlant, runRideFlow } from '../../packages/terminal/test/torn/ride-flow.ts';
import { Findings, figure } from './item.ts';

/** T1, T2 and slots: as the flash-card annex, as at gates, and as short as the blueprint allows. */
const WINDOWS = [
  { retapWindowMs: 10_000, tornRecordMs: 60_000, tornRecordsMax: 3 },
  { retapWindowMs: 3_000, tornRecordMs: 10_000, tornRecordsMax: 3 },
  { retapWindowMs: 100, tornRecordMs: 500, tornRecordsMax: 1 },
] as const;

export const TORN_PLANTS = ['commit-at-gpo', 'torn-forgotten', 'never-resolved'] as const;

export async function tornTaps(plant: string | undefined): Promise<string[]> {
  const findings = new Findings();
  let points = 0;
  const report = (windows: string, each: FlowReport): void => {
    const { flow, retap, exchanges, writes, cutPoints, ends, violations } = each;
    points += cutPoints;
    const ended = Object.entries(ends)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ');
    figure(`${flow}, ${retap}${windows}`, `${cutPoints} cut points (${exchanges} × 2 + ${writes}): ${ended}`);
    findings.list.push(...violations.slice(0, 3));
    if (violations.length > 3) findings.list.push(`${flow}, ${retap}: ${violations.length - 3} more`);
  };
  for (const windows of WINDOWS) {
    const { retapWindowMs, tornRecordMs, tornRecordsMax } = windows;
    const name = `; T1 ${retapWindowMs}, T2 ${tornRecordMs} ms, ${tornRecordsMax} slots`;
    for (const flow of RIDE_FLOWS) {
      for (const retap of [...RETAPS, ...HANDLED])
        report(
          name,
          runRideFlow(flow, retap, plant === undefined ? windows : { ...windows, plant: plant as RidePlant }),
        );
    }
    for (const retap of [...RETAPS, ...HANDLED])
      report(name, runPurchaseFlow(retap, plant === 'torn-forgotten' ? { ...windows, plant } : windows));
  }
  const forgets: CounterPlant | undefined = plant === 'torn-forgotten' ? plant : undefined;
  for (const run of [runLoadFlow, runActivationFlow]) {
    for (const retap of RETAPS satisfies readonly Retap[]) report('', run(retap, forgets));
  }
  const site = await openSmallSite({ cards: 2, seed: 'torn loads' });
  try {
    for (const again of ['same-counter', 'other-counter'] as const) {
      const torn = await runTornLoads(site, again, { forgets: plant === 'torn-forgotten' });
      const ended = Object.entries(torn.ends).map(([name, count]) => `${count} ${name}`);
      points += torn.cutPoints;
      figure(
        `electronic cash loaded online, ${again}`,
        `${torn.cutPoints} cut points (${torn.exchanges} × 2 + ${torn.writes}): ${ended.join(', ')}`,
      );
      findings.list.push(...torn.violations.slice(0, 3));
    }
  } finally {
    await site.close();
  }
  figure('cut points in all', points);
  findings.expect(points > 1_500, `only ${points} cut points were tried`);
  return findings.list;
}
