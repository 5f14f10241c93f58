/** A campaign with a budget over the whole path: given at gates, counted by clearing, ended, and given by those who had not heard. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { PlatformApi } from '@polycard/fleet';
import { ModeOrders, NO_FAULTS, type UploadFaults, VolatileStorage } from '@polycard/terminal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONSOLE, ConsoleBrowser, shot } from './browser.ts';
import { startPostgresql, type TestPostgresql } from './postgresql.ts';
import { ENTRY_GATE, EXIT_GATE, GUANGDONG, openSmallSite, type SmallSite } from './small-site.ts';

const PASSWORD = 'campaigns';
const BUDGET_FEN = 250;
const MARGIN_FEN = 50;
/** What `summer` takes off a ride. */
const STEP_FEN = 100;
const CAMPAIGNS = [
  {
    ...{ id: 'summer', name: { en: 'Summer by metro', zh: '夏日地铁' }, priority: 10, stacking: 'add' },
    ...{ when: { from: '20180801', until: '20991231' }, rule: { kind: 'deduct', deductFen: STEP_FEN } },
    ...{ budgetFen: BUDGET_FEN, endMarginFen: MARGIN_FEN },
  },
  {
    ...{ id: 'evening', name: { en: 'Evenings', zh: '夜间优惠' }, priority: 20, stacking: 'add' },
    ...{ when: { hours: [{ from: '2200', until: '2300' }] }, rule: { kind: 'percent', percentOff: 10 } },
  },
];

interface Campaign {
  readonly promotion: string;
  readonly state: string;
  readonly givenFen: number;
  readonly rides: number;
  readonly overFen: number;
  readonly told?: { readonly terminals: number; readonly of: number };
  readonly days: readonly { readonly businessDate: string; readonly rides: number; readonly givenFen: number }[];
}

