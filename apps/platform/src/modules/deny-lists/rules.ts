/** Reasons and scopes as the region's blueprint states them. */
import type { DenyLists, DenyReason } from '@polycard/blueprint';
import { WHOLE_CARD } from '@polycard/deny-list';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import type { Words } from '../api-types.ts';

type WithRegion = Pick<PlatformContext, 'region'>;

export function denyRules({ region }: WithRegion): DenyLists {
  const { denyLists } = region.blueprint;
  if (denyLists === undefined)
    throw problem('POLYCARD_DENY_LIST_RULES', 'the blueprint has no deny-lists.yaml: no card can be listed');
  return denyLists;
}

/** What a listing of this card for this reason does. Throws `POLYCARD_DENY_LIST_ENTRY` naming the field. */
export function ruleFor(context: WithRegion, scope: string, reasonId: string): DenyReason & { readonly lock: boolean } {
  const { reasons } = denyRules(context);
  const reason = reasons.find(({ id }) => id === reasonId);
  if (reason === undefined)
    throw wrongEntry('reason', `${reasonId || 'nothing'}: one of ${reasons.map(({ id }) => id).join(', ')}`);
  const isCard = scope === WHOLE_CARD;
  if (!isCard && !applicationIds(context).includes(scope))
    throw wrongEntry('scope', `${scope || 'nothing'}: "${WHOLE_CARD}" or one of ${applicationIds(context).join(', ')}`);
  if (reason.of !== 'any' && (reason.of === 'card') !== isCard)
    throw wrongEntry(
      'reason',
      `${reasonId} is a reason for ${reason.of === 'card' ? 'a whole card' : 'an application'}`,
    );
  return { ...reason, lock: reason.lockOnSight && !isCard };
}

export function applicationIds({ region }: WithRegion): string[] {
  return region.blueprint.applications.filter(({ kind }) => kind !== 'financial').map(({ application }) => application);
}

export function scopeName({ region }: WithRegion, scope: string): Words {
  if (scope === WHOLE_CARD) return { en: 'Whole card', zh: '整卡' };
  return (
    region.blueprint.applications.find(({ application }) => application === scope)?.name ?? { en: scope, zh: scope }
  );
}

export function reasonName({ region }: WithRegion, id: string): Words {
  return region.blueprint.denyLists?.reasons.find((reason) => reason.id === id)?.name ?? { en: id, zh: id };
}

export const wrongEntry = (where: string, text: string): Error => problem('POLYCARD_DENY_LIST_ENTRY', text, where);
