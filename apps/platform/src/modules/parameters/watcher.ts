/** Looks at roll-outs while the platform runs: stops a faulty canary, puts a version in force once its last instant has come. */
import type { PlatformContext } from '../../context.ts';
import { judgeCanary } from './canary.ts';
import { completeRollout, openStages, stopRollout } from './rollout.ts';
import { readVersions } from './store.ts';

const EVERY_MS = 1000;

export class RolloutWatcher {
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

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    await this.#running;
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      try {
        await watchRollouts(this.#context);
      } catch (error) {
        this.#context.log.error({ err: error }, 'a roll-out could not be watched; it will be tried again');
      }
      if (this.#stopping) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, EVERY_MS);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

/** One look at what is being rolled out. */
export async function watchRollouts(context: PlatformContext): Promise<void> {
  // without a roll-out in the schedule there is nothing to look at
  if (context.parameters.schedule.length === 1) return;
  for (const row of (await readVersions(context)).filter(({ state }) => state === 'rolling-out')) {
    if (openStages(context, row.version).length === 1) {
      const canary = await judgeCanary(context, row);
      if (canary?.verdict === 'faulty') {
        const broken = canary.measures.filter(({ holds, limit }) => !holds && limit.endsWith('Max'));
        const why = broken.map(({ limit, found, allowed }) => `${limit}: ${found}, allowed ${allowed}`).join('; ');
        await stopRollout(context, row.version, why, 'platform');
        continue;
      }
    }
    await completeRollout(context, row);
  }
}
