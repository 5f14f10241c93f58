import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONSOLE, ConsoleBrowser, shot } from './browser.ts';
import { ParameterRegion, SCENARIO_PASSWORD } from './parameters-scenario.ts';

const region = new ParameterRegion('console-parameters', {
  consoleDirectory: CONSOLE,
});
let browser: ConsoleBrowser;

async function signedIn(name: string, role: string): Promise<Page> {
  await region.as(name, role);
  return browser.signedIn(region.platform.url, name, SCENARIO_PASSWORD);
}

/** Types a date and time into a picker of the form. */
async function pick(page: Page, label: string, at: string): Promise<void> {
  const input = page.getByLabel(label);
  await input.click();
  await input.fill(at);
  await input.press('Enter');
}

beforeAll(async () => {
  await region.open(6, 3);
  region.now = '2026-12-01T06:00:00';
  region.ride('2026-12-01T06:30:00');
  await region.upload();
  browser = await ConsoleBrowser.launch();
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await region.close();
});

describe('parameter versions in the console', { timeout: 120_000 }, () => {
  let address: string;

  it('a draft is edited, checked, rehearsed and proposed', async () => {
    const page = await signedIn('operator', 'operator');
    await page.getByRole('menuitem', { name: 'Parameters' }).click();
    await page.waitForSelector('td:has-text("In force")');
    await page.waitForSelector('text=Who has what');
    await shot(page, 'parameters');
    await page.getByRole('button', { name: 'New draft' }).click();
    await page.getByRole('dialog').getByLabel('Title').fill('Metro starts at 2.50');
    await page.getByRole('button', { name: 'Confirm' }).click();
    const metro = page.locator('[data-tariff="shenzhen-metro"]');
    await metro.getByLabel('Starting fare, CNY').fill('2.50');
    await metro.getByLabel('Starting fare, CNY').blur();
    // a campaign that is taken out again before the draft is saved
    await metro.getByRole('button', { name: 'Add a promotion' }).click();
    await metro.getByLabel('Budget CNY').fill('5000');
    await metro.getByLabel('Budget CNY').blur();
    await metro.getByLabel('Margin CNY').fill('250.50');
    await metro.getByLabel('Margin CNY').blur();
    await shot(page, 'parameter-draft');
    await page.getByRole('tab', { name: 'JSON' }).click();
    const json = (await page.locator('textarea').first().inputValue()).replace(/\s/g, '');
    expect(json).toContain('"budgetFen":500000,"endMarginFen":25050');
    await page.getByRole('tab', { name: 'Form' }).click();
    await metro.locator('.ant-card', { hasText: 'promotion-1' }).getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForSelector('text=starting fare: ¥2.00 → ¥2.50');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.waitForSelector('text=Nothing was found');
    await page.getByRole('button', { name: 'Rehearse' }).click();
    await page.waitForSelector('text=Pay more');
    await page.waitForSelector('canvas');
    await page.getByRole('button', { name: 'Propose' }).click();
    await pick(page, 'Canary takes effect', '2026-12-01 08:00:00');
    await pick(page, 'All others take effect', '2026-12-01 10:00:00');
    await page.getByLabel('Or terminals by number').fill(region.numbersOf([0, 1, 2]).join(', '));
    await page.getByLabel('ridesMin').fill('1');
    await page.getByLabel('beyondRehearsalPercentMax').fill('50');
    await page.getByLabel('Why').fill('decided by the board');
    await shot(page, 'parameter-proposal');
    await page.getByRole('dialog').getByRole('button', { name: 'Propose' }).click();
    await page.waitForSelector('.page-head:has-text("Waiting for approval")');
    address = new URL(page.url()).pathname;
    await shot(page, 'parameter-waiting');
    await page.getByText('中文', { exact: true }).click();
    await page.waitForSelector('text=与前一版本的差异');
    await page.waitForSelector('text=起步价：¥2.00 → ¥2.50');
    await shot(page, 'parameter-waiting-zh');
    await page.context().close();
  });

  it('a second person sees terminals and fares before they approve', async () => {
    const page = await signedIn('you-jia', 'supervisor');
    await page.getByRole('menuitem', { name: 'Approvals' }).click();
    await page.getByRole('button', { name: 'Decide' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.textContent()).toContain('Canary: 3 terminals from 2026-12-01 08:00:00');
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await page.waitForSelector('td:has-text("1 / 1")');
    await page.context().close();
  });

  it('the canary is opened, judged, and all others follow; progress and terminals are seen', async () => {
    const version = address.split('/').at(-1)!;
    const page = await signedIn('operator', 'operator');
    await page.goto(`${region.platform.url}${address}`);
    await act(page, 'Begin the roll-out', 'as approved');
    await page.waitForSelector('.page-head:has-text("Rolling out")');
    await region.talk();
    region.ride('2026-12-01T08:05:00');
    region.now = '2026-12-01T08:10:00';
    await region.upload();
    await region.until('the canary', async () =>
      (await region.version(version)).canary?.verdict === 'good' ? true : undefined,
    );
    await page.waitForSelector('text=3 / 3');
    await page.waitForSelector('text=Good');
    await shot(page, 'parameter-canary');
    await act(page, 'Open the next stage', 'the canary is good');
    await region.talk();
    await page.waitForSelector('td:has-text("downloaded")');
    region.now = '2026-12-01T10:00:30';
    await page.waitForSelector('.page-head:has-text("In force")');
    await shot(page, 'parameter-in-force');
    await page.getByText('中文', { exact: true }).click();
    await page.waitForSelector('text=发布进度');
    await shot(page, 'parameter-in-force-zh');
    await page.getByText('EN', { exact: true }).click();
    await act(page, 'Roll back', 'complaints');
    await page.waitForSelector('.page-head:has-text("Rolled back")');
    await page.context().close();
  });

  it('threw nothing in the browser', () => {
    expect(browser.faults).toEqual([]);
  });
});

async function act(page: Page, button: string, why: string): Promise<void> {
  await page.getByRole('button', { name: button }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Why').fill(why);
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await dialog.waitFor({ state: 'hidden' });
}
