/**
 * Finds thousands of secrets in much text, each in every form somebody might have written it in, by looking at each run
 * of digits, hexadecimal, base64 and decimal bytes once.
 */

const KEY_BYTES = 16;
/** Of base64: what depends on the first 16 bytes of a key alone, whichever of three ways it is aligned. */
const BASE64_CHARS = 16;

export interface Found {
  readonly secret: string;
  readonly form: string;
}

export class SecretSearch {
  readonly #keysByHex = new Map<string, string>();
  readonly #keysByBase64 = new Map<string, string>();
  readonly #keysByRaw = new Map<string, string>();
  readonly #accountNumbers = new Map<string, string>();
  readonly #lengths = new Set<number>();

  /** The first 16 bytes stand for a longer key. */
  addKey(name: string, clear: Uint8Array): void {
    const bytes = Buffer.from(clear.subarray(0, KEY_BYTES));
    if (bytes.length < KEY_BYTES) return;
    this.#keysByHex.set(bytes.toString('hex').toUpperCase(), name);
    this.#keysByRaw.set(bytes.toString('latin1'), name);
    for (let shift = 0; shift < 3; shift++) {
      const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
      this.#keysByBase64.set(text.slice(shift === 0 ? 0 : 4).slice(0, BASE64_CHARS), name);
    }
  }

  addAccountNumber(name: string, pan: string): void {
    this.#accountNumbers.set(pan, name);
    this.#lengths.add(pan.length);
  }

  get counts(): { readonly keys: number; readonly accountNumbers: number } {
    return { keys: this.#keysByHex.size, accountNumbers: this.#accountNumbers.size };
  }

  /** Each secret and form once. */
  search(text: string): Found[] {
    const found = new Map<string, Found>();
    const note = (secret: string | undefined, form: string): void => {
      if (secret !== undefined) found.set(`${secret} ${form}`, { secret, form });
    };
    const windows = (run: string, length: number, known: ReadonlyMap<string, string>, form: string): void => {
      for (let at = 0; at + length <= run.length; at++) note(known.get(run.slice(at, at + length)), form);
    };
    for (const [run] of text.matchAll(/\d(?:[ -]?\d){11,}/g)) {
      const digits = run.replace(/[ -]/g, '');
      for (const length of this.#lengths) windows(digits, length, this.#accountNumbers, 'digits');
    }
    for (const [run] of text.matchAll(/(?:3\d){12,}/g)) {
      const digits = Buffer.from(run, 'hex').toString('latin1');
      for (const length of this.#lengths) windows(digits, length, this.#accountNumbers, 'hex of its text');
    }
    for (const [run] of text.matchAll(/[0-9A-Fa-f](?:[ :]?[0-9A-Fa-f]){31,}/g))
      windows(run.replace(/[ :]/g, '').toUpperCase(), KEY_BYTES * 2, this.#keysByHex, 'hex');
    for (const [run] of text.matchAll(/\d{1,3}(?:, ?\d{1,3}){15,}/g)) {
      const bytes = Buffer.from(run.split(',').map(Number));
      windows(bytes.toString('hex').toUpperCase(), KEY_BYTES * 2, this.#keysByHex, 'decimal bytes');
    }
    for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{16,}/g))
      windows(run.replaceAll('-', '+').replaceAll('_', '/'), BASE64_CHARS, this.#keysByBase64, 'base64');
    for (const [raw, secret] of this.#rawIn(text)) note(text.includes(raw) ? secret : undefined, 'raw');
    return [...found.values()];
  }

  /** Keys whose first three bytes are somewhere in the text: only these are looked for whole. */
  *#rawIn(text: string): Generator<readonly [raw: string, secret: string]> {
    const starts = new Uint8Array(1 << 21);
    const bytes = Buffer.from(text, 'latin1');
    for (let at = 0; at + 2 < bytes.length; at++) {
      const start = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
      starts[start >> 3]! |= 1 << (start & 7);
    }
    for (const entry of this.#keysByRaw) {
      const first = Buffer.from(entry[0].slice(0, 3), 'latin1');
      const start = (first[0]! << 16) | (first[1]! << 8) | first[2]!;
      if ((starts[start >> 3]! & (1 << (start & 7))) !== 0) yield entry;
    }
  }
}
