import { describe, expect, it } from 'vitest';
import { Journal, type JournalState, type JournalStorage, type TapData } from '../src/index.ts';

class Memory implements JournalStorage {
  state: JournalState | undefined;
  load(): JournalState | undefined {
    return this.state;
  }
  save(state: JournalState): void {
    this.state = state;
  }
}
const tap = (pan: string): TapData => ({
  pan,
  psn: '01',
  atc: 1,
  amountFen: 100,
  clearingData: new Map(),
  industry: { tornOutcome: 'normal' } as TapData['industry'],
  recordsInOrder: [],
});

describe('the offline journal', () => {
  it('numbers what the card committed, without holes, over batches', () => {
    const journal = new Journal(new Memory(), 7);
    const dropped = journal.prepare(tap('1'), 0);
    journal.drop(dropped);
    const first = journal.confirm(journal.prepare(tap('2'), 0));
    journal.closeBatch();
    journal.endBatch();
    const second = journal.confirm(journal.prepare(tap('3'), 0));
    expect([first, second].map(({ sequenceNo, batchNo, traceNo }) => [sequenceNo, batchNo, traceNo])).toEqual([
      [1, 7, 1],
      [2, 8, 1],
    ]);
  });

  it('opens the next batch before one has more taps than its totals can count', () => {
    const journal = new Journal(new Memory(), 999_999);
    const entries = Array.from({ length: 1_901 }, () => journal.confirm(journal.prepare(tap('1'), 0)));
    expect(
      [...Map.groupBy(entries, ({ batchNo }) => batchNo)].map(([batchNo, taps]) => [batchNo, taps.length]),
    ).toEqual([
      [999_999, 950],
      [1, 950],
      [2, 1],
    ]);
    for (const entry of entries.toReversed()) journal.uploaded(entry);
    expect(journal.full.map(({ uploadedCount, uploadedFen }) => [uploadedCount, uploadedFen])).toEqual([
      [950, 95_000],
      [950, 95_000],
    ]);
    expect([journal.closeBatch(), journal.full.length]).toMatchObject([{ batchNo: 999_999, uploadedCount: 950 }, 1]);
  });

  it('after a loss of power at any moment it knows what was pending, what is to upload, and the next number', () => {
    const memory = new Memory();
    const journal = new Journal(memory, 1);
    journal.confirm(journal.prepare(tap('1'), 0));
    journal.prepare(tap('2'), 5);
    const again = new Journal(memory, 1);
    expect(again.pending.map((pending) => [pending.tap.pan, pending.tornAtMs])).toEqual([['2', 5]]);
    expect(again.entries).toHaveLength(1);
    again.uploaded(again.entries[0]!);
    const resolved = again.confirm(again.pending[0]!);
    expect(resolved.sequenceNo).toBe(2);
    const last = new Journal(memory, 1);
    expect(last.pending).toEqual([]);
    expect(last.entries.map((entry) => entry.pan)).toEqual(['2']);
  });
});
