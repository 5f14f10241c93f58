/** Listed cards that were held to the terminal, until the host has been told of them; kept over a loss of power. */
import type { TerminalStorage } from '../docking/storage.ts';
import type { DenyListHit } from './tap-list.ts';

const HITS = 'deny-list-hits';
const KEPT_MAX = 1000;

export class DenyListHits {
  #storage: TerminalStorage;
  #next = 1;
  #waiting: DenyListHit[] = [];

  constructor(storage: TerminalStorage) {
    this.#storage = storage;
  }

  get waiting(): readonly DenyListHit[] {
    return this.#waiting;
  }

  restore(storage: TerminalStorage): void {
    this.#storage = storage;
    const bytes = storage.read(HITS);
    if (bytes === undefined) return;
    try {
      const kept = JSON.parse(new TextDecoder().decode(bytes)) as { next: number; waiting: DenyListHit[] };
      this.#next = kept.next;
      this.#waiting = kept.waiting;
    } catch {
      // a report that cannot be read is lost; the list itself still refuses the card
      this.#waiting = [];
    }
  }

  /** The oldest report gives way when nobody has fetched a thousand of them: the card is refused all the same. */
  note(hit: Omit<DenyListHit, 'hitNo'>): void {
    this.#waiting = [...this.#waiting, { hitNo: this.#next++, ...hit }].slice(-KEPT_MAX);
    this.#keep();
  }

  /** The host has it. */
  told(hit: DenyListHit): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting !== hit);
    this.#keep();
  }

  #keep(): void {
    const kept = { next: this.#next, waiting: this.#waiting };
    this.#storage.write(HITS, new TextEncoder().encode(JSON.stringify(kept)));
  }
}
