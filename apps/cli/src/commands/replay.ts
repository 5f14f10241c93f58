import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PolycardError } from '@polycard/bytes';
import {
  generatePlan,
  type Plan,
  planFromRecords,
  type ReplayResult,
  readShenzhenRecords,
  replay,
} from '@polycard/fleet';
import { readBlueprint } from '@polycard/platform/blueprint-files';
import { Region } from '@polycard/platform/region';
import { Command, Option } from 'commander';
import { type FaultCounts, faultsOption, integerOption } from '../arguments.ts';
import { startEphemeralPlatform } from '../ephemeral-platform.ts';
import { DEFAULT_BLUEPRINT } from '../paths.ts';
import { progressBar } from '../progress.ts';
import { summarise } from '../replay-summary.ts';

interface ReplayCommandOptions {
  readonly format: 'shenzhen';
  readonly generate?: number;
  readonly from: string;
  readonly seed: string;
  readonly blueprint: string;
  readonly ephemeral?: boolean;
  readonly platform?: string;
  readonly gateway?: string;
  readonly account: string;
  readonly password?: string;
  readonly bureauAccount: string;
  readonly bureauPassword?: string;
  readonly faults: FaultCounts;
  readonly trace?: string;
  readonly keep?: string;
  readonly vault?: string;
  readonly tapsPerSecond?: number;
  readonly personaliseOver?: '02' | '03';
  readonly json?: boolean;
}

const EXIT_FOUND = 1;

