/** Which terminals the stages of a plan hold. The same terminals and plan give the same stages. */
import { toHex } from '@polycard/bytes';
import { sha256 } from '@polycard/crypto';
import { problem } from '../../problems.ts';
import type { Limits, Plan, Stage, StatedPlan } from './api.ts';

export interface StageTerminal {
  readonly terminalNo: string;
  readonly operatorId: string;
  readonly placeCode: string | null;
  readonly profile: string;
}

/** What stops a canary unless the plan says otherwise. */
export const USUAL_LIMITS: Limits = {
  ridesMin: 20,
  fareExceptionsPerMilleMax: 5,
  refusalsPerMilleMax: 50,
  changePercentMax: 30,
  beyondRehearsalPercentMax: 10,
  takenPercentMin: 80,
};

const STAGES_MAX = 20;
const LOCAL_TIME = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;

export function requireLocalTime(value: string, where: string): void {
  if (!LOCAL_TIME.test(value) || Number.isNaN(Date.parse(`${value}Z`)))
    throw problem('POLYCARD_PARAMETERS_PLAN', `${value} is no local time YYYY-MM-DDThh:mm:ss`, where);
}

/** The plan with every limit stated. Throws `POLYCARD_PARAMETERS_PLAN` for one that leaves terminals out. */
export function statedPlan(plan: Plan): StatedPlan {
  requireLocalTime(plan.effectiveAt, 'plan/effectiveAt');
  if (plan.stages.length < 2 || plan.stages.length > STAGES_MAX)
    throw problem('POLYCARD_PARAMETERS_PLAN', `a plan has 2 to ${STAGES_MAX} stages: a canary first`, 'plan/stages');
  let previous: string | undefined;
  for (const [index, stage] of plan.stages.entries()) {
    const at = stage.effectiveAt ?? plan.effectiveAt;
    if (stage.effectiveAt !== undefined) requireLocalTime(stage.effectiveAt, `plan/stages/${index}/effectiveAt`);
    if (previous !== undefined && at < previous)
      throw problem(
        'POLYCARD_PARAMETERS_PLAN',
        `stage ${stage.name} would take effect at ${at}, before the stage ahead of it`,
        `plan/stages/${index}/effectiveAt`,
      );
    previous = at;
  }
  const last = plan.stages.at(-1)!;
  if (!isForAll(last))
    throw problem(
      'POLYCARD_PARAMETERS_PLAN',
      'the last stage holds every terminal that the others leave: it states a name and nothing that chooses',
      `plan/stages/${plan.stages.length - 1}`,
    );
  return { ...plan, limits: { ...USUAL_LIMITS, ...plan.limits } };
}

const isForAll = ({ terminals, sharePercent, operators, places, profiles }: Stage): boolean =>
  [terminals, operators, places, profiles].every((choice) => choice === undefined) &&
  (sharePercent === undefined || sharePercent === 100);

/** Stage of each terminal. A share is of the terminals that fit and no stage before took, and at least one of them. */
export function stagesOf(
  version: string,
  plan: Pick<Plan, 'stages'>,
  terminals: readonly StageTerminal[],
): Map<string, number> {
  const stageOf = new Map<string, number>();
  // an order that favours no operator or place, and is another one for each version
  const inOrder = terminals
    .map((terminal) => ({
      terminal,
      order: toHex(sha256(new TextEncoder().encode(`${version}|${terminal.terminalNo}`))),
    }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ terminal }) => terminal);
  for (const [index, stage] of plan.stages.entries()) {
    const free = inOrder.filter((terminal) => !stageOf.has(terminal.terminalNo) && fits(stage, terminal));
    const share = stage.sharePercent ?? 100;
    const count = share === 100 ? free.length : Math.max(1, Math.round((free.length * share) / 100));
    for (const { terminalNo } of free.slice(0, count)) stageOf.set(terminalNo, index);
  }
  return stageOf;
}

function fits(stage: Stage, terminal: StageTerminal): boolean {
  const among = (choice: readonly string[] | undefined, value: string | null): boolean =>
    choice === undefined || (value !== null && choice.includes(value));
  return (
    among(stage.terminals, terminal.terminalNo) &&
    among(stage.operators, terminal.operatorId) &&
    among(stage.places, terminal.placeCode) &&
    among(stage.profiles, terminal.profile)
  );
}
