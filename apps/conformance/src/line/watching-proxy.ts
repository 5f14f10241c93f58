/**
 * Stands between a terminal and a host: sees every frame, follows the working keys (it knows the master key), and changes
 * on the way what it is told to. Broken hosts are made with it, and the faults that a terminal has to stand.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { PolycardError } from '@polycard/bytes';
import {
  CUP_TERMINAL,
  encodeFrame,
  type FieldValue,
  FrameReader,
  hasRightMac,
  type MacFunction,
  packMessage,
  packWithMac,
  parseFrame,
  type ReceivedMessage,
  unpackMessage,
} from '@polycard/iso8583';
import type { TerminalIdentity } from './identity.ts';
import { workingKeysOf } from './working-keys.ts';

export interface WatchedFrame {
  readonly bytes: Uint8Array;
  readonly message: ReceivedMessage;
}

export interface Passage {
  readonly request: WatchedFrame;
  readonly answer: WatchedFrame;
  /** Keys of the newest sign-in that passed here, and of the one before it. */
  readonly mac: MacFunction | undefined;
  readonly oldMac: MacFunction | undefined;
}

/** An answer that goes on: changed or as it came; `hold` waits first, `drop` says nothing, `hangUp` ends the line. */
export type Fate =
  | { readonly bytes: Uint8Array; readonly holdMs?: number }
  | { readonly drop: true }
  | { readonly hangUp: true };

export interface Interference {
  /** Before a request travels on: `answer` answers in the host's place, `drop` keeps it away from the host. */
  request?(frame: WatchedFrame, line: WatchedLine): Fate | 'pass' | { readonly instead: Uint8Array };
  answer?(passage: Passage, line: WatchedLine): Fate;
  /** A chunk of bytes as it arrived, before it is put together. */
  chunk?(bytes: Uint8Array, line: WatchedLine): void;
  opened?(line: WatchedLine): void;
  malformed?(line: WatchedLine): void;
}

export interface WatchedLine {
  readonly number: number;
  /** Whether a sign-in passed on this very line. */
  hasSignedIn: boolean;
  /** Frames of this line wait until then. */
  readyAt?: Promise<void>;
  hangUp(): void;
}

/** A request and what the real host answered, before anything was changed on the way back. */
export interface Exchanged {
  readonly request: WatchedFrame;
  readonly answer: WatchedFrame;
}

export class WatchingProxy {
  /** Every request that arrived, also those kept from the host. */
  readonly asked: WatchedFrame[] = [];
  readonly exchanged: Exchanged[] = [];
  readonly openLines = new Set<WatchedLine>();
  interference: Interference;
  readonly #upstream: { readonly host: string; readonly port: number };
  #identity: TerminalIdentity;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #mac: MacFunction | undefined;
  #oldMac: MacFunction | undefined;
  #lines = 0;

