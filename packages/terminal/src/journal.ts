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

/** What must survive a loss of power. */
export interface JournalState {
  readonly sequenceNo: number;
  readonly batchNo: number;
  readonly traceNo: number;
  readonly pending: readonly PendingTap[];
  readonly entries: readonly JournalEntry[];
}

/** A tap whose last READ RECORD was about to be sent: committed or not, the card knows. */
export interface PendingTap {
  readonly tap: TapData;
  readonly tornAtMs: number;
  /** 9F4B of the GPO answer, so that a returning card can still prove itself. */
  readonly signature?: Uint8Array;
}

export interface JournalStorage {
  load(): JournalState | undefined;
  save(state: JournalState): void;
}

export const MEMORY_ONLY: JournalStorage = { load: () => undefined, save: () => undefined };

export class Journal {
  readonly #storage: JournalStorage;
  #sequenceNo: number;
  #batchNo: number;
  #traceNo: number;
  #pending: PendingTap[];
  #entries: JournalEntry[];

  constructor(storage: JournalStorage, batchNo: number) {
    this.#storage = storage;
    const state = storage.load();
    this.#sequenceNo = state?.sequenceNo ?? 0;
    this.#batchNo = state?.batchNo ?? batchNo;
    this.#traceNo = state?.traceNo ?? 0;
    this.#pending = [...(state?.pending ?? [])];
    this.#entries = [...(state?.entries ?? [])];
  }

  get batchNo(): number {
    return this.#batchNo;
  }

  /** Entries waiting for upload, oldest first. */
  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  get pending(): readonly PendingTap[] {
    return this.#pending;
  }

  /** Before the committing command. */
  prepare(tap: TapData, nowMs: number, signature?: Uint8Array): PendingTap {
    const pending = { tap, tornAtMs: nowMs, ...(signature === undefined ? {} : { signature }) };
    this.#pending.push(pending);
    this.#save();
    return pending;
  }

  /** The card committed: the tap gets its numbers. `resolved` replaces what was prepared, e.g. with its torn outcome. */
  confirm(pending: PendingTap, resolved: TapData = pending.tap): JournalEntry {
    this.#remove(pending);
    const entry = { ...resolved, sequenceNo: ++this.#sequenceNo, batchNo: this.#batchNo, traceNo: ++this.#traceNo };
    this.#entries.push(entry);
    this.#save();
    return entry;
  }

  /** The card did not commit: nothing happened. */
  drop(pending: PendingTap): void {
    this.#remove(pending);
    this.#save();
  }

  /** The platform has these, durably. */
  uploaded(entry: JournalEntry): void {
    this.#entries = this.#entries.filter((candidate) => candidate !== entry);
    this.#save();
  }

  /** After settlement: the next batch, traces from 1 again. */
  nextBatch(): void {
    this.#batchNo = (this.#batchNo % 999_999) + 1;
    this.#traceNo = 0;
    this.#save();
  }

  /** A number that no tap gets: only for planting a gap between terminal and platform. */
  skipSequence(): void {
    this.#sequenceNo++;
    this.#save();
  }

  /** A trace number for a message that is no new tap. */
  nextTrace(): number {
    this.#traceNo++;
    this.#save();
    return this.#traceNo;
  }

  #remove(pending: PendingTap): void {
    this.#pending = this.#pending.filter((candidate) => candidate !== pending);
  }

  #save(): void {
    this.#storage.save({
      sequenceNo: this.#sequenceNo,
      batchNo: this.#batchNo,
      traceNo: this.#traceNo,
      pending: this.#pending,
      entries: this.#entries,
    });
  }
}
