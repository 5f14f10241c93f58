/** Operating modes in a real browser: ordered for two stations, fetched by a gate, tapped under, ended; and from the command line. */
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { ModeOrders, VolatileStorage } from '@polycard/terminal';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONSOLE, ConsoleBrowser, shot } from './browser.ts';
import { polycard } from './polycard-command.ts';
import { ENTRY_GATE, EXIT_GATE, openSmallSite, type SmallSite } from './small-site.ts';

const PASSWORD = 'console-modes';
const NARROW = { width: 420, height: 900 };
const WIDE = { width: 1440, height: 900 };

let site: SmallSite;
let browser: ConsoleBrowser;
let page: Page;

/** As the clock of the region shows it, `YYYYMMDDhhmmss`. */
const localNow = (minutes = 0): string =>
  new Date(Date.now() + 8 * 3_600_000 + minutes * 60_000).toISOString().slice(0, 19).replace(/[-T:]/g, '');
/** As people type it. */
const typed = (minutes: number): string =>
  new Date(Date.now() + 8 * 3_600_000 + minutes * 60_000).toISOString().slice(0, 16).replace('T', ' ');

async function download(terminal: number): Promise<void> {
  const modes = new ModeOrders();
  modes.restore(new VolatileStorage());
  const gate = site.terminals[terminal]!;
  await gate.signIn();
  await gate.runModules([modes]);
  gate.hangUp();
  gate.terminal!.modeOrders = modes.orders;
}

beforeAll(async () => {
  site = await openSmallSite({ cards: 1, seed: 'console-modes', consoleDirectory: CONSOLE });
  browser = await ConsoleBrowser.launch();
  await site.platform.setPassword('qin-song', 'operator', PASSWORD);
  page = await browser.signedIn(site.platform.url, 'qin-song', PASSWORD);
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

it('is ordered for two stations from a page that says what each mode does, and shows which gates have it', async () => {
  await page.getByRole('menuitem', { name: 'Operating modes' }).click();
  await page.getByText('The whole network runs as usual').waitFor();
  await page.getByRole('button', { name: 'Order a mode' }).click();
  const form = page.getByRole('dialog');
  await form.getByText('a card caught inside is later let in anywhere').waitFor();
  for (const code of ['0101', '0115']) {
    await form.getByLabel('Stations').fill(code);
    await page.keyboard.press('Enter');
  }
  await page.keyboard.press('Escape');
  await form.getByText('Fare waived').click();
  await form.getByLabel('From').fill(typed(-60));
  await form.getByLabel('Until').fill('tomorrow');
  await form.getByLabel('Reason').fill('jubilee of the line');
  await shot(page, 'modes-order-form');
  await form.getByRole('button', { name: 'Order a mode' }).click();
  await form.locator('.ant-form-item-explain-error').getByText('YYYY-MM-DD hh:mm').waitFor();
  await form.getByLabel('Until').fill('');
  await form.getByRole('button', { name: 'Order a mode' }).click();
  await page.getByText('0 / 1').first().waitFor();
  expect(await page.getByText('out without a fare').count()).toBeGreaterThanOrEqual(2);
  await shot(page, 'modes-nobody-has-it');
}, 300_000);

it('after the gates asked, its page shows who has it and what was waived; the end reaches them later', async () => {
  await download(ENTRY_GATE);
  await download(EXIT_GATE);
  const card = VirtualCard.restore(site.cards[0]!.snapshot, { random: seededRandom('console-modes') });
  expect(site.terminals[ENTRY_GATE]!.tap(card, { kind: 'entry', at: localNow(-30) }).result).toBe('accepted');
  card.reset();
  expect(site.terminals[EXIT_GATE]!.tap(card, { kind: 'exit', at: localNow() })).toMatchObject({
    result: 'accepted',
    entry: { amountFen: 0 },
  });
  for (const terminal of site.terminals) await terminal.upload();

  await page.goto(`${site.platform.url}/mode-orders`);
  await page.getByText('1 / 1').first().waitFor();
  await shot(page, 'modes');
  await page.getByRole('row').filter({ hasText: '0115' }).getByRole('link').click();
  await page.getByText('has it', { exact: true }).waitFor();
  const waived = page.locator('.ant-statistic').filter({ hasText: 'Fares waived' });
  await expect
    .poll(async () => Number(((await waived.textContent()) ?? '').replace(/[^\d.]/g, '')), { timeout: 60_000 })
    .toBeGreaterThan(0);
  await shot(page, 'mode-order');

  await page.getByRole('button', { name: 'End it' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
  await page.getByText('ended', { exact: true }).waitFor();
  // the gate still works under the order that it downloaded
  await page.getByText('has it not', { exact: true }).waitFor();
  await download(EXIT_GATE);
  await page.reload();
  await page.getByText('has it', { exact: true }).waitFor();
  await shot(page, 'mode-order-ended');
}, 300_000);

it('says what follows from an emergency, in Chinese and on a narrow screen too', async () => {
  const platform = ['--platform', site.platform.url, '--as', 'qin-song', '--password', PASSWORD];
  const order = ['modes', 'order', 'emergency', '--station', '0115', '--why', '站厅烟雾', '--id', 'smoke-1', '--json'];
  const ordered = await polycard([...order, ...platform]);
  expect([ordered.code, ordered.err]).toEqual([0, '']);
  const { ids } = JSON.parse(ordered.out) as { ids: string[] };
  expect(JSON.parse((await polycard([...order, ...platform])).out)).toEqual({ id: ids[0], ids });
  const [clash, listed, nowhere, wrong] = await Promise.all([
    polycard(['modes', 'order', 'fare-waived', '--station', '0115', '--why', 'late', ...platform]),
    polycard(['modes', 'list', '--in-force', '--json', ...platform]),
    polycard(['modes', 'end', 'M000000000000', ...platform]),
    polycard(['modes', 'end', ids[0]!, '--at', 'now', ...platform]),
  ]);
  expect([clash.code, clash.err]).toEqual([1, expect.stringContaining('cannot stand together')]);
  expect((JSON.parse(listed.out) as { place: string }[]).map(({ place }) => place).sort()).toEqual(['0101', '0115']);
  expect([nowhere.code, nowhere.err]).toEqual([1, expect.stringContaining('there is no order')]);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('local time')]);

  await page.goto(`${site.platform.url}/mode-orders/${ids[0]}`);
  await page.getByText('counted from its end').first().waitFor();
  const until = new Date(Date.now() + 8 * 3_600_000 + 60_000).toISOString().slice(0, 19);
  expect((await polycard(['modes', 'end', ids[0]!, '--at', until, ...platform])).code).toBe(0);
  await page.getByText('中文', { exact: true }).click();
  await page.reload();
  await page.getByText('任一车站放行至').waitFor();
  expect(await page.getByText('以后才开始计算').count()).toBe(0);
  await shot(page, 'mode-order-zh');
  await page.setViewportSize(NARROW);
  await shot(page, 'mode-order-narrow');
  await page.goto(`${site.platform.url}/mode-orders`);
  await page.getByText('紧急放行').first().waitFor();
  // nothing but tables, which scroll by themselves, is wider than the screen
  const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  expect(overflow).toBeLessThanOrEqual(0);
  await shot(page, 'modes-narrow');
  await page.setViewportSize(WIDE);
  expect(browser.faults).toEqual([]);
}, 300_000);
