import { describe, expect, it } from 'vitest';
import { runPersonalisationCuts } from './personalisation-cuts.ts';

describe('power cut in a personalisation', () => {
  it.each([
    ['SCP02', { scp: 2, i: 0x55 }, 5],
    ['SCP03', { scp: 3, i: 0x70 }, 1],
  ] as const)('over %s leaves every command done or not done, and can be finished', async (_, protocol, every) => {
    const { cutPoints, commands, violations } = await runPersonalisationCuts(protocol, { every });
    expect(violations).toEqual([]);
    expect(cutPoints).toBeGreaterThan(70 / every);
    expect(commands).toBeGreaterThan(50);
  });

  it('is noticed on a card without a journal', async () => {
    const { violations } = await runPersonalisationCuts({ scp: 3, i: 0x70 }, { plant: 'journal-lost', every: 5 });
    expect(violations.length).toBeGreaterThan(0);
  });
});
