import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlatformApi } from '@polycard/fleet';
import { type RunningPlatform, startPlatform } from '@polycard/platform';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from '../scripts/debian.ts';
import { GUANGDONG } from './small-site.ts';

const SHOTS = process.env['POLYCARD_SCREENSHOTS'];
const PASSWORD = 'console-keys';

let directory: string;
let platform: RunningPlatform;
let browser: Browser;
const faults: string[] = [];

async function shot(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

async function signedIn(name: string): Promise<Page> {
  await platform.setPassword(name, 'person', PASSWORD);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(platform.url);
  await page.fill('input[autocomplete=username]', name);
  await page.fill('input[type=password]', PASSWORD);
  await page.click('button[type=submit]');
  await page.getByText('EN', { exact: true }).click();
  return page;
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'polycard-console-keys-'));
  platform = await startPlatform({
    ...{ dataDirectory: directory, blueprintDirectory: GUANGDONG, host: '127.0.0.1', port: 0, gatewayPort: 0 },
    ...{ version: 'test', logLevel: 'silent', simulationSeed: 'console-keys' },
    consoleDirectory: fileURLToPath(new URL('../apps/console/dist', import.meta.url)),
  });
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
  });
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await platform?.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('keys in the console', () => {
  it('a custodian sees the trees, one key with what stands behind it, and approves what another asked for', async () => {
    await platform.setPassword('zheng-yi', 'person', PASSWORD);
    const asking = new PlatformApi(platform.url);
    await asking.signIn('zheng-yi', PASSWORD);
    const request = { id: 'console-0001', act: 'keys.management.rotate', subject: 'bus-management', why: 'yearly' };
    await asking.post('/api/approvals', request);

    const page = await signedIn('wang-bo');
    await page.getByRole('menuitem', { name: 'Keys' }).click();
    await page.waitForSelector('td:has-text("bus-management#1")');
    await page.waitForSelector('canvas');
    expect(await page.getByRole('menuitem', { name: 'Audit' }).count()).toBe(0);
    await shot(page, 'keys');
    await page.getByRole('link', { name: 'bus-management#1' }).click();
    await page.waitForSelector('text=What stands behind it');
    const body = (await page.textContent('body')) ?? '';
    expect(body).toContain('Zheng Yi');
    expect(body).toContain('3 / 5');
    expect(body).toMatch(/terminals take the new version at their next sign-in/);
    await shot(page, 'key');
    await page.getByRole('menuitem', { name: 'Approvals' }).click();
    await page.getByRole('button', { name: 'Decide' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.textContent()).toContain('A new version of bus-management is made');
    await shot(page, 'approval');
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await page.waitForSelector('td:has-text("1 / 2")');
    await page.context().close();
  });

  it('an auditor sees every entry and that the trail is whole', async () => {
    const page = await signedIn('zhu-hong');
    await page.getByRole('menuitem', { name: 'Audit' }).click();
    await page.waitForSelector('.audit-verdict:has-text("The trail is whole")');
    await page.waitForSelector('td:has-text("approval.given")');
    await shot(page, 'audit');
    await page.context().close();
  });

  it('threw nothing in the browser', () => {
    expect(faults).toEqual([]);
  });
});
