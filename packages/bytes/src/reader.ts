import { PolycardError } from './errors.ts';

/** A cursor over bytes that never reads past its end; every error says the offset and what was wanted there. */
export class ByteReader {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;
  readonly #what: string;

  constructor(bytes: Uint8Array, what = 'data', offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
    this.#what = what;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  u8(field = 'byte'): number {
    this.need(1, field);
    return this.bytes[this.offset++]!;
  }

  u16(field = 'two bytes'): number {
    this.need(2, field);
    const value = (this.bytes[this.offset]! << 8) | this.bytes[this.offset + 1]!;
    this.offset += 2;
    return value;
  }

  /** A view (no copy) of the next `length` bytes. */
  take(length: number, field = 'bytes'): Uint8Array {
    this.need(length, field);
    const view = this.bytes.subarray(this.offset, this.offset + length);
    this.offset += length;
    return view;
  }

  rest(): Uint8Array {
    return this.take(this.remaining);
  }

  need(length: number, field: string): void {
    if (length < 0 || this.offset + length > this.end) {
      throw new PolycardError(
        'POLYCARD_BYTES_TRUNCATED',
        `${this.#what} ends inside ${field}: offset ${this.offset}, expected ${length} more bytes, found ${this.remaining}`,
        { where: field, expected: `${length} bytes` },
      );
    }
  }
}
