/** Whole numbers below 2^53 in seven-bit groups, lowest first; the top bit says that another byte follows. */
import { type ByteReader, PolycardError } from '@polycard/bytes';

const BYTES_MAX = 8;

export function readVarint(reader: ByteReader, field: string): number {
  let value = 0;
  let scale = 1;
  for (let index = 0; index < BYTES_MAX; index++) {
    const byte = reader.u8(field);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      // one way to write each number, so that equal lists are equal bytes
      if ((byte === 0 && index > 0) || value > Number.MAX_SAFE_INTEGER) break;
      return value;
    }
    scale *= 128;
  }
  throw new PolycardError(
    'POLYCARD_DENY_LIST_FORMAT',
    `deny list: ${field} before offset ${reader.offset} is no number`,
    {
      where: field,
      expected: 'at most 8 bytes of seven bits, shortest form',
    },
  );
}

/** Grows as it is written to. */
export class VarintWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  varint(value: number): void {
    this.#reserve(BYTES_MAX);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** Length byte and ASCII. */
  text(text: string): void {
    this.#reserve(text.length + 1);
    this.#bytes[this.#length++] = text.length;
    for (let index = 0; index < text.length; index++) this.#bytes[this.#length++] = text.charCodeAt(index);
  }

  /** An even number of digits, packed. */
  digits(text: string): void {
    this.#reserve(text.length);
    for (let index = 0; index < text.length; index += 2) {
      this.#bytes[this.#length++] = ((text.charCodeAt(index) - 48) << 4) | (text.charCodeAt(index + 1) - 48);
    }
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(lengthBytes: number): void {
    if (this.#length + lengthBytes <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + lengthBytes));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
