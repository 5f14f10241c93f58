/**
 * Roll-out of an approved version: the canary first, each further stage by a person's act, back by one act. An act adds
 * rows to the schedule; terminals learn of them when they next talk and keep the next version until its instant.
 */
import type { Transaction } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import type { Tables } from '../../store/tables.ts';
import type { SignedIn } from '../session/service.ts';
import type { StatedPlan } from './api.ts';
import { judgeCanary } from './canary.ts';
import { requireLocalTime, stagesOf } from './stages.ts';
import { changeVersion, readVersion, readVersions, type StoredVersion } from './store.ts';

interface NewRow {
  readonly version: string;
  readonly rollout: string;
  readonly stage: number;
  readonly fromAt: string;
  readonly act: 'stage' | 'stop' | 'roll-back';
}

export async function readStageTerminals({ store }: Pick<PlatformContext, 'store'>) {
  const rows = await store.database
    .selectFrom('terminal')
    .select(['terminal_no', 'operator_id', 'place_code', 'profile'])
    .execute();
  return rows.map((row) => ({
    terminalNo: row.terminal_no,
    operatorId: row.operator_id,
    placeCode: row.place_code,
    profile: row.profile,
  }));
}

/** Fixes which terminals belong to which stage and opens the first. */
export async function beginRollout(
  context: PlatformContext,
  version: string,
  why: string,
  account: SignedIn,
): Promise<void> {
  const terminals = await readStageTerminals(context);
  const act = { version, who: account.name, what: 'parameters.roll-out-begun', why, from: ['approved'] as const };
  await changeVersion(context, act, async (row, transaction) => {
    await requireBase(within(context, transaction), row);
    const plan = row.plan!;
    const stageOf = stagesOf(version, plan, terminals);
    if (![...stageOf.values()].includes(0))
      throw problem(
        'POLYCARD_PARAMETERS_PLAN',
        `no terminal belongs to the canary ${plan.stages[0]!.name}`,
        'plan/stages/0',
      );
    const members = [...stageOf].map(([terminal_no, stage]) => ({ rollout: version, terminal_no, stage }));
    for (let at = 0; at < members.length; at += 5000)
      await transaction
        .insertInto('parameter_stage_terminal')
        .values(members.slice(at, at + 5000))
        .execute();
    await addRows(context, transaction, account.name, [
      { version, rollout: version, stage: 0, fromAt: fromNow(context, plan, 0), act: 'stage' },
    ]);
    return { state: 'rolling-out' };
  });
  await context.parameters.reload();
}

/** Opens one more stage; a stage that is already open stays as it is. */
export async function advanceRollout(
  context: PlatformContext,
  version: string,
  body: { readonly why: string; readonly stage: number; readonly effectiveAt?: string; readonly despite?: boolean },
  account: SignedIn,
): Promise<void> {
  if (body.effectiveAt !== undefined) requireLocalTime(body.effectiveAt, 'effectiveAt');
  const open = openStages(context, version);
  if (open.includes(body.stage)) return;
  const act = {
    ...{ version, who: account.name, what: 'parameters.stage-opened', why: body.why },
    detail: { stage: body.stage, ...(body.despite === true ? { despite: true } : {}) },
    from: ['rolling-out'] as const,
  };
  const canary = await judgeCanary(context, await readVersion(context, version));
  await changeVersion(context, act, async (row, transaction) => {
    const plan = row.plan!;
    if (body.stage !== open.length || body.stage >= plan.stages.length)
      throw problem('POLYCARD_PARAMETERS_STATE', `the next stage is ${open.length} of ${plan.stages.length}`, 'stage');
    if (body.stage === 1 && canary?.verdict !== 'good' && body.despite !== true) {
      const missing = canary?.measures.filter(({ holds }) => !holds).map(({ words }) => words.en) ?? [];
      throw problem(
        'POLYCARD_PARAMETERS_CANARY',
        `the canary is not judged good yet: ${missing.join('; ') || 'its instant has not come'}`,
        'despite',
      );
    }
    const planned = fromNow(context, plan, body.stage, body.effectiveAt);
    await addRows(context, transaction, account.name, [
      { version, rollout: version, stage: body.stage, fromAt: planned, act: 'stage' },
    ]);
    return {};
  });
  await context.parameters.reload();
}

/** A person stops it, or the canary rule does (`who` is the platform then): its terminals return to the version before. */
export async function stopRollout(context: PlatformContext, version: string, why: string, who: string): Promise<void> {
  const act = { version, who, what: 'parameters.stopped', why, from: ['rolling-out'] as const };
  await changeVersion(context, act, async (row, transaction) => {
    await addRows(context, transaction, who, returning(context, row, 'stop', context.parameters.localNow()));
    return { state: 'stopped' };
  });
  await context.parameters.reload();
}

