import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { fromHex } from '@polycard/bytes';
import { decryptBlocks, seededRandom } from '@polycard/crypto';
import { PlatformApi } from '@polycard/fleet';
import { FrameReader } from '@polycard/iso8583';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PlatformProcess } from './platform-process.ts';
import { GUANGDONG } from './small-site.ts';
import { codeOf, TalkingTerminal } from './terminal-talk.ts';

/** Small, so that each is met within a test. */
const LIMITS = { connectionsPerAddress: 6, messagesPerSecondTerminal: 20, frameTimeoutMs: 1500, idleTimeoutMs: 4000 };

const DEAF_BYTES_MAX = 64 * 1024 * 1024;

let directory: string;
let platform: PlatformProcess;
let gateway: { host: string; port: number };
let gatewayTls: { host: string; port: number };
let terminals: TalkingTerminal[];
let terminalNos: string[];

const addressOf = (text: string) => {
  const [host, port] = text.split(':') as [string, string];
  return { host, port: Number(port) };
};

/** The log comes through a pipe, a moment after what it tells of. */
const logged = (code: string): Promise<void> => vi.waitFor(() => expect(platform.errors).toContain(code), 10_000);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'polycard-robust-'));
  const blueprint = join(directory, 'blueprint');
  mkdirSync(blueprint);
  writeFileSync(
    join(blueprint, 'blueprint.yaml'),
    `extends: ${relative(blueprint, GUANGDONG)}\nblueprint: narrow\nversion: '20181001'\nname: { en: Narrow, zh: 窄 }\n`,
  );
  writeFileSync(join(blueprint, 'terminals.yaml'), JSON.stringify({ docking: { limits: LIMITS } }));
  // numbers are given from 10000001 on: the certificates of the first two
  for (const [name, ca] of [
    ['host', 'own'],
    ['10000001', 'own'],
    ['stranger', 'other'],
  ] as const)
    certificate(name === 'stranger' ? '10000001' : name, ca, name);
  platform = new PlatformProcess({
    data: join(directory, 'data'),
    environment: { POLYCARD_FLEET_PASSWORD: 'robust' },
    args: [
      ...['--blueprint', blueprint, '--gateway-tls-port', '0', '--gateway-tls-ca', join(directory, 'own-ca.pem')],
      ...['--gateway-tls-cert', join(directory, 'host.pem'), '--gateway-tls-key', join(directory, 'host.key')],
    ],
  });
  const ready = await platform.ready;
  gateway = addressOf(ready.gateway);
  gatewayTls = addressOf((ready as unknown as { gatewayTls: string }).gatewayTls);
  const api = new PlatformApi(ready.url);
  await api.signIn('fleet', 'robust');
  const zone = await api.openZone('robust', 'terminals', seededRandom('robust'));
  const answer = await api.post<{
    tpdu: string;
    header: string;
    terminals: { terminalNo: string; merchantNo: string; masterKey: string }[];
  }>('/api/enrolment/terminals', {
    zoneId: zone.zoneId,
    terminals: ['900000001', '900000002'].map((deviceNo) => ({
      ...{ deviceNo, profile: 'bus-validator', operatorId: 'shenzhen-bus', route: '1' },
    })),
  });
  terminalNos = answer.terminals.map(({ terminalNo }) => terminalNo);
  terminals = answer.terminals.map(
    ({ terminalNo, merchantNo, masterKey }) =>
      new TalkingTerminal(
        {
          ...{ terminalNo, merchantNo, tpdu: fromHex(answer.tpdu), header: fromHex(answer.header) },
          masterKey: decryptBlocks('des-ede-ecb', zone.key, fromHex(masterKey)),
        },
        () => gateway,
      ),
  );
});
afterAll(async () => {
  await platform.end('SIGTERM');
  rmSync(directory, { recursive: true, force: true });
});

