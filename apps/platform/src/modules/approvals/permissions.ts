/** Permissions of an account by the blueprint's duties: of the person it belongs to, else of its role. */
import { type Duties, DutyMatrix, REACHED_HALF } from '@polycard/blueprint';
import type { KeyRight } from '@polycard/vault';
import type { FastifyRequest } from 'fastify';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { acting } from '../audit/acting.ts';
import { audit } from '../audit/service.ts';
import type { SignedIn } from '../session/service.ts';

const matrices = new WeakMap<Duties, DutyMatrix>();

export function dutyMatrix(context: Pick<PlatformContext, 'region'>): DutyMatrix {
  const { duties } = context.region.blueprint;
  if (duties === undefined) throw problem('POLYCARD_DUTIES_MISSING', 'the blueprint states no duties');
  let matrix = matrices.get(duties);
  if (matrix === undefined) {
    matrix = new DutyMatrix(duties);
    matrices.set(duties, matrix);
  }
  return matrix;
}

export function permissionsOf(context: Pick<PlatformContext, 'region'>, account: SignedIn): ReadonlySet<string> {
  const { duties } = context.region.blueprint;
  if (duties === undefined) return new Set();
  const matrix = dutyMatrix(context);
  const person = duties.people.find(({ id }) => id === account.name);
  return person === undefined ? matrix.ofRole(account.role) : matrix.ofPerson(person);
}

/** One human being may have two accounts: the staff number tells. */
export function humanOf(context: Pick<PlatformContext, 'region'>, accountName: string): string {
  const person = context.region.blueprint.duties?.people.find(({ id }) => id === accountName);
  return person === undefined ? `account ${accountName}` : `staff ${person.staffNo}`;
}

/** Reaches no keys and decides nothing: an account that the machine's owner may use without its password. */
export function reachesNoKeys(context: Pick<PlatformContext, 'region'>, account: SignedIn): boolean {
  const { permissions } = dutyMatrix(context).duties;
  return [...permissionsOf(context, account)].every((id) => {
    const permission = permissions.find((candidate) => candidate.id === id);
    const reachesKeys = permission?.half !== undefined || REACHED_HALF[id] !== undefined || /^keys\.\w+\./.test(id);
    return permission !== undefined && !reachesKeys && ['see', 'do', 'request'].includes(permission.kind);
  });
}

/**
 * Whether a person may decide over this key: its tree's custodian is among their roles. Trees whose custodian is no role
 * of the duties belong to everybody with the act's permission.
 */
export function isCustodianOf(context: Pick<PlatformContext, 'region'>, account: SignedIn, keyLabel: string): boolean {
  const { keys, duties } = context.region.blueprint;
  const custodian = keys.find(({ label }) => label === keyLabel.split(':').at(-1))?.custodian;
  if (custodian === undefined || duties?.roles.some(({ id }) => id === custodian) !== true) return true;
  const person = duties.people.find(({ id }) => id === account.name);
  return person === undefined ? account.role === custodian : dutyMatrix(context).rolesOf(person).has(custodian);
}

/** A hook that lets only accounts with this permission through; a refusal is an audit entry. */
export function needs(
  context: PlatformContext,
  ...anyOf: readonly [string, ...string[]]
): (request: FastifyRequest) => Promise<void> {
  return (request) => mustHave(context, request, ...anyOf);
}

/** For routes whose permission depends on what is asked. Throws `POLYCARD_SESSION_FORBIDDEN`, with an audit entry. */
export async function mustHave(
  context: PlatformContext,
  request: FastifyRequest,
  ...anyOf: readonly string[]
): Promise<void> {
  const held = request.account === undefined ? undefined : permissionsOf(context, request.account);
  if (anyOf.some((permission) => held?.has(permission))) return;
  const refusal = {
    who: request.account?.name ?? 'nobody',
    what: 'permission.refused',
    subject: anyOf[0]!,
    detail: { route: request.routeOptions.url },
  };
  await context.store.database.transaction().execute((transaction) => audit(transaction, context.now(), refusal));
  throw problem('POLYCARD_SESSION_FORBIDDEN', `this needs the permission ${anyOf.join(' or ')}`);
}

/** Rights to keys that come with a permission; whatever else a permission allows, these are all the keys it reaches. */
export const RIGHTS_WITH: Readonly<Record<string, readonly KeyRight[]>> = {
  'keys.activation.use': ['activation', 'data'],
  'keys.management.use': ['management', 'zones'],
  'keys.issuer.request': ['issuer'],
  'cards.prepare': ['activation', 'issuer', 'zones', 'data'],
  'cards.rekey': ['activation', 'data'],
  'terminals.enrol': ['management', 'terminals', 'zones', 'data'],
  'terminals.admit': ['terminals', 'zones', 'data'],
};

/** From here on the request has its account's own rights to keys, not the platform's. */
export function withOwnKeyRights(context: PlatformContext): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const held = permissionsOf(context, request.account!);
    acting().rights = new Set([...held].flatMap((permission) => RIGHTS_WITH[permission] ?? []));
  };
}
