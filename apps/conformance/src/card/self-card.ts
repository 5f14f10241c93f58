/** The card cases against our own card, whole or broken in one way. */
import type { CaseResult } from '../case.ts';
import { cappRecordOf, issueOwnCards, ownCaKeys, testCardOf } from '../self/own-card.ts';
import type { OwnPlatform } from '../self/own-platform.ts';
import type { BrokenCard } from './broken-cards.ts';
import { type CardRun, runCardCases } from './run-card.ts';

/** One card as issued; each run gets it fresh. */
export async function prepareOwnCard(own: OwnPlatform) {
  const [issued] = await issueOwnCards(own, 1);
  const context = { caKeys: await ownCaKeys(own), random: own.random, capp: cappRecordOf(own.blueprintDirectory) };
  return (
    run: Pick<CardRun, 'localTime' | 'only' | 'cases' | 'onResult'>,
    broken?: BrokenCard,
  ): Promise<CaseResult[]> => {
    const whole = testCardOf(issued!.snapshot, own.random);
    return runCardCases({ ...context, ...run, card: broken?.make(whole) ?? whole });
  };
}