/** A key and a certificate with this common name, signed by one of two authorities. */
function certificate(commonName: string, authority: 'own' | 'other', file: string): void {
  const path = (name: string): string => join(directory, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'ignore' });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const ca = `${authority}-ca`;
  try {
    execFileSync('test', ['-f', path(`${ca}.pem`)]);
  } catch {
    openssl('req', '-x509', ...key, '-keyout', path(`${ca}.key`), '-out', path(`${ca}.pem`), '-subj', `/CN=${ca}`);
  }
  openssl('req', ...key, '-keyout', path(`${file}.key`), '-out', path(`${file}.csr`), '-subj', `/CN=${commonName}`);
  openssl(
    ...['x509', '-req', '-in', path(`${file}.csr`), '-CA', path(`${ca}.pem`), '-CAkey', path(`${ca}.key`)],
    ...['-CAcreateserial', '-out', path(`${file}.pem`)],
  );
}

const echo = (terminal = 0): Uint8Array => terminals[terminal]!.frame({ mti: '0820', code: '301' });
const opened = (socket: Socket): Promise<Socket> =>
  new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
const plain = (): Promise<Socket> => opened(connect({ ...gateway }));
/** Milliseconds until the host closes the line. */
const closedAfter = (socket: Socket): Promise<number> => {
  const started = Date.now();
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(Date.now() - started));
  });
};
const answers = (socket: Socket, count: number): Promise<Uint8Array[]> => {
  const reader = new FrameReader();
  const found: Uint8Array[] = [];
  return new Promise((resolve) => {
    socket.on('close', () => resolve(found));
    socket.on('data', (chunk: Buffer) => {
      reader.push(chunk);
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) found.push(frame);
      if (found.length >= count) resolve(found);
    });
  });
};

describe('peers that misbehave', () => {
  it('a frame that dribbles in is given up, a slow one that ends in time is answered', async () => {
    const slow = await plain();
    const frame = echo();
    const answered = answers(slow, 1);
    slow.write(frame.subarray(0, 7));
    await new Promise((resolve) => setTimeout(resolve, 300));
    slow.write(frame.subarray(7));
    expect((await answered).map(codeOf)).toEqual(['00']);
    slow.destroy();
    const dribbling = await plain();
    const closed = closedAfter(dribbling);
    const timer = setInterval(() => dribbling.writable && dribbling.write(Uint8Array.of(0)), 400);
    dribbling.write(frame.subarray(0, 2));
    expect(await closed).toBeGreaterThan(LIMITS.frameTimeoutMs - 500);
    clearInterval(timer);
    await logged('POLYCARD_GATEWAY_SLOW_FRAME');
  });

  it('a busy line that always has a frame under way is not taken for a slow one', async () => {
    const busy = await plain();
    const frames = Buffer.concat(Array.from({ length: 8 }, () => echo()));
    const answered = answers(busy, 8);
    const size = frames.length / 8;
    // each piece ends one frame and begins the next; all together take longer than one frame may
    for (let at = 0; at < frames.length; at += size) {
      busy.write(frames.subarray(Math.max(0, at - size + 10), Math.min(frames.length, at + 10)));
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    busy.write(frames.subarray(frames.length - size + 10));
    expect((await answered).map(codeOf)).toEqual(Array.from({ length: 8 }, () => '00'));
    busy.destroy();
  });

  it('a silent line is closed after its idle time', async () => {
    expect(await closedAfter(await plain())).toBeGreaterThan(LIMITS.idleTimeoutMs - 500);
    await logged('POLYCARD_GATEWAY_IDLE');
  });

  it('more lines from one address than allowed are refused; closed ones count no more', async () => {
    const lines = await Promise.all(Array.from({ length: LIMITS.connectionsPerAddress }, plain));
    await closedAfter(await plain());
    await logged('POLYCARD_GATEWAY_CONNECTIONS');
    const gone = Promise.all(lines.map(closedAfter));
    for (const line of lines) line.destroy();
    await gone;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await terminals[0]!.send(echo())).map(codeOf)).toEqual(['00']);
  });

  it('a terminal that floods is slowed on all its lines together, loses nothing, and others are not', async () => {
    const [one, two] = [await plain(), await plain()];
    const count = LIMITS.messagesPerSecondTerminal;
    const burst = Buffer.concat(Array.from({ length: count }, () => echo()));
    const started = Date.now();
    const flood = Promise.all([answers(one, count), answers(two, count)]);
    one.write(burst);
    two.write(burst);
    const other = await terminals[1]!.send(echo(1));
    const otherAfter = Date.now() - started;
    expect(other.map(codeOf)).toEqual(['00']);
    expect((await flood).map((frames) => frames.length)).toEqual([count, count]);
    const floodAfter = Date.now() - started;
    // twice what is at hand: the second half comes at the rate allowed
    expect(floodAfter).toBeGreaterThan(900);
    expect(otherAfter).toBeLessThan(floodAfter);
    one.destroy();
    two.destroy();
  });

  it('a peer that sends and never reads is stopped, not buffered', async () => {
    const deaf = await plain();
    deaf.pause();
    const closed = closedAfter(deaf);
    const burst = Buffer.concat(Array.from({ length: 200 }, () => echo()));
    let sent = 0;
    let isStopped = false;
    while (!isStopped && sent < DEAF_BYTES_MAX) {
      sent += burst.length;
      if (deaf.write(burst)) continue;
      isStopped = await Promise.race([
        new Promise<boolean>((resolve) => deaf.once('drain', () => resolve(false))),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 1000)),
      ]);
    }
    // what stays unsent is in the buffers of the network, not in the host
    expect([isStopped, sent < DEAF_BYTES_MAX]).toEqual([true, true]);
    deaf.destroy();
    await closed;
  });
});

