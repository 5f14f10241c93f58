/** `polycard terminal run --profile shop`: purchases from a real card to the ledger, torn ones among them. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromHex } from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { serveOverVpcd } from '@polycard/readers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSmallSite, type SmallSite } from './small-site.ts';

const COMMAND = fileURLToPath(new URL('../apps/cli/src/main.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'polycard-shop-'));
const path = (name: string): string => join(directory, name);
const as = ['--as', 'fleet', '--password', 'end-to-end'];
let site: SmallSite;
let card: VirtualCard;
let host: string;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function polycard(...args: string[]): Promise<Ran> {
  const child = spawn(process.execPath, [COMMAND, ...args]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString('utf8');
  });
  const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? -1)));
  return { code, out, err };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The shop with the card in its reader; `leavesAtRead` takes it away after it executed that READ RECORD. */
async function shop(args: readonly string[], leavesAtRead?: number) {
  const port = await freePort();
  let reads = 0;
  const served = {
    atr: fromHex('3B80800101'),
    reset: () => card.reset(),
    transmit: (command: Uint8Array) => {
      const response = card.transmit(command);
      if (command[1] === 0xb2 && ++reads === leavesAtRead) end.stop();
      return response;
    },
  };
  const end = serveOverVpcd(served, { host: '127.0.0.1', port }, () => undefined);
  const ran = await polycard(
    ...['terminal', 'run', '--profile', 'shop', '--dir', path('shop'), ...args],
    ...['--reader', `vpcd:${port}`, '--json'],
  );
  end.stop();
  card.reset();
  const events = ran.out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { event: string } & Record<string, unknown>);
  return { ...ran, reads, events: Object.fromEntries(events.map((event) => [event.event, event])) };
}

beforeAll(async () => {
  site = await openSmallSite({ cards: 1, seed: 'shop' });
  host = `${site.platform.gateway.host}:${site.platform.gateway.port}`;
  card = VirtualCard.restore(site.cards[0]!.snapshot, { random: seededRandom('shop') });
  writeFileSync(path('zmk.hex'), '00112233445566778899AABBCCDDEEF1');
  const enrolled = await polycard(
    ...['terminal', 'enrol', '--zmk', path('zmk.hex'), '--platform', site.platform.url, '--json', ...as],
    ...['--profile', 'shop-pos', '--operator', 'shenzhen-metro', '--place', '0101'],
  );
  expect(enrolled).toMatchObject({ code: 0, err: '' });
  writeFileSync(path('shop.json'), enrolled.out);
}, 120_000);
afterAll(async () => {
  await site?.close();
  rmSync(directory, { recursive: true, force: true });
});

const files = ['--enrolment', path('shop.json'), '--zmk', path('zmk.hex'), '--place', '0101'];
let readsOfAPurchase = 0;

describe('a shop', () => {
  it('sells, uploads and settles: the issuer pays the operator of the shop, less its fee', async () => {
    const sold = await shop(['--host', host, ...files, '--fare', '12.50']);
    expect(sold.err).not.toContain('polycard:');
    expect(sold.events).toMatchObject({
      docked: { profile: 'shop' },
      card: { kind: 'purchase', result: 'accepted', amountFen: 1250, recovered: false },
      uploaded: { taps: 1, waiting: 0 },
      settled: { batchNo: 1, taps: 1, amountFen: 1250, totals: 'equal' },
    });
    expect(sold.code).toBe(0);
    readsOfAPurchase = sold.reads;
    const { taps } = await cleared(1);
    expect(taps[0]).toMatchObject({ kind: 'purchase', chargedFen: 1250, state: 'cleared', cryptogram: 'verified' });
    const detail = await site.api.get<{ headline: { en: string }; postings: { partyId: string; amountFen: number }[] }>(
      `/api/taps/${taps[0]!.id}`,
    );
    expect(detail.headline.en).toMatch(/^Purchase at .*¥12\.50/);
    expect(detail.postings.reduce((sum, { amountFen }) => sum + amountFen, 0)).toBe(0);
    expect(detail.postings.map(({ amountFen }) => amountFen).toSorted((a, b) => a - b)).toEqual([
      -1250, -5, 1, 4, 1250,
    ]);
  });

  it('keeps what it sold while the host is away, and shows it', async () => {
    const away = await shop(['--host', '127.0.0.1:9', '--fare', '3', '--patience', '1']);
    expect(away.events).toMatchObject({ card: { kind: 'purchase', result: 'accepted', amountFen: 300 } });
    const shown = await polycard('terminal', 'show', '--dir', path('shop'), '--json');
    expect(JSON.parse(shown.out)).toMatchObject({
      journal: { batchNo: 2, waiting: [{ kind: 'purchase', amountFen: 300, traceNo: 1, tornOutcome: 'normal' }] },
    });
  });

  it('a card that left after its last record is asked when it comes back, also after a loss of power', async () => {
    const torn = await shop(['--host', '127.0.0.1:9', '--fare', '4', '--patience', '1'], readsOfAPurchase);
    expect(torn.events).toMatchObject({ card: { kind: 'purchase', result: 'torn', commit: 'unknown' } });
    expect(torn.code).toBe(1);
    const shown = await polycard('terminal', 'show', '--dir', path('shop'), '--json');
    expect(JSON.parse(shown.out)).toMatchObject({ journal: { torn: [{ kind: 'purchase', amountFen: 400 }] } });
    const again = await shop(['--host', host, '--fare', '4']);
    expect(again.events).toMatchObject({
      card: { kind: 'purchase', result: 'accepted', recovered: true, amountFen: 400 },
      settled: { batchNo: 2, taps: 2, amountFen: 700, totals: 'equal' },
    });
    const { taps } = await cleared(3);
    expect(taps.map(({ chargedFen }) => chargedFen).toSorted((a, b) => a - b)).toEqual([300, 400, 1250]);
  });

  it('refuses a purchase without an amount', async () => {
    const none = await shop(['--host', host]);
    expect(none.events).toMatchObject({ card: { result: 'refused', reason: 'no-amount' } });
    expect(none.code).toBe(1);
  });
});

interface Tap {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly cryptogram: string;
  readonly chargedFen: number;
}

/** Purchases that the platform has, once clearing has seen this many. */
async function cleared(count: number): Promise<{ taps: Tap[] }> {
  for (let round = 0; ; round++) {
    const { rows } = await site.api.get<{ rows: Tap[] }>('/api/taps?kind=purchase');
    const taps = rows.filter(({ state }) => state !== 'received');
    if (taps.length >= count || round > 100) return { taps };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
