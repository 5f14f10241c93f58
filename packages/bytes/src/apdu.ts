/** Short APDUs, cases 1 to 4 (ISO 7816-4:2020 §5.2). Extended lengths are not used by PBOC cards. */
import { PolycardError } from './errors.ts';
import { concat, toHex } from './hex.ts';

export interface CommandApdu {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  readonly data: Uint8Array;
  /** Expected length; 256 stands for Le 00; undefined when there is no Le. */
  readonly le?: number;
}

export interface ResponseApdu {
  readonly data: Uint8Array;
  /** Status word, e.g. 0x9000. */
  readonly sw: number;
}

/** Sends one command APDU and gives the response; the transport (virtual card, reader, socket) is behind it. */
export type CardChannel = {
  /** Bytes of a command APDU in, response data and SW1 SW2 out. Throws `POLYCARD_CHANNEL_CARD_LOST` when the card left the field. */
  transmit(command: Uint8Array): Uint8Array;
};

/** The same for a transport that takes its time: a reader behind a socket or PC/SC. Every `CardChannel` is one too. */
export type AsyncCardChannel = {
  transmit(command: Uint8Array): Uint8Array | Promise<Uint8Array>;
};

export function encodeCommand(command: CommandApdu): Uint8Array {
  if (command.data.length > 255) {
    throw new PolycardError(
      'POLYCARD_APDU_LENGTH',
      `a short APDU carries at most 255 bytes, got ${command.data.length}`,
    );
  }
  const { le: expected } = command;
  if (expected !== undefined && !(Number.isInteger(expected) && expected >= 0 && expected <= 256)) {
    throw new PolycardError('POLYCARD_APDU_LENGTH', `a short APDU expects at most 256 bytes, not ${expected}`);
  }
  const header = Uint8Array.of(command.cla, command.ins, command.p1, command.p2);
  const body = command.data.length === 0 ? new Uint8Array(0) : concat(Uint8Array.of(command.data.length), command.data);
  const le = expected === undefined ? new Uint8Array(0) : Uint8Array.of(expected & 0xff);
  return concat(header, body, le);
}

/** Throws `POLYCARD_APDU_LENGTH` when the bytes are no short APDU of case 1 to 4. */
export function parseCommand(bytes: Uint8Array): CommandApdu {
  if (bytes.length < 4) {
    throw new PolycardError('POLYCARD_APDU_LENGTH', `a command APDU has at least 4 bytes, got ${bytes.length}`);
  }
  const [cla, ins, p1, p2] = bytes as unknown as [number, number, number, number];
  const empty = bytes.subarray(0, 0);
  if (bytes.length === 4) return { cla, ins, p1, p2, data: empty };
  const third = bytes[4]!;
  if (bytes.length === 5) return { cla, ins, p1, p2, data: empty, le: third === 0 ? 256 : third };
  if (third === 0) throw new PolycardError('POLYCARD_APDU_LENGTH', 'extended length APDUs are not supported');
  const data = bytes.subarray(5, 5 + third);
  if (bytes.length === 5 + third) return { cla, ins, p1, p2, data };
  if (bytes.length === 6 + third) {
    const le = bytes[5 + third]!;
    return { cla, ins, p1, p2, data, le: le === 0 ? 256 : le };
  }
  throw new PolycardError(
    'POLYCARD_APDU_LENGTH',
    `Lc says ${third} bytes at offset 4, found ${Math.max(0, bytes.length - 5)}`,
    { expected: 'Lc bytes of data and at most one byte Le' },
  );
}

export function parseResponse(bytes: Uint8Array): ResponseApdu {
  if (bytes.length < 2) {
    throw new PolycardError('POLYCARD_APDU_RESPONSE', `a response APDU has at least 2 bytes, got ${bytes.length}`);
  }
  return {
    data: bytes.subarray(0, bytes.length - 2),
    sw: (bytes[bytes.length - 2]! << 8) | bytes[bytes.length - 1]!,
  };
}

export function encodeResponse(sw: number, data?: Uint8Array): Uint8Array {
  const status = Uint8Array.of(sw >> 8, sw & 0xff);
  return data === undefined || data.length === 0 ? status : concat(data, status);
}

export function swHex(sw: number): string {
  return toHex(Uint8Array.of(sw >> 8, sw & 0xff));
}
