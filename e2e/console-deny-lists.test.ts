/** The deny list in a real browser: a card listed from its page, published by two people, fetched by a gate, refused. */
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONSOLE, ConsoleBrowser, shot } from './browser.ts';
import { ENTRY_GATE, openSmallSite, type SmallSite } from './small-site.ts';

const PASSWORD = 'console-deny-lists';

let site: SmallSite;
let browser: ConsoleBrowser;

async function signedIn(name: string, role: string): Promise<Page> {
  await site.platform.setPassword(name, role, PASSWORD);
  return browser.signedIn(site.platform.url, name, PASSWORD);
}

async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('dialog').getByLabel(label).click();
  const list = page.locator('.ant-select-dropdown:visible');
  await list.getByTitle(option).click();
  // while it folds away it lies over what is chosen next; a click in the middle of its unfolding leaves it open
  const isGone = (timeout: number): Promise<boolean> =>
    list.waitFor({ state: 'hidden', timeout }).then(
      () => true,
      () => false,
    );
  if (await isGone(3_000)) return;
  await page.keyboard.press('Tab');
  expect(await isGone(30_000)).toBe(true);
}

async function dock(): Promise<void> {
  const gate = site.terminals[ENTRY_GATE]!;
  await gate.signIn();
  await gate.runModules();
  gate.hangUp();
}

beforeAll(async () => {
  site = await openSmallSite({
    ...{ cards: 1, seed: 'console-deny-lists' },
    consoleDirectory: CONSOLE,
  });
  browser = await ConsoleBrowser.launch();
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

it('a card is listed from its page, published by two people, refused at the gate, and its page shows where', async () => {
  const token = (site.cards[0] as unknown as { token: string }).token;
  const clerk = await signedIn('qin-song', 'operator');
  await clerk.goto(`${site.platform.url}/cards/${token}`);
  await clerk.getByText('This card was never listed').waitFor();
  await clerk.getByRole('button', { name: 'List a card' }).click();
  await choose(clerk, 'What is listed', 'Metro');
  await choose(clerk, 'Reason', 'Industry application suspended (locks)');
  await clerk.getByRole('dialog').getByLabel('Why').fill('misuse of a student card');
  await clerk.getByRole('dialog').getByRole('button', { name: 'List a card' }).click();
  await clerk.getByText('waits', { exact: true }).waitFor();
  await shot(clerk, 'deny-card-waiting');

  await clerk.getByRole('menuitem', { name: 'Deny lists' }).click();
  await clerk.getByText('Changes that no terminal knows of yet').waitFor();
  await clerk.getByRole('button', { name: 'Publish a version' }).click();
  await clerk.getByRole('dialog').getByLabel('Why').fill('what came in today');
  await clerk.getByRole('button', { name: 'Ask for it' }).click();
  await clerk.getByText('Waits for approval').waitFor();
  // nobody approves what they asked for
  expect(await clerk.getByRole('button', { name: 'Decide' }).count()).toBe(0);
  await shot(clerk, 'deny-list-waiting');

  const supervisor = await signedIn('you-jia', 'supervisor');
  await supervisor.getByRole('menuitem', { name: 'Deny lists' }).click();
  await supervisor.getByRole('button', { name: 'Decide' }).click();
  expect(await supervisor.getByRole('dialog').textContent()).toContain('come onto the list: 1; leave it: 0');
  await supervisor.getByRole('button', { name: 'Approve', exact: true }).click();
  await supervisor.getByText('Version 1 lists 1;').waitFor();

  await dock();
  const card = VirtualCard.restore(site.cards[0]!.snapshot, { random: seededRandom('console') });
  const at = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19).replace(/[-T:]/g, '');
  const gate = site.terminals[ENTRY_GATE]!;
  expect(gate.tap(card, { kind: 'entry', at })).toMatchObject({ result: 'refused', reason: 'listed' });
  await gate.upload();

  await supervisor.reload();
  await supervisor.locator('canvas').first().waitFor();
  const overview = (await supervisor.textContent('body')) ?? '';
  expect(overview).toContain('1 of 4 terminals hold it');
  expect(overview).toContain('what came in today');
  await shot(supervisor, 'deny-list');
  await supervisor.getByRole('tab', { name: 'Terminals' }).click();
  await supervisor.getByText(gate.enrolled.terminalNo).waitFor();
  await shot(supervisor, 'deny-list-fleet');
  await supervisor.getByText('Only lists that are not fresh').click();
  await supervisor.waitForURL(/stale=true/);
  await supervisor.getByRole('tab', { name: 'Where listed cards appeared' }).click();
  await supervisor.getByText('locked', { exact: true }).waitFor();
  await shot(supervisor, 'deny-list-hits');
  await supervisor.goto(`${site.platform.url}/cards/${token}`);
  await supervisor.getByText('listed', { exact: true }).waitFor();
  await supervisor.getByText('locked', { exact: true }).waitFor();
  await shot(supervisor, 'deny-card-listed');
  await supervisor.getByText('中文', { exact: true }).click();
  await supervisor.goto(`${site.platform.url}/deny-lists`);
  await supervisor.getByText('终端持有版本').waitFor();
  await shot(supervisor, 'deny-list-zh');
  expect(browser.faults).toEqual([]);
}, 300_000);
