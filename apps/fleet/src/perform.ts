/** Performs a plan: every step a real tap, every tap uploaded while others go on, every batch settled. */
import { VirtualCard } from '@polycard/card';
import type { RandomSource } from '@polycard/crypto';
import type { JournalEntry, TapOutcome } from '@polycard/terminal';
import type { IssuedCard } from './cards/bureau.ts';
import { FaultPlan, PlantedFaults } from './faults.ts';
import { inParallel } from './in-parallel.ts';
import type { Plan, Step } from './plan/plan.ts';
import type { ProgressReport } from './site.ts';
import type { FleetTerminal } from './terminals/fleet-terminal.ts';

const UPLOADS_AT_ONCE = 256;
const TAPS_BETWEEN_UPLOADS = 1500;

/** What became of one record. */
export interface PerformedRecord {
  readonly tapId: string;
  readonly chargedFen: number;
  readonly entry: JournalEntry;
}

export interface Performance {
  readonly performed: ReadonlyMap<number, PerformedRecord>;
  readonly refused: Readonly<Record<string, number>>;
  readonly suppliedRefused: number;
  /** Exchanges of all taps, and the time each tap took, in microseconds. */
  readonly exchanges: number;
  readonly tapUs: readonly number[];
  readonly chargedFen: number;
  readonly unequalBatches: number;
}

export interface TapObserver {
  tapped(step: Step, outcome: TapOutcome): void;
}

export function tapIdOf(terminalNo: string, entry: JournalEntry): string {
  return `${terminalNo}-${String(entry.batchNo).padStart(6, '0')}-${String(entry.traceNo).padStart(6, '0')}`;
}

export async function performPlan(
  plan: Plan,
  terminals: readonly FleetTerminal[],
  cards: IssuedCard[],
  options: {
    readonly random: RandomSource;
    readonly faults: Partial<Record<'cryptogram' | 'duplicate' | 'gap' | 'mac', number>>;
    readonly observer?: TapObserver;
    readonly report: ProgressReport;
    /** Waits between taps, for a region shown live. */
    readonly pace?: () => Promise<void>;
  },
): Promise<Performance> {
  // faults go to taps of records that move money, so that each has one and the same way back
  const candidates = plan.steps.flatMap((step, index) =>
    step.record !== undefined && step.kind !== 'entry' && step.stop === undefined ? [index] : [],
  );
  const faultPlan = new FaultPlan(options.faults, candidates, options.random);
  const planted = new PlantedFaults();
  const lastStepOf = new Map<number, number>();
  for (const [index, step] of plan.steps.entries()) lastStepOf.set(step.card, index);

  const performed = new Map<number, PerformedRecord>();
  const refused: Record<string, number> = {};
  const tapUs: number[] = [];
  const dirty = new Set<FleetTerminal>();
  let exchanges = 0;
  let suppliedRefused = 0;
  let chargedFen = 0;
  let unequalBatches = 0;
  let uploading: Promise<void> = Promise.resolve();

  const uploadDirty = (): Promise<void> => {
    const batch = [...dirty];
    dirty.clear();
    return inParallel(batch, UPLOADS_AT_ONCE, (terminal) => terminal.upload(planted));
  };

  for (const [index, step] of plan.steps.entries()) {
    const terminal = terminals[step.terminal]!;
    if (terminal.isBatchNearlyFull) {
      await uploading;
      dirty.delete(terminal);
      await terminal.upload(planted);
      if ((await terminal.settle()) === 'unequal') unequalBatches++;
    }
    const fault = faultPlan.of(index);
    if (fault === 'gap') terminal.terminal!.journal.skipSequence();
    const issued = cards[step.card]!;
    const card = VirtualCard.restore(issued.snapshot, { random: options.random });
    const outcome = terminal.tap(card, {
      kind: step.kind,
      at: step.at,
      ...(step.serviceClass === undefined ? {} : { serviceClass: step.serviceClass }),
      ...(step.declaredBaseFen === undefined ? {} : { declaredBaseFen: step.declaredBaseFen }),
      ...(step.combinedRide === undefined ? {} : { combinedRide: step.combinedRide }),
      ...(step.stop === undefined ? {} : { stop: step.stop }),
      ...(step.bound === undefined ? {} : { bound: step.bound }),
    });
    if (lastStepOf.get(step.card) !== index) cards[step.card] = { ...issued, snapshot: card.snapshot() };
    exchanges += outcome.exchanges.length;
    const last = outcome.exchanges.at(-1);
    if (last !== undefined) tapUs.push(last.startUs + last.cardUs);
    if (outcome.result === 'accepted') {
      if (fault !== undefined) planted.plant(outcome.entry, fault);
      terminal.keepDialogue(outcome.entry, outcome.exchanges);
      dirty.add(terminal);
      chargedFen += outcome.entry.amountFen;
      if (step.record !== undefined) {
        performed.set(step.record, {
          tapId: tapIdOf(terminal.enrolled.terminalNo, outcome.entry),
          chargedFen: outcome.entry.amountFen,
          entry: outcome.entry,
        });
      }
    } else if (step.record === undefined) {
      suppliedRefused++;
    } else {
      const reason = outcome.result === 'refused' ? outcome.reason : 'torn';
      refused[reason] = (refused[reason] ?? 0) + 1;
    }
    options.observer?.tapped(step, outcome);
    if (options.pace !== undefined) {
      await uploadDirty();
      options.report('taps', index + 1, plan.steps.length);
      await options.pace();
    } else if (index % TAPS_BETWEEN_UPLOADS === TAPS_BETWEEN_UPLOADS - 1) {
      await uploading;
      uploading = uploadDirty();
      // an error of this round is met at the next await; until then it must not count as unhandled
      uploading.catch(() => undefined);
      options.report('taps', index + 1, plan.steps.length);
      await new Promise((resolve) => setImmediate(resolve));
    } else if (index % 50 === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await uploading;
  await uploadDirty();
  options.report('taps', plan.steps.length, plan.steps.length);

  const unsettled = terminals.filter((terminal) => terminal.hasUnsettled);
  let settled = 0;
  await inParallel(unsettled, UPLOADS_AT_ONCE, async (terminal) => {
    if ((await terminal.settle()) === 'unequal') unequalBatches++;
    options.report('settlement', ++settled, unsettled.length);
  });
  return { performed, refused, suppliedRefused, exchanges, tapUs, chargedFen, unequalBatches };
}
