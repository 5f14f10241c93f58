/**
 * The offline journal: every tap the terminal knows to be committed, numbered without holes, until the platform has it.
 * A tap is noted as pending before the command that commits it on the card, so a terminal that loses power at that
 * moment finds it again and resolves it with the card.
 */
import type { Fare } from '@polycard/fares';
import type { IndustryData } from './industry-data.ts';
import type { RecordAddress } from './kernel/read-application-data.ts';

/** A tap as it will be uploaded, before it has its numbers. */
export interface TapData {
  readonly pan: string;
  readonly psn: string;
  readonly atc: number;
  readonly amountFen: number;
  /** F55 objects by tag. */
  readonly clearingData: ReadonlyMap<string, Uint8Array>;
  readonly industry: IndustryData;
  readonly fare?: Fare;
  /** Records of the AFL, the committing one last: what recovery reads again. */
  readonly recordsInOrder: readonly RecordAddress[];
}

export interface JournalEntry extends TapData {
  /** 9F41: the terminal's own number of this tap, without holes over batches. */
  readonly sequenceNo: number;
  readonly batchNo: number;
  /** Field 11, from 1 in each batch. */
  readonly traceNo: number;
}

/** Numbers of the journal, and what of the open batch the platform has. */
export interface JournalCounters {
  readonly sequenceNo: number;
  readonly batchNo: number;
  readonly traceNo: number;
  readonly uploadedFen: number;
  readonly uploadedCount: number;
}

/** What must survive a loss of power. */
export interface JournalState extends JournalCounters {
  readonly pending: readonly PendingTap[];
  readonly entries: readonly JournalEntry[];
  /** Torn taps that were given up as unresolved: a card that comes back later may still tell. The oldest go first. */
  readonly late: readonly LateTap[];
  /** What the platform has of the open batch: its details, should the totals differ. At most 999. */
  readonly batch: readonly JournalEntry[];
  /** Batches that took no more and are not settled yet, oldest first: a terminal may be without its host for long. */
  readonly full?: readonly FullBatch[];
  /** A batch that is being settled; taps go into the next one meanwhile. */
  readonly closing?: ClosingBatch;
}

/** A batch that had all the taps it can count before the host was there to settle it. */
export interface FullBatch {
  readonly batchNo: number;
  readonly uploadedFen: number;
  readonly uploadedCount: number;
  /** What the platform has of it. */
  readonly uploaded: readonly JournalEntry[];
}

/** A batch from before its settlement to its end. */
export interface ClosingBatch {
  readonly batchNo: number;
  readonly uploadedFen: number;
  readonly uploadedCount: number;
  /** As the host answered; undefined before. */
  readonly totals?: 'equal' | 'unequal';
  /** Details the host has. */
  readonly detailedCount: number;
  /** Details it does not have yet, in order; none are needed after equal totals. */
  readonly details: readonly JournalEntry[];
}

/** Uploaded or not, it is in the journal as unresolved already. */
export interface LateTap {
  readonly entry: JournalEntry;
  readonly tornAtMs: number;
  /** 9F4B of the GPO answer, so that a returning card can still prove itself. */
  readonly signature?: Uint8Array;
}

/** A tap whose last READ RECORD was about to be sent: committed or not, the card knows. */
export interface PendingTap {
  readonly tap: TapData;
  readonly tornAtMs: number;
  /** 9F4B of the GPO answer, so that a returning card can still prove itself. */
  readonly signature?: Uint8Array;
}

/** One step of the journal; a storage that appends needs no more than these. Positions count from 0, oldest first. */
export type JournalChange =
  | { readonly kind: 'prepared'; readonly pending: PendingTap }
  /** The pending tap at this position became an entry. */
  | { readonly kind: 'confirmed'; readonly position: number; readonly entry: JournalEntry }
  | { readonly kind: 'dropped'; readonly position: number }
  /** Position -1: an upload that is no entry of the journal, which is `copy`. */
  | { readonly kind: 'uploaded'; readonly position: number; readonly copy?: JournalEntry }
  /** A late tap was told by its card, or is too old. */
  | { readonly kind: 'forgotten'; readonly position: number }
  /** The open batch takes no more: the next one is open. */
  | { readonly kind: 'filled' }
  /** The oldest full batch, else the open one, is to be settled: it is the closing one now. */
  | { readonly kind: 'closing' }
  | { readonly kind: 'settled'; readonly totals: 'equal' | 'unequal' }
  /** The host has the detail at this position of the closing batch. */
  | { readonly kind: 'detailed'; readonly position: number }
  | { readonly kind: 'ended' }
  /** Only the counters. */
  | { readonly kind: 'counted' };

