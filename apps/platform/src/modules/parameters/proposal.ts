/** A version before a second person: its plan fixed, its effect in words, the request with the approvals module. */
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import type { Words } from '../api-types.ts';
import { acting } from '../audit/acting.ts';
import type { Plan, StatedPlan } from './api.ts';
import { regionUnder } from './content.ts';
import { rehearsalNow, requireRehearsed } from './rehearsal.ts';
import { readStageTerminals, requireBase } from './rollout.ts';
import { stagesOf, statedPlan } from './stages.ts';
import { changeVersion, parsedContent, readVersion, type StoredVersion } from './store.ts';
import { changesBetween, effectWords } from './words.ts';

export const PUBLISH_ACT = 'parameters.publish';

/** Fixes plan and request. Throws for a version with findings, one that was not rehearsed, or a plan that leaves terminals out. */
export async function fixProposal(
  context: PlatformContext,
  version: string,
  body: { readonly id: string; readonly why: string; readonly plan: Plan },
  who: string,
): Promise<void> {
  const plan = statedPlan(body.plan);
  const known = await readVersion(context, version);
  if (known.state === 'waiting' && known.approval_id === body.id) return;
  await requireBase(context, known);
  requireRehearsed(rehearsalNow(context, version, known.rehearsal), known.digest);
  const act = { version, who, what: 'parameters.proposed', why: body.why, detail: { approval: body.id } };
  await changeVersion(context, { ...act, from: ['checked', 'refused'] as const }, (row) => {
    if ((row.findings as unknown[]).length > 0)
      throw problem('POLYCARD_PARAMETERS_STATE', 'a version with findings cannot be proposed', 'version');
    return { state: 'waiting', plan: JSON.stringify(plan), approval_id: body.id };
  });
}

/** Only a version that was proposed under this request may be approved by it. */
export async function requireProposed(context: PlatformContext, version: string, approvalId: string): Promise<void> {
  const row = await readVersion(context, version);
  if (row.approval_id !== approvalId || row.plan === null)
    throw problem(
      'POLYCARD_PARAMETERS_STATE',
      `propose it with POST /api/parameters/versions/${version}/proposal`,
      'subject',
    );
}

export async function effectOf(context: PlatformContext, version: string): Promise<Words> {
  const row = await readVersion(context, version);
  return effectWords({
    ...{ version, changes: changesOf(context, row), plan: row.plan! },
    terminals: await terminalsOfStages(context, version, row.plan!),
    rehearsal: row.rehearsal ?? undefined,
  });
}

/** The second person has approved: it may be rolled out. */
export async function approveVersion(context: PlatformContext, version: string, approvalId: string) {
  const who = acting().approvedBy?.join(', ') ?? 'platform';
  const act = { version, who, what: 'parameters.approved', from: ['waiting'] as const };
  await changeVersion(context, act, (row) => {
    if (row.approval_id !== approvalId)
      throw problem('POLYCARD_PARAMETERS_STATE', `version ${version} waits for another request`, 'subject');
    return { state: 'approved' };
  });
  return { before: { state: 'waiting' }, after: { state: 'approved' }, outcome: 'waiting → approved' };
}

export function changesOf(context: PlatformContext, row: StoredVersion) {
  const before = row.based_on === null ? undefined : context.parameters.regionOf(row.based_on);
  if (before === undefined) return [];
  try {
    return changesBetween(before, regionUnder(context.region, parsedContent(row), row.version));
  } catch {
    // a draft that does not compile yet: its findings say why
    return [];
  }
}

export async function terminalsOfStages(
  context: PlatformContext,
  version: string,
  plan: Pick<StatedPlan, 'stages'>,
): Promise<number[]> {
  const stageOf = stagesOf(version, plan, await readStageTerminals(context));
  const counts = plan.stages.map(() => 0);
  for (const stage of stageOf.values()) counts[stage]!++;
  return counts;
}