describe('TLS', () => {
  const secure = (file: string): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const path = (name: string) => execFileSync('cat', [join(directory, name)]);
      const socket = connectTls({
        ...gatewayTls,
        ...{ ca: path('own-ca.pem'), cert: path(`${file}.pem`), key: path(`${file}.key`) },
        // the certificate's name is not an address here
        checkServerIdentity: () => undefined,
      });
      socket.once('secureConnect', () => resolve(socket));
      socket.once('error', reject);
    });
  const ask = async (socket: TLSSocket, frame: Uint8Array): Promise<(string | undefined)[]> => {
    const answered = answers(socket, 1);
    socket.on('error', () => undefined);
    socket.write(frame);
    const codes = (await answered).map(codeOf);
    socket.destroy();
    return codes;
  };

  it('serves the terminal that the certificate names, and no other on its line', async () => {
    expect(terminalNos[0]).toBe('10000001');
    expect(await ask(await secure('10000001'), echo(0))).toEqual(['00']);
    expect(await ask(await secure('10000001'), echo(1))).toEqual([]);
    await logged('POLYCARD_GATEWAY_CERTIFICATE');
  });

  it('refuses a certificate of another authority, and plain frames', async () => {
    const stranger = await secure('stranger').catch(() => undefined);
    expect(stranger === undefined ? [] : await ask(stranger, echo(0))).toEqual([]);
    const plainLine = await opened(connect({ ...gatewayTls }));
    const closed = closedAfter(plainLine);
    plainLine.write(echo());
    await closed;
    await logged('POLYCARD_GATEWAY_TLS');
  });

  it('needs its port and its files together', () => {
    const up = (...args: string[]): { status: number; text: string } => {
      try {
        execFileSync(process.execPath, [
          ...['apps/cli/src/main.ts', 'up', '--data', join(directory, 'none'), '--port', '0', '--gateway-port', '0'],
          ...args,
        ]);
        return { status: 0, text: '' };
      } catch (error) {
        const { status, stderr } = error as { status: number; stderr: Buffer };
        return { status, text: stderr.toString() };
      }
    };
    const missing = up('--gateway-tls-port', '0');
    expect([missing.status, missing.text]).toEqual([2, expect.stringContaining('--gateway-tls-cert')]);
  });
});
