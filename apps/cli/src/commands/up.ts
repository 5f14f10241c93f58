import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PolycardError } from '@polycard/bytes';
import { startPlatform } from '@polycard/platform';
import type { CeremonyKeystore } from '@polycard/vault';
import { Command, Option } from 'commander';
import { integerOption } from '../arguments.ts';
import { startDemoFleet } from '../demo-fleet.ts';
import { passwordOf } from '../password.ts';
import { CONSOLE_DIRECTORY, DEFAULT_BLUEPRINT, VERSION } from '../paths.ts';

interface UpOptions {
  readonly port: number;
  readonly gatewayPort: number;
  readonly gatewayTlsPort?: number;
  readonly gatewayTlsCert?: string;
  readonly gatewayTlsKey?: string;
  readonly gatewayTlsCa?: string;
  readonly host: string;
  readonly data: string;
  readonly blueprint: string;
  readonly fleet: number;
  readonly vault?: string;
  readonly ceremonyKeystore?: readonly string[];
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  readonly json?: boolean;
}

export function upCommand(): Command {
  return new Command('up')
    .option('--port <number>', 'console and API; 0 takes a free one', integerOption(0, 65535), 7320)
    .option(
      '--gateway-port <number>',
      'terminals (ISO 8583 over TCP); 0 takes a free one',
      integerOption(0, 65535),
      7321,
    )
    .option(
      '--gateway-tls-port <number>',
      'terminals over TLS with client certificates, whose common name is the terminal number',
      integerOption(0, 65535),
    )
    .option('--gateway-tls-cert <file>', "the gateway's certificate, PEM")
    .option('--gateway-tls-key <file>', 'its key, PEM')
    .option('--gateway-tls-ca <file>', "authority of the terminals' certificates, PEM")
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--data <directory>', 'where data and keystore live', './data')
    .option('--blueprint <directory>', 'the region', DEFAULT_BLUEPRINT)
    .option('--vault <address>', 'keys in a PKCS#11 token: pkcs11:LIBRARY?token=LABEL')
    .option(
      '--ceremony-keystore <file...>',
      'begin with the keys that ceremonies made (custody/TREE.keystore.json), instead of generating them',
    )
    .option(
      '--fleet <taps>',
      'a simulated region taps this often, so that there is something to see; 0 for none',
      integerOption(0, 100_000),
      400,
    )
    .addOption(
      new Option('--log-level <level>', 'of the log on standard error')
        .choices(['silent', 'error', 'warn', 'info', 'debug'])
        .default('warn'),
    )
    .option('--json', 'print the addresses as one JSON line')
    .addHelpText(
      'after',
      `
Environment:
  DATABASE_URL                PostgreSQL instead of the embedded database
  POLYCARD_VAULT_PASSPHRASE   passphrase of the keystore, instead of the file made for trials
  POLYCARD_PKCS11_PIN         user PIN of the token named by --vault
  POLYCARD_CEREMONY_PASSPHRASE  passphrase of the keystores named by --ceremony-keystore (asked for at a terminal)

Examples:
  polycard up
  polycard up --gateway-tls-port 7322 --gateway-tls-cert host.pem --gateway-tls-key host.key --gateway-tls-ca terminals.pem
  polycard up --port 8080 --gateway-port 8081 --data /srv/polycard --fleet 0
  POLYCARD_PKCS11_PIN=... polycard up --vault "pkcs11:/usr/lib/softhsm/libsofthsm2.so?token=polycard"
  POLYCARD_CEREMONY_PASSPHRASE=... polycard up --data /srv/polycard --ceremony-keystore custody/activation.keystore.json custody/management.keystore.json
  DATABASE_URL=postgres://polycard@localhost/polycard polycard up`,
    )
    .action(up);
}

