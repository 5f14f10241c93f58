import { describe, expect, it } from 'vitest';
import { runInterleaved } from './interleaved/run.ts';

describe('one card with every application', () => {
  it('runs all flows interleaved, also broken into each other, and none changes a byte of another', async () => {
    const report = await runInterleaved({ flows: 60, interruptions: 60, seed: '7' });
    expect(report.findings).toEqual([]);
    expect(report.belongings).toEqual(
      expect.arrayContaining(['payment', 'metro', 'bus', 'combined-ride', 'trip', 'purse', 'issuer domain']),
    );
  });

  it('finds a byte that changed where no flow may', async () => {
    const { findings } = await runInterleaved({ flows: 26, interruptions: 0, seed: '8', plant: 'byte-changed' });
    expect(findings.length).toBeGreaterThan(0);
  });
});
