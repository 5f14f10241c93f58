import { describe, expect, it } from 'vitest';
import { runPowerCuts } from './power-cut-scenario.ts';

describe('power cut at every APDU and every card write, then the card is held to the gate again', () => {
  it.each(['exit', 'entry', 'boarding'] as const)(
    '%s: money, record, trips and journal agree at every cut point',
    async (kind) => {
      const report = await runPowerCuts(kind);
      console.log(
        `${kind}: ${report.cutPoints} cut points (${report.apdus} APDUs before and after, ${report.writes} writes)`,
      );
      expect(report.violations).toEqual([]);
      expect(report.cutPoints).toBe(report.apdus * 2 + report.writes);
      expect(report.writes).toBeGreaterThan(0);
    },
  );

  it('a card that commits at GPO, and a terminal that forgets torn taps, are found out', async () => {
    expect((await runPowerCuts('exit', 'commit-at-gpo')).violations).not.toEqual([]);
    expect((await runPowerCuts('exit', 'forget-torn-tap')).violations).not.toEqual([]);
  });
});