export interface JournalStorage {
  load(): JournalState | undefined;
  /** Durable when it returns. `state` is the whole, `change` what led to it. */
  save(state: JournalState, change: JournalChange): void;
}

export const MEMORY_ONLY: JournalStorage = { load: () => undefined, save: () => undefined };

/** What is kept of an uploaded tap: all that goes into a message. */
export function asDetail({ fare: _fare, ...entry }: JournalEntry): JournalEntry {
  return { ...entry, recordsInOrder: [] };
}

/** Late taps kept: each costs a look at every card. */
const LATE_MAX = 8;

/** The list with one more, as the journal keeps it. */
export function withLate(
  late: readonly LateTap[],
  entry: JournalEntry,
  pending: Omit<PendingTap, 'tap'> | undefined,
): LateTap[] {
  if (entry.industry.tornOutcome !== 'unresolved' || pending === undefined) return [...late];
  const { tornAtMs, signature } = pending;
  return [...late, { entry, tornAtMs, ...(signature === undefined ? {} : { signature }) }].slice(-LATE_MAX);
}

const BATCH_NO_MAX = 999_999;
/** Traces given in one batch; its totals count up to 999, and messages that are no new tap take traces too. */
export const BATCH_TRACES_MAX = 950;

const batchAfter = (batchNo: number): number => (batchNo % BATCH_NO_MAX) + 1;

/** The full batches with this upload counted to its own; undefined when it belongs to none of them. */
export function countedToFull(full: readonly FullBatch[], entry: JournalEntry): FullBatch[] | undefined {
  const index = full.findIndex(({ batchNo }) => batchNo === entry.batchNo);
  if (index < 0) return undefined;
  const { batchNo, uploadedFen, uploadedCount, uploaded } = full[index]!;
  return full.with(index, {
    ...{ batchNo, uploadedFen: uploadedFen + entry.amountFen, uploadedCount: uploadedCount + 1 },
    uploaded: [...uploaded, asDetail(entry)],
  });
}

export const closingOf = ({ uploaded, ...totals }: FullBatch): ClosingBatch => ({
  ...totals,
  detailedCount: 0,
  details: uploaded,
});

export const settledBatch = (closing: ClosingBatch, totals: 'equal' | 'unequal'): ClosingBatch => ({
  ...closing,
  totals,
  ...(totals === 'equal' ? { details: [] } : {}),
});

export const detailedBatch = (closing: ClosingBatch, position: number): ClosingBatch => ({
  ...closing,
  detailedCount: closing.detailedCount + 1,
  details: closing.details.toSpliced(position, 1),
});

const FIRST: JournalCounters = { sequenceNo: 0, batchNo: 1, traceNo: 0, uploadedFen: 0, uploadedCount: 0 };

export class Journal {
  readonly #storage: JournalStorage;
  readonly #batchTracesMax: number;
  #counters: JournalCounters;
  #pending: PendingTap[];
  #entries: JournalEntry[];
  #late: LateTap[];
  #batch: JournalEntry[];
  #full: FullBatch[];
  #closing: ClosingBatch | undefined;

  constructor(storage: JournalStorage, batchNo: number, batchTracesMax = BATCH_TRACES_MAX) {
    this.#storage = storage;
    this.#batchTracesMax = batchTracesMax;
    const empty: JournalState = { ...FIRST, batchNo, pending: [], entries: [], late: [], batch: [] };
    const { pending, entries, late, batch = [], full = [], closing, ...counters } = storage.load() ?? empty;
    this.#counters = counters;
    this.#late = [...late];
    this.#batch = [...batch];
    this.#full = [...full];
    this.#closing = closing;
    this.#pending = [...pending];
    this.#entries = [...entries];
  }

  get batchNo(): number {
    return this.#counters.batchNo;
  }

  /** Numbers given so far, and the totals of the open batch that the platform has. */
  get counters(): JournalCounters {
    return this.#counters;
  }

  /** Entries waiting for upload, oldest first. */
  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  get pending(): readonly PendingTap[] {
    return this.#pending;
  }

  /** Torn taps given up as unresolved that their cards may still tell about, oldest first. */
  get late(): readonly LateTap[] {
    return this.#late;
  }

  /** What the platform has of the open batch. */
  get batch(): readonly JournalEntry[] {
    return this.#batch;
  }

  /** Batches that took no more and are not settled yet, oldest first. */
  get full(): readonly FullBatch[] {
    return this.#full;
  }

  /** The batch that is being settled. */
  get closing(): ClosingBatch | undefined {
    return this.#closing;
  }

  /** Before the committing command. */
  prepare(tap: TapData, nowMs: number, signature?: Uint8Array): PendingTap {
    const pending = { tap, tornAtMs: nowMs, ...(signature === undefined ? {} : { signature }) };
    this.#pending.push(pending);
    this.#save({ kind: 'prepared', pending });
    return pending;
  }

