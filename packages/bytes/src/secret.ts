import { PolycardError } from './errors.ts';

/**
 * Clear key bytes. Prints as its check value everywhere (text, JSON, inspection), opens only by `expose()`, which is
 * what a reviewer greps for, and can be wiped.
 */
export class Secret {
  #bytes: Uint8Array | undefined;
  /** Check value (KCV) as hex; safe to show. */
  readonly checkValue: string;

  constructor(bytes: Uint8Array, checkValue: string) {
    this.#bytes = Uint8Array.from(bytes);
    this.checkValue = checkValue;
  }

  get lengthBytes(): number {
    return this.expose().length;
  }

  expose(): Uint8Array {
    if (this.#bytes === undefined) {
      throw new PolycardError('POLYCARD_SECRET_WIPED', `key with check value ${this.checkValue} was wiped`);
    }
    return this.#bytes;
  }

  wipe(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  toString(): string {
    return `Secret(KCV ${this.checkValue})`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** First six and last four digits, the rest as `*`; shorter numbers show nothing but their last two. */
export function maskPan(pan: string): string {
  if (pan.length < 13) return `${'*'.repeat(Math.max(0, pan.length - 2))}${pan.slice(-2)}`;
  return `${pan.slice(0, 6)}${'*'.repeat(pan.length - 10)}${pan.slice(-4)}`;
}
