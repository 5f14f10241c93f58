/** The one test command: installs what tests need from Debian, then lint, types, and every test. */
import { spawnSync } from 'node:child_process';
import { installMissingPackages } from './debian.ts';

function run(command: string, ...args: string[]): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

installMissingPackages();
run('node', 'scripts/check.ts');
run('vitest', 'run', ...process.argv.slice(2));
