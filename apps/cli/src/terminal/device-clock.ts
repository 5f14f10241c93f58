/** The clock of a terminal on this machine: set by its host where the machine's own differs, kept in its memory. */
import type { TerminalStorage } from '@polycard/terminal';
import { localTime } from '../local-time.ts';

const NAME = 'clock';

export class DeviceClock {
  readonly #storage: TerminalStorage;
  #offsetMs: number;

  constructor(storage: TerminalStorage) {
    this.#storage = storage;
    const kept = storage.read(NAME);
    this.#offsetMs = kept === undefined ? 0 : Number(Buffer.from(kept).toString('utf8'));
  }

  /** Local time YYYYMMDDhhmmss. */
  now(): string {
    return localTime(new Date(Date.now() + this.#offsetMs));
  }

  set(local: string): void {
    const part = (start: number, length = 2): number => Number(local.slice(start, start + length));
    const wanted = new Date(part(0, 4), part(4) - 1, part(6), part(8), part(10), part(12));
    this.#offsetMs = wanted.getTime() - Date.now();
    this.#storage.write(NAME, Buffer.from(String(this.#offsetMs), 'utf8'));
  }
}
