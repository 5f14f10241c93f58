import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ITEMS } from '../scripts/acceptance/items.ts';

it('docs/acceptance.md has one row for each item, with the command and the faults it can plant', () => {
  const text = readFileSync(new URL('../docs/acceptance.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| ((?:taps|card|keys|docking)\.\d+) .*\|$/gm)].map(([row, item]) => ({
    item: item!,
    named: [...row.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
  }));
  expect(rows.map(({ item }) => item).sort()).toEqual(Object.keys(ITEMS).sort());
  for (const { item, named } of rows) {
    expect(named, item).toContain(`npm run acceptance -- ${item}`);
    for (const plant of ITEMS[item]!.plants) expect(named, item).toContain(plant);
  }
});
