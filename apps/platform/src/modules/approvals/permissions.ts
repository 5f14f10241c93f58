/** Permissions of an account by the blueprint's duties: of the person it belongs to, else of its role. */
import { type Duties, DutyMatrix } from '@polycard/blueprint';
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

/** A hook that lets only accounts with this permission through; a refusal is an audit entry. */
export function needs(context: PlatformContext, permission: string): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    if (request.account !== undefined && permissionsOf(context, request.account).has(permission)) return;
    const who = request.account?.name ?? 'nobody';
    const refusal = {
      who,
      what: 'permission.refused',
      subject: permission,
      detail: { route: request.routeOptions.url },
    };
    await context.store.database.transaction().execute((transaction) => audit(transaction, context.now(), refusal));
    throw problem('POLYCARD_SESSION_FORBIDDEN', `this needs the permission ${permission}`);
  };
}

/** From here on the request has its account's own rights to keys, not the platform's. */
export function withOwnKeyRights(context: PlatformContext): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const held = permissionsOf(context, request.account!);
    const rights = new Set<KeyRight>();
    if (held.has('keys.activation.use')) rights.add('activation');
    if (held.has('keys.management.use')) rights.add('management').add('zones');
    if (held.has('keys.issuer.request')) rights.add('issuer');
    acting().rights = rights;
  };
}
