/** The long list's whole way at a fiftieth of its size; the whole of it is acceptance docking.4. */
import { expect, it } from 'vitest';
import { runDenyListScenario } from './deny-list-scenario.ts';

it('a list from a file to a gate that missed five versions: exact, signed, repaired', async () => {
  const figures = new Map<string, string | number>();
  const wrong = await runDenyListScenario({
    ...{ listed: 20_000, issued: 600_000, figure: (name, value) => figures.set(name, value) },
  });
  expect(wrong).toEqual([]);
  expect(figures.size).toBeGreaterThan(10);
}, 300_000);
