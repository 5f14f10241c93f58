/** People at the console: a real Chromium, a page for each of them, and what the pages threw. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { CHROMIUM } from '../scripts/debian.ts';

export const CONSOLE = fileURLToPath(new URL('../apps/console/dist', import.meta.url));
const SHOTS = process.env['POLYCARD_SCREENSHOTS'];
/** Without these Chromium looks for its maker's hosts at every start. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** The machine that runs the tests may be busy. */
const PATIENCE_MS = 60_000;

export class ConsoleBrowser {
  /** Errors that no page caught. */
  readonly faults: string[] = [];
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<ConsoleBrowser> {
    return new ConsoleBrowser(await chromium.launch({ executablePath: CHROMIUM, args: FLAGS }));
  }

  /** In a context of its own: nobody has another's session. */
  async page(): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.faults.push(error.message));
    return page;
  }

  /** A page of somebody who signed in and reads English. */
  async signedIn(url: string, name: string, password: string): Promise<Page> {
    const page = await this.page();
    await page.goto(url);
    await page.fill('input[autocomplete=username]', name);
    await page.fill('input[type=password]', password);
    await page.click('button[type=submit]');
    await page.getByText('EN', { exact: true }).click();
    return page;
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

/** With `POLYCARD_SCREENSHOTS=DIR` the page as people see it. */
export async function shot(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}
