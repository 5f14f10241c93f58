/** Purchases in a shop: journalled and uploaded like taps, refused like taps, on any PBOC card. */

import { seededRandom } from '@polycard/crypto';
import { WHOLE_CARD } from '@polycard/deny-list';
import { CUP_TERMINAL, packMessage, unpackMessage } from '@polycard/iso8583';
import { describe, expect, it } from 'vitest';
import {
  type DenyListHit,
  JournalLog,
  offlineSaleMessage,
  parseOfflineSale,
  type TapDenyList,
  type TapOutcome,
  Terminal,
  type TerminalConfiguration,
  VolatileStorage,
} from '../src/index.ts';
import { personalisedCard, truthOf } from './personalised-card.ts';
import { parameters, psam, SHOP } from './region.ts';
import { CutChannel, takeAway } from './torn/cuts.ts';

const AT = '20180901120000';
const storageOf = () => new VolatileStorage();

function shop(
  storage = storageOf(),
  more: { configuration?: Partial<TerminalConfiguration>; denyList?: TapDenyList } = {},
): Terminal {
  return new Terminal({ ...SHOP, ...more.configuration }, parameters, {
    ...{ psam, random: seededRandom('shop'), monotonicUs: () => 0, nowMs: () => 0 },
    storage: new JournalLog(storage),
    ...(more.denyList === undefined ? {} : { denyList: more.denyList }),
  });
}
const buy = (terminal: Terminal, card = personalisedCard(), amountFen = 500): TapOutcome =>
  terminal.tap(card, { kind: 'purchase', at: AT, amountFen });
const reasonOf = (outcome: TapOutcome): string => (outcome.result === 'refused' ? outcome.reason : outcome.result);

function listOf(scope: string, hits: Omit<DenyListHit, 'hitNo' | 'listVersion'>[], floorFen?: number): TapDenyList {
  const denial = { scope, reason: 'lost', lockOnSight: true };
  return {
    version: 7,
    freshness: () => (floorFen === undefined ? { state: 'fresh' } : { state: 'refuse-above-floor', floorFen }) as never,
    find: (_pan, application) => (scope === WHOLE_CARD || scope === application ? (denial as never) : undefined),
    note: (hit) => hits.push(hit),
  };
}

describe('a purchase', () => {
  it('takes the money once and stands in the journal, also after a loss of power', () => {
    const storage = storageOf();
    const card = personalisedCard();
    const before = truthOf(card).balanceFen;
    expect(buy(shop(storage), card)).toMatchObject({ result: 'accepted', entry: { amountFen: 500, traceNo: 1 } });
    expect(before - truthOf(card).balanceFen).toBe(500);
    const { entries } = shop(storage).journal;
    expect(entries).toMatchObject([{ amountFen: 500, industry: { kind: 'purchase', at: AT, records: [] } }]);
  });

  it('travels as an offline sale and is read as it was', () => {
    const terminal = shop();
    buy(terminal);
    const [entry] = terminal.journal.entries;
    const message = offlineSaleMessage({ terminalNo: '10000005', merchantNo: '888888888880201' }, entry!);
    const read = parseOfflineSale(unpackMessage(CUP_TERMINAL, packMessage(CUP_TERMINAL, message)));
    expect(read).toMatchObject({ amountFen: 500, industry: { kind: 'purchase', baseFen: 500, tornOutcome: 'normal' } });
  });

  it('needs an amount, a card with the money and room in the journal', () => {
    expect(reasonOf(buy(shop(), personalisedCard(), 0))).toBe('no-amount');
    expect(reasonOf(buy(shop(), personalisedCard({ balanceFen: 300 }), 500))).toBe('insufficient-balance');
    const small = shop(storageOf(), { configuration: { journalMax: 1 } });
    expect(reasonOf(buy(small))).toBe('accepted');
    expect(reasonOf(buy(small))).toBe('journal-full');
  });

  it('needs no extended files: a card without them may pay', () => {
    const card = personalisedCard({ openRecords: false });
    expect(reasonOf(buy(shop(), card))).toBe('accepted');
  });

  it('refuses a listed card before any money, and takes one that only an application is listed of', () => {
    const hits: Omit<DenyListHit, 'hitNo' | 'listVersion'>[] = [];
    const card = personalisedCard();
    const before = truthOf(card).balanceFen;
    expect(reasonOf(buy(shop(storageOf(), { denyList: listOf(WHOLE_CARD, hits) }), card))).toBe('listed');
    expect(truthOf(card).balanceFen).toBe(before);
    expect(hits).toMatchObject([{ scope: WHOLE_CARD, outcome: 'refused' }]);
    expect(reasonOf(buy(shop(storageOf(), { denyList: listOf('metro', hits) }), card))).toBe('accepted');
  });

  it('with an old list takes small amounts only', () => {
    const old = shop(storageOf(), { denyList: listOf('bus', [], 300) });
    expect(reasonOf(buy(old, personalisedCard(), 500))).toBe('list-too-old');
    expect(buy(old, personalisedCard(), 300)).toMatchObject({ entry: { industry: { denyListVersion: 7 } } });
  });

  it('of another amount after a torn one is another purchase: both are paid and journalled', () => {
    const terminal = shop();
    const card = personalisedCard();
    const before = truthOf(card).balanceFen;
    const dialogue = buy(shop(), personalisedCard()).exchanges.length;
    const torn = terminal.tap(new CutChannel(card, { exchange: dialogue - 1, when: 'after' }), {
      ...{ kind: 'purchase', at: AT, amountFen: 500 },
    });
    expect(torn).toMatchObject({ result: 'torn', commit: 'unknown' });
    takeAway(card);
    expect(buy(terminal, card, 200)).toMatchObject({ result: 'accepted', recovered: false });
    expect(terminal.journal.entries.map(({ amountFen }) => amountFen)).toEqual([500, 200]);
    expect(before - truthOf(card).balanceFen).toBe(700);
  });
});
