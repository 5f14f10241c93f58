/** The files of a line over TLS, looked at before it is opened: what is wrong with one has a name and a file. */
import { readFileSync } from 'node:fs';
import { PolycardError } from '@polycard/bytes';
import { readCertificate } from '@polycard/crypto';
import type { LineTls } from '@polycard/fleet';
import type { Command } from 'commander';

export interface TlsOptions {
  readonly tls?: boolean;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsName?: string;
}

export function withTls(command: Command): Command {
  return command
    .option('--tls', 'the line is TLS: with --tls-ca, and --tls-cert and --tls-key where the host asks for them')
    .option('--tls-ca <file>', "authority of the host's certificate, PEM")
    .option('--tls-cert <file>', "the terminal's certificate, PEM; its common name is the terminal number")
    .option('--tls-key <file>', 'its key, PEM')
    .option('--tls-name <name>', "name in the host's certificate, where that is not the host of --host");
}

/** Undefined without `--tls`. Throws `POLYCARD_CLI_ARGUMENT` and `POLYCARD_CLI_TLS_FILE` naming option and file. */
export function tlsOf(options: TlsOptions, terminalNo: string, now: Date): LineTls | undefined {
  const { tls, tlsCa, tlsCert, tlsKey, tlsName } = options;
  if (tls !== true) {
    if ([tlsCa, tlsCert, tlsKey, tlsName].some((given) => given !== undefined))
      throw argument('--tls', 'files of a TLS line are given, and no --tls', '--tls with them');
    return undefined;
  }
  if (tlsCa === undefined)
    throw argument('--tls-ca', 'a TLS line needs the authority of the host', '--tls-ca <file>, PEM');
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw argument(
      tlsCert === undefined ? '--tls-cert' : '--tls-key',
      'certificate and key of the terminal go together',
      '--tls-cert and --tls-key, or neither',
    );
  const authority = pem(tlsCa, '--tls-ca');
  certificateIn(authority, tlsCa, '--tls-ca');
  const serverName = tlsName === undefined ? {} : { serverName: tlsName };
  if (tlsCert === undefined || tlsKey === undefined) return { authority, ...serverName };
  const [certificate, key] = [pem(tlsCert, '--tls-cert'), pem(tlsKey, '--tls-key')];
  checkOwn(certificateIn(certificate, tlsCert, '--tls-cert'), { tlsCert, tlsKey, key, terminalNo, now });
  return { authority, certificate, key, ...serverName };
}

function checkOwn(
  facts: ReturnType<typeof readCertificate>,
  {
    tlsCert,
    tlsKey,
    key,
    terminalNo,
    now,
  }: {
    readonly tlsCert: string;
    readonly tlsKey: string;
    readonly key: Uint8Array;
    readonly terminalNo: string;
    readonly now: Date;
  },
): void {
  const { commonName, validFrom, validTo } = facts;
  const day = (date: Date): string => date.toISOString().slice(0, 10);
  if (now > validTo)
    throw file(
      '--tls-cert',
      `the certificate ${tlsCert} has expired on ${day(validTo)}`,
      'a new one for this terminal',
    );
  if (now < validFrom)
    throw file('--tls-cert', `the certificate ${tlsCert} is valid from ${day(validFrom)} only`, 'the right time');
  if (commonName !== terminalNo)
    throw file(
      '--tls-cert',
      `the certificate ${tlsCert} is of ${commonName ?? 'nobody'}, the terminal is ${terminalNo}`,
      `common name ${terminalNo}: the host serves no other on that line`,
    );
  let isOfKey: boolean;
  try {
    isOfKey = facts.isOfKey(key);
  } catch {
    throw file('--tls-key', `${tlsKey} holds no private key`, 'PEM, not enciphered');
  }
  if (!isOfKey) throw file('--tls-key', `the key ${tlsKey} is not that of ${tlsCert}`, 'the two that belong together');
}

function certificateIn(text: Uint8Array, path: string, where: string): ReturnType<typeof readCertificate> {
  try {
    return readCertificate(text);
  } catch {
    throw file(where, `${path} holds no certificate`, 'a PEM file');
  }
}

function pem(path: string, where: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new PolycardError('POLYCARD_CLI_TLS_FILE', `the file ${path} cannot be read`, {
      ...{ where, expected: 'a PEM file', cause },
    });
  }
}

const file = (where: string, message: string, expected: string): PolycardError =>
  new PolycardError('POLYCARD_CLI_TLS_FILE', message, { where, expected });
const argument = (where: string, message: string, expected: string): PolycardError =>
  new PolycardError('POLYCARD_CLI_ARGUMENT', message, { where, expected });
