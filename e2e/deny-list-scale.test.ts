/** The long list's whole way at a hundredth of its size; the whole of it is acceptance docking.4. */
import { expect, it } from 'vitest';
import { runDenyListScenario } from './deny-list-scenario.ts';

it('a list from a file to a gate that missed five versions: exact, signed, repaired', async () => {
  const figures = new Map<string, string | number>();
  const wrong = await runDenyListScenario({
    ...{ listed: 10_000, issued: 300_000, figure: (name, value) => figures.set(name, value) },
  });
  expect(wrong).toEqual([]);
  expect(figures.size).toBeGreaterThan(10);
}, 300_000);
