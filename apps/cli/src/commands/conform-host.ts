/** `polycard conform host`: plays terminals against a host, ours or anybody's. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PolycardError } from '@polycard/bytes';
import {
  BROKEN_HOSTS,
  identityOf,
  KitAuthority,
  parseEnrolment,
  reachable,
  reportOf,
  runHostCases,
  runOwnHost,
  startOwnPlatform,
  type TerminalIdentity,
  type TlsBench,
} from '@polycard/conformance';
import { systemRandom } from '@polycard/crypto';
import { Command } from 'commander';
import {
  addressOf,
  type ConformOptions,
  finish,
  listBroken,
  needed,
  progressOf,
  runOwn,
  withConformOptions,
} from '../conform-report.ts';
import { localTime } from '../local-time.ts';
import { readZoneKey } from '../zone-key-file.ts';

interface HostOptions extends ConformOptions {
  readonly host?: string;
  readonly enrolment?: string;
  readonly zmk?: string;
  readonly tls?: string;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

export function conformHostCommand(): Command {
  const command = new Command('host')
    .description('Play terminals against a host: function, performance, security, robustness')
    .option('--host <host:port>', 'where the host listens (the enrolment says it too)')
    .option('--enrolment <file>', 'what polycard terminal enrol --json printed, or the same fields from another host')
    .option('--zmk <file>', 'the zone key of that enrolment, if it is not where it was read then')
    .option('--tls <host:port>', 'its TLS port; without it the cases of TLS do not apply')
    .option('--tls-ca <file>', "authority of the host's certificate, PEM; with --tls")
    .option('--tls-cert <file>', "the terminal's certificate, PEM")
    .option('--tls-key <file>', 'its key, PEM');
  return withConformOptions(command, 'host')
    .addHelpText(
      'after',
      `
The terminal of the enrolment uploads sales of a test card (622202…0005) and settles; use one that serves nothing else.

Examples:
  polycard terminal enrol --zmk zmk.hex --json > enrolment.json
  polycard conform host --host 127.0.0.1:7321 --enrolment enrolment.json --json
  polycard conform host --enrolment enrolment.json --tls 127.0.0.1:7322 --tls-ca ca.pem --tls-cert pos.pem --tls-key pos.key
  polycard conform host --self --html report.html
  polycard conform host --self --broken totals-always-equal

Exit codes: 0 every case passed or does not apply, 1 a case failed, 2 the call was wrong, 3 the host does not answer.`,
    )
    .action(conformHost);
}

async function conformHost(options: HostOptions): Promise<void> {
  if (options.listBroken === true) {
    listBroken(BROKEN_HOSTS, options.json === true);
    return;
  }
  const run = { localTime: () => localTime(new Date()), only: options.case, cases: options.cases };
  if (options.self === true) {
    const own = await startOwnPlatform(resolve(options.blueprint), options.seed);
    try {
      await runOwn(options, 'host', BROKEN_HOSTS, (broken, onResult) => runOwnHost(own, { ...run, onResult }, broken));
    } finally {
      await own.close();
    }
    return;
  }
  if (options.broken !== undefined) throw needed('--self', '--broken is for our own host');
  if (options.enrolment === undefined)
    throw needed('--enrolment', 'what polycard terminal enrol --json printed, or --self');
  const { identity, address } = enrolled(options.enrolment, options);
  await reachable(address);
  const startedAt = new Date().toISOString();
  const tls = tlsBench(options);
  const cases = await runHostCases({ ...run, identity, address, tls, onResult: progressOf(options) });
  finish(reportOf({ kind: 'host', target: `${address.host}:${address.port}`, startedAt }, cases), options);
}

/** The host's authority signs nothing for the kit: of bad certificates it has one of another authority. */
function tlsBench({ tls, tlsCa, tlsCert, tlsKey }: HostOptions): TlsBench | undefined {
  if (tls === undefined) return undefined;
  if (tlsCa === undefined) throw needed('--tls-ca', "the authority of the host's certificate");
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw needed('--tls-cert and --tls-key', 'certificate and key of the terminal go together');
  const text = (path: string, where: string): string => {
    try {
      return readFileSync(resolve(path), 'utf8');
    } catch (cause) {
      throw new PolycardError('POLYCARD_CLI_TLS_FILE', `the file ${path} cannot be read`, { where, cause });
    }
  };
  const own =
    tlsCert === undefined || tlsKey === undefined
      ? undefined
      : { certificate: text(tlsCert, '--tls-cert'), key: text(tlsKey, '--tls-key') };
  const stranger = new KitAuthority(systemRandom, new Date());
  return {
    ...{ address: addressOf(tls, '--tls'), authority: text(tlsCa, '--tls-ca') },
    certificateOf: (shown, terminalNo) =>
      shown === 'own' ? own : shown === 'foreign' ? stranger.certificateOf('own', terminalNo) : undefined,
  };
}

function enrolled(
  path: string,
  options: HostOptions,
): { identity: TerminalIdentity; address: { host: string; port: number } } {
  let text: string;
  try {
    text = readFileSync(resolve(path), 'utf8');
  } catch (cause) {
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', `${path} cannot be read`, { where: '--enrolment', cause });
  }
  const enrolment = parseEnrolment(text);
  const zmk = options.zmk ?? enrolment.zmkFile;
  if (zmk === undefined) throw needed('--zmk', 'the zone key that the master key of the enrolment is under');
  const { host, port } = addressOf(options.host ?? `${enrolment.host ?? ''}:${enrolment.port ?? ''}`, '--host');
  try {
    return { identity: identityOf(enrolment, readZoneKey(zmk).bytes), address: { host, port } };
  } catch (error) {
    if (!(error instanceof PolycardError) || error.code !== 'POLYCARD_KEY_BLOCK') throw error;
    throw new PolycardError(
      'POLYCARD_CONFORM_ENROLMENT',
      `the master key does not open under ${zmk}: ${error.message}`,
      {
        where: '--zmk',
        expected: 'the zone key of this enrolment',
      },
    );
  }
}
