/** Builds the console when its sources are newer than what was built; part of `npm ci` (the root `prepare` script). */
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../apps/console/', import.meta.url));

function newest(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(`${path}/${name}`)));
}

const built = statSync(`${folder}dist/index.html`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const sources = Math.max(
  ...['src', 'index.html', 'vite.config.ts', 'package.json'].map((name) => newest(folder + name)),
);
if (built < sources) {
  const started = Date.now();
  const { build } = await import('vite');
  await build({ root: folder, logLevel: 'error', configFile: `${folder}vite.config.ts` });
  process.stdout.write(`console built in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}
