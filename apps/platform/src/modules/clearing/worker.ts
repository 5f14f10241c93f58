/**
 * Clearing: takes received taps in the order they became durable and proves each one. Everything a chunk changes
 * (states, exceptions, postings, terminals' sequence numbers) is one transaction, so a killed platform starts again
 * where it was and books nothing twice.
 */
import type { PlatformContext } from '../../context.ts';
import { clearChunk } from './clear-chunk.ts';

const CHUNK_TAPS = 1000;
const IDLE_MS = 1000;
/** Uploads come in small groups; waiting a little makes one chunk of several. */
const GATHER_MS = 300;
const RETRY_MS = 2000;

export class ClearingWorker {
  readonly #context: PlatformContext;
  #running: Promise<void> | undefined;
  #stopping = false;
  #wake: (() => void) | undefined;

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  start(): void {
    this.#running = this.#loop();
  }

  /** New uploads are durable: look at once. */
  wake(): void {
    this.#wake?.();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    await this.#running;
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      try {
        const cleared = await clearChunk(this.#context, CHUNK_TAPS);
        if (cleared === 0) await this.#pause(IDLE_MS);
        else if (cleared < CHUNK_TAPS) await this.#gather();
      } catch (error) {
        // nothing of the chunk was kept; the same taps come again
        this.#context.log.error({ err: error }, 'clearing failed; it will be tried again');
        await this.#pause(RETRY_MS);
      }
    }
  }

  /** Waits without being woken. */
  async #gather(): Promise<void> {
    if (!this.#stopping) await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
  }

  #pause(timeoutMs: number): Promise<void> {
    if (this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#wake = done;
    });
  }
}
