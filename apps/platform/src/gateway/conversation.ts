/** One terminal line: frames in, answers out, one at a time; a broken frame ends this line and no other. */
import type { Socket } from 'node:net';
import { PolycardError } from '@polycard/bytes';
import { FrameReader } from '@polycard/iso8583';
import type { FastifyBaseLogger } from 'fastify';

const IDLE_MS = 15 * 60_000;
/** Frames waiting behind the one being answered; a terminal that sends more is paused. */
const WAITING_FRAMES_MAX = 32;

export class Conversation {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #answer: (frame: Uint8Array) => Promise<Uint8Array>;
  readonly #log: FastifyBaseLogger;
  readonly #waiting: Uint8Array[] = [];
  #isWorking = false;

  constructor(socket: Socket, answer: (frame: Uint8Array) => Promise<Uint8Array>, log: FastifyBaseLogger) {
    this.#socket = socket;
    this.#answer = answer;
    this.#log = log;
    socket.setNoDelay(true);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => this.#receive(chunk));
  }

  #receive(chunk: Uint8Array): void {
    try {
      this.#reader.push(chunk);
      for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) this.#waiting.push(frame);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    if (this.#waiting.length > WAITING_FRAMES_MAX) this.#socket.pause();
    if (!this.#isWorking) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    try {
      for (let frame = this.#waiting.shift(); frame !== undefined; frame = this.#waiting.shift()) {
        const answer = await this.#answer(frame);
        if (!this.#socket.destroyed) this.#socket.write(answer);
        if (this.#waiting.length <= WAITING_FRAMES_MAX / 2) this.#socket.resume();
      }
    } catch (error) {
      this.#refuse(error);
    }
    this.#isWorking = false;
  }

  /** After a frame that cannot be read nothing on this line can be trusted. */
  #refuse(error: unknown): void {
    const reason = error instanceof PolycardError ? error.message : 'an answer could not be made';
    this.#log.warn(
      {
        peer: this.#socket.remoteAddress,
        reason,
        ...(error instanceof PolycardError ? { code: error.code } : { err: error }),
      },
      'line closed',
    );
    this.#socket.destroy();
  }
}
