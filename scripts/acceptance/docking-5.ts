/**
 * docking.5: the fare engine on a real day and on a million generated journeys, at the gate and in clearing. The
 * engine's own properties are in packages/fares/test.
 */
import { type FareJourneyPlant, fareRegions, runFareJourneys } from '../../e2e/fare-journeys-scenario.ts';
import { Findings, figure, tests } from './item.ts';
import { records, replay } from './replay-command.ts';

const JOURNEYS = 1_000_000;
const JOURNEYS_PLANTED = 10_000;

export const FARE_PLANTS: readonly FareJourneyPlant[] = [
  'clearing-ignores-transfer',
  'clearing-loses-boarding-stop',
  'gate-forgets-cap',
  'gate-forgets-open-ride',
  'steps-out-of-order',
];

export async function fares(plant: string | undefined): Promise<string[]> {
  const findings = new Findings();
  const regions = fareRegions();
  const journeys = Math.ceil((plant === undefined ? JOURNEYS : JOURNEYS_PLANTED) / regions.length);
  for (const region of regions) {
    const startedAt = Date.now();
    const report = runFareJourneys(region, { journeys, seed: '1', plant: plant as FareJourneyPlant | undefined });
    const { charged, chargedFen, rules } = report;
    figure(`${region.name}: journeys, charged, fen`, `${journeys}, ${charged}, ${chargedFen}`);
    figure(`${region.name}: rules met, seconds`, `${rules.size}, ${Math.round((Date.now() - startedAt) / 1000)}`);
    findings.list.push(...report.wrong);
    findings.expect(charged > journeys * 0.9, `${region.name}: only ${charged} of ${journeys} journeys were charged`);
  }
  if (plant !== undefined) return findings.list;
  findings.list.push(...(await tests(['packages/fares/test'])));
  const { path, cleanUp } = records();
  try {
    const day = await replay(path, '--format', 'shenzhen');
    figure('a real day: records, fares charged, matched', `${day.records}, ${day.fares.charged}, ${day.fares.matched}`);
    figure('base fares computed, matched', `${day.baseFares.computed}, ${day.baseFares.matched}`);
    findings.equal(day.fares.matched, day.fares.charged, 'fares matched');
    findings.equal(day.taps.performed + day.taps.refused, day.records, 'performed plus refused');
  } finally {
    cleanUp();
  }
  return findings.list;
}
