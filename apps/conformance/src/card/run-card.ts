/** Plays every case against a card, one after the other. */
import { join } from 'node:path';
import { type CaseResult, played } from '../case.ts';
import { CASES_DIRECTORY, readCases } from '../case-files.ts';
import { cardSteps } from './step.ts';
import { type CardContext, TerminalSide } from './terminal-side.ts';

export interface CardRun extends CardContext {
  readonly cases?: string | undefined;
  readonly only?: readonly string[] | undefined;
  readonly onResult?: ((result: CaseResult) => void) | undefined;
}

export async function runCardCases(run: CardRun): Promise<CaseResult[]> {
  const prepared = readCases(run.cases ?? join(CASES_DIRECTORY, 'card'))
    .filter(({ id }) => run.only === undefined || run.only.some((part) => id.includes(part)))
    .map((head) => ({ head, steps: cardSteps(head.id, head.steps) }));
  const results: CaseResult[] = [];
  for (const { head, steps } of prepared) {
    const side = new TerminalSide(run);
    const result = await played(
      head,
      (witness) => side.play(steps, witness),
      () => performance.now(),
    );
    results.push(result);
    run.onResult?.(result);
  }
  return results;
}