  constructor(
    upstream: { readonly host: string; readonly port: number },
    identity: TerminalIdentity,
    interference: Interference = {},
  ) {
    this.#upstream = upstream;
    this.#identity = identity;
    this.interference = interference;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  get mac(): MacFunction | undefined {
    return this.#mac;
  }

  listen(port = 0, host = '127.0.0.1'): Promise<{ host: string; port: number }> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause) =>
        reject(
          new PolycardError('POLYCARD_CONFORM_LISTEN', `${host}:${port} cannot be listened on: ${cause.message}`, {
            where: '--port',
            expected: 'a free port, or 0',
            cause,
          }),
        ),
      );
      this.#server.listen(port, host, () => resolve({ host, port: (this.#server.address() as AddressInfo).port }));
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Another terminal from here on. */
  follow(identity: TerminalIdentity): void {
    this.#identity = identity;
    this.#mac = undefined;
    this.#oldMac = undefined;
  }

  hangUpAll(): void {
    for (const line of this.openLines) line.hangUp();
  }

  #accept(client: Socket): void {
    const host = connect(this.#upstream);
    const line: WatchedLine = {
      number: ++this.#lines,
      hasSignedIn: false,
      hangUp: () => {
        client.destroy();
        host.destroy();
      },
    };
    this.openLines.add(line);
    for (const socket of [client, host]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.openLines.delete(line);
        line.hangUp();
      });
    }
    this.interference.opened?.(line);
    const waiting: WatchedFrame[] = [];
    this.#frames(client, line, true, async (frame) => this.#request(frame, waiting, line, client, host));
    this.#frames(host, line, false, async (frame) => this.#answer(frame, waiting, line, client));
  }

  /** Whole frames of a socket, one after the other. */
  #frames(socket: Socket, line: WatchedLine, isClient: boolean, take: (frame: WatchedFrame) => Promise<void>): void {
    const reader = new FrameReader();
    let work = Promise.resolve();
    socket.on('data', (chunk) => {
      if (isClient) this.interference.chunk?.(chunk, line);
      try {
        reader.push(chunk);
        for (let bytes = reader.next(); bytes !== undefined; bytes = reader.next()) {
          const frame = { bytes, message: unpackMessage(CUP_TERMINAL, parseFrame(bytes).message) };
          if (isClient) this.asked.push(frame);
          work = work.then(() => take(frame)).catch(() => line.hangUp());
        }
      } catch {
        if (isClient) this.interference.malformed?.(line);
        line.hangUp();
      }
    });
  }

  async #request(
    frame: WatchedFrame,
    waiting: WatchedFrame[],
    line: WatchedLine,
    client: Socket,
    host: Socket,
  ): Promise<void> {
    await line.readyAt;
    const fate = this.interference.request?.(frame, line) ?? 'pass';
    if (fate === 'pass' || 'instead' in fate) {
      waiting.push(frame);
      const bytes = fate === 'pass' ? frame.bytes : fate.instead;
      host.write(framed(bytes));
      return;
    }
    await this.#deliver(fate, line, client);
  }

  async #answer(answer: WatchedFrame, waiting: WatchedFrame[], line: WatchedLine, client: Socket): Promise<void> {
    const request = waiting.shift();
    if (request === undefined) return;
    this.exchanged.push({ request, answer });
    this.#learnKeys(answer, line);
    const passage = { request, answer, mac: this.#mac, oldMac: this.#oldMac };
    await this.#deliver(this.interference.answer?.(passage, line) ?? { bytes: answer.bytes }, line, client);
  }

  async #deliver(fate: Fate, line: WatchedLine, client: Socket): Promise<void> {
    if ('drop' in fate) return;
    if ('hangUp' in fate) {
      line.hangUp();
      return;
    }
    if (fate.holdMs !== undefined) await pause(fate.holdMs);
    if (!client.destroyed) client.write(framed(fate.bytes));
  }

  #learnKeys({ message }: WatchedFrame, line: WatchedLine): void {
    if (message.mti !== '0810' || message.text(39) !== '00' || message.text(60)?.slice(8, 11) !== '003') return;
    const { mac } = workingKeysOf(message.raw(62) ?? new Uint8Array(0), this.#identity.masterKey);
    this.#oldMac = this.#mac;
    this.#mac = mac;
    line.hasSignedIn = true;
  }
}

function framed(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

/** The frame with other fields; under a MAC again where it had one and `mac` is given. */
export function edited(
  frame: WatchedFrame,
  fields: Readonly<Record<number, FieldValue | undefined>>,
  mac?: MacFunction | undefined,
): Uint8Array {
  const { mti, fields: kept } = frame.message.toMessage();
  const changed: Record<number, FieldValue> = {};
  for (const [field, value] of Object.entries({ ...kept, ...fields })) {
    if (value !== undefined && field !== '64') changed[Number(field)] = value;
  }
  const message = { mti, fields: changed };
  const packed = mac === undefined ? packMessage(CUP_TERMINAL, message) : packWithMac(CUP_TERMINAL, message, mac);
  const { tpdu, header } = parseFrame(frame.bytes);
  return encodeFrame({ tpdu, header, message: packed }).subarray(2);
}

export function isUnder(frame: WatchedFrame, mac: MacFunction | undefined): boolean {
  return mac !== undefined && frame.message.has(64) && hasRightMac(frame.message, mac);
}
