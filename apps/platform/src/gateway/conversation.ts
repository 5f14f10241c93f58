/**
 * One terminal line: frames in, answers out, one at a time; a broken frame ends this line and no other. What the host
 * cannot take yet stays in the network: the line is read no further while frames wait, while the store is slow, or while
 * the peer does not take its answers.
 */
import type { Socket } from 'node:net';
import { PolycardError } from '@polycard/bytes';
import { FRAME_BYTES_MAX, FrameReader } from '@polycard/iso8583';
import type { FastifyBaseLogger } from 'fastify';
import type { GatewayLimits } from './limits.ts';

/** Bytes waiting behind the frame being answered, before the line is read no further. */
const WAITING_BYTES_MAX = 2 * FRAME_BYTES_MAX;

export interface ConversationDependencies {
  /** The frame that answers a frame. Throws for what ends the line. */
  readonly answer: (frame: Uint8Array) => Promise<Uint8Array>;
  /** Milliseconds this line has to wait before its next frame is looked at. */
  readonly waitMs: () => number;
  readonly limits: GatewayLimits;
  readonly log: FastifyBaseLogger;
}

export class Conversation {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #dependencies: ConversationDependencies;
  readonly #peer: string;
  #isWorking = false;
  #frameTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, dependencies: ConversationDependencies) {
    this.#socket = socket;
    this.#dependencies = dependencies;
    this.#peer = `${socket.remoteAddress}:${socket.remotePort}`;
    const { keepAliveMs, idleTimeoutMs } = dependencies.limits;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    socket.setTimeout(idleTimeoutMs, () => this.#hangUp('the line was idle', 'POLYCARD_GATEWAY_IDLE'));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#frameEnded());
    socket.on('data', (chunk) => {
      this.#reader.push(chunk);
      if (this.#reader.pendingBytes > WAITING_BYTES_MAX) socket.pause();
      if (!this.#isWorking) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    try {
      for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
        this.#frameEnded();
        const waitMs = this.#dependencies.waitMs();
        if (waitMs > 0) {
          this.#socket.pause();
          await new Promise((resolve) => setTimeout(resolve, waitMs));
        }
        const answer = await this.#dependencies.answer(frame);
        if (this.#socket.destroyed) return;
        if (!this.#socket.write(answer)) await this.#drained();
        if (this.#socket.isPaused() && this.#reader.pendingBytes <= WAITING_BYTES_MAX) this.#socket.resume();
      }
      this.#watchFrame();
    } catch (error) {
      this.#refuse(error);
    }
    this.#isWorking = false;
  }

  /** A frame that has begun must end in time: a peer that dribbles holds a line for nothing. */
  #watchFrame(): void {
    if (this.#reader.pendingBytes === 0) return;
    this.#frameTimer ??= setTimeout(() => {
      this.#hangUp('a frame did not end in time', 'POLYCARD_GATEWAY_SLOW_FRAME');
    }, this.#dependencies.limits.frameTimeoutMs);
  }

  /** The next frame has its own time, and none runs while one is worked on. */
  #frameEnded(): void {
    clearTimeout(this.#frameTimer);
    this.#frameTimer = undefined;
  }

  /** The peer takes its answers again, or the line is gone; the idle time-out ends a peer that never does. */
  #drained(): Promise<void> {
    this.#socket.pause();
    return new Promise((resolve) => {
      this.#socket.once('drain', resolve);
      this.#socket.once('close', () => resolve());
    });
  }

  /** After a frame that cannot be read nothing on this line can be trusted. */
  #refuse(error: unknown): void {
    if (error instanceof PolycardError) this.#hangUp(error.message, error.code);
    else {
      this.#dependencies.log.warn({ peer: this.#peer, err: error }, 'line closed: an answer could not be made');
      this.#socket.destroy();
    }
  }

  #hangUp(reason: string, code: string): void {
    this.#dependencies.log.warn({ peer: this.#peer, reason, code }, 'line closed');
    this.#socket.destroy();
  }
}
