/**
 * What a terminal keeps over a loss of power. The library says what it needs of a memory; flash, file or database give
 * it. Names are short lower-case words with hyphens.
 */

export interface TerminalStorage {
  /** Everything under this name: what was written last and all that was added since. */
  read(name: string): Uint8Array | undefined;
  /** Replaces the whole. Cut at any moment, `read` gives the old or the new; once it returned, the new. */
  write(name: string, bytes: Uint8Array): void;
  /** Adds at the end. Cut at any moment, `read` gives some first part of what was added; once it returned, all of it. */
  append(name: string, bytes: Uint8Array): void;
}

/** Keeps nothing over a loss of power: for simulated terminals that never have one. */
export class VolatileStorage implements TerminalStorage {
  readonly #values = new Map<string, Uint8Array>();

  read(name: string): Uint8Array | undefined {
    return this.#values.get(name);
  }

  write(name: string, bytes: Uint8Array): void {
    this.#values.set(name, bytes);
  }

  append(name: string, bytes: Uint8Array): void {
    this.#values.set(name, Buffer.concat([this.#values.get(name) ?? new Uint8Array(0), bytes]));
  }
}
