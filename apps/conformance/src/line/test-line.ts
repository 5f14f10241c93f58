/** A client's end of a line, driven step by step: what comes is kept, what is waited for has a limit. */
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { PolycardError } from '@polycard/bytes';
import type { IssuedCertificate } from '@polycard/crypto';
import { FrameReader } from '@polycard/iso8583';

export type Arrival =
  | { readonly kind: 'frame'; readonly frame: Uint8Array; readonly afterMs: number }
  | { readonly kind: 'closed'; readonly afterMs: number }
  | { readonly kind: 'silence'; readonly afterMs: number }
  | { readonly kind: 'garbage'; readonly reason: string; readonly afterMs: number };

const CONNECT_MS = 5_000;
const POLL_MS = 2;

export class TestLine {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #frames: Uint8Array[] = [];
  #isClosed = false;
  #garbage: string | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      try {
        this.#reader.push(chunk);
        for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next())
          this.#frames.push(frame);
      } catch (error) {
        this.#garbage = (error as Error).message;
      }
    });
    this.#isClosed = socket.destroyed;
    socket.on('close', () => {
      this.#isClosed = true;
    });
    socket.on('error', () => socket.destroy());
  }

  /** Throws `POLYCARD_CONFORM_CONNECT`. */
  static open(host: string, port: number): Promise<TestLine> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, timeout: CONNECT_MS });
      const fail = (why: string) => (): void => {
        socket.destroy();
        reject(
          new PolycardError('POLYCARD_CONFORM_CONNECT', `${host}:${port} ${why}`, {
            where: '--host',
            expected: 'the address of a host that listens',
          }),
        );
      };
      socket.once('error', fail('refuses the connection'));
      socket.once('timeout', fail('does not answer'));
      socket.once('connect', () => {
        socket.removeAllListeners('error');
        socket.removeAllListeners('timeout');
        socket.setTimeout(0);
        resolve(new TestLine(socket));
      });
    });
  }

  /** A host that ends the handshake leaves a line that is closed: that is what was to be seen. Throws `POLYCARD_CONFORM_CONNECT`. */
  static openTls(
    host: string,
    port: number,
    { authority, certificate }: { readonly authority: string; readonly certificate: IssuedCertificate | undefined },
  ): Promise<TestLine> {
    return new Promise((resolve, reject) => {
      const own = certificate === undefined ? {} : { cert: certificate.certificate, key: certificate.key };
      const socket = connectTls({
        ...{ host, port, ca: authority, minVersion: 'TLSv1.2', timeout: CONNECT_MS },
        ...own,
      });
      let isReached = false;
      socket.once('connect', () => {
        isReached = true;
      });
      socket.once('secureConnect', () => resolve(new TestLine(socket)));
      socket.once('timeout', () => socket.destroy(new Error('no answer')));
      socket.once('error', (cause) => {
        if (isReached && !socket.authorizationError) resolve(new TestLine(socket));
        else
          reject(
            new PolycardError('POLYCARD_CONFORM_CONNECT', `${host}:${port} over TLS: ${cause.message}`, {
              ...{ where: '--tls', expected: 'a TLS port whose certificate the given authority signed', cause },
            }),
          );
      });
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** In one write, or in pieces of these sizes (the last one takes the rest). */
  async send(
    bytes: Uint8Array,
    pieces?: { readonly sizes: readonly number[]; readonly pauseMs: number },
  ): Promise<void> {
    if (pieces === undefined) {
      this.#socket.write(bytes);
      return;
    }
    let start = 0;
    for (let index = 0; start < bytes.length; index++) {
      const size = pieces.sizes[Math.min(index, pieces.sizes.length - 1)]!;
      this.#socket.write(bytes.subarray(start, start + size));
      start += size;
      if (start < bytes.length) await pause(pieces.pauseMs);
    }
  }

  async next(timeoutMs: number): Promise<Arrival> {
    const startedMs = performance.now();
    for (;;) {
      const afterMs = performance.now() - startedMs;
      const frame = this.#frames.shift();
      if (frame !== undefined) return { kind: 'frame', frame, afterMs };
      if (this.#garbage !== undefined) return { kind: 'garbage', reason: this.#garbage, afterMs };
      if (this.#isClosed) return { kind: 'closed', afterMs };
      if (afterMs >= timeoutMs) return { kind: 'silence', afterMs };
      await pause(POLL_MS);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
