/** Frames on the line: length(2, itself excluded) | TPDU(5) | header(6) | message (reference iso8583.md §1.1). */
import { concat, toHex } from '@polycard/bytes';
import { messageError } from './errors.ts';

export const TPDU_BYTES = 5;
export const HEADER_BYTES = 6;
const LENGTH_BYTES = 2;
const TPDU_FIRST_BYTE = 0x60;
export const FRAME_BYTES_MAX = 4096;
const FRAME_BYTES_MIN = TPDU_BYTES + HEADER_BYTES + 10;

export interface Frame {
  readonly tpdu: Uint8Array;
  readonly header: Uint8Array;
  readonly message: Uint8Array;
}

export function encodeFrame(frame: Frame): Uint8Array {
  const length = frame.tpdu.length + frame.header.length + frame.message.length;
  return concat(Uint8Array.of(length >> 8, length & 0xff), frame.tpdu, frame.header, frame.message);
}

/** A frame without its length prefix. Throws `POLYCARD_ISO8583_FRAME`. */
export function parseFrame(bytes: Uint8Array): Frame {
  if (bytes.length < FRAME_BYTES_MIN)
    throw messageError('FRAME', 'frame', bytes.length, `at least ${FRAME_BYTES_MIN} bytes`, `${bytes.length}`);
  if (bytes[0] !== TPDU_FIRST_BYTE) throw messageError('FRAME', 'TPDU', 0, '60', toHex(bytes.subarray(0, 1)));
  return {
    tpdu: bytes.subarray(0, TPDU_BYTES),
    header: bytes.subarray(TPDU_BYTES, TPDU_BYTES + HEADER_BYTES),
    message: bytes.subarray(TPDU_BYTES + HEADER_BYTES),
  };
}

/** An answer's TPDU: destination and source change places (recollection, not found in a public source). */
export function swapTpdu(tpdu: Uint8Array): Uint8Array {
  return Uint8Array.of(tpdu[0]!, tpdu[3]!, tpdu[4]!, tpdu[1]!, tpdu[2]!);
}

/** Cuts a stream into frames. After an error the stream cannot be trusted: close the line. */
export class FrameReader {
  #pending: Uint8Array = new Uint8Array(0);

  push(chunk: Uint8Array): void {
    this.#pending = this.#pending.length === 0 ? Uint8Array.from(chunk) : concat(this.#pending, chunk);
  }

  /** Bytes that were pushed and are in no frame yet given out. */
  get pendingBytes(): number {
    return this.#pending.length;
  }

  /** The next whole frame without its length prefix, or undefined. Throws `POLYCARD_ISO8583_FRAME` on an impossible length. */
  next(): Uint8Array | undefined {
    if (this.#pending.length < LENGTH_BYTES) return undefined;
    const length = (this.#pending[0]! << 8) | this.#pending[1]!;
    if (length < FRAME_BYTES_MIN || length > FRAME_BYTES_MAX) {
      throw messageError('FRAME', 'length prefix', 0, `${FRAME_BYTES_MIN} to ${FRAME_BYTES_MAX}`, `${length}`);
    }
    if (this.#pending.length < LENGTH_BYTES + length) return undefined;
    const frame = this.#pending.slice(LENGTH_BYTES, LENGTH_BYTES + length);
    this.#pending = this.#pending.subarray(LENGTH_BYTES + length);
    return frame;
  }
}
