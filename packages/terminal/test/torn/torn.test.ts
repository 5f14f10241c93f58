import { describe, expect, it } from 'vitest';
import { runActivationFlow, runLoadFlow } from './counter-flow.ts';
import { HANDLED, RETAPS } from './cuts.ts';
import { RIDE_FLOWS, runRideFlow } from './ride-flow.ts';

const T = { retapWindowMs: 3_000, tornRecordMs: 10_000, tornRecordsMax: 3 };

describe('torn at every exchange and every write, then held to a terminal again', () => {
  it.each([...RETAPS, ...HANDLED])('rides, %s: paid once, recorded, nothing stays unknown', (retap) => {
    for (const flow of RIDE_FLOWS) {
      const { violations, cutPoints, ends } = runRideFlow(flow, retap, T);
      expect(violations, flow).toEqual([]);
      expect(cutPoints).toBeGreaterThan(40);
      expect(Object.keys(ends).length, flow).toBeGreaterThan(0);
    }
  });

  it.each(RETAPS)('a counter, %s: loads once and the issuer knows, opens each record once', (retap) => {
    for (const report of [runLoadFlow(retap), runActivationFlow(retap)]) {
      expect(report.violations, report.flow).toEqual([]);
      expect(report.cutPoints, report.flow).toBeGreaterThan(10);
    }
  });

  it('with other windows and one slot too', () => {
    const windows = { retapWindowMs: 500, tornRecordMs: 1_000, tornRecordsMax: 1 };
    expect(runRideFlow('exit', 'within-t2', windows).violations).toEqual([]);
    expect(runRideFlow('bus', 'after-t2', windows).violations).toEqual([]);
  });

  it('finds planted faults out', () => {
    expect(runRideFlow('bus', 'within-t1', { ...T, plant: 'commit-at-gpo' }).violations).not.toEqual([]);
    expect(runRideFlow('bus', 'within-t1', { ...T, plant: 'torn-forgotten' }).violations).not.toEqual([]);
    expect(runRideFlow('exit', 'another-gate', { ...T, plant: 'never-resolved' }).violations).not.toEqual([]);
    expect(runRideFlow('bus-off', 'within-t1', { ...T, plant: 'torn-forgotten' }).violations).not.toEqual([]);
    expect(runRideFlow('bus-on', 'another-gate', { ...T, plant: 'never-resolved' }).violations).not.toEqual([]);
    expect(runLoadFlow('within-t1', 'torn-forgotten').violations).not.toEqual([]);
    expect(runActivationFlow('within-t1', 'torn-forgotten').violations).not.toEqual([]);
  });
});
