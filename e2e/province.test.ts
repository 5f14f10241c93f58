import { describe, expect, it } from 'vitest';
import { comparableDay, HUNAN, provinceDay, provinceFindings } from './province-scenario.ts';

const TAPS = 150;
/** Two platforms are started and stopped: ten seconds on a quiet machine, minutes on a crowded one. */
const PATIENCE_MS = 360_000;

describe('a second province, an overlay with SM4 keys and 48-byte records', () => {
  it(
    'runs the whole path: gate and clearing agree, cryptograms hold, money balances, the same seed does the same',
    async () => {
      const first = await provinceDay({ blueprint: HUNAN, taps: TAPS, seed: '7' });
      expect(provinceFindings(first, TAPS)).toEqual([]);
      expect(first.result.fares.chargedFen).toBeGreaterThan(0);
      expect(first.algorithms).toEqual({ SM4: TAPS });
      expect(Object.keys(first.recordBytes)).toEqual(['48']);
      const parties = first.result.settlement.map(({ party }) => party);
      expect(parties).toContain('changsha-metro');
      expect(parties.filter((party) => /shenzhen|lingnan|guangdong/.test(party))).toEqual([]);
      const second = await provinceDay({ blueprint: HUNAN, taps: TAPS, seed: '7' });
      expect(comparableDay(second)).toEqual(comparableDay(first));
    },
    PATIENCE_MS,
  );
});
