import { fromHex } from '@polycard/bytes';
import { describe, expect, it } from 'vitest';
import { HANDLED, RETAPS } from './cuts.ts';
import { runPurchaseFlow } from './purchase-flow.ts';

const T = { retapWindowMs: 10_000, tornRecordMs: 60_000, tornRecordsMax: 3 };
/** qPBOC without fDDA 01. */
const FDDA_00 = fromHex('28000000');

describe('a purchase torn at every exchange and every write', () => {
  it.each([...RETAPS, ...HANDLED])('%s: what the card paid is what clearing counts, nothing stays unknown', (retap) => {
    for (const options of [T, { ...T, ttq: FDDA_00 }]) {
      const { violations, cutPoints, ends } = runPurchaseFlow(retap, options);
      expect(violations).toEqual([]);
      expect(cutPoints).toBeGreaterThan(10);
      expect(Object.keys(ends).length).toBeGreaterThan(0);
    }
  });

  it('known from the kept record where the card signs it, else from its balance', () => {
    expect(runPurchaseFlow('within-t1', T).ends).toHaveProperty('re-read');
    expect(runPurchaseFlow('within-t1', { ...T, ttq: FDDA_00 }).ends).toHaveProperty('balance');
  });

  it('finds a shop out that forgets what was torn', () => {
    expect(runPurchaseFlow('within-t1', { ...T, plant: 'torn-forgotten' }).violations).not.toEqual([]);
  });
});
