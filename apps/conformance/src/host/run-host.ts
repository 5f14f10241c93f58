/** Plays every case against a host, one after the other, with one terminal. */
import { join } from 'node:path';
import { type CaseResult, played } from '../case.ts';
import { CASES_DIRECTORY, readCases } from '../case-files.ts';
import type { TerminalIdentity } from '../line/identity.ts';
import { TestLine } from '../line/test-line.ts';
import type { TlsBench } from '../self/tls-bench.ts';
import type { KitCard } from './kit-card.ts';
import { readMessages } from './messages.ts';
import { hostSteps } from './step.ts';
import { type HostAddress, TerminalPlayer, TerminalState } from './terminal-player.ts';

export interface HostRun {
  readonly address: HostAddress;
  readonly identity: TerminalIdentity;
  /** YYYYMMDDhhmmss. */
  readonly localTime: () => string;
  readonly cases?: string | undefined;
  /** Parts of identifiers; all cases unless given. */
  readonly only?: readonly string[] | undefined;
  readonly onResult?: (result: CaseResult) => void;
  /** Of the host's issuer; without one the cases that need it do not apply. */
  readonly card?: KitCard | undefined;
  /** The host's TLS port; without it the cases of TLS do not apply. */
  readonly tls?: TlsBench | undefined;
}

/** Throws `POLYCARD_CONFORM_CONNECT` when nothing listens there. */
export async function reachable({ host, port }: HostAddress): Promise<void> {
  (await TestLine.open(host, port)).close();
}

export async function runHostCases(run: HostRun): Promise<CaseResult[]> {
  const messages = readMessages();
  const prepared = readCases(run.cases ?? join(CASES_DIRECTORY, 'host'))
    .filter(({ id }) => run.only === undefined || run.only.some((part) => id.includes(part)))
    .map((head) => ({ head, steps: hostSteps(head.id, head.steps) }));
  // a terminal that was tested before begins with trace and batch numbers of its own, so that nothing meets what it sent then
  const seconds = Math.floor(Date.now() / 1000);
  const state = new TerminalState({ trace: seconds % 800_000, batch: (seconds % 899_990) + 1 });
  const results: CaseResult[] = [];
  for (const { head, steps } of prepared) {
    const player = new TerminalPlayer({ ...run, messages, state });
    const result = await played(
      head,
      (witness) => player.play(steps, witness),
      () => performance.now(),
    );
    results.push(result);
    run.onResult?.(result);
  }
  return results;
}
