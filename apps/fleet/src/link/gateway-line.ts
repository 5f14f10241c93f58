/** A terminal's TCP line to the gateway: one request, its answer, in order; a lost line is named and can be opened again. */
import { connect, type Socket } from 'node:net';
import { PolycardError } from '@polycard/bytes';
import { FrameReader } from '@polycard/iso8583';

export interface GatewayAddress {
  readonly host: string;
  readonly port: number;
}

export class GatewayLine {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  #waiting: { resolve: (frame: Uint8Array) => void; reject: (error: Error) => void; timer: NodeJS.Timeout } | undefined;
  #ended: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the host closed the line')));
  }

  static open(address: GatewayAddress, timeoutMs: number): Promise<GatewayLine> {
    return new Promise((resolve, reject) => {
      const socket = connect({ ...address, noDelay: true });
      const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs);
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.removeAllListeners('error');
        resolve(new GatewayLine(socket));
      });
      socket.once('error', (cause) => {
        clearTimeout(timer);
        reject(lineLost(`the gateway ${address.host}:${address.port} is not reached: ${cause.message}`, cause));
      });
    });
  }

  /** Sends a frame (length prefix included) and gives the frame that answers it. */
  exchange(frame: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    if (this.#ended !== undefined) return Promise.reject(lineLost(this.#ended.message, this.#ended));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#socket.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      this.#waiting = { resolve, reject, timer };
      this.#socket.write(frame);
    });
  }

  close(): void {
    this.#socket.end();
    this.#socket.unref();
  }

  #receive(chunk: Uint8Array): void {
    try {
      this.#reader.push(chunk);
      for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
        const waiting = this.#waiting;
        this.#waiting = undefined;
        if (waiting === undefined) continue; // an answer that came after its time-out; the request is repeated anyway
        clearTimeout(waiting.timer);
        waiting.resolve(frame);
      }
    } catch (error) {
      this.#socket.destroy(error as Error);
    }
  }

  #end(error: Error): void {
    this.#ended ??= error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) {
      clearTimeout(waiting.timer);
      waiting.reject(lineLost(error.message, error));
    }
  }
}

function lineLost(message: string, cause: unknown): PolycardError {
  return new PolycardError('POLYCARD_FLEET_LINE_LOST', message, { cause });
}
