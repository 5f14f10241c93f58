/** A bus charged by section, from card to settlement: on and off, a missing tap-off at another company and at the metro. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHex } from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { serveOverVpcd } from '@polycard/readers';
import type { TapRequest } from '@polycard/terminal';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONSOLE, ConsoleBrowser, shot } from './browser.ts';
import { polycard } from './polycard-command.ts';
import { HUNAN } from './province-scenario.ts';
import { openSmallSite, type SmallSite } from './small-site.ts';

const [SECTION_BUS, FLAT_BUS, GATE, COUNTER] = [0, 1, 2, 3];
const DAY = '20180901';

const PASSWORD = 'bus-section';

let site: SmallSite;
let browser: ConsoleBrowser;
beforeAll(async () => {
  site = await openSmallSite({
    ...{ cards: 5, seed: 'bus-section', consoleDirectory: CONSOLE },
    region: {
      blueprint: HUNAN,
      card: { product: 'ordinary-yuelu', homeCity: '5510' },
      plan: {
        operators: [
          { name: 'zhuzhou-bus', mode: 'bus', discounts: 'tariff' },
          { name: 'longxiang-bus', mode: 'bus', discounts: 'tariff' },
          { name: 'changsha-metro', mode: 'metro', discounts: 'tariff' },
        ],
        terminals: [
          { deviceNo: '800321101', profile: 'bus-validator', operator: 'zhuzhou-bus', route: '601' },
          { deviceNo: '800301001', profile: 'bus-validator', operator: 'longxiang-bus', route: '101' },
          {
            ...{ deviceNo: '700107101', profile: 'metro-gate', operator: 'changsha-metro' },
            place: { code: '0107', name: '五一广场' },
          },
          { deviceNo: '990000001', profile: 'service-counter', operator: 'changsha-metro' },
        ],
      },
    },
  });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

interface TapRow {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly exceptions: readonly string[];
  readonly chargedFen: number;
}
interface Detail {
  readonly tap: TapRow;
  readonly headline: { readonly en: string; readonly zh: string };
  readonly entry?: { readonly place?: { readonly zh: string }; readonly tapId?: string };
  readonly fare: { readonly agrees: boolean | null; readonly clearing?: { readonly steps: readonly Step[] } };
  readonly postings: readonly {
    readonly account: string;
    readonly party: { readonly id: string };
    readonly amountFen: number;
  }[];
}
interface Step {
  readonly rule: string;
  readonly en: string;
  readonly zh: string;
}

const cards = new Map<number, VirtualCard>();
function tap(index: number, terminal: number, request: TapRequest): { readonly id: string; readonly fen: number } {
  let card = cards.get(index);
  if (card === undefined) {
    card = VirtualCard.restore(site.cards[index]!.snapshot, { random: seededRandom(`section ${index}`) });
    cards.set(index, card);
  }
  card.reset();
  const outcome = site.terminals[terminal]!.tap(card, request);
  if (outcome.result !== 'accepted') throw new Error(`${request.kind} was ${JSON.stringify(outcome).slice(0, 300)}`);
  const { batchNo, traceNo, amountFen } = outcome.entry;
  const number = (value: number): string => String(value).padStart(6, '0');
  return {
    id: `${site.terminals[terminal]!.enrolled.terminalNo}-${number(batchNo)}-${number(traceNo)}`,
    fen: amountFen,
  };
}
const held = (stop: string, time: string, day = DAY): TapRequest => ({
  ...{ kind: 'boarding', at: `${day}${time}`, stop, bound: 'up' },
});

async function clear(): Promise<void> {
  for (const terminal of site.terminals) await terminal.upload();
  for (;;) {
    const { taps } = await site.api.get<{ taps: { received: number } }>('/api/clearing');
    if (taps.received === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
const detailOf = ({ id }: { readonly id: string }) => site.api.get<Detail>(`/api/taps/${id}`);
const revenueOf = ({ postings }: Detail): Record<string, number> =>
  Object.fromEntries(
    postings.flatMap(({ account, party, amountFen }) => (account.endsWith(':revenue') ? [[party.id, amountFen]] : [])),
  );

it('the boarding is cleared with nothing charged, the tap-off with its fare and both stops by name', async () => {
  const on = tap(0, SECTION_BUS, held('8003', '080000'));
  const off = tap(0, SECTION_BUS, held('8006', '084000'));
  await clear();
  expect(await detailOf(on)).toMatchObject({
    tap: { kind: 'boarding', state: 'cleared', chargedFen: 0, exceptions: [] },
    fare: { agrees: true, clearing: { steps: [{ rule: 'boarding' }] } },
  });
  const detail = await detailOf(off);
  // three sections of 4.00, 30 % off
  expect(detail).toMatchObject({
    tap: { kind: 'alighting', state: 'cleared', chargedFen: 280, exceptions: [] },
    entry: { place: { zh: '天元大桥东' }, tapId: on.id },
  });
  expect(detail.fare.clearing!.steps[0]).toMatchObject({
    en: 'Route 601, Tianyuan Bridge East to Tiaoma: 3 sections',
    zh: '601路 天元大桥东 至 跳马：3 段',
  });
  expect(detail.headline.zh).toContain('跳马下车，¥2.80');
});

it('a ride without tap-off is charged by the next bus and by a metro gate, and its company has the money', async () => {
  tap(1, SECTION_BUS, held('8001', '090000'));
  const flat = tap(1, FLAT_BUS, { kind: 'boarding', at: `${DAY}100000`, declaredBaseFen: 200 });
  tap(2, SECTION_BUS, held('8005', '090000'));
  const entry = tap(2, GATE, { kind: 'entry', at: `${DAY}100000` });
  await clear();
  const [atBus, atGate] = await Promise.all([detailOf(flat), detailOf(entry)]);
  expect([atBus.tap, atGate.tap]).toMatchObject([
    { state: 'cleared', chargedFen: 600 + 140, exceptions: [] },
    { kind: 'entry', state: 'cleared', chargedFen: 400, exceptions: [] },
  ]);
  expect(revenueOf(atBus)).toEqual({ 'zhuzhou-bus': 600, 'longxiang-bus': 140 });
  expect(revenueOf(atGate)).toEqual({ 'zhuzhou-bus': 400 });
});

it('a card that never comes back is listed when its time is over, and its late tap-off takes it off the list', async () => {
  const open = tap(3, SECTION_BUS, held('8001', '110000'));
  tap(4, SECTION_BUS, held('8001', '050000', '20180902'));
  tap(0, FLAT_BUS, { kind: 'boarding', at: '20180902060000', declaredBaseFen: 200 });
  await clear();
  interface Exception {
    readonly state: string;
    readonly explanation: { readonly en: string };
    readonly tap?: { readonly id: string; readonly state: string };
  }
  const listed = async () => (await site.api.get<{ rows: Exception[] }>('/api/exceptions?reason=missing-tap-off')).rows;
  const close = (date: string) => site.api.post(`/api/settlement/${date}/close`, {});
  await close('2018-09-01');
  expect(await listed()).toEqual([]);
  await close('2018-09-02');
  expect(await listed()).toMatchObject([
    {
      state: 'open',
      tap: { id: open.id, state: 'settled' },
      explanation: { en: expect.stringContaining('did not tap off: ¥6.00 is owed') },
    },
  ]);
  // the validator was offline: the rider had tapped off
  tap(3, SECTION_BUS, held('8004', '113000'));
  await clear();
  expect(await listed()).toMatchObject([{ state: 'resolved', tap: { id: open.id } }]);
});

it('a counter charges an open ride for its company (21), or closes it without charge (22)', async () => {
  tap(3, SECTION_BUS, held('8005', '160000'));
  const charged = tap(3, COUNTER, { kind: 'counter', at: `${DAY}170000`, repair: '21' });
  tap(3, SECTION_BUS, held('8005', '171000'));
  const waived = tap(3, COUNTER, { kind: 'counter', at: `${DAY}172000`, repair: '22' });
  await clear();
  const [first, second] = await Promise.all([detailOf(charged), detailOf(waived)]);
  expect([first.tap, second.tap]).toMatchObject([
    { kind: 'counter', state: 'cleared', chargedFen: 400, exceptions: [] },
    { kind: 'counter', state: 'cleared', chargedFen: 0, exceptions: [] },
  ]);
  expect(revenueOf(first)).toEqual({ 'zhuzhou-bus': 400 });
});

it('a tap-off that states another boarding stop than was uploaded is an exception, and is not posted', async () => {
  const validator = site.terminals[SECTION_BUS]!;
  tap(1, SECTION_BUS, held('8001', '120000'));
  const off = tap(1, SECTION_BUS, held('8007', '130000'));
  const entry = validator.terminal!.journal.entries.at(-1)!;
  (entry.industry as { entryPlaceCode: string }).entryPlaceCode = '8006';
  await clear();
  const { tap: row, postings } = await detailOf(off);
  expect([row.state, row.exceptions, postings]).toEqual(['suspended', ['fare'], []]);
  const { rows } = await site.api.get<{ rows: { explanation: { en: string } }[] }>('/api/exceptions?reason=fare');
  expect(rows[0]!.explanation.en).toContain('said to have begun at stop 8006, its boarding was uploaded from 8001');
});

it('the console shows the tap with its stops in both languages, and edits the rule of a draft, which is rehearsed', async () => {
  const off = tap(2, SECTION_BUS, held('8004', '150000'));
  const ridden = tap(2, SECTION_BUS, held('8008', '160000'));
  await clear();
  expect(off.fen).toBe(0);
  await site.platform.setPassword('operator', 'operator', PASSWORD);
  browser = await ConsoleBrowser.launch();
  const page = await browser.signedIn(site.platform.url, 'operator', PASSWORD);
  await page.goto(`${site.platform.url}/taps/${ridden.id}`);
  await page.waitForSelector('text=Route 601, Shennong City to Changsha South Station Plaza: 3 sections');
  await shot(page, 'section-tap');
  await page.getByText('中文', { exact: true }).click();
  await page.waitForSelector('text=601路 神农城 至 长沙南站广场：3 段');
  await page.waitForSelector('h1:has-text("长沙南站广场下车")');
  await shot(page, 'section-tap-zh');
  await page.getByText('EN', { exact: true }).click();

  await page.getByRole('menuitem', { name: 'Parameters' }).click();
  await page.getByRole('button', { name: 'New draft' }).click();
  await page.getByRole('dialog').getByLabel('Title').fill('Sections cost more');
  await page.getByRole('button', { name: 'Confirm' }).click();
  const rule = page.locator('[data-route-fare="zhuzhou-sections"]');
  await rule.getByLabel('3 section(s), CNY').fill('4.50');
  await rule.getByLabel('3 section(s), CNY').blur();
  await shot(page, 'section-draft');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForSelector(
    'text=fares by number of sections: ¥2.00, ¥3.00, ¥4.00, ¥6.00 → ¥2.00, ¥3.00, ¥4.50, ¥6.00',
  );
  await page.getByRole('button', { name: 'Check' }).click();
  await page.waitForSelector('text=Nothing was found');
  await page.getByRole('button', { name: 'Rehearse' }).click();
  await page.waitForSelector('text=Pay more');
  await shot(page, 'section-rehearsed');
  expect(browser.faults).toEqual([]);
}, 120_000);

it('`polycard terminal run --profile bus` takes a card on at one stop and off at another, and says why it does not', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'polycard-bus-'));
  const path = (file: string): string => join(directory, file);
  const card = VirtualCard.restore(site.cards[4]!.snapshot, { random: seededRandom('command') });
  const as = ['--platform', site.platform.url, '--as', 'fleet', '--password', 'end-to-end'];
  try {
    writeFileSync(path('zmk.hex'), '00112233445566778899AABBCCDDEEF1');
    const zmk = ['--zmk', path('zmk.hex')];
    const vehicle = ['--profile', 'bus-validator', '--operator', 'zhuzhou-bus', '--route', '601'];
    const enrolled = await polycard(['terminal', 'enrol', ...zmk, ...as, ...vehicle, '--json']);
    expect(enrolled).toMatchObject({ code: 0, err: '' });
    writeFileSync(path('bus.json'), enrolled.out);
    const psam = await polycard(['terminal', 'psam', '--enrolment', path('bus.json'), ...zmk, ...as]);
    writeFileSync(path('psam.json'), psam.out);
    const { host, port: gatewayPort } = site.platform.gateway;
    const files = ['--enrolment', path('bus.json'), ...zmk, '--psam', path('psam.json'), '--dir', path('bus')];
    const at = async (...where: string[]): Promise<Record<string, unknown>> => {
      const port = await freePort();
      const served = {
        atr: fromHex('3B80800101'),
        reset: () => card.reset(),
        transmit: (c: Uint8Array) => card.transmit(c),
      };
      const end = serveOverVpcd(served, { host: '127.0.0.1', port }, () => undefined);
      const ran = await polycard([
        ...[
          'terminal',
          'run',
          '--host',
          `${host}:${gatewayPort}`,
          ...files,
          '--profile',
          'bus',
          '--no-settle',
          '--json',
        ],
        ...['--reader', `vpcd:${port}`, ...where],
      ]);
      end.stop();
      const said = ran.out.split('\n').find((line) => line.includes('"event":"card"'));
      return { code: ran.code, ...(JSON.parse(said ?? '{}') as object) };
    };
    expect(await at('--stop', '8001', '--bound', 'up')).toMatchObject({
      ...{ code: 0, kind: 'boarding', result: 'accepted', amountFen: 0, fare: [{ rule: 'boarding', afterFen: 0 }] },
    });
    expect(await at()).toMatchObject({ code: 1, result: 'refused', reason: 'stop-unknown' });
    expect(await at('--stop', '8003', '--bound', 'up')).toMatchObject({
      ...{ code: 0, kind: 'alighting', amountFen: 140 },
      fare: [
        { rule: 'base', afterFen: 200 },
        { rule: 'bus-card-30', afterFen: 140 },
      ],
    });
    expect(await at('--stop', '8005', '--bound', 'down', '--direction', 'exit')).toMatchObject({
      ...{ code: 1, result: 'refused', reason: 'no-boarding' },
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const fare = await polycard([
    ...['fare', '--blueprint', HUNAN, '--mode', 'bus', '--route', '601', '--from', '8003', '--to', '跳马', '--json'],
  ]);
  expect(JSON.parse(fare.out)).toMatchObject({ baseFen: 400, chargeFen: 280 });
}, 120_000);

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
