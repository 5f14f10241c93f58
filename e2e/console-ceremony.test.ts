import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyAudit } from '@polycard/audit/verifier';
import { toHex } from '@polycard/bytes';
import { checkValue, seededRandom } from '@polycard/crypto';
import { type RunningPlatform, startPlatform } from '@polycard/platform';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONSOLE, ConsoleBrowser, shot } from './browser.ts';
import { CUSTODIANS } from './ceremony-scenario.ts';
import { GUANGDONG } from './small-site.ts';

const KEYSTORE = 'the daily phrase of the keystore';
const phraseOf = (who: string): string => `signing phrase of ${who}`;

let directory: string;
let platform: RunningPlatform;
let browser: ConsoleBrowser;
let page: Page;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'polycard-console-ceremony-'));
  platform = await startPlatform({
    ...{ dataDirectory: directory, blueprintDirectory: GUANGDONG, host: '127.0.0.1', port: 0, gatewayPort: 0 },
    ...{ version: 'test', logLevel: 'silent', simulationSeed: 'console-ceremony' },
    consoleDirectory: CONSOLE,
  });
  await platform.setPassword('he-min', 'administrator', 'console-ceremony');
  browser = await ConsoleBrowser.launch();
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await platform?.close();
  rmSync(directory, { recursive: true, force: true });
});

async function choose(label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).click();
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: option }).first().click();
}

async function open(custodians: readonly string[]): Promise<void> {
  const people = [
    ['he-min', 'Administrator'],
    ['yang-guang', 'Witness'],
    ['zhu-hong', 'Auditor'],
    ...custodians.map((who) => [who, 'Custodian'] as const),
  ] as const;
  for (const [who, role] of people) {
    await page.getByRole('textbox', { name: 'Person' }).fill(who);
    await choose('Role', role);
    await page.getByLabel('Passphrase', { exact: true }).fill(phraseOf(who));
    await page.getByRole('button', { name: 'Join' }).click();
    await page.waitForSelector(`.ant-steps-item:has-text("${who}")`);
  }
  await page.getByRole('button', { name: 'Open the ceremony' }).click();
  await page.waitForSelector('code:has-text("ceremony.opened")');
}

async function enter(who: string, share: string): Promise<void> {
  await choose('Custodian', who);
  await page.getByLabel('Share or own passphrase').fill(share);
  await page.getByRole('button', { name: 'Enter share' }).click();
}

const save = async (button: string): Promise<string> => {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  return download.path();
};

it('3 of 5 custodians: keys and shares, backup, destruction, two refused, a wrong share named, restored', async () => {
  page = await browser.signedIn(platform.url, 'he-min', 'console-ceremony');
  await page.getByRole('menuitem', { name: 'Ceremonies' }).click();
  await open(CUSTODIANS);
  await page.getByLabel('Passphrase of the keystore').fill(KEYSTORE);
  await page.getByRole('button', { name: 'Generate keys and shares' }).click();
  await page.waitForSelector('code:has-text("ceremony.share-handed-over")');
  const shares = new Map<string, string>();
  for (const who of CUSTODIANS) {
    await choose('Custodian', who);
    await page.getByLabel('Share or own passphrase').fill(phraseOf(who));
    await page.getByRole('button', { name: 'Receive share' }).click();
    shares.set(who, (await page.textContent('code.share')) ?? '');
    if (who === CUSTODIANS[0]) await shot(page, 'ceremony');
    await page.getByRole('button', { name: 'Written down' }).click();
  }
  expect(new Set(shares.values()).size).toBe(5);
  await page.getByRole('button', { name: 'Make a backup' }).click();
  const backup = await save('Save the backup');
  await page.getByRole('button', { name: 'Destroy the keystore' }).click();
  await page.waitForSelector('code:has-text("ceremony.keystore-destroyed")');
  await page.getByRole('button', { name: 'Close the ceremony' }).click();
  await page.waitForSelector('text=The ceremony is closed');
  expect(verifyAudit(readFileSync(await save('Save the transcript')))).toMatchObject({ verdict: 'whole' });

  const [a, b, c] = CUSTODIANS as [string, string, string];
  await open([a, b, c]);
  await page.getByLabel('Passphrase of the keystore').fill(KEYSTORE);
  await page.setInputFiles('input[type=file]', backup);
  await enter(a, shares.get(a)!);
  await page.waitForSelector('text=(1 / 3)');
  await enter(b, shares.get(b)!);
  await page.waitForSelector('text=(2 / 3)');
  await page.getByRole('button', { name: /^Restore/ }).click();
  await page.waitForSelector('[role=alert]:has-text("2 of 5 custodians entered a share, 3 are needed")');
  await enter(
    c,
    shares.get(c)!.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
  );
  await page.waitForSelector('[role=alert]:has-text("share 3")');
  await shot(page, 'ceremony-wrong-share');
  await enter(c, shares.get(c)!);
  await page.waitForSelector('text=(3 / 3)');
  await page.getByRole('button', { name: /^Restore/ }).click();
  await page.waitForSelector('code:has-text("ceremony.restored")');
  await shot(page, 'ceremony-restored');
  const random = seededRandom('console ceremony components');
  const components = [random(16), random(16)];
  const enterComponents = async (checkOfSecond: string): Promise<void> => {
    await page.getByLabel('Key', { exact: true }).fill('metro-activation');
    for (const [index, who] of [a, b].entries()) {
      await choose('Who enters it', who);
      await page.getByLabel('Component, hex').fill(toHex(components[index]!));
      const check = index === 0 ? toHex(checkValue('3DES', components[0]!)) : checkOfSecond;
      await page.getByLabel('Check value').fill(check);
      await page.getByRole('button', { name: 'Enter component' }).click();
      await page.waitForSelector(`text=(${index + 1})`);
    }
    await page.getByRole('button', { name: /^Make the key/ }).click();
  };
  await enterComponents('000000');
  await page.waitForSelector(`[role=alert]:has-text("the component of ${b} is wrong")`);
  await page.waitForSelector(`.ant-steps-item:has-text("the component of ${b} is wrong")`);
  await enterComponents(toHex(checkValue('3DES', components[1]!)));
  await page.waitForSelector('code:has-text("ceremony.key-imported")');
  await shot(page, 'ceremony-components');
  await page.getByRole('button', { name: 'Close the ceremony' }).click();
  await page.waitForSelector('text=The ceremony is closed');
  const transcript = readFileSync(await save('Save the transcript'));
  expect(verifyAudit(transcript)).toMatchObject({ verdict: 'whole' });
  expect(transcript.toString()).toContain('ceremony.restored');
  for (const component of components) expect(transcript.toString().toUpperCase()).not.toContain(toHex(component));
  for (const share of shares.values()) expect(transcript.toString().includes(share)).toBe(false);
  expect(browser.faults).toEqual([]);
}, 400_000);
