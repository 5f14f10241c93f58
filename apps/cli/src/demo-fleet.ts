/** The simulated region beside `polycard up`: a process of its own that taps at a walking pace, so that there is something to see. */
import { spawn } from 'node:child_process';
import { toHex } from '@polycard/bytes';
import { systemRandom } from '@polycard/crypto';
import type { RunningPlatform } from '@polycard/platform';
import { COMMAND_FILE } from './paths.ts';

const TAPS_PER_SECOND = 4;

export function startDemoFleet(
  platform: RunningPlatform,
  options: { readonly taps: number; readonly blueprint: string; readonly quiet: boolean },
): { stop: () => Promise<void> } {
  let stopped = false;
  let end: (() => Promise<void>) | undefined;
  const started = begin();

  async function begin(): Promise<void> {
    const password = toHex(systemRandom(16));
    await platform.setFleetPassword(password);
    if (stopped) return;
    const child = spawn(
      process.execPath,
      [
        ...[
          COMMAND_FILE,
          'replay',
          '--generate',
          String(options.taps),
          '--seed',
          String(Date.now()),
          '--from',
          localNow(),
        ],
        ...[
          '--platform',
          platform.url,
          '--gateway',
          `${platform.gateway.host}:${platform.gateway.port}`,
          ...['--account', 'fleet', '--bureau-account', 'fleet-bureau'],
        ],
        ...['--blueprint', options.blueprint, '--taps-per-second', String(TAPS_PER_SECOND), '--json'],
      ],
      { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, POLYCARD_PASSWORD: password } },
    );
    const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    end = async () => {
      child.kill('SIGTERM');
      await exited;
    };
    if (!options.quiet)
      process.stdout.write(
        `A simulated region makes ${options.taps} taps, ${TAPS_PER_SECOND} a second (--fleet 0 for none).\n`,
      );
    const code = await exited;
    if (!stopped && !options.quiet)
      process.stdout.write(
        code === 0 ? 'The simulated taps are done.\n' : `The simulated region ended with ${code}.\n`,
      );
  }

  return {
    stop: async () => {
      stopped = true;
      await end?.();
      await started.catch(() => undefined);
    },
  };
}

/** Today's morning in the clock of this machine; the simulated region lives through it quickly. */
function localNow(): string {
  return `${new Date().toISOString().slice(0, 10).replaceAll('-', '')}063000`;
}
