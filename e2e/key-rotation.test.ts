/**
 * Rotation of a management key while taps go on: taps before it, between it and the PSAMs' reload, and after; none is
 * refused for that reason, and the report counts down to zero as cards come to a gate, a bus or the counter.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RotationReport, RotationScenario } from './key-rotation-scenario.ts';

describe('rotation of a management key', () => {
  let scenario: RotationScenario;
  beforeAll(async () => {
    scenario = await RotationScenario.open({ cards: 24, seed: 'rotation' });
  }, 180_000);
  afterAll(() => scenario.close());

  it('no tap is refused for it, and the report counts down to zero', { timeout: 240_000 }, async () => {
    const report: RotationReport = await scenario.run();
    expect(report.refused).toEqual([]);
    expect(report.taps).toBeGreaterThanOrEqual(24 * 3);
    expect(report.onOldCards[0]).toBe(24);
    expect(report.onOldCards.at(-1)).toBe(0);
    expect(report.onOldCards).toEqual([...report.onOldCards].sort((a, b) => b - a));
    expect(report.onOldPsams).toEqual([4, 0]);
    expect(report.oldKeyRefusedAfterwards).toBe(true);
    expect(report.cryptograms).toEqual({ verified: report.taps, failed: 0 });
  });
});
