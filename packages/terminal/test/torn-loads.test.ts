/** Torn taps of a card that was loaded in between: the load counts, or nothing is concluded. */
import { describe, expect, it } from 'vitest';
import { resolveTornTap, type TapEvidence } from '../src/index.ts';

const tap = (atc: number, chargedFen: number, availableFen: number | undefined): TapEvidence => ({
  ...{ atc, cryptogram: `${atc}`, kind: 'exit', terminalNo: '10000001', at: `2018090109${atc}000`, placeCode: '0101' },
  ...{ chargedFen, tornOutcome: availableFen === undefined ? 'unresolved' : 'normal' },
  ...(availableFen === undefined ? {} : { availableFen }),
});
const torn = tap(11, 200, undefined);
const load = (amountFen: number, isCertain = true) => [{ atc: 12, amountFen, isCertain }];

describe('a torn tap with a load behind it', () => {
  it.each([
    ['paid', 9_800, 'committed'],
    ['not paid', 10_000, 'not-committed'],
  ] as const)('that was %s is known by what the card has later, less the load', (_what, before, outcome) => {
    const taps = [tap(10, 300, 10_000), tap(13, 100, before + 500 - 100)];
    expect(resolveTornTap(torn, taps, load(500))).toEqual({ outcome, by: 'balance' });
  });

  it('whose fare equals the load is not taken for one that was not paid', () => {
    const taps = [tap(10, 300, 10_000), tap(13, 100, 9_900)];
    expect(resolveTornTap(torn, taps, load(200))).toEqual({ outcome: 'committed', by: 'balance' });
  });

  it('stays unknown while nobody knows whether the load arrived', () => {
    const taps = [tap(10, 300, 10_000), tap(13, 100, 9_900)];
    expect(resolveTornTap(torn, taps, load(200, false))).toBeUndefined();
  });
});
