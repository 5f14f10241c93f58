/** The platform's side of the worker that builds a version (`build-version.ts`). */
import { Worker } from 'node:worker_threads';
import { PolycardError } from '@polycard/bytes';
import type { countsOf, DenyEntry } from '@polycard/deny-list';

export type BuildMessage =
  | { readonly kind: 'changes'; readonly what: 'coming' | 'leaving'; readonly changes: readonly DenyEntry[] }
  | {
      readonly kind: 'build';
      /** Snapshot of the version before; undefined for the first. */
      readonly before: Uint8Array | undefined;
      readonly version: number;
      readonly issuedAt: number;
    };

export interface BuildAnswer {
  /** Without signatures. */
  readonly snapshot: Uint8Array;
  readonly delta: Uint8Array;
  readonly digest: Uint8Array;
  readonly cards: number;
  readonly added: number;
  readonly removed: number;
  readonly counts: ReturnType<typeof countsOf>;
}

/** Enough for ten million cards; a worker that needs more ends alone. */
const MEMORY_MB_MAX = 2048;

export class VersionBuilder {
  readonly #worker = new Worker(new URL('./build-version.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB_MAX },
  });
  readonly #answer: Promise<BuildAnswer>;

  constructor() {
    this.#answer = new Promise((resolve, reject) => {
      this.#worker.once('message', resolve);
      this.#worker.once('error', reject);
      this.#worker.once('exit', () =>
        reject(new PolycardError('POLYCARD_DENY_LIST_BUILD', 'the list could not be built: its worker ended')),
      );
    });
    // whoever waits for the answer hears of a failure; before that it is nobody's unhandled rejection
    this.#answer.catch(() => undefined);
  }

  give(what: 'coming' | 'leaving', changes: readonly DenyEntry[]): void {
    this.#post({ kind: 'changes', what, changes });
  }

  build(before: Uint8Array | undefined, version: number, issuedAt: number): Promise<BuildAnswer> {
    this.#post({ kind: 'build', before, version, issuedAt });
    return this.#answer;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #post(message: BuildMessage): void {
    this.#worker.postMessage(message);
  }
}
