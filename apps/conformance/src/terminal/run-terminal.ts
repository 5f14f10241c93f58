/** Plays every case against a terminal, one after the other. */
import { join } from 'node:path';
import type { TestCard } from '../card/test-card.ts';
import { type CaseResult, played } from '../case.ts';
import { CASES_DIRECTORY, readCases } from '../case-files.ts';
import type { WatchingProxy } from '../line/watching-proxy.ts';
import type { OwnLists } from '../self/own-lists.ts';
import type { TerminalDriver } from './driver.ts';
import { HostSide } from './host-side.ts';
import { terminalSteps } from './step.ts';

export interface TerminalRun {
  readonly proxy: WatchingProxy;
  /** For each case; `isFresh`: as it comes from the factory, where that is possible. */
  readonly driverFor: (isFresh: boolean) => Promise<TerminalDriver>;
  readonly cardFor: () => TestCard;
  readonly lists: OwnLists;
  readonly cases?: string | undefined;
  readonly only?: readonly string[] | undefined;
  readonly onResult?: ((result: CaseResult) => void) | undefined;
}

export async function runTerminalCases(run: TerminalRun): Promise<CaseResult[]> {
  const prepared = readCases(run.cases ?? join(CASES_DIRECTORY, 'terminal'))
    .filter(({ id }) => run.only === undefined || run.only.some((part) => id.includes(part)))
    .map((head) => ({ head, steps: terminalSteps(head.id, head.steps) }));
  const results: CaseResult[] = [];
  for (const { head, steps } of prepared) {
    run.proxy.interference = {};
    const driver = await run.driverFor(head.settings['fresh'] === true);
    const side = new HostSide({ proxy: run.proxy, driver, card: run.cardFor(), lists: run.lists });
    const result = await played(
      head,
      (witness) => side.play(steps, witness),
      () => performance.now(),
    );
    await driver.close();
    results.push(result);
    run.onResult?.(result);
  }
  return results;
}
