import { fileURLToPath } from 'node:url';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONSOLE, ConsoleBrowser, shot } from './browser.ts';
import { BUS, ENTRY_GATE, EXIT_GATE, openSmallSite, type SmallSite } from './small-site.ts';

/** A fault planted by the acceptance command. */
const PLANT = process.env['POLYCARD_PLANT'];
const PASSWORD = 'console-test';

let site: SmallSite;
let browser: ConsoleBrowser;
let page: Page;

beforeAll(async () => {
  site = await openSmallSite({
    cards: 1,
    seed: 'console',
    consoleDirectory:
      PLANT === 'console-missing' ? fileURLToPath(new URL('../apps/console/src', import.meta.url)) : CONSOLE,
  });
  await site.platform.setPassword('operator', 'operator', PASSWORD);
  const card = VirtualCard.restore(site.cards[0]!.snapshot, { random: seededRandom('rider') });
  const ride = [
    [ENTRY_GATE, { kind: 'entry', at: '20180901080000' }],
    [EXIT_GATE, { kind: 'exit', at: '20180901083500' }],
    [BUS, { kind: 'boarding', at: '20180901085000', declaredBaseFen: 400 }],
  ] as const;
  for (const [index, request] of ride) {
    const terminal = site.terminals[index]!;
    const outcome = terminal.terminal!.tap(card, request);
    if (outcome.result !== 'accepted') throw new Error(`${request.kind}: ${outcome.result}`);
    terminal.keepDialogue(outcome.entry, outcome.exchanges);
    await terminal.upload();
  }
  for (;;) {
    const { taps } = await site.api.get<{ taps: { received: number } }>('/api/clearing');
    if (taps.received === 0) break;
  }
  browser = await ConsoleBrowser.launch();
  page = await browser.page();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

describe('the console in a real browser', () => {
  it('refuses a wrong password in words and lets the right one in', async () => {
    await page.goto(site.platform.url);
    await page.fill('input[autocomplete=username]', 'operator');
    await page.fill('input[type=password]', 'wrong');
    await page.click('button[type=submit]');
    await page.waitForSelector('[role=alert]');
    expect(await page.textContent('[role=alert]')).toContain('用户名或密码不正确');
    await page.fill('input[type=password]', PASSWORD);
    await page.click('button[type=submit]');
    await page.waitForSelector('.figures');
    await shot(page, 'overview');
  });

  it('overview: three taps, what they were charged, all cryptograms verified', async () => {
    const figures = (await page.textContent('.figures')) ?? '';
    expect(figures).toContain('交易笔数3');
    expect(figures).toMatch(/实收金额¥\d+\.\d\d/);
    expect(figures).toContain('证书验证通过3');
    expect(figures).toContain('未处理异常0');
    expect(await page.textContent('body')).toContain('世界之窗');
  });

  it('one tap: headline, fare in steps, cryptogram, dialogue in words, postings that balance, no full account number', async () => {
    await page.getByText('EN', { exact: true }).click();
    await page.getByRole('menuitem', { name: 'Taps' }).click();
    await page.waitForSelector('h1:has-text("Taps")');
    await page.locator('tr', { hasText: 'Exit' }).first().click();
    await page.getByText('Open the full page').click();
    await page.waitForURL(/\/taps\/\d{8}-\d{6}-\d{6}/);
    await page.waitForSelector('h1:has-text("Exit at Window of the World")');
    const body = (await page.textContent('body')) ?? '';
    expect(body).toMatch(/Distance \d+\.\d km/);
    expect(body).toContain('Card holders 5 % off');
    expect(body).toContain('they agree');
    expect(body).toContain('Unpredictable number');
    expect(body).toContain('READ CAPP DATA');
    expect(body).toContain('UPDATE CAPP DATA CACHE');
    expect(body).toContain('Metro record');
    expect(body).not.toMatch(/621444\d{9,13}/);
    await page.getByRole('cell', { name: 'GET PROCESSING OPTIONS' }).first().click();
    await page.waitForSelector('td:has-text("9F37")');
    await shot(page, 'tap');
  });

  it('a terminal: what it holds now and next, its batches, its last messages field by field without what must not be seen', async () => {
    await page.goto(`${site.platform.url}/terminals/${site.terminals[EXIT_GATE]!.enrolled.terminalNo}`);
    await page.waitForSelector('h1:has-text("Window of the World")');
    await page.waitForSelector('text=Last messages');
    const whole = (await page.textContent('body')) ?? '';
    expect(whole).toContain('Parameters now');
    expect(whole).toMatch(/20180101.*held/);
    expect(whole).toContain('Parameters next');
    // the journal as it came: the terminal's numbers of the tap, and when it was received
    const entry = page.locator('.ant-card', { hasText: 'Journal' }).locator('tbody tr.openable').first();
    expect(await entry.textContent()).toMatch(/^1000001\d{6}2018-09-01 08:35:00/);
    await shot(page, 'terminal-page');
    await page.locator('tr', { hasText: '→ 0220' }).first().click();
    await page.waitForSelector('td:has-text("F55.9F26")');
    expect(await page.textContent('body')).toMatch(/F57\.DF0ATariff version/);
    const sale = (await page.textContent('body')) ?? '';
    expect(sale).toContain('Primary account number');
    expect(sale).toMatch(/621444\*+\d{4}/);
    expect(sale).not.toMatch(/621444\d{6,}/);
    await shot(page, 'terminal-messages');
    // the sign-in, whose answer carries keys, is the oldest
    await page.locator('.ant-pagination-item').last().click();
    await page.locator('tr', { hasText: '← 0810' }).last().click();
    await page.waitForSelector('td:has-text("hidden")');
    await shot(page, 'terminal');
    await page.getByText('中文', { exact: true }).click();
    await page.waitForSelector('text=最近报文');
    expect(await page.textContent('body')).toContain('下一版参数');
    await shot(page, 'terminal-zh');
    await page.getByText('EN', { exact: true }).click();
  });

  it("settlement: the day's net positions add up to zero, and closing it asks first and shows the effect", async () => {
    await page.getByRole('menuitem', { name: 'Settlement' }).click();
    await page.getByRole('link', { name: '2018-09-01' }).click();
    await page.waitForSelector('text=Sum of net positions');
    expect(await page.textContent('tfoot')).toContain('¥0.00');
    await page.getByRole('button', { name: 'Close the day' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.textContent()).toContain('cannot be undone');
    await dialog.getByRole('button', { name: 'Close the day' }).click();
    await page.waitForSelector('h1:has-text("is settled")');
    await shot(page, 'settlement');
  });

  it('a card shows its applications, what they take of its memory, and its records decoded with clauses', async () => {
    await page.goto(`${site.platform.url}/cards/${site.cards[0]!.token}`);
    await page.waitForSelector('h1');
    await page.waitForSelector('.memory-map');
    const body = (await page.textContent('body')) ?? '';
    expect(body).toMatch(/Memory map · [\d,]+ bytes/);
    expect(body).toContain('Metro record');
    expect(body).toContain('metro gate record');
    expect(await page.locator('.byte-map .byte').count()).toBeGreaterThanOrEqual(64);
    await shot(page, 'card');
  });

  it('the specification browser draws every application: files, access conditions, byte maps, life cycle', async () => {
    await page.locator('.memory-map a', { hasText: 'Metro' }).click();
    await page.waitForSelector('h1:has-text("Card specification: Metro")');
    expect(await page.textContent('body')).toContain('metro-management');
    await shot(page, 'specification');
    await page.goto(`${site.platform.url}/specification/health`);
    await page.waitForSelector('h1:has-text("Card specification")');
    const body = (await page.textContent('body')) ?? '';
    expect(body).toMatch(/(enc|mutual|auth)\([a-z-]+\)/);
    expect(await page.locator('.byte-map').count()).toBeGreaterThan(3);
    await shot(page, 'specification-health');
  });

  it.each(['/cards', '/terminals', '/exceptions', '/taps', '/specification/pboc'])(
    '%s loads by its own address',
    async (path) => {
      await page.goto(`${site.platform.url}${path}`);
      await page.waitForSelector('h1');
      await page.waitForSelector('.ant-table');
      await shot(page, path.slice(1));
    },
  );

  it('finds a card by its last digits from the search box (Ctrl K)', async () => {
    const cards = await site.api.get<{ rows: { panMasked: string }[] }>('/api/cards');
    await page.keyboard.press('Control+k');
    await page.keyboard.type(cards.rows[0]!.panMasked.slice(-4));
    await page.waitForSelector(`.ant-select-item-option:has-text("${cards.rows[0]!.panMasked}")`);
  });

  it('threw nothing in the browser', () => {
    expect(browser.faults).toEqual([]);
  });
});
