/** A TCP line that can be lost on purpose at any byte; one request in flight. */
import { connect, type Socket } from 'node:net';
import type { GatewayAddress } from '@polycard/fleet';
import { FrameReader } from '@polycard/iso8583';

const CONNECT_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 60_000;

/** Lines open at this moment, and the most there were. */
export interface LineCount {
  open: number;
  most: number;
}

export class SoakLine {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  #waiting: { resolve: (frame: Uint8Array) => void; reject: (error: Error) => void; timer: NodeJS.Timeout } | undefined;
  #isEnded = false;

  private constructor(socket: Socket, lines: LineCount) {
    this.#socket = socket;
    lines.open++;
    lines.most = Math.max(lines.most, lines.open);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      lines.open--;
      this.#end();
    });
  }

  static open(address: GatewayAddress, lines: LineCount): Promise<SoakLine> {
    return new Promise((resolve, reject) => {
      const socket = connect({ ...address, noDelay: true });
      socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error('no connection')));
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.setTimeout(0);
        socket.removeListener('error', reject);
        resolve(new SoakLine(socket, lines));
      });
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  exchange(frame: Uint8Array): Promise<Uint8Array> {
    if (this.#isEnded) return Promise.reject(new Error('the line is gone'));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#socket.destroy(), ANSWER_TIMEOUT_MS);
      this.#waiting = { resolve, reject, timer };
      this.#socket.write(frame);
    });
  }

  /** Sends these bytes and breaks the line: the host may have read all, a part, or nothing. */
  sendAndBreak(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isEnded) return resolve();
      this.#socket.write(bytes, () => {
        this.#socket.destroy();
        resolve();
      });
      this.#socket.once('close', () => resolve());
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Uint8Array): void {
    this.#reader.push(chunk);
    const frame = this.#reader.next();
    const waiting = this.#waiting;
    if (frame === undefined || waiting === undefined) return;
    this.#waiting = undefined;
    clearTimeout(waiting.timer);
    waiting.resolve(frame);
  }

  #end(): void {
    this.#isEnded = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    waiting.reject(new Error('the line was lost'));
  }
}
