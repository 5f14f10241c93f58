import { describe, expect, it } from 'vitest';
import { type FareJourneyPlant, fareRegions, runFareJourneys } from './fare-journeys-scenario.ts';

const JOURNEYS = 2_000;
const regions = fareRegions();

describe('fares of generated journeys', () => {
  it.each(regions.map((region) => [region.name, region] as const))(
    'are the same in gate and clearing, rule by rule, never negative and never above the undiscounted: %s',
    (_name, region) => {
      const report = runFareJourneys(region, { journeys: JOURNEYS, seed: 'suite' });
      expect(report.wrong).toEqual([]);
      expect(report.charged).toBeGreaterThan(JOURNEYS * 0.9);
    },
  );

  it('meet every rule of the region that has them all', () => {
    const { rules } = runFareJourneys(regions.at(-1)!, { journeys: JOURNEYS, seed: 'suite' });
    const wanted = ['early', 'late', 'weekend', 'operator', 'autumn', 'monthly', 'cap', 'transfer-from-bus'];
    const bySection = ['boarding', 'unpaid-ride'];
    expect([...wanted, ...bySection].filter((rule) => !rules.has(rule))).toEqual([]);
    const charged = runFareJourneys(regions[1]!, { journeys: JOURNEYS, seed: 'suite' }).rules.get('missing-tap-off');
    expect(charged).toBeGreaterThan(20);
  });

  it.each<[FareJourneyPlant, RegExp]>([
    ['clearing-ignores-transfer', /clearing computes/],
    ['clearing-loses-boarding-stop', /clearing computes/],
    ['gate-forgets-cap', /clearing computes/],
    ['gate-forgets-open-ride', /has no end/],
    ['steps-out-of-order', /≠|starts at/],
  ])('a planted fault is found: %s', (plant, words) => {
    const { wrong } = runFareJourneys(regions.at(-1)!, { journeys: 1_000, seed: 'suite', plant });
    expect(wrong.some((text) => words.test(text))).toBe(true);
  });

  it('are the same journeys again with the same seed', () => {
    const run = () => runFareJourneys(regions[0]!, { journeys: 500, seed: 'again' });
    expect(run()).toEqual(run());
  });
});