/** All of the TLS flags or none. Throws `POLYCARD_CLI_ARGUMENT`. */
function tlsOptions(options: UpOptions) {
  const { gatewayTlsPort: port, gatewayTlsCert: certificate, gatewayTlsKey: key, gatewayTlsCa: authority } = options;
  const given = [port, certificate, key, authority].filter((value) => value !== undefined);
  if (given.length === 0) return undefined;
  if (port === undefined || certificate === undefined || key === undefined || authority === undefined) {
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', 'the gateway over TLS needs its port and three files', {
      where: '--gateway-tls-port',
      expected: '--gateway-tls-port, --gateway-tls-cert, --gateway-tls-key and --gateway-tls-ca together',
    });
  }
  return { port, certificate, key, authority };
}

async function up(options: UpOptions): Promise<void> {
  const dataDirectory = resolve(options.data);
  const platform = await startPlatform({
    dataDirectory,
    blueprintDirectory: resolve(options.blueprint),
    host: options.host,
    port: options.port,
    gatewayPort: options.gatewayPort,
    gatewayTls: tlsOptions(options),
    version: VERSION,
    databaseUrl: process.env['DATABASE_URL'],
    vaultPassphrase: process.env['POLYCARD_VAULT_PASSPHRASE'],
    vaultAddress: options.vault,
    vaultPin: process.env['POLYCARD_PKCS11_PIN'],
    simulationSeed: process.env['POLYCARD_SIMULATION_SEED'],
    ceremonyKeystores: await ceremonyKeystores(options.ceremonyKeystore ?? []),
    consoleDirectory: CONSOLE_DIRECTORY,
    logLevel: options.logLevel,
  });
  const gateway = `${platform.gateway.host}:${platform.gateway.port}`;
  const fleetPassword = process.env['POLYCARD_FLEET_PASSWORD'];
  if (fleetPassword !== undefined && fleetPassword !== '') await platform.setFleetPassword(fleetPassword);
  if (options.json === true) {
    const { url, firstAccounts, gatewayTls } = platform;
    const tls = gatewayTls === undefined ? {} : { gatewayTls: `${gatewayTls.host}:${gatewayTls.port}` };
    process.stdout.write(
      `${JSON.stringify({ ready: true, url, gateway, ...tls, database: platform.database, firstAccounts })}\n`,
    );
  } else {
    process.stdout.write(`Polycard ${VERSION}: ${platform.regionName.en} · ${platform.regionName.zh}\n`);
    process.stdout.write(`  console and API   ${platform.url}\n  gateway           ${gateway}\n`);
    if (platform.gatewayTls !== undefined)
      process.stdout.write(`  gateway over TLS  ${platform.gatewayTls.host}:${platform.gatewayTls.port}\n`);
    process.stdout.write(`  store             ${platform.database}\n  data              ${dataDirectory}\n`);
    for (const account of platform.firstAccounts) {
      process.stdout.write(`  sign in as        ${account.name}   password ${account.password}   (shown this once)\n`);
    }
    if (platform.peoplePasswords !== undefined) {
      process.stdout.write(`  people's sign-ins ${platform.peoplePasswords}   (hand them out, then delete it)\n`);
    }
    process.stdout.write('Ctrl-C stops it.\n');
  }

  const fleet =
    options.fleet > 0
      ? startDemoFleet(platform, {
          taps: options.fleet,
          blueprint: resolve(options.blueprint),
          quiet: options.json === true,
        })
      : undefined;
  await new Promise<void>((done) => {
    let stopping = false;
    const stop = (): void => {
      if (stopping) return;
      stopping = true;
      void (async () => {
        await fleet?.stop();
        await platform.close();
        if (options.json !== true) process.stdout.write('Stopped.\n');
        done();
      })();
    };
    // a shell and npm may both pass the signal on: the second one must not end what the first one began
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}

async function ceremonyKeystores(paths: readonly string[]): Promise<CeremonyKeystore[]> {
  const keystores = [];
  for (const path of paths) {
    if (!existsSync(path))
      throw new PolycardError('POLYCARD_CLI_ARGUMENT', `there is no keystore ${path}`, {
        where: '--ceremony-keystore',
        expected: 'a keystore that a ceremony made',
      });
    const password = process.env['POLYCARD_CEREMONY_PASSPHRASE'];
    const passphrase = await passwordOf(path, { password }, `passphrase of ${path}`);
    keystores.push({ document: readFileSync(path, 'utf8'), passphrase });
  }
  return keystores;
}
