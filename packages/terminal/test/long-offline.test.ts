/** A terminal without its host for more taps than one batch counts (999, reference iso8583.md §1.8): nothing is stuck or lost. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type DockedTerminal, type JournalEntry, type TerminalStorage, VolatileStorage } from '../src/index.ts';
import { CutStorage, PowerLost } from './cut-storage.ts';
import { personalisedCard } from './personalised-card.ts';
import { powerUp } from './powered-terminal.ts';
import { ScriptedHost } from './scripted-host.ts';

/** In place of the 950 of `BATCH_TRACES_MAX`. */
const BATCH_TAPS = 5;
let host: ScriptedHost;
beforeEach(() => {
  host = new ScriptedHost();
});

/** One real purchase, journalled so often: what counts here is the numbering. */
function journalled(terminal: DockedTerminal, taps: number): JournalEntry[] {
  const outcome = terminal.tap(personalisedCard(), { kind: 'purchase', amountFen: 100, at: '20180901083000' });
  if (outcome.result !== 'accepted') throw new Error('the purchase was refused');
  const { journal } = terminal.terminal!;
  const { sequenceNo: _s, batchNo: _b, traceNo: _t, ...tap } = outcome.entry;
  return [outcome.entry, ...Array.from({ length: taps - 1 }, () => journal.confirm(journal.prepare(tap, 0)))];
}

const powered = (storage: TerminalStorage): Promise<DockedTerminal> =>
  powerUp(host, storage, { batchTracesMax: BATCH_TAPS });

describe('more taps without the host than a batch counts', () => {
  it('go into as many batches, each settled with equal totals', async () => {
    const terminal = await powered(new VolatileStorage());
    const entries = journalled(terminal, 12);
    const batches = Map.groupBy(entries, ({ batchNo }) => batchNo);
    expect([...batches].map(([batchNo, taps]) => [batchNo, taps.length, taps[0]!.traceNo])).toEqual([
      [1, 5, 1],
      [2, 5, 1],
      [3, 2, 1],
    ]);
    expect(entries.map(({ sequenceNo }) => sequenceNo)).toEqual(entries.map((_, index) => index + 1));
    expect(terminal.isBatchNearlyFull).toBe(true);
    await terminal.upload();
    expect(await terminal.settle()).toBe('equal');
    expect(host.stored.size).toBe(12);
    expect(host.batchUploads).toEqual(['207 0005', '207 0005', '207 0002']);
    expect([terminal.hasUnsettled, terminal.terminal!.journal.batchNo]).toEqual([false, 4]);
  });

  it('one batch whose totals differ brings its own details, the others none', async () => {
    const terminal = await powered(new VolatileStorage());
    journalled(terminal, 8);
    await terminal.upload();
    const lost = [...host.stored.keys()].find((key) => key.includes('000001'))!;
    host.stored.delete(lost);
    expect(await terminal.settle()).toBe('unequal');
    expect(host.batchUploads.filter((text) => text.startsWith('205'))).toHaveLength(5);
    expect(host.batchUploads.slice(-2)).toEqual(['202 0005', '207 0003']);
    expect(host.stored.size).toBe(8);
  });

  it('are all settled whatever write the power is cut at', async () => {
    const offline = new CutStorage();
    journalled(await powered(offline), 8);
    const whole = new CutStorage(offline.kept);
    await (await powered(whole)).settle();
    const writes = whole.writes;
    expect(writes).toBeGreaterThan(15);
    for (let cutAt = 0; cutAt < writes; cutAt++) {
      host = new ScriptedHost();
      const memory = new CutStorage(offline.kept, cutAt, 0.5);
      const settled = powered(memory).then((terminal) => terminal.settle());
      await expect(settled, `cut at write ${cutAt}`).rejects.toBeInstanceOf(PowerLost);
      const again = await powered(new CutStorage(memory.kept));
      if (again.hasUnsettled || again.terminal!.journal.entries.length > 0) await again.settle();
      expect(host.stored.size, `cut at write ${cutAt}`).toBe(8);
      expect([...new Set(host.batchUploads)].sort()).toEqual(['207 0003', '207 0005']);
      expect(again.hasUnsettled).toBe(false);
    }
  });
});
