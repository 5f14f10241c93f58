import { describe, expect, it } from 'vitest';
import { runPowerCuts } from './power-cut-scenario.ts';

const KINDS = ['exit', 'entry', 'boarding'] as const;

describe('power cut at every APDU and every card write, then the card is held to the terminal again', () => {
  it.each(KINDS)('%s: money, records, trips, proof and journal are those of one whole tap', (kind) => {
    const report = runPowerCuts(kind);
    console.log(
      `${kind}: ${report.cutPoints} cut points (${report.apdus} APDUs before and after, ${report.writes} writes), ${JSON.stringify(report.outcomes)}`,
    );
    expect(report.violations).toEqual([]);
    expect(report.cutPoints).toBe(report.apdus * 2 + report.writes);
    expect(report.writes).toBeGreaterThan(10);
    // both ends must have been met, or the cuts went past the commit
    expect(report.outcomes['normal']).toBeGreaterThan(0);
    expect(report.outcomes['re-read']).toBeGreaterThan(0);
  });

  it.each(KINDS)('%s: also when the terminal itself starts again from its storage', (kind) => {
    expect(runPowerCuts(kind, { restartTerminal: true }).violations).toEqual([]);
  });

  it.each(KINDS)('%s: also when the second try is torn at any APDU', (kind) => {
    const report = runPowerCuts(kind, { tearTwice: true });
    console.log(`${kind}, torn twice: ${report.cutPoints} pairs of cut points, ${JSON.stringify(report.outcomes)}`);
    expect(report.violations).toEqual([]);
    expect(report.cutPoints).toBeGreaterThan(500);
  });

  it('a card that commits at GPO, and a terminal that forgets its torn taps, are found out', () => {
    expect(runPowerCuts('exit', { plant: 'commit-at-gpo' }).violations).not.toEqual([]);
    expect(runPowerCuts('exit', { plant: 'forget-torn-taps' }).violations).not.toEqual([]);
  });
});
