/** Assembly of the platform: store, vault, region, HTTP API, gateway, clearing. Reads settings, wires, starts, stops. */
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { loadBlueprint } from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';
import { seededRandom, systemRandom } from '@polycard/crypto';
import { type CeremonyKeystore, underCustody } from '@polycard/vault';
import pino from 'pino';
import { readBlueprintFiles } from './blueprint-files.ts';
import type { PlatformContext } from './context.ts';
import { keepFirstPasswords } from './first-passwords.ts';
import { Gateway } from './gateway/gateway.ts';
import { LastMessages } from './gateway/last-messages.ts';
import type { TlsFiles } from './gateway/lines.ts';
import { LocalAccess } from './local-access.ts';
import { KeyUses } from './modules/audit/key-uses.ts';
import { ClearingWorker } from './modules/clearing/worker.ts';
import { ParameterDirectory } from './modules/parameters/directory.ts';
import { endRehearsals } from './modules/parameters/rehearsal.ts';
import { RolloutWatcher } from './modules/parameters/watcher.ts';
import { SessionService } from './modules/session/service.ts';
import { Region } from './region.ts';
import { seedFromBlueprint } from './seed.ts';
import { buildServer } from './server.ts';
import { lockDirectory, openDatabase } from './store/database.ts';
import { openVault } from './vault-files.ts';

export interface PlatformOptions {
  readonly dataDirectory: string;
  readonly blueprintDirectory: string;
  readonly host: string;
  readonly port: number;
  readonly gatewayPort: number;
  /** A second gateway port with TLS and client certificates. */
  readonly gatewayTls?: (TlsFiles & { readonly port: number }) | undefined;
  readonly version: string;
  readonly databaseUrl?: string | undefined;
  readonly consoleDirectory?: string | undefined;
  readonly vaultPassphrase?: string | undefined;
  /** `pkcs11:LIBRARY?token=LABEL` instead of the software keystore, and the token's PIN. */
  readonly vaultAddress?: string | undefined;
  readonly vaultPin?: string | undefined;
  /** Keystores that ceremonies made: their keys become the working ones before any is generated. */
  readonly ceremonyKeystores?: readonly CeremonyKeystore[] | undefined;
  /** For throw-away simulations: keys and working keys are the same for the same text. */
  readonly simulationSeed?: string | undefined;
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  readonly now?: () => Date;
}

export interface RunningPlatform {
  readonly url: string;
  readonly gateway: { readonly host: string; readonly port: number };
  readonly gatewayTls: { readonly host: string; readonly port: number } | undefined;
  readonly database: string;
  readonly regionName: { readonly en: string; readonly zh: string };
  /** Made at this start, with their passwords; empty at every later start. */
  readonly firstAccounts: readonly { name: string; role: string; password: string }[];
  /** The file with the first passwords of people of duties.yaml, if some were made at this start. */
  readonly peoplePasswords?: string;
  /** Adds or changes an account. */
  setPassword(name: string, role: string, password: string): Promise<void>;
  /** The accounts of a simulated region, its terminals and its card bureau, with one password. */
  setFleetPassword(password: string): Promise<void>;
  close(): Promise<void>;
}

const LOG_REDACTION = [
  'password',
  'masterKey',
  'sealed',
  'pan',
  'authorization',
  '*.password',
  '*.pan',
  'req.headers.cookie',
  'req.headers.authorization',
];

export async function startPlatform(options: PlatformOptions): Promise<RunningPlatform> {
  const now = options.now ?? (() => new Date());
  const files = readBlueprintFiles(options.blueprintDirectory);
  const region = new Region(loadBlueprint(files));
  mkdirSync(options.dataDirectory, { recursive: true });
  const opened: (() => Promise<void> | void)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of opened.reverse()) await close();
  };
  try {
    // with PostgreSQL the directory still holds the keystore, so one lock serves both stores
    opened.push(lockDirectory(options.dataDirectory));
    const store = await openDatabase({ directory: options.dataDirectory, url: options.databaseUrl, now });
    opened.push(() => store.close());
    const keystore = openVault({
      directory: options.dataDirectory,
      passphrase: options.vaultPassphrase,
      address: options.vaultAddress,
      pin: options.vaultPin,
      simulationSeed: options.simulationSeed,
      now,
    });
    opened.push(() => keystore.close());
    const keyUses = new KeyUses(store.database, now);
    opened.push(() => keyUses.close());
    await keyUses.open();
    const vault = underCustody(keystore, keyUses);
    const log = pino({ level: options.logLevel, redact: LOG_REDACTION }, pino.destination(2));
    const random =
      options.simulationSeed === undefined ? systemRandom : seededRandom(`platform:${options.simulationSeed}`);
    const sessions = new SessionService(store.database, systemRandom, now);
    const { dataDirectory } = options;
    const localAccess = new LocalAccess(dataDirectory, systemRandom);
    const parameters = await ParameterDirectory.open({ database: store.database, region, files, now });
    let gatewayAddress = { host: options.host, port: 0 };
    const context: PlatformContext = {
      ...{ store, vault, keyUses, region, parameters, dataDirectory, sessions, localAccess, random, now, log },
      lastMessages: new LastMessages(),
      gatewayAddress: () => gatewayAddress,
    };
    for (const ceremony of options.ceremonyKeystores ?? []) {
      const { left } = await vault.adopt(ceremony);
      for (const [label, why] of left) log.info({ label }, `left out: ${why}`);
    }
    await seedFromBlueprint(context);
    const firstAccounts = await sessions.createFirstAccounts();
    const peoplePasswords = keepFirstPasswords(
      dataDirectory,
      await sessions.createAccountsOf(region.blueprint.duties?.people ?? []),
    );

    const clearing = new ClearingWorker(context);
    clearing.start();
    opened.push(() => clearing.stop());
    const rollouts = new RolloutWatcher(context);
    rollouts.start();
    opened.push(() => endRehearsals(context));
    opened.push(() => rollouts.stop());
    const gateway = new Gateway(context, { onUploads: () => clearing.wake() });
    gatewayAddress = await gateway.listen(options.host, options.gatewayPort);
    opened.push(() => gateway.close());
    const { gatewayTls } = options;
    const tlsAddress =
      gatewayTls === undefined ? undefined : await gateway.listenTls(options.host, gatewayTls.port, gatewayTls);
    const server = await buildServer(context, {
      version: options.version,
      consoleDirectory: options.consoleDirectory,
      log,
    });
    opened.push(() => server.close());
    await server.listen({ host: options.host, port: options.port }).catch((cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'EADDRINUSE' ? `port ${options.port} is taken` : cause.message;
      throw new PolycardError(
        'POLYCARD_SERVER_LISTEN',
        `the console and API cannot listen on ${options.host}:${options.port}: ${reason}`,
        {
          where: '--port',
          expected: 'a free port, or 0',
          cause,
        },
      );
    });
    const address = server.server.address() as AddressInfo;
    const url = `http://${options.host}:${address.port}`;
    localAccess.announce(url);
    opened.push(() => localAccess.withdraw());
    return {
      url,
      gateway: gatewayAddress,
      gatewayTls: tlsAddress,
      database: store.description,
      regionName: region.blueprint.manifest.name,
      firstAccounts,
      ...(peoplePasswords === undefined ? {} : { peoplePasswords }),
      setPassword: (name, role, password) => sessions.setPassword(name, role, password),
      setFleetPassword: async (password) => {
        for (const name of ['fleet', 'fleet-bureau']) await sessions.setPassword(name, name, password);
      },
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
