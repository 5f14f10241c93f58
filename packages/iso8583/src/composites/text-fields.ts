/** Reading the text that composites of F48, F62 and F63 are made of: every error names the field and the offset in it. */
import { messageError } from '../errors.ts';

export const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

export class TextCursor {
  readonly #field: string;
  readonly #bytes: Uint8Array;
  offset = 0;

  constructor(field: string, bytes: Uint8Array) {
    this.#field = field;
    this.#bytes = bytes;
  }

  static ofText(field: string, text: string): TextCursor {
    return new TextCursor(field, latin1(text));
  }

  get remaining(): number {
    return this.#bytes.length - this.offset;
  }

  text(length: number, what: string): string {
    return Buffer.from(this.bytes(length, what)).toString('latin1');
  }

  digits(length: number, what: string): string {
    const at = this.offset;
    const text = this.text(length, what);
    if (!/^\d*$/.test(text)) throw this.error(at, `${length} digits of ${what}`, 'other characters');
    return text;
  }

  number(length: number, what: string): number {
    return Number(this.digits(length, what));
  }

  oneOf<Value>(choices: Readonly<Record<string, Value>>, what: string): Value {
    const at = this.offset;
    const found = this.text(1, what);
    const value = Object.hasOwn(choices, found) ? choices[found] : undefined;
    if (value === undefined) throw this.error(at, `${what}: ${Object.keys(choices).join(', ')}`, 'another character');
    return value;
  }

  bytes(length: number, what: string): Uint8Array {
    if (length > this.remaining) throw this.error(this.offset, `${length} bytes of ${what}`, `${this.remaining}`);
    const bytes = this.#bytes.subarray(this.offset, this.offset + length);
    this.offset += length;
    return bytes;
  }

  end(what: string): void {
    if (this.remaining > 0) throw this.error(this.offset, `the end of ${what}`, `${this.remaining} bytes more`);
  }

  error(offset: number, expected: string, found: string): Error {
    return messageError('FIELD_VALUE', this.#field, offset, expected, found);
  }
}

/** Digits of a whole number that has to fit. */
export function fixedDigits(field: string, value: number, length: number): string {
  const text = String(value);
  if (!Number.isSafeInteger(value) || value < 0 || text.length > length)
    throw messageError('FIELD_VALUE', field, 0, `a whole number of up to ${length} digits`, text.slice(0, 20));
  return text.padStart(length, '0');
}
