/** The one test command: installs what tests need from Debian, then lint, types, and every test. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { installMissingPackages } from './debian.ts';

function run(command: string, ...args: string[]): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

// commands that tests start are compiled once for all of them
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('../node_modules/.cache/node', import.meta.url));
installMissingPackages();
run('node', 'scripts/check.ts');
run('vitest', 'run', ...process.argv.slice(2));
