/** A terminal's memory whose power goes at one of its writes. */
import type { TerminalStorage } from '../src/index.ts';

export class PowerLost extends Error {}

/** A memory whose power goes at one write: nothing of it is kept, or, of what is added, some first part. */
export class CutStorage implements TerminalStorage {
  readonly kept: Map<string, Uint8Array>;
  writes = 0;
  readonly #cutAt: number;
  readonly #keepsShare: number;

  constructor(kept: ReadonlyMap<string, Uint8Array> = new Map(), cutAt = -1, keepsShare = 0) {
    this.kept = new Map(kept);
    this.#cutAt = cutAt;
    this.#keepsShare = keepsShare;
  }

  read(name: string): Uint8Array | undefined {
    return this.kept.get(name);
  }

  write(name: string, bytes: Uint8Array): void {
    // a whole is replaced or not: the share says on which side of that the power went
    this.#step(() => this.kept.set(name, bytes), this.#keepsShare < 1 ? undefined : () => this.kept.set(name, bytes));
  }

  append(name: string, bytes: Uint8Array): void {
    const add = (count: number) => (): void => {
      this.kept.set(name, Buffer.concat([this.kept.get(name) ?? new Uint8Array(0), bytes.subarray(0, count)]));
    };
    this.#step(add(bytes.length), add(Math.floor(bytes.length * this.#keepsShare)));
  }

  #step(whole: () => void, cut: (() => void) | undefined): void {
    const isHere = this.writes++ === this.#cutAt;
    if (!isHere) {
      whole();
      return;
    }
    cut?.();
    throw new PowerLost();
  }
}
