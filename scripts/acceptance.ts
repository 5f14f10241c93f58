/**
 * `npm run acceptance -- taps.2 [--plant FAULT]`: proves one acceptance item on what stands here, prints its figures,
 * exits 0 only if it holds. With --plant it breaks the thing on purpose and must exit 1. See docs/acceptance.md.
 */
import { fileURLToPath } from 'node:url';
import { ITEMS } from './acceptance/items.ts';
import { installMissingPackages } from './debian.ts';

const [name, ...rest] = process.argv.slice(2);
const item = name === undefined ? undefined : ITEMS[name];
if (item === undefined) {
  const known = Object.entries(ITEMS).map(
    ([id, { title, plants }]) =>
      `  ${id.padEnd(10)} ${title}${plants.length > 0 ? `\n             --plant ${plants.join(' | ')}` : ''}`,
  );
  process.stdout.write(`npm run acceptance -- ITEM [--plant FAULT]\n${known.join('\n')}\n`);
  process.exit(name === undefined ? 0 : 2);
}
const plant = rest[0] === '--plant' ? rest[1] : undefined;
if (rest.length > 0 && (plant === undefined || !item.plants.includes(plant))) {
  process.stderr.write(
    `${name} knows ${item.plants.map((fault) => `--plant ${fault}`).join(', ') || 'no planted faults'}\n`,
  );
  process.exit(2);
}
// commands that items start are compiled once for all of them
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('../node_modules/.cache/node', import.meta.url));
installMissingPackages();
const started = Date.now();
const findings = await item
  .run(plant)
  .catch((error: unknown) => [`it failed: ${(error as Error).stack ?? String(error)}`]);
for (const finding of findings) process.stdout.write(`  ✗ ${finding}\n`);
process.stdout.write(
  `${name} ${item.title}: ${findings.length === 0 ? 'holds' : 'does not hold'} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`,
);
process.exit(findings.length === 0 ? 0 : 1);
