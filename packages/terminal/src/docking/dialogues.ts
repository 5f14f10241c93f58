/** Dialogues of every n-th tap, as the parameters ask, kept until they are uploaded. */
import { deflateRawSync } from 'node:zlib';
import { toHex } from '@polycard/bytes';
import type { JournalEntry } from '../journal.ts';
import type { Exchange } from '../kernel/exchange.ts';

export interface KeptDialogue {
  readonly entry: JournalEntry;
  /** Compressed JSON: one array of phase, command, response, start and card time in microseconds for each exchange. */
  readonly packed: () => Uint8Array;
}

export class Dialogues {
  #kept: KeptDialogue[] = [];
  #taps = 0;

  /** `every` 0 keeps none. */
  add(every: number, entry: JournalEntry, exchanges: readonly Exchange[]): void {
    if (every > 0 && this.#taps % every === 0) this.#kept.push({ entry, packed: () => packed(exchanges) });
    this.#taps++;
  }

  takeAll(): readonly KeptDialogue[] {
    const kept = this.#kept;
    this.#kept = [];
    return kept;
  }
}

function packed(exchanges: readonly Exchange[]): Uint8Array {
  return deflateRawSync(
    JSON.stringify(
      exchanges.map(({ phase, command, response, startUs, cardUs }) => [
        phase,
        toHex(command),
        toHex(response),
        startUs,
        cardUs,
      ]),
    ),
  );
}
