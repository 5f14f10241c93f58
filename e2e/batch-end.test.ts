/** Unequal totals between our terminal library and our platform, over TCP: they agree afterwards, or the difference has a name. */
import { VirtualCard } from '@polycard/card';
import { seededRandom, systemRandom } from '@polycard/crypto';
import type { FleetTerminal } from '@polycard/fleet';
import { type JournalState, MEMORY_ONLY, Terminal } from '@polycard/terminal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUS, openSmallSite, type SmallSite } from './small-site.ts';

let site: SmallSite;
let terminal: FleetTerminal;
let card: VirtualCard;
beforeAll(async () => {
  site = await openSmallSite({ cards: 1, seed: 'batch end' });
  terminal = site.terminals[BUS]!;
  card = VirtualCard.restore(site.cards[0]!.snapshot, { random: seededRandom('batch end') });
}, 120_000);
afterAll(async () => {
  await site?.close();
});

function buy(amountFen: number): void {
  const outcome = terminal.terminal!.tap(card, { kind: 'purchase', at: '20180901090000', amountFen });
  expect(outcome.result).toBe('accepted');
  card.reset();
}

async function exceptions(): Promise<{ reason: string; state: string; explanation: { en: string } }[]> {
  return (await site.api.get<{ rows: never[] }>('/api/exceptions?reason=batch-totals')).rows;
}

describe('a batch whose totals differ', () => {
  it('is made whole when the platform lost a tap: it comes again, and the exception closes', async () => {
    for (const amountFen of [100, 200, 300]) buy(amountFen);
    // as a platform that was set back to the day before: the terminal has its answer, the platform has nothing
    const { journal } = terminal.terminal!;
    journal.uploaded(journal.entries[1]!);
    await terminal.upload();
    expect((await site.api.get<{ total: number }>('/api/taps?kind=purchase')).total).toBe(2);
    expect(await terminal.settle()).toBe('unequal');
    expect((await site.api.get<{ total: number }>('/api/taps?kind=purchase')).total).toBe(3);
    expect(await exceptions()).toMatchObject([
      {
        state: 'resolved',
        explanation: {
          en: 'At settlement the terminal had 3 taps, the platform 2. After the batch upload both have the same 3',
        },
      },
    ]);
  });

  it('names what only the platform has, when the terminal lost it', async () => {
    for (const amountFen of [400, 500]) buy(amountFen);
    await terminal.upload();
    // as a terminal whose memory was exchanged: it knows the first of the two only
    const { configuration, parameters, journal } = terminal.terminal!;
    const [first] = journal.batch;
    const state: JournalState = {
      ...{ ...journal.counters, traceNo: 1, uploadedCount: 1, uploadedFen: first!.amountFen },
      ...{ pending: [], entries: [], late: [], batch: [first!] },
    };
    terminal.terminal = new Terminal(configuration, parameters, {
      ...{ psam: { updateMac: () => new Uint8Array(4) }, random: systemRandom, monotonicUs: () => 0, nowMs: () => 0 },
      storage: { ...MEMORY_ONLY, load: () => state },
    });
    expect(await terminal.settle()).toBe('unequal');
    expect(
      (await exceptions()).filter(({ state: open }) => open === 'open').map(({ explanation }) => explanation.en),
    ).toEqual(
      expect.arrayContaining(['Batch upload: only the terminal has traces –; only the platform 2; other amounts –']),
    );
  });
});
