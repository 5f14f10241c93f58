/** The one test command: installs what tests need from Debian, then lint, types, every test, and a search of all they produced. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
const evidence = mkdtempSync(join(tmpdir(), 'polycard-evidence-'));
process.env['POLYCARD_EVIDENCE'] = evidence;
run('vitest', 'run', ...process.argv.slice(2));
// a run of a few files may have had no region
if (existsSync(join(evidence, 'regions'))) run('node', 'scripts/scan-evidence.ts', evidence);
rmSync(evidence, { recursive: true, force: true });
