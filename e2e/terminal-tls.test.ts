/** `polycard terminal run --tls` against the gateway's TLS port: the right files dock, each wrong one is named. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlatformProcess } from './platform-process.ts';
import { polycard } from './polycard-command.ts';

let directory: string;
let platform: PlatformProcess;
let host: string;
let plainHost: string;
const path = (name: string): string => join(directory, name);

/** A key and a certificate with this common name under one of two authorities; `dates` as openssl takes them. */
function certificate(file: string, commonName: string, authority: string, ...dates: string[]): void {
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', ...key, '-keyout', path(`${file}.key`), '-out', path(`${file}.csr`), '-subj', `/CN=${commonName}`);
  openssl(
    ...[
      'x509',
      '-req',
      '-in',
      path(`${file}.csr`),
      '-CA',
      path(`${authority}.pem`),
      '-CAkey',
      path(`${authority}.key`),
    ],
    ...['-CAcreateserial', '-out', path(`${file}.pem`), ...dates],
  );
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'polycard-tls-'));
  for (const authority of ['own', 'other']) {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync(
      'openssl',
      ['req', '-x509', ...key, '-keyout', path(`${authority}.key`), '-out', path(`${authority}.pem`)].concat(
        ...['-subj', `/CN=${authority}`, '-days', '30'],
      ),
      { stdio: 'ignore' },
    );
  }
  certificate('host', 'gateway.test', 'own', '-days', '30');
  platform = new PlatformProcess({
    data: path('data'),
    environment: { POLYCARD_FLEET_PASSWORD: 'end-to-end' },
    args: [
      ...['--gateway-tls-port', '0', '--gateway-tls-ca', path('own.pem')],
      ...['--gateway-tls-cert', path('host.pem'), '--gateway-tls-key', path('host.key')],
    ],
  });
  const ready = (await platform.ready) as unknown as { url: string; gateway: string; gatewayTls: string };
  [host, plainHost] = [ready.gatewayTls, ready.gateway];
  writeFileSync(path('zmk.hex'), '00112233445566778899AABBCCDDEEF1');
  const enrolled = await polycard([
    ...['terminal', 'enrol', '--zmk', path('zmk.hex'), '--platform', ready.url, '--json', '--as', 'fleet'],
    ...['--password', 'end-to-end', '--profile', 'shop-pos', '--operator', 'shenzhen-metro', '--place', '0101'],
  ]);
  expect(enrolled).toMatchObject({ code: 0 });
  writeFileSync(path('shop.json'), enrolled.out);
  const { terminal } = JSON.parse(enrolled.out) as { terminal: string };
  certificate('good', terminal, 'own', '-days', '30');
  certificate('foreign', terminal, 'other', '-days', '30');
  certificate('namesake', '99999999', 'own', '-days', '30');
  // valid for no day: it ends at the second it begins
  certificate('expired', terminal, 'own', '-days', '0');
  certificate('old-host', 'gateway.test', 'own', '-days', '0');
}, 120_000);
afterAll(async () => {
  await platform?.end('SIGTERM');
  rmSync(directory, { recursive: true, force: true });
});

const run = (...args: string[]) =>
  polycard([
    ...['terminal', 'run', '--enrolment', path('shop.json'), '--zmk', path('zmk.hex'), '--profile', 'shop', '--json'],
    ...['--place', '0101', '--patience', '2', ...args],
  ]);
const files = (own: string, authority = 'own'): string[] => [
  ...['--tls', '--tls-name', 'gateway.test', '--tls-ca', path(`${authority}.pem`)],
  ...['--tls-cert', path(`${own}.pem`), '--tls-key', path(`${own}.key`)],
];

describe('a terminal over TLS', () => {
  it('docks with its certificate', async () => {
    const ran = await run('--host', host, ...files('good'));
    expect(ran.err).toBe('');
    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('"event":"docked"') });
  });

  it('names what is wrong with its own files before it opens a line', async () => {
    const wrong = async (args: string[], message: string): Promise<void> => {
      const ran = await run('--host', host, ...args);
      expect(ran.err).toContain(message);
      expect(ran).toMatchObject({ code: 2, out: '' });
    };
    await wrong(files('expired'), 'has expired on 20');
    await wrong(files('namesake'), 'is of 99999999, the terminal is');
    await wrong([...files('good').slice(0, -1), path('foreign.key')], 'is not that of');
    await wrong(['--tls', '--tls-ca', path('zmk.hex')], 'holds no certificate');
    await wrong(['--tls', '--tls-ca', path('nowhere.pem')], 'cannot be read');
    await wrong(['--tls'], 'needs the authority of the host');
    await wrong(['--tls-ca', path('own.pem')], 'no --tls');
    await wrong(files('good').slice(0, -2), 'go together');
  }, 120_000);

  it('names what the host shows and what it refuses, at once', async () => {
    const refused = async (args: string[], message: string): Promise<void> => {
      const ran = await run('--host', host, ...args);
      expect(ran.err).toContain(message);
      expect(ran).toMatchObject({ code: 3, out: '' });
    };
    await refused(files('good', 'other'), 'not signed by the given authority');
    await refused(files('foreign'), "does not take the terminal's certificate");
    await refused(files('good').slice(0, 5), 'asks for a certificate of the terminal');
    await refused(
      files('good').filter((argument) => argument !== '--tls-name' && argument !== 'gateway.test'),
      'for another name',
    );
    const old = createServer({ cert: readFileSync(path('old-host.pem')), key: readFileSync(path('old-host.key')) });
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    const expired = await run('--host', `127.0.0.1:${(old.address() as AddressInfo).port}`, ...files('good'));
    old.close();
    expect(expired).toMatchObject({ code: 3, err: expect.stringContaining("the host's certificate has expired") });
    const plain = await run('--host', plainHost, ...files('good'));
    expect(plain.code).toBe(3);
  }, 120_000);
});
