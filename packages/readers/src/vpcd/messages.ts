/**
 * Messages of the vpcd protocol (virtual smart card, as publicly described): length on two bytes, then the content. From
 * reader to card, one byte is a control code, anything longer a command APDU; the card answers only 04 (with its ATR)
 * and APDUs. An answer to 04 is due when the card is powered off too: that is how the reader sees that it is there.
 */
import { concat, PolycardError } from '@polycard/bytes';

export const VPCD_PORT = 35963;

export const VPCD_00_POWER_OFF = 0x00;
export const VPCD_01_POWER_ON = 0x01;
export const VPCD_02_RESET = 0x02;
export const VPCD_04_ATR = 0x04;

const LENGTH_BYTES = 2;
const MESSAGE_BYTES_MAX = 0xffff;
/** More than this unread is no dialogue: nobody sends before the other has answered. */
const PENDING_BYTES_MAX = 4 * MESSAGE_BYTES_MAX;

export function encodeMessage(content: Uint8Array): Uint8Array {
  if (content.length > MESSAGE_BYTES_MAX) {
    throw new PolycardError(
      'POLYCARD_READER_MESSAGE',
      `a vpcd message has at most ${MESSAGE_BYTES_MAX} bytes, got ${content.length}`,
    );
  }
  return concat(Uint8Array.of(content.length >> 8, content.length & 0xff), content);
}

/** Cuts a stream into messages. */
export class MessageReader {
  #pending: Uint8Array = new Uint8Array(0);

  /** Throws `POLYCARD_READER_MESSAGE` when the other side floods the line. */
  push(chunk: Uint8Array): void {
    if (this.#pending.length + chunk.length > PENDING_BYTES_MAX) {
      throw new PolycardError('POLYCARD_READER_MESSAGE', `more than ${PENDING_BYTES_MAX} bytes wait on a vpcd line`, {
        expected: 'one message at a time',
      });
    }
    this.#pending = concat(this.#pending, chunk);
  }

  next(): Uint8Array | undefined {
    if (this.#pending.length < LENGTH_BYTES) return undefined;
    const length = (this.#pending[0]! << 8) | this.#pending[1]!;
    const end = LENGTH_BYTES + length;
    if (this.#pending.length < end) return undefined;
    const message = this.#pending.slice(LENGTH_BYTES, end);
    this.#pending = this.#pending.subarray(end);
    return message;
  }
}
