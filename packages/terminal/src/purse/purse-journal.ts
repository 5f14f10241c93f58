/**
 * Purse taps of a terminal until they are uploaded. A tap is noted as pending before its DEBIT is sent: whether a card
 * that left has paid, its counter tells (reference pboc.md §4.4).
 */
import type { PurseIdentity } from './purse-card.ts';

export interface PurseTap {
  readonly kind: 'entry' | 'exit' | 'boarding';
  readonly card: PurseIdentity;
  readonly keyIndex: number;
  readonly keyVersion: number;
  readonly algorithmId: number;
  /** Counter before the debit. */
  readonly offlineSequence: number;
  readonly amountFen: number;
  /** Type code in MAC1 and TAC. */
  readonly type: number;
  readonly balanceAfterFen: number;
  /** 6 bytes. */
  readonly terminal: Uint8Array;
  readonly terminalSequence: Uint8Array;
  /** 7 BCD bytes. */
  readonly at: Uint8Array;
  /** Records the DEBIT writes, by SFI. */
  readonly records: readonly { readonly sfi: number; readonly bytes: Uint8Array }[];
}

export interface PurseEntry extends PurseTap {
  readonly tac: Uint8Array;
  /** Whether the PSAM found MAC2 right; `undefined` when it could not be asked any more: then the TAC alone decides. */
  readonly mac2Verified: boolean | undefined;
  readonly outcome: 'normal' | 'proof' | 'unresolved';
}

export interface PendingPurseTap {
  readonly tap: PurseTap;
  readonly tornAtMs: number;
}

export interface PurseJournalState {
  readonly pending: readonly PendingPurseTap[];
  readonly entries: readonly PurseEntry[];
}

export interface PurseJournalStorage {
  load(): PurseJournalState | undefined;
  save(state: PurseJournalState): void;
}

const NO_PROOF = new Uint8Array(4);

export class PurseJournal {
  readonly #storage: PurseJournalStorage | undefined;
  #pending: readonly PendingPurseTap[];
  #entries: readonly PurseEntry[];

  constructor(storage?: PurseJournalStorage) {
    this.#storage = storage;
    const state = storage?.load();
    this.#pending = state?.pending ?? [];
    this.#entries = state?.entries ?? [];
  }

  get entries(): readonly PurseEntry[] {
    return this.#entries;
  }

  get pending(): readonly PendingPurseTap[] {
    return this.#pending;
  }

  prepare(tap: PurseTap, nowMs: number): PendingPurseTap {
    const pending = { tap, tornAtMs: nowMs };
    this.#pending = [...this.#pending, pending];
    this.#save();
    return pending;
  }

  confirm(pending: PendingPurseTap, proof: Omit<PurseEntry, keyof PurseTap>): PurseEntry {
    const entry: PurseEntry = { ...pending.tap, ...proof };
    this.#entries = [...this.#entries, entry];
    this.#pending = this.#pending.filter((each) => each !== pending);
    this.#save();
    return entry;
  }

  /** The card says it changed nothing. */
  drop(pending: PendingPurseTap): void {
    this.#pending = this.#pending.filter((each) => each !== pending);
    this.#save();
  }

  /** Torn taps older than the window are uploaded as unresolved: their TAC is unknown. */
  expire(nowMs: number, windowMs: number): void {
    for (const pending of this.#pending.filter(({ tornAtMs }) => nowMs - tornAtMs > windowMs)) {
      this.confirm(pending, { tac: NO_PROOF, mac2Verified: undefined, outcome: 'unresolved' });
    }
  }

  #save(): void {
    this.#storage?.save({ pending: this.#pending, entries: this.#entries });
  }
}
