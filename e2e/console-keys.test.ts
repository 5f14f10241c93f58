import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@polycard/bytes';
import { checkValue, seededRandom } from '@polycard/crypto';
import { PlatformApi } from '@polycard/fleet';
import { type RunningPlatform, startPlatform } from '@polycard/platform';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONSOLE, ConsoleBrowser, shot } from './browser.ts';
import { GUANGDONG } from './small-site.ts';

const PASSWORD = 'console-keys';

let directory: string;
let platform: RunningPlatform;
let browser: ConsoleBrowser;

async function signedIn(name: string): Promise<Page> {
  await platform.setPassword(name, 'person', PASSWORD);
  return browser.signedIn(platform.url, name, PASSWORD);
}

async function apiOf(name: string): Promise<PlatformApi> {
  await platform.setPassword(name, 'person', PASSWORD);
  const api = new PlatformApi(platform.url);
  await api.signIn(name, PASSWORD);
  return api;
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'polycard-console-keys-'));
  platform = await startPlatform({
    ...{ dataDirectory: directory, blueprintDirectory: GUANGDONG, host: '127.0.0.1', port: 0, gatewayPort: 0 },
    ...{ version: 'test', logLevel: 'silent', simulationSeed: 'console-keys' },
    consoleDirectory: CONSOLE,
  });
  browser = await ConsoleBrowser.launch();
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

  it('custodians open a zone, enter components, hand a key over, and read it in Chinese', async () => {
    const page = await signedIn('zheng-yi');
    const dialog = page.getByRole('dialog');
    await page.getByRole('menuitem', { name: 'Key exchange' }).click();
    await page.getByRole('button', { name: 'Open a zone' }).click();
    await dialog.getByLabel('Zone', { exact: true }).fill('hunan');
    await dialog.getByLabel('Counterpart').fill('Hunan');
    await shot(page, 'exchange-zone');
    await dialog.getByRole('button', { name: 'Send' }).click();
    await page.waitForSelector('td:has-text("waits for components")');
    const random = seededRandom('console components');
    const parts = [random(16), random(16), random(16)];
    const check = (part: Uint8Array) => toHex(checkValue('3DES', part));
    await page.getByRole('button', { name: 'Enter a component' }).click();
    await dialog.getByLabel('Your component, hex').fill(toHex(parts[0]!));
    await dialog.getByLabel('Check value').fill(check(parts[0]!));
    await dialog.getByRole('button', { name: 'Send' }).click();
    await page.waitForSelector('td:has-text("1 / 3")');
    for (const [index, name] of ['wang-bo', 'feng-xue'].entries()) {
      const body = { component: toHex(parts[index + 1]!), checkValue: check(parts[index + 1]!) };
      await (await apiOf(name)).post('/api/exchanges/zones/hunan/components', body);
    }
    await page.reload();
    await page.waitForSelector('td:has-text("3 / 3")');
    await page.getByRole('button', { name: 'Hand keys over' }).click();
    await dialog.locator('input#name').click();
    await page.keyboard.type('metro-management#1');
    await page.keyboard.press('Enter');
    await dialog.getByLabel('Factors of a key below it').fill('5840FFFFFFFFFFFF');
    await dialog.locator('input#zone').click();
    await page.locator('.ant-select-item-option', { hasText: 'hunan' }).click();
    await dialog.getByLabel('Counterpart').fill('Hunan');
    await dialog.getByLabel('Why').fill('shared lines');
    await dialog.getByRole('button', { name: 'Send' }).click();
    await page.waitForSelector('text=Hunan gets metro-management#1/5840FFFFFFFFFFFF under hunan');
    await shot(page, 'exchange-asked');
    const waiting = await (await apiOf('wang-bo')).get<{ id: string; act: { id: string } }[]>(
      '/api/approvals?state=waiting',
    );
    const { id } = waiting.find(({ act }) => act.id === 'keys.management.export')!;
    for (const name of ['wang-bo', 'feng-xue'])
      await (await apiOf(name)).post(`/api/approvals/${id}/decisions`, { verdict: 'approved', why: 'seen' });
    await page.reload();
    await page.waitForSelector('td:has-text("waits for its receipt")');
    await shot(page, 'exchanges');
    await page.getByText('中文', { exact: true }).click();
    await page.waitForSelector('td:has-text("等待回执")');
    await shot(page, 'exchanges-zh');
    await page.context().close();
  });

  it('PSAMs are listed with what they hold, and one is stopped', async () => {
    const agent = await apiOf('peng-fei');
    const { zoneId } = await agent.openZone('maker', 'terminals', seededRandom('console sams'));
    await agent.post('/api/enrolment/terminals', {
      zoneId,
      terminals: ['700101101', '700101102'].map((deviceNo) => ({
        ...{ deviceNo, profile: 'metro-gate', operatorId: 'shenzhen-metro', placeCode: '0101' },
      })),
    });
    const page = await signedIn('qin-song');
    await page.getByRole('menuitem', { name: 'PSAMs' }).click();
    await page.waitForSelector('td:has-text("metro-management#1")');
    await page.getByRole('button', { name: 'Stop' }).first().click();
    await page.getByLabel('Why').fill('lost on the way');
    await shot(page, 'sam-stop');
    await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
    await page.waitForSelector('td:has-text("on the stop list")');
    await shot(page, 'sams');
    await page.getByText('中文', { exact: true }).click();
    await page.waitForSelector('td:has-text("已停用")');
    await shot(page, 'sams-zh');
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
    expect(browser.faults).toEqual([]);
  });
});
