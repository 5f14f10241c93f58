/** The end of a batch whose totals differ: what the host lost comes again, details in their order, the end; cut anywhere. */
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DockedTerminal, type TapRequest, type TerminalStorage, VolatileStorage } from '../src/index.ts';
import { CutStorage, PowerLost } from './cut-storage.ts';
import { personalisedCard } from './personalised-card.ts';
import { powerUp } from './powered-terminal.ts';
import { ScriptedHost } from './scripted-host.ts';

const PURCHASES = [300, 400, 500].map(
  (amountFen, minute): TapRequest => ({ kind: 'purchase', amountFen, at: `2018090108300${minute}` }),
);
const issued = personalisedCard().snapshot();
let host: ScriptedHost;
beforeEach(() => {
  host = new ScriptedHost();
});

/** Three purchases that the host has, and then it loses the second one. */
async function uploaded(storage: TerminalStorage): Promise<DockedTerminal> {
  const terminal = await powerUp(host, storage);
  const card = VirtualCard.restore(issued, { random: seededRandom('card') });
  for (const purchase of PURCHASES) terminal.tap(card, purchase);
  await terminal.upload();
  loseOne();
  return terminal;
}

function loseOne(): void {
  const [second] = [...host.stored].filter(([, { amountFen }]) => amountFen === 400);
  if (second !== undefined) host.stored.delete(second[0]);
}

const DETAILS = [
  [1, 300],
  [2, 400],
  [3, 500],
];

describe('a batch whose totals differ', () => {
  it('brings what the host lost, then every detail under its own trace, then the end that says so', async () => {
    const terminal = await uploaded(new VolatileStorage());
    expect(await terminal.settle()).toBe('unequal');
    expect(host.batchUploads).toEqual(['205 1', '205 2', '205 3', '202 0003']);
    expect([...host.details]).toEqual(DETAILS);
    expect(host.stored.size).toBe(3);
    expect(terminal.terminal!.journal).toMatchObject({ batchNo: 2, batch: [], closing: undefined });
    expect(terminal.hasUnsettled).toBe(false);
  });

  it('equal totals need no details', async () => {
    const terminal = await powerUp(host, new VolatileStorage());
    terminal.tap(personalisedCard(), PURCHASES[0]!);
    await terminal.upload();
    expect(await terminal.settle()).toBe('equal');
    expect(host.batchUploads).toEqual(['207 0001']);
  });

  it('finishes the round before it sends a refused detail again', async () => {
    const terminal = await uploaded(new VolatileStorage());
    host.refusesDetails = 1;
    await terminal.settle();
    expect(host.batchUploads).toEqual(['205 1', '205 2', '205 3', '205 1', '202 0003']);
  });

  it('ends with the details that the host took, when it goes on refusing some', async () => {
    const terminal = await uploaded(new VolatileStorage());
    host.refusesDetails = 99;
    expect(await terminal.settle()).toBe('unequal');
    expect(host.batchUploads.at(-1)).toBe('202 0000');
    expect(host.batchUploads).toHaveLength(10);
  });

  it('uploads what waits before it asks for totals', async () => {
    const terminal = await powerUp(host, new VolatileStorage());
    terminal.tap(personalisedCard(), PURCHASES[0]!);
    expect(await terminal.settle()).toBe('equal');
    expect(host.stored.size).toBe(1);
  });

  it('taps in between belong to the next batch', async () => {
    const terminal = await uploaded(new VolatileStorage());
    host.misbehaves = 'silent';
    await expect(terminal.settle()).rejects.toThrow();
    const next = terminal.tap(personalisedCard(), PURCHASES[0]!);
    expect(next).toMatchObject({ entry: { batchNo: 2, traceNo: 1 } });
    host.misbehaves = undefined;
    expect(await terminal.settle()).toBe('unequal');
    expect(host.batchUploads.map((text) => text.slice(0, 3))).toEqual(['205', '205', '205', '202', '207']);
    expect(terminal.terminal!.journal.batchNo).toBe(3);
  });

  it('goes on where a loss of power ended it, at every write', async () => {
    const whole = new CutStorage();
    const before = await uploaded(whole).then(() => whole.writes);
    await (await powerUp(host, new CutStorage(whole.kept))).settle();
    for (let cutAt = before; ; cutAt++) {
      host = new ScriptedHost();
      const memory = new CutStorage(new Map(), cutAt, 0.5);
      const terminal = await uploaded(memory);
      const settled = await terminal.settle().then(
        () => true,
        (error: unknown) => {
          expect(error).toBeInstanceOf(PowerLost);
          return false;
        },
      );
      if (settled) {
        expect(cutAt).toBeGreaterThan(before + 5);
        return;
      }
      const again = await powerUp(host, new CutStorage(memory.kept));
      if (again.hasUnsettled) await again.settle();
      expect([...host.details], `cut at write ${cutAt}`).toEqual(DETAILS);
      expect(host.stored.size).toBe(3);
      expect(host.batchUploads.at(-1)).toBe('202 0003');
      expect(again.terminal!.journal).toMatchObject({ batchNo: 2, closing: undefined });
    }
  });
});