describe.each(['PGlite', 'PostgreSQL'])(
  'a campaign on %s',
  (store) => {
    let directory: string;
    let database: TestPostgresql | undefined;
    let site: SmallSite;
    let operator: PlatformApi;
    let exits: ModeOrders;

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'polycard-campaigns-'));
      const blueprint = join(directory, 'blueprint');
      mkdirSync(join(blueprint, 'tariffs'), { recursive: true });
      writeFileSync(
        join(blueprint, 'blueprint.yaml'),
        `extends: ${relative(blueprint, GUANGDONG)}\nblueprint: summer\nversion: '20181001'\nname: { en: Summer, zh: 夏日 }\n`,
      );
      writeFileSync(join(blueprint, 'tariffs', 'metro.yaml'), JSON.stringify({ promotions: CAMPAIGNS }));
      if (store === 'PostgreSQL') database = await startPostgresql();
      site = await openSmallSite({
        ...{ cards: 6, seed: 'campaigns', region: { blueprint }, consoleDirectory: CONSOLE },
        ...(database === undefined ? {} : { databaseUrl: database.url }),
      });
      await site.platform.setPassword('operator', 'operator', PASSWORD);
      operator = new PlatformApi(site.platform.url);
      await operator.signIn('operator', PASSWORD);
      exits = new ModeOrders();
      exits.restore(new VolatileStorage());
      await contact();
    }, 300_000);
    afterAll(async () => {
      await site?.close();
      await database?.close();
      rmSync(directory, { recursive: true, force: true });
    });

    /** The exit gate talks with the host; what it has to upload stays where it is. */
    async function contact(): Promise<void> {
      const gate = site.terminals[EXIT_GATE]!;
      await gate.signIn();
      await gate.runModules([exits]);
      gate.hangUp();
      exits.beforeTap(gate.terminal!);
    }

    function ride(index: number, hour: string): number {
      const card = VirtualCard.restore(site.cards[index]!.snapshot, { random: seededRandom(`campaigns ${index}`) });
      const day = '20180901';
      expect(site.terminals[ENTRY_GATE]!.tap(card, { kind: 'entry', at: `${day}${hour}0500` }).result).toBe('accepted');
      card.reset();
      const outcome = site.terminals[EXIT_GATE]!.tap(card, { kind: 'exit', at: `${day}${hour}4500` });
      if (outcome.result !== 'accepted') throw new Error(JSON.stringify(outcome).slice(0, 200));
      return outcome.entry.amountFen;
    }

    /** Uploads everything, each exit twice: as itself, and under another number of the terminal. */
    async function clear(): Promise<readonly { reason: string; explanation: { en: string } }[]> {
      const twice: UploadFaults = {
        ...NO_FAULTS,
        copyOf: (entry, journal) =>
          entry.industry.kind === 'exit' ? { ...entry, traceNo: journal.nextTrace() } : undefined,
      };
      for (const terminal of site.terminals) await terminal.upload(twice);
      for (;;) {
        const { taps } = await site.api.get<{ taps: { received: number } }>('/api/clearing');
        if (taps.received === 0) break;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const { rows } = await site.api.get<{ rows: { reason: string; explanation: { en: string } }[] }>(
        '/api/exceptions?pageSize=100',
      );
      return rows.filter(({ reason }) => reason !== 'duplicate');
    }

    async function campaign(id = 'summer'): Promise<Campaign> {
      const found = (await operator.get<Campaign[]>('/api/campaigns')).find(({ promotion }) => promotion === id);
      if (found === undefined) throw new Error(`no campaign ${id}`);
      return found;
    }

    it('gives until its budget less the margin is given away; clearing counts each ride once and ends it', async () => {
      const full = ride(0, '08') + STEP_FEN;
      expect(full).toBe(475);
      expect(await clear()).toEqual([]);
      expect(await campaign()).toMatchObject({ state: 'running', givenFen: STEP_FEN, rides: 1 });
      expect(ride(1, '09')).toBe(full - STEP_FEN);
      expect(await clear()).toEqual([]);
      expect(await campaign()).toMatchObject({
        ...{ state: 'used-up', givenFen: 2 * STEP_FEN, rides: 2, overFen: 0, told: { terminals: 0, of: 3 } },
      });
    });

    it('is given by a gate that has not heard, not given after its next contact; both are cleared as they were charged', async () => {
      expect(ride(2, '10')).toBe(475 - STEP_FEN);
      await contact();
      expect(exits.endedCampaigns).toEqual([{ tariff: 'shenzhen-metro', promotion: 'summer' }]);
      expect(ride(3, '11')).toBe(475);
      // the first of the two comes late: the campaign had ended here, but not there
      expect(await clear()).toEqual([]);
      expect(await campaign()).toMatchObject({
        ...{ state: 'used-up', givenFen: 3 * STEP_FEN, rides: 3, overFen: 3 * STEP_FEN - BUDGET_FEN },
        told: { terminals: 1, of: 3 },
      });
    });

    it('one that a gate leaves out although it runs on is an exception of the fare', async () => {
      const gate = site.terminals[EXIT_GATE]!.terminal!;
      gate.endedCampaigns = [...exits.endedCampaigns, { tariff: 'shenzhen-metro', promotion: 'evening' }];
      expect(ride(4, '22')).toBe(475);
      gate.endedCampaigns = exits.endedCampaigns;
      expect(ride(5, '22')).toBe(428);
      const exceptions = await clear();
      // of the tap and of its repeat
      expect(exceptions.map(({ reason }) => reason)).toEqual(['fare', 'fare']);
      for (const { explanation } of exceptions) expect(explanation.en).toMatch(/left out the campaign evening/);
      expect(await campaign('evening')).toMatchObject({ state: 'running', givenFen: 47, rides: 1 });
    });

    it('has given what the explanations of the cleared rides say, day by day', async () => {
      const { rows } = await site.api.get<{ rows: { id: string; state: string; businessDate: string }[] }>(
        '/api/taps?pageSize=200',
      );
      const cleared = rows.filter(({ state }) => state === 'cleared');
      const explained = new Map<string, number>();
      for (const { id } of cleared) {
        const { tap, fare } = await site.api.get<{
          tap: { businessDate: string };
          fare: { clearing?: { steps: { rule: string; beforeFen: number; afterFen: number }[] } };
        }>(`/api/taps/${id}`);
        for (const { rule, beforeFen, afterFen } of fare.clearing?.steps ?? []) {
          const key = `${rule} ${tap.businessDate}`;
          explained.set(key, (explained.get(key) ?? 0) + beforeFen - afterFen);
        }
      }
      for (const id of ['summer', 'evening'])
        for (const { businessDate, givenFen } of (await campaign(id)).days)
          expect([businessDate, givenFen]).toEqual([businessDate, explained.get(`${id} ${businessDate}`)]);
    });

    it.runIf(store === 'PGlite')(
      'stands in the console with what it gave, what is left, and who knows of its end',
      async () => {
        const browser = await ConsoleBrowser.launch();
        try {
          const page = await browser.signedIn(site.platform.url, 'operator', PASSWORD);
          await page.getByRole('menuitem', { name: 'Campaigns' }).click();
          const row = page.getByRole('row').filter({ hasText: 'Summer by metro' });
          await row.getByText('budget used up').waitFor();
          const text = (await row.textContent()) ?? '';
          for (const shown of ['¥3.00', '¥2.50', '1 / 3']) expect(text).toContain(shown);
          await row.locator('.ant-table-row-expand-icon').click();
          await page.getByText('2018-09-01').first().waitFor();
          await shot(page, 'campaigns');
          await page.getByText('中文', { exact: true }).click();
          await page.getByText('预算已用完').waitFor();
          await page.setViewportSize({ width: 420, height: 900 });
          await shot(page, 'campaigns-zh-narrow');
          expect(browser.faults).toEqual([]);
        } finally {
          await browser.close();
        }
      },
    );
  },
  300_000,
);