  /** The card committed: the tap gets its numbers. `resolved` replaces what was prepared, e.g. with its torn outcome. */
  confirm(pending: PendingTap, resolved: TapData = pending.tap): JournalEntry {
    if (this.#counters.traceNo >= this.#batchTracesMax) this.#fillBatch();
    const position = this.#remove(pending);
    this.#count({ sequenceNo: this.#counters.sequenceNo + 1, traceNo: this.#counters.traceNo + 1 });
    const { sequenceNo, batchNo, traceNo } = this.#counters;
    const entry = { ...resolved, sequenceNo, batchNo, traceNo };
    this.#entries.push(entry);
    this.#late = withLate(this.#late, entry, pending);
    this.#save({ kind: 'confirmed', position, entry });
    return entry;
  }

  /** A late tap is told: nobody need ask its card again. */
  forget(late: LateTap): void {
    const position = this.#late.indexOf(late);
    if (position < 0) return;
    this.#late.splice(position, 1);
    this.#save({ kind: 'forgotten', position });
  }

  /** The card did not commit: nothing happened. */
  drop(pending: PendingTap): void {
    this.#save({ kind: 'dropped', position: this.#remove(pending) });
  }

  /** The platform has this, durably: it counts to the totals of the batch. */
  uploaded(entry: JournalEntry): void {
    const position = this.#entries.indexOf(entry);
    if (position >= 0) this.#entries.splice(position, 1);
    const full = countedToFull(this.#full, entry);
    if (full === undefined) {
      const { uploadedFen, uploadedCount } = this.#counters;
      this.#count({ uploadedFen: uploadedFen + entry.amountFen, uploadedCount: uploadedCount + 1 });
      this.#batch.push(asDetail(entry));
    } else this.#full = full;
    this.#save({ kind: 'uploaded', position, ...(position < 0 ? { copy: entry } : {}) });
  }

  /** Before settlement: the oldest batch, everything of it uploaded. Taps go into a later one. */
  closeBatch(): ClosingBatch {
    this.#closing = closingOf(this.#full.shift() ?? this.#endOpenBatch());
    this.#save({ kind: 'closing' });
    return this.#closing;
  }

  /** The host compared the totals of the closing batch; equal ones need no details. */
  settled(totals: 'equal' | 'unequal'): void {
    this.#closing = settledBatch(this.#closing!, totals);
    this.#save({ kind: 'settled', totals });
  }

  /** The host has this detail of the closing batch. */
  detailed(entry: JournalEntry): void {
    const position = this.#closing?.details.indexOf(entry) ?? -1;
    if (position < 0) return;
    this.#closing = detailedBatch(this.#closing!, position);
    this.#save({ kind: 'detailed', position });
  }

  /** The closing batch has come to its end. */
  endBatch(): void {
    this.#closing = undefined;
    this.#save({ kind: 'ended' });
  }

  /** A number that no tap gets: only for planting a gap between terminal and platform. */
  skipSequence(): void {
    this.#count({ sequenceNo: this.#counters.sequenceNo + 1 });
    this.#save({ kind: 'counted' });
  }

  /** A trace number for a message that is no new tap. */
  nextTrace(): number {
    this.#count({ traceNo: this.#counters.traceNo + 1 });
    this.#save({ kind: 'counted' });
    return this.#counters.traceNo;
  }

  #fillBatch(): void {
    this.#full.push(this.#endOpenBatch());
    this.#save({ kind: 'filled' });
  }

  /** Taps go into the next batch from here on, traces from 1 again. */
  #endOpenBatch(): FullBatch {
    const { batchNo, uploadedFen, uploadedCount } = this.#counters;
    const ended = { batchNo, uploadedFen, uploadedCount, uploaded: this.#batch };
    this.#batch = [];
    this.#count({ batchNo: batchAfter(batchNo), traceNo: 0, uploadedFen: 0, uploadedCount: 0 });
    return ended;
  }

  #count(changed: Partial<JournalCounters>): void {
    this.#counters = { ...this.#counters, ...changed };
  }

  #remove(pending: PendingTap): number {
    const position = this.#pending.indexOf(pending);
    if (position >= 0) this.#pending.splice(position, 1);
    return position;
  }

  #save(change: JournalChange): void {
    const closing = this.#closing === undefined ? {} : { closing: this.#closing };
    this.#storage.save(
      {
        ...{ ...this.#counters, pending: this.#pending, entries: this.#entries, late: this.#late },
        ...{ batch: this.#batch, full: this.#full, ...closing },
      },
      change,
    );
  }
}
