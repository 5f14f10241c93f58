/** What an approved act does. Each act of duties.yaml that the platform can carry out is named here. */
import type { DutyAct } from '@polycard/blueprint';
import { type KeyState, type KeyUsage, rightTo } from '@polycard/vault';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { PUBLISH_LIST_ACT, publicationEffect, publish } from '../deny-lists/publication.ts';
import { carryOutExport, carryOutImport, type ExchangeTree, requireExport, requireImport } from '../exchanges/acts.ts';
import { approveVersion, PUBLISH_ACT, requireProposed } from '../parameters/proposal.ts';
import { dutyMatrix } from './permissions.ts';
import type { ApprovalRequest } from './service.ts';

const OVERLAP_DAYS = 90;
const STATES: readonly KeyState[] = ['active', 'suspended', 'retired', 'destroyed'];

/** Refuses at once what could never be carried out: an unknown key, a key of another tree, a state that does not exist. */
export async function requireSensible(context: PlatformContext, act: DutyAct, request: ApprovalRequest): Promise<void> {
  if (act.id === PUBLISH_ACT) return requireProposed(context, request.subject, request.id);
  if (act.id === PUBLISH_LIST_ACT) {
    await publicationEffect(context, request.parameters);
    return;
  }
  const tree = /^keys\.(activation|management|issuer)\.(rotate|state|export|import)$/.exec(act.id);
  if (tree === null) {
    if (!act.grants?.includes(request.parameters['role'] ?? ''))
      throw problem(
        'POLYCARD_API_INPUT',
        `${act.id} gives ${act.grants?.join(' or ') ?? 'no roles'}`,
        'parameters/role',
      );
    await requireOneHalf(context, request);
    return;
  }
  if (tree[2] === 'export' || tree[2] === 'import') {
    const require = tree[2] === 'export' ? requireExport : requireImport;
    await require(context, tree[1] as ExchangeTree, request.subject, request.parameters);
    return;
  }
  const key = await context.vault.show(request.subject);
  if (rightTo(key.usage as KeyUsage) !== tree[1])
    throw problem(
      'POLYCARD_APPROVAL_ACT',
      `${request.subject} is a key for ${key.usage}, ${act.id} is for ${tree[1]} keys`,
      'act',
    );
  if (tree[2] === 'state' && !STATES.includes(request.parameters['to'] as KeyState))
    throw problem('POLYCARD_API_INPUT', `a key becomes ${STATES.join(', ')}`, 'parameters/to');
}

/** Nobody comes to hold both halves one after the other; people's roles are stated in duties.yaml and are changed there. */
async function requireOneHalf(context: PlatformContext, request: ApprovalRequest): Promise<void> {
  const matrix = dutyMatrix(context);
  if (matrix.duties.people.some(({ id }) => id === request.subject))
    throw problem(
      'POLYCARD_APPROVAL_ACT',
      `${request.subject} is a person of duties.yaml: their roles are changed there, and checked`,
      'subject',
    );
  const account = await context.store.database
    .selectFrom('account')
    .select('role')
    .where('name', '=', request.subject)
    .executeTakeFirst();
  const halves = [account?.role ?? '', request.parameters['role']!].flatMap((role) => [
    ...matrix.halvesOf(matrix.ofRole(role)),
  ]);
  if (new Set(halves).size > 1)
    throw problem(
      'POLYCARD_APPROVAL_ACT',
      `${request.subject} has held ${halves[0]} keys and would come to hold ${halves[1]} keys`,
      'parameters/role',
    );
}

export async function carryOut(
  context: PlatformContext,
  act: DutyAct,
  request: ApprovalRequest,
): Promise<{ before: unknown; after: unknown; outcome: string }> {
  const { vault, now, store } = context;
  if (act.id === PUBLISH_ACT) return approveVersion(context, request.subject, request.id);
  if (act.id === PUBLISH_LIST_ACT) {
    const { before, ...published } = await publish(context, request);
    return {
      before: { version: before },
      after: published,
      outcome: `version ${published.version}: ${published.cards} cards, delta ${published.deltaBytes} bytes`,
    };
  }
  if (act.id.endsWith('.export')) return carryOutExport(context, request.id, request.subject, request.parameters);
  if (act.id.endsWith('.import')) return carryOutImport(context, request.id, request.subject, request.parameters);
  const overlapEndsAt =
    request.parameters['overlapEndsAt'] ?? new Date(now().getTime() + OVERLAP_DAYS * 86_400_000).toISOString();
  if (act.id.endsWith('.rotate')) {
    const { previous, next } = await vault.rotate(request.subject, { overlapEndsAt });
    return {
      before: { version: previous.version, checkValue: previous.checkValue },
      after: { version: next.version, checkValue: next.checkValue, overlapEndsAt },
      outcome: `version ${next.version}, check value ${next.checkValue}`,
    };
  }
  if (act.id.endsWith('.state')) {
    const to = request.parameters['to'] as KeyState;
    const { state } = await vault.show(request.subject);
    await vault.changeState(request.subject, to, to === 'retired' ? { overlapEndsAt } : {});
    return { before: { state }, after: { state: to }, outcome: `${state} → ${to}` };
  }
  const role = request.parameters['role']!;
  const account = await store.database
    .selectFrom('account')
    .select('role')
    .where('name', '=', request.subject)
    .executeTakeFirst();
  if (account === undefined)
    throw problem('POLYCARD_ACCOUNT_UNKNOWN', `there is no account ${request.subject}`, 'subject');
  await store.database.updateTable('account').set({ role }).where('name', '=', request.subject).execute();
  return { before: { role: account.role }, after: { role }, outcome: `${account.role} → ${role}` };
}
