/**
 * Campaigns: promotions with a budget. What one gave away to a ride stands in the explanation of its fare; one whose budget
 * is used up ends for a terminal when the terminal hears of it, and its taps say so.
 */
import type { EndedCampaign, Tariff } from '@polycard/blueprint';
import type { Fare } from './fare.ts';

export interface Given {
  readonly promotion: string;
  readonly givenFen: number;
}

/** What each promotion of the tariff took off this fare, step by step; an `instead` promotion in place of the class discount. */
export function givenBy({ promotions = [] }: Tariff, { steps }: Fare): Given[] {
  const ids = new Set(promotions.map(({ id }) => id));
  return steps.flatMap(({ rule, beforeFen, afterFen }) =>
    ids.has(rule) ? [{ promotion: rule, givenFen: beforeFen - afterFen }] : [],
  );
}

/** Promotions of a tariff that have ended. */
export function endedIn({ tariff, promotions = [] }: Tariff, ended: readonly EndedCampaign[]): string[] {
  return promotions.flatMap(({ id }) =>
    ended.some((campaign) => campaign.tariff === tariff && campaign.promotion === id) ? [id] : [],
  );
}

/** Whether what was given reached the budget, less the margin that it keeps for terminals that have not heard. */
export function isUsedUp(
  { budgetFen, endMarginFen = 0 }: { readonly budgetFen: number; readonly endMarginFen?: number },
  givenFen: number,
): boolean {
  return givenFen + endMarginFen >= budgetFen;
}
