/** `polycard terminal`: one terminal from its enrolment to a settled batch, its memory, and a host that goes away. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHex } from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { serveOverVpcd } from '@polycard/readers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { polycard, type Ran } from './polycard-command.ts';
import { openSmallSite, type SmallSite } from './small-site.ts';

const directory = mkdtempSync(join(tmpdir(), 'polycard-terminal-'));
const path = (name: string): string => join(directory, name);
let site: SmallSite;
let card: VirtualCard;

/** The command with the card in its vpcd reader; events by name. */
async function run(
  port: number,
  ...args: string[]
): Promise<Ran & { events: Record<string, Record<string, unknown>> }> {
  const served = {
    atr: fromHex('3B80800101'),
    reset: () => card.reset(),
    transmit: (command: Uint8Array) => card.transmit(command),
  };
  const end = serveOverVpcd(served, { host: '127.0.0.1', port }, () => undefined);
  const ran = await polycard(['terminal', 'run', ...args, '--reader', `vpcd:${port}`, '--json']);
  end.stop();
  const events = ran.out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { event: string } & Record<string, unknown>);
  return { ...ran, events: Object.fromEntries(events.map((event) => [event.event, event])) };
}

const as = ['--as', 'fleet', '--password', 'end-to-end'];
let host: string;
beforeAll(async () => {
  site = await openSmallSite({ cards: 1, seed: 'terminal-run' });
  host = `${site.platform.gateway.host}:${site.platform.gateway.port}`;
  card = VirtualCard.restore(site.cards[0]!.snapshot, { random: seededRandom('terminal-run') });
  writeFileSync(path('zmk.hex'), '00112233445566778899AABBCCDDEEF1');
}, 120_000);
afterAll(async () => {
  await site?.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('one terminal', () => {
  it('is enrolled, gets its PSAM, takes a card both ways, uploads and settles', async () => {
    const place = ['--profile', 'metro-gate', '--operator', 'shenzhen-metro', '--place', '0101'];
    const enrolled = await polycard([
      ...['terminal', 'enrol', '--zmk', path('zmk.hex'), '--platform', site.platform.url, '--json', ...as, ...place],
    ]);
    expect(enrolled).toMatchObject({ code: 0, err: '' });
    writeFileSync(path('gate.json'), enrolled.out);
    const psam = await polycard([
      ...['terminal', 'psam', '--enrolment', path('gate.json'), '--zmk', path('zmk.hex')],
      ...['--platform', site.platform.url, ...as],
    ]);
    expect(psam).toMatchObject({ code: 0, err: '' });
    writeFileSync(path('psam.json'), psam.out);

    const files = ['--enrolment', path('gate.json'), '--zmk', path('zmk.hex'), '--psam', path('psam.json')];
    const first = await run(
      await freePort(),
      '--host',
      host,
      ...files,
      '--dir',
      path('gate'),
      '--place',
      '0101',
      '--no-settle',
    );
    expect(first.err).not.toContain('polycard:');
    expect(first.events).toMatchObject({
      docked: { parameters: '20180101', waiting: 0 },
      card: { kind: 'entry', result: 'accepted', amountFen: 0 },
      uploaded: { taps: 1, waiting: 0 },
    });
    expect(first.code).toBe(0);

    // the second start needs no files; who is inside goes out
    const second = await run(await freePort(), '--host', host, '--dir', path('gate'));
    expect(second.events).toMatchObject({
      card: { kind: 'exit', result: 'accepted', amountFen: 190 },
      uploaded: { taps: 1 },
      settled: { batchNo: 1, taps: 2, amountFen: 190, totals: 'equal' },
    });
    expect(second.code).toBe(0);
  });

  it('goes on with its memory while the host is away, and brings its taps home later', async () => {
    const away = await run(await freePort(), '--host', '127.0.0.1:9', '--dir', path('gate'), '--patience', '1');
    expect(away.events).toMatchObject({
      offline: { waiting: 1 },
      card: { kind: 'entry', result: 'accepted' },
      conditions: { conditions: [{ name: 'host-silent' }] },
    });
    const shown = await polycard(['terminal', 'show', '--dir', path('gate'), '--json']);
    expect(JSON.parse(shown.out)).toMatchObject({
      isSignedIn: true,
      parameters: { TAR: '20180101' },
      conditions: [{ name: 'host-silent' }],
      journal: { batchNo: 2, waiting: [{ kind: 'entry', traceNo: 1, tornOutcome: 'normal' }], torn: [] },
    });
    expect(shown.out).not.toMatch(/621444\d{6,}/);
    const home = await polycard(['terminal', 'run', '--host', host, '--dir', path('gate'), '--json']);
    expect(home.out).toContain('"event":"settled"');
    expect(home.code).toBe(0);
  });

  it('an inspector reads the card without touching it', async () => {
    const files = ['--enrolment', path('gate.json'), '--zmk', path('zmk.hex')];
    const before = JSON.stringify(card.snapshot());
    const read = await run(await freePort(), '--host', host, ...files, '--dir', path('hand'), '--profile', 'handheld');
    expect(read.err).not.toContain('polycard:');
    expect(read.events).toMatchObject({ card: { kind: 'inspection', result: 'valid', entry: { placeCode: '0101' } } });
    card.reset();
    expect(JSON.stringify(card.snapshot()).length).toBe(before.length);
  });

  it('a counter loads the card while the host is on the line, and no more than the card may hold', async () => {
    const enrolled = await polycard([
      ...['terminal', 'enrol', '--zmk', path('zmk.hex'), '--platform', site.platform.url, '--json', ...as],
      ...['--profile', 'service-counter', '--operator', 'shenzhen-metro'],
    ]);
    expect(enrolled).toMatchObject({ code: 0, err: '' });
    writeFileSync(path('counter.json'), enrolled.out);
    const counter = ['--host', host, '--dir', path('counter'), '--profile', 'counter'];
    const first = [...counter, '--enrolment', path('counter.json'), '--zmk', path('zmk.hex')];
    const loaded = await run(await freePort(), ...first, '--load', '1.50');
    expect(loaded.err).not.toContain('polycard:');
    const { card: report } = loaded.events;
    expect(report).toMatchObject({
      kind: 'load',
      result: 'loaded',
      amountFen: 150,
      recovered: false,
      isReported: true,
    });
    expect(report!['balanceAfterFen']).toBe(Number(report!['balanceBeforeFen']) + 150);
    expect([loaded.code, loaded.out]).toEqual([0, expect.not.stringMatching(/621444\d{6,}/)]);
    const tooMuch = await run(await freePort(), ...counter, '--load', '50.00');
    expect(tooMuch.events).toMatchObject({ card: { kind: 'load', result: 'refused', code: '61' } });
    expect(tooMuch.code).toBe(1);
    const found = await run(await freePort(), ...counter, '--inquire');
    expect(found.events).toMatchObject({
      card: {
        kind: 'inquire',
        result: 'found',
        applications: expect.arrayContaining([{ application: 'metro', state: 'open' }]),
      },
    });
    const water = await run(await freePort(), ...counter, '--activate', 'water');
    expect(water.events).toMatchObject({ card: { kind: 'activate', result: 'refused', reason: 'no-application' } });
    for (const lock of ['01', '00']) {
      const set = await run(await freePort(), ...counter, '--set', `metro:lock=${lock}`);
      expect(set.events).toMatchObject({ card: { kind: 'set', result: 'updated', application: 'metro' } });
    }
    const unknown = await run(await freePort(), ...counter, '--set', 'metro:colour=01');
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('colour') });
    const gate = await polycard(['terminal', 'run', '--host', host, '--dir', path('gate'), '--load', '50.00']);
    expect(gate).toMatchObject({ code: 2, err: expect.stringContaining('--profile counter') });
  });

  it('takes a card that was issued into a file, and the file keeps what the card did', async () => {
    const bureau = ['--platform', site.platform.url, '--as', 'fleet-bureau', '--password', 'end-to-end'];
    const wrong = await polycard(['card', 'issue', ...bureau, '--save', path('card.json'), '--product', 'gold']);
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('ordinary-lingnan') });
    const counter = ['terminal', 'run', '--host', host, '--dir', path('counter'), '--profile', 'counter', '--json'];
    const virtual = ['--reader', 'virtual', '--snapshot', path('card.json')];
    const missing = await polycard([...counter, '--inquire', ...virtual]);
    expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('card issue') });
    const issued = await polycard(['card', 'issue', ...bureau, '--save', path('card.json'), '--json']);
    expect(issued).toMatchObject({ code: 0, err: '', out: expect.not.stringMatching(/621444\d{6,}/) });
    expect(statSync(path('card.json')).mode & 0o077).toBe(0);
    const full = await polycard([...counter, '--load', '1.00', ...virtual]);
    expect(full).toMatchObject({ code: 1, out: expect.stringContaining('"code":"61"') });
    const gate = ['terminal', 'run', '--host', host, '--dir', path('gate'), '--json', ...virtual];
    const results = [];
    for (const way of ['entry', 'exit']) results.push(await polycard([...gate, '--direction', way]));
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(results[1]!.out).toContain('"kind":"exit","result":"accepted"');
    const loaded = await polycard([...counter, '--load', '1.00', ...virtual]);
    expect(loaded).toMatchObject({ code: 0, out: expect.stringContaining('"result":"loaded"') });
  }, 120_000);

  it('keeps its memory sealed: no account number, no key in any file, and nobody else may read them', () => {
    const files = ['gate', 'counter'].flatMap((of) => readdirSync(path(of)).map((name) => join(path(of), name)));
    for (const file of files) {
      expect(statSync(file).mode & 0o077, file).toBe(0);
      expect(readFileSync(file).toString('latin1'), file).not.toMatch(/621444|masterKey|"pan"/);
    }
  });
});
