/** Lint, format and type check of everything. */
import { spawnSync } from 'node:child_process';

const STEPS: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['lint and format', 'biome', 'check', '--error-on-warnings', '.'],
  ['types', 'tsc', '--noEmit'],
  ['types of the console', 'tsc', '--noEmit', '-p', 'apps/console'],
];

for (const [name, command, ...args] of STEPS) {
  const started = Date.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) {
    process.stderr.write(`${name}: failed (${[command, ...args].join(' ')})\n`);
    process.exit(1);
  }
  process.stdout.write(`${name}: good (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
}