/** Every terminal that has or expects the version returns to the one before, when it next talks or at the instant stated. */
export async function rollBack(
  context: PlatformContext,
  version: string,
  body: { readonly why: string; readonly at?: string },
  account: SignedIn,
): Promise<void> {
  if (body.at !== undefined) requireLocalTime(body.at, 'at');
  const now = context.parameters.localNow();
  const at = body.at === undefined || body.at < now ? now : body.at;
  const act = {
    ...{ version, who: account.name, what: 'parameters.rolled-back', why: body.why, detail: { at } },
    from: ['rolling-out', 'in-force'] as const,
  };
  await changeVersion(context, act, async (row, transaction) => {
    const later = (await readVersions(within(context, transaction))).find(
      ({ state, based_on }) => based_on === version && state === 'rolling-out',
    );
    if (later !== undefined)
      throw problem(
        'POLYCARD_PARAMETERS_STATE',
        `version ${later.version} is being rolled out over it: stop that first`,
      );
    await addRows(context, transaction, account.name, returning(context, row, 'roll-back', at));
    await transaction
      .updateTable('parameter_version')
      .set({ state: 'in-force', changed_at: context.now() })
      .where('version', '=', row.based_on!)
      .where('state', '=', 'superseded')
      .execute();
    return { state: 'rolled-back' };
  });
  await context.parameters.reload();
}

/** Every stage is open and the last instant has come: the version is in force, the one before superseded. */
export async function completeRollout(context: PlatformContext, row: StoredVersion): Promise<boolean> {
  const rows = context.parameters.schedule.filter(({ rollout }) => rollout === row.version);
  const now = context.parameters.localNow();
  if (rows.length < row.plan!.stages.length || rows.some(({ fromAt }) => fromAt > now)) return false;
  const act = { version: row.version, who: 'platform', what: 'parameters.in-force', from: ['rolling-out'] as const };
  await changeVersion(context, act, async (_row, transaction) => {
    await transaction
      .updateTable('parameter_version')
      .set({ state: 'superseded', changed_at: context.now() })
      .where('version', '=', row.based_on!)
      .where('state', '=', 'in-force')
      .execute();
    return { state: 'in-force' };
  });
  return true;
}

export function openStages({ parameters }: Pick<PlatformContext, 'parameters'>, version: string): number[] {
  return parameters.schedule
    .filter(({ rollout, act }) => rollout === version && act === 'stage')
    .map(({ stage }) => stage!);
}

/** A version is a change of the one in force: of an older one it would undo what came between. One at a time. */
export async function requireBase(context: Pick<PlatformContext, 'store' | 'now'>, row: StoredVersion): Promise<void> {
  const versions = await readVersions(context);
  const rolling = versions.find(({ state }) => state === 'rolling-out');
  if (rolling !== undefined)
    throw problem(
      'POLYCARD_PARAMETERS_STATE',
      `version ${rolling.version} is being rolled out: complete or stop it first`,
    );
  const current = versions.find(({ state }) => state === 'in-force')!;
  if (row.based_on !== current.version)
    throw problem(
      'POLYCARD_PARAMETERS_STATE',
      `version ${row.version} was begun from ${row.based_on}; ${current.version} is in force now: begin a new draft`,
      'version',
    );
}

/** Inside a transaction nothing else may be read: the embedded database has one session. */
const within = ({ store, now }: PlatformContext, transaction: Transaction<Tables>) => ({
  ...{ now, store: { ...store, database: transaction } },
});

/** Never in the past: a terminal cannot have known before it was decided. */
function fromNow(context: PlatformContext, plan: StatedPlan, stage: number, stated?: string): string {
  const planned = stated ?? plan.stages[stage]!.effectiveAt ?? plan.effectiveAt;
  const now = context.parameters.localNow();
  return [planned, now].sort()[1]!;
}

function returning(context: PlatformContext, row: StoredVersion, act: 'stop' | 'roll-back', fromAt: string): NewRow[] {
  return openStages(context, row.version).map((stage) => ({
    ...{ version: row.based_on!, rollout: row.version, stage, fromAt, act },
  }));
}

async function addRows(
  { parameters, now }: PlatformContext,
  transaction: Transaction<Tables>,
  who: string,
  rows: readonly NewRow[],
): Promise<void> {
  const last = Math.max(...parameters.schedule.map(({ sequence }) => sequence));
  await transaction
    .insertInto('parameter_schedule')
    .values(
      rows.map(({ version, rollout, stage, fromAt, act }, index) => ({
        ...{ sequence: last + 1 + index, version, rollout, stage, from_at: fromAt, act },
        ...{ decided_by: who, decided_at: now() },
      })),
    )
    .execute();
}