export function replayCommand(): Command {
  return new Command('replay')
    .argument('[file]', 'records to replay')
    .addOption(new Option('--format <name>', 'format of the file').choices(['shenzhen']).default('shenzhen'))
    .option('--generate <taps>', 'make this many taps instead of reading a file', integerOption(1, 10_000_000))
    .option('--from <time>', 'generated taps begin at this local time, YYYYMMDDhhmmss', '20180901063000')
    .option('--seed <text>', 'the same seed does the same again', '1')
    .option('--blueprint <directory>', 'the region', DEFAULT_BLUEPRINT)
    .option('--ephemeral', 'against a throw-away platform on the embedded database')
    .option('--platform <url>', 'against a running platform')
    .option('--gateway <host:port>', 'its gateway', '127.0.0.1:7321')
    .option('--account <name>', 'account on the running platform for its terminals', 'terminal-agent')
    .option('--password <text>', 'its password (or POLYCARD_PASSWORD)')
    .option(
      '--bureau-account <name>',
      'account for the cards: nobody prepares cards and enrols terminals',
      'bureau-agent',
    )
    .option('--bureau-password <text>', 'its password (or POLYCARD_BUREAU_PASSWORD; the other one unless given)')
    .option(
      '--faults <list>',
      'plant faults between terminal and platform: cryptogram=10,duplicate=10,gap=10,mac=10',
      faultsOption,
      {},
    )
    .option('--trace <file>', 'write APDUs, frame and fare of every record, one JSON object a line')
    .option(
      '--vault <address>',
      "with --ephemeral: the platform's keys in a PKCS#11 token, pkcs11:LIBRARY?token=LABEL, PIN in POLYCARD_PKCS11_PIN",
    )
    .option('--keep <directory>', "with --ephemeral: leave the platform's data here")
    .option('--taps-per-second <number>', 'perform at this pace instead of at once', integerOption(1, 1000))
    .addOption(
      new Option(
        '--personalise-over <scp>',
        'personalise the cards through GlobalPlatform (default: the short way of the simulation)',
      ).choices(['02', '03']),
    )
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  polycard replay taps.csv --format shenzhen --ephemeral --json
  polycard replay --generate 20000 --seed 7 --ephemeral
  polycard replay taps.csv --ephemeral --faults cryptogram=10,duplicate=10,gap=10,mac=10
  polycard replay --generate 500 --platform http://127.0.0.1:7320 --password ... --bureau-password ... --taps-per-second 5
  POLYCARD_PKCS11_PIN=... polycard replay taps.csv --ephemeral --vault "pkcs11:/usr/lib/softhsm/libsofthsm2.so?token=polycard"
  polycard replay taps.csv --ephemeral --keep ./kept   then: polycard up --data ./kept --fleet 0

Exit codes: 0 everything agrees, 1 cryptograms, fares, ledger or net positions do not (and no fault was planted for it).`,
    )
    .action(run);
}

async function run(file: string | undefined, options: ReplayCommandOptions): Promise<void> {
  const plan = makePlan(file, options);
  const bar = progressBar(options.json !== true);
  const target = await openTarget(options);
  try {
    const result = await replay(plan, {
      platformUrl: target.url,
      gateway: target.gateway,
      account: target.account,
      bureau: target.bureau,
      seed: options.seed,
      faults: options.faults,
      ...(options.personaliseOver === undefined
        ? {}
        : { personaliseOver: options.personaliseOver === '02' ? (2 as const) : (3 as const) }),
      cardRsaBits: readBlueprint(resolve(options.blueprint)).cards.profile.cardRsaBits,
      traceFile: options.trace,
      report: bar.report,
      closeDays: options.tapsPerSecond === undefined,
      ...(options.tapsPerSecond === undefined ? {} : { pace: paceOf(options.tapsPerSecond) }),
    });
    bar.stop();
    process.stdout.write(options.json === true ? `${JSON.stringify(result)}\n` : summarise(result));
    if (!agrees(result, options.faults)) process.exitCode = EXIT_FOUND;
  } finally {
    bar.stop();
    await target.close();
  }
}

function makePlan(file: string | undefined, options: ReplayCommandOptions): Plan {
  const blueprint = readBlueprint(resolve(options.blueprint));
  if (options.generate !== undefined) {
    if (!/^\d{14}$/.test(options.from)) {
      throw new PolycardError('POLYCARD_CLI_ARGUMENT', `--from ${options.from} is no time`, {
        where: '--from',
        expected: 'YYYYMMDDhhmmss',
      });
    }
    return generatePlan(blueprint, { taps: options.generate, seed: options.seed, from: options.from });
  }
  if (file === undefined) {
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', 'there is nothing to replay', {
      expected: 'a FILE, or --generate N',
    });
  }
  if (!existsSync(file))
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', `there is no file ${file}`, {
      where: file,
      expected: 'a file of records',
    });
  return planFromRecords(readShenzhenRecords(readFileSync(file, 'utf8')), blueprint, new Region(blueprint).tariffs);
}

interface Target {
  readonly url: string;
  readonly gateway: { readonly host: string; readonly port: number };
  readonly account: { readonly name: string; readonly password: string };
  readonly bureau: { readonly name: string; readonly password: string };
  close(): Promise<void>;
}

async function openTarget(options: ReplayCommandOptions): Promise<Target> {
  if (options.ephemeral === true) {
    const platform = await startEphemeralPlatform({
      blueprint: resolve(options.blueprint),
      seed: options.seed,
      keep: options.keep === undefined ? undefined : resolve(options.keep),
      vault: options.vault,
    });
    const operator = platform.firstAccounts.find((account) => account.name === 'operator');
    if (options.keep !== undefined && operator !== undefined) {
      process.stderr.write(
        `The data stay in ${resolve(options.keep)}; look at them with: polycard up --data ${options.keep} --fleet 0\n  sign in as ${operator.name}, password ${operator.password}\n`,
      );
    }
    const { fleetPassword: password } = platform;
    return { ...platform, account: { name: 'fleet', password }, bureau: { name: 'fleet-bureau', password } };
  }
  if (options.vault !== undefined) {
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', 'a running platform has its vault already', {
      where: '--vault',
      expected: '--vault with --ephemeral, or polycard up --vault',
    });
  }
  if (options.platform === undefined) {
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', 'no platform was named', {
      expected: '--ephemeral, or --platform URL',
    });
  }
  const [host, port] = (options.gateway ?? '').split(':');
  const password = options.password ?? process.env['POLYCARD_PASSWORD'];
  if (host === undefined || port === undefined || !/^\d+$/.test(port)) {
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', `--gateway ${options.gateway} is no address`, {
      where: '--gateway',
      expected: 'HOST:PORT',
    });
  }
  if (password === undefined) {
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', 'the account needs a password', {
      where: '--password',
      expected: '--password or POLYCARD_PASSWORD',
    });
  }
  return {
    url: options.platform,
    gateway: { host, port: Number(port) },
    account: { name: options.account, password },
    bureau: {
      name: options.bureauAccount,
      password: options.bureauPassword ?? process.env['POLYCARD_BUREAU_PASSWORD'] ?? password,
    },
    close: () => Promise.resolve(),
  };
}

function paceOf(tapsPerSecond: number): () => Promise<void> {
  return () => new Promise((resolve) => setTimeout(resolve, 1000 / tapsPerSecond));
}

/** What must hold whatever was replayed; planted faults excuse what they cause. */
function agrees(result: ReplayResult, faults: FaultCounts): boolean {
  const net = result.settlement.reduce((sum, position) => sum + position.netFen, 0);
  return (
    result.cryptograms.failed === (faults.cryptogram ?? 0) &&
    result.fares.unmatched === 0 &&
    result.ledger.sumFen === 0 &&
    net === 0 &&
    result.taps.performed + result.taps.refused === result.records
  );
}
