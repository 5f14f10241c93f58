/** The `polycard` command as people run it, beside this process: a platform that is in it goes on answering. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ReplayResult } from '@polycard/fleet';

const POLYCARD = fileURLToPath(new URL('../apps/cli/bin/polycard.js', import.meta.url));
const OUTPUT_BYTES_MAX = 1 << 28;

export interface Ran {
  /** −1 when a signal ended it. */
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export function polycard(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [POLYCARD, ...args],
      { maxBuffer: OUTPUT_BYTES_MAX, env: { ...process.env, ...environment } },
      (error, out, err) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, out, err });
      },
    );
  });
}

/** `polycard replay` on a database of its own; no result when it could not be done. */
export async function runReplay(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran & { readonly result?: ReplayResult }> {
  const ran = await polycard(['replay', ...args, '--ephemeral', '--json'], environment);
  return ran.out === '' ? ran : { ...ran, result: JSON.parse(ran.out) as ReplayResult };
}
