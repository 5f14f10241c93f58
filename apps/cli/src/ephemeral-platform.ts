/** A throw-away platform in a process of its own: embedded database, keys from the seed, gone when it is closed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PolycardError } from '@polycard/bytes';
import { COMMAND_FILE } from './paths.ts';

export interface EphemeralPlatform {
  readonly url: string;
  readonly gateway: { readonly host: string; readonly port: number };
  readonly fleetPassword: string;
  /** Made at this start: the way into data that are kept. */
  readonly firstAccounts: readonly { readonly name: string; readonly password: string }[];
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 180_000;

export async function startEphemeralPlatform(options: {
  readonly blueprint: string;
  readonly seed: string;
  /** Keep the data here instead of throwing them away. */
  readonly keep?: string | undefined;
  /** A PKCS#11 token for the keys instead of a keystore in the data: they stay there. */
  readonly vault?: string | undefined;
}): Promise<EphemeralPlatform> {
  const directory = options.keep ?? mkdtempSync(join(tmpdir(), 'polycard-'));
  const fleetPassword = `${options.seed}-${process.pid}-${process.hrtime.bigint()}`;
  const { DATABASE_URL: _store, ...environment } = process.env;
  const child = spawn(
    process.execPath,
    [
      COMMAND_FILE,
      'up',
      '--port',
      '0',
      '--gateway-port',
      '0',
      '--fleet',
      '0',
      '--json',
      '--data',
      directory,
      '--blueprint',
      options.blueprint,
      ...(options.vault === undefined ? [] : ['--vault', options.vault]),
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...environment, POLYCARD_FLEET_PASSWORD: fleetPassword, POLYCARD_SIMULATION_SEED: options.seed },
    },
  );
  const remove = (): void => {
    if (options.keep === undefined) rmSync(directory, { recursive: true, force: true });
  };
  // whatever ends this process, the platform does not outlive it
  const killAtExit = (): void => {
    child.kill('SIGKILL');
    remove();
  };
  process.once('exit', killAtExit);
  const close = async (): Promise<void> => {
    await stop(child);
    process.off('exit', killAtExit);
    remove();
  };
  try {
    const ready = await readyLine(child);
    const [host, port] = ready.gateway.split(':') as [string, string];
    return {
      url: ready.url,
      gateway: { host, port: Number(port) },
      fleetPassword,
      firstAccounts: ready.firstAccounts,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface ReadyLine {
  readonly url: string;
  readonly gateway: string;
  readonly firstAccounts: EphemeralPlatform['firstAccounts'];
}

function readyLine(child: ChildProcess): Promise<ReadyLine> {
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = (reason: string): void =>
      reject(
        new PolycardError('POLYCARD_FLEET_PLATFORM', `the throw-away platform did not start: ${reason}`, {
          expected: 'see the messages above',
        }),
      );
    const timer = setTimeout(() => fail(`no answer within ${START_TIMEOUT_MS / 1000} s`), START_TIMEOUT_MS);
    child.once('exit', (code) => fail(`it ended with ${code}`));
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      const end = text.indexOf('\n');
      if (end < 0) return;
      clearTimeout(timer);
      child.removeAllListeners('exit');
      resolve(JSON.parse(text.slice(0, end)) as ReadyLine);
    });
  });
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 5000).unref();
  });
}
