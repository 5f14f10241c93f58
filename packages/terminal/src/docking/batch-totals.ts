/** What the host has of the open batch: settled as field 48 says it. A batch count has three digits. */
import type { JournalEntry } from '../journal.ts';

/** Settle before the count is full: taps may come in between. */
const NEARLY_FULL = 900;

export interface BatchTotals {
  readonly debitFen: number;
  readonly debitCount: number;
}

export const NO_TOTALS: BatchTotals = { debitFen: 0, debitCount: 0 };

export function withEntry({ debitFen, debitCount }: BatchTotals, entry: JournalEntry): BatchTotals {
  return { debitFen: debitFen + entry.amountFen, debitCount: debitCount + 1 };
}

export function isNearlyFull({ debitCount }: BatchTotals, waiting: number): boolean {
  return debitCount + waiting >= NEARLY_FULL;
}
