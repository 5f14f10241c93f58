/**
 * How commands reach keys: a running platform's API (by its address, or the one that runs on the data directory), or a
 * platform of this process on a data directory that no other one uses. All ways go through the same permissions, custody
 * and audit, and ask for the account's password; only accounts that reach no keys are opened without one on the machine.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { PolycardError } from '@polycard/bytes';
import { type RunningHere, runningOn } from '@polycard/platform/local-access';
import type { Command } from 'commander';
import { hasPassword, type PasswordOptions, passwordOf } from './password.ts';
import { DEFAULT_BLUEPRINT, VERSION } from './paths.ts';
import { PlatformSession } from './platform-session.ts';

export interface AccessOptions extends PasswordOptions {
  readonly data: string;
  readonly platform?: string;
  readonly as: string;
  readonly blueprint: string;
  readonly vault?: string;
  readonly json?: boolean;
}

/** `account` acts unless another is named. */
export function withAccess(command: Command, account = 'operator'): Command {
  return command
    .option('--as <account>', 'who acts: an account, or a person of duties.yaml', account)
    .option('--data <directory>', 'data directory of a platform on this machine, running or not', './data')
    .option('--platform <url>', 'a running platform instead')
    .option('--password <text>', 'their password (or POLYCARD_PASSWORD; asked for at a terminal)')
    .option('--password-file <file>', 'the password in a file, alone or in a line NAME PASSWORD')
    .option('--blueprint <directory>', 'the region', DEFAULT_BLUEPRINT)
    .option('--vault <address>', 'keys in a PKCS#11 token: pkcs11:LIBRARY?token=LABEL (PIN in POLYCARD_PKCS11_PIN)')
    .option('--json', 'print the answer as one JSON object');
}

type Work<T> = (session: PlatformSession) => Promise<T>;

/** For commands about keys: the account's password is always asked for. */
export async function atKeys<T>(options: AccessOptions, work: Work<T>): Promise<T> {
  const password = await passwordOf(options.as, options);
  return at(options, (running) => PlatformSession.open(running.url, options.as, password), work);
}

/** For other commands: on this machine, an account that reaches no keys works without its password. */
export async function atPlatform<T>(options: AccessOptions, work: Work<T>): Promise<T> {
  if (options.platform !== undefined || hasPassword(options)) return atKeys(options, work);
  return at(options, (running) => PlatformSession.local(running, options.as), work);
}

async function at<T>(
  options: AccessOptions,
  open: (running: Pick<RunningHere, 'url' | 'localKey'>) => Promise<PlatformSession>,
  work: Work<T>,
): Promise<T> {
  if (options.platform !== undefined) return work(await open({ url: options.platform, localKey: '' }));
  const running = runningOn(resolve(options.data));
  if (running !== undefined) return work(await open(running));
  if (!existsSync(resolve(options.data))) {
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', `there are no data in ${options.data}`, {
      where: '--data',
      expected: 'the data directory of a platform, or --platform with the address of a running one',
    });
  }
  // most of the project: read only by who must start one
  const { startPlatform } = await import('@polycard/platform');
  const platform = await startPlatform({
    ...{ dataDirectory: resolve(options.data), blueprintDirectory: resolve(options.blueprint) },
    ...{ host: '127.0.0.1', port: 0, gatewayPort: 0, version: VERSION, logLevel: 'silent' },
    databaseUrl: process.env['DATABASE_URL'],
    vaultPassphrase: process.env['POLYCARD_VAULT_PASSPHRASE'],
    vaultAddress: options.vault,
    vaultPin: process.env['POLYCARD_PKCS11_PIN'],
    simulationSeed: process.env['POLYCARD_SIMULATION_SEED'],
  });
  try {
    return await work(await open(runningOn(resolve(options.data))!));
  } finally {
    await platform.close();
  }
}
