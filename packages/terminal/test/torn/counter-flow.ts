/**
 * A counter's work torn at every exchange and every write of the card, then done again: at once, later, when the counter
 * has given the load up, or at another counter. A load arrives once and the issuer knows; an industry is opened once.
 */
import { fromHex, toHex } from '@polycard/bytes';
import { AID_PBOC_DEBIT, AID_T_UNION_PURSE, type CardSnapshot, type VirtualCard } from '@polycard/card';
import { encodeAppendRecord, type LoadRequest } from '@polycard/emv';
import { PurseHost } from '../../../card/test/purse-card.ts';
import { activateRecords, LoadDesk, type LoadOptions, OpenLoadList } from '../../src/index.ts';
import { personalisedCard } from '../personalised-card.ts';
import { ISSUER_HOST, issuedPurse } from '../purse-region.ts';
import { keyOfCard, recordNamed, recordNames } from '../region.ts';
import {
  CutChannel,
  type CutPoint,
  cutPoints,
  type FlowReport,
  nameOf,
  type Retap,
  restored,
  takeAway,
} from './cuts.ts';

/** A counter that forgets its open loads and what it has opened: it simply does everything again. */
export type CounterPlant = 'torn-forgotten';

const LOAD_FEN = 5_000;
const LOAD: LoadOptions = {
  aid: AID_T_UNION_PURSE,
  pin: fromHex('123456'),
  keyIndex: 1,
  amountFen: LOAD_FEN,
  terminal: fromHex('000000000001'),
  at: '20260801100000',
  authorise: (request: LoadRequest) => ISSUER_HOST.authoriseLoad(request),
};

export function runLoadFlow(retap: Retap, plant?: CounterPlant): FlowReport {
  const start = issuedPurse().snapshot();
  const whole = restored(start);
  whole.powerCut = () => false;
  const channel = new CutChannel(whole, undefined);
  const undisturbed = new LoadDesk(new OpenLoadList()).load(channel, LOAD);
  if (undisturbed.result !== 'loaded') throw new Error(`the undisturbed load was ${undisturbed.result}`);
  const [exchanges, writes] = [channel.exchanges, whole.physicalWrites];
  const ends: Record<string, number> = {};
  const violations: string[] = [];
  const points = cutPoints(exchanges, writes);
  for (const cut of points) {
    const { end, wrong } = tornLoad(start, cut, retap, plant);
    ends[end] = (ends[end] ?? 0) + 1;
    violations.push(...wrong.map((what) => `load, ${retap}: ${nameOf(cut)}: ${what}`));
  }
  return { flow: 'load', retap, exchanges, writes, cutPoints: points.length, ends, violations };
}

function tornLoad(start: CardSnapshot, cut: CutPoint, retap: Retap, plant: CounterPlant | undefined) {
  // the issuer's host has every load it gave MAC2 for, whichever counter asked
  const atHost = new OpenLoadList();
  const card = restored(start);
  const before = purseBalance(card);
  takeAway(card);
  const first = new LoadDesk(atHost).load(new CutChannel(card, cut), LOAD);
  takeAway(card);
  const wrong: string[] = [];
  let end = 'whole';
  if (first.result !== 'loaded') {
    if (first.result !== 'torn') wrong.push(`it was ${first.result} instead of torn`);
    // within T1, T2 or after: the counter asks the card first, for however long the load is open; nothing depends on time
    const isForgotten = plant === 'torn-forgotten';
    const desk = new LoadDesk(isForgotten ? new OpenLoadList() : atHost);
    const options = retap === 'another-gate' ? { ...LOAD, terminal: fromHex('000000000002') } : LOAD;
    const again = desk.load(card, options);
    takeAway(card);
    if (again.result !== 'loaded') wrong.push(`the second try was ${again.result}`);
    end = again.result === 'loaded' && again.recovered ? 'proof' : 'again';
  }
  if (atHost.openCount > 0) wrong.push('the issuer does not know how the load ended');
  for (const { request, end: ended } of atHost.ends) {
    if (ended.result === 'loaded' && !ISSUER_HOST.verifyLoad(request, ended.tac)) wrong.push('its TAC is wrong');
  }
  const told = atHost.ends.filter(({ end: ended }) => ended.result === 'loaded').length;
  const gained = purseBalance(card) - before;
  if (gained !== LOAD_FEN) wrong.push(`the card got ${gained} fen instead of ${LOAD_FEN}`);
  if (told !== 1) wrong.push(`the issuer counts ${told} loads`);
  return { end, wrong };
}

function purseBalance(card: VirtualCard): number {
  const host = new PurseHost(card);
  host.select();
  return host.balance();
}

const IDENTITY = { pan: '6228480000000011', homeCityCode: '5840' };

export function runActivationFlow(retap: Retap, plant?: CounterPlant): FlowReport {
  const blank = personalisedCard({ openRecords: false }).snapshot();
  const commands = recordNames.map(openingCommand);
  const whole = restored(blank);
  whole.powerCut = () => false;
  const channel = new CutChannel(whole, undefined);
  const undisturbed = activateRecords(channel, commands);
  if (undisturbed.result !== 'activated' || undisturbed.opened !== commands.length)
    throw new Error(`the undisturbed activation was ${undisturbed.result}`);
  const [exchanges, writes] = [channel.exchanges, whole.physicalWrites];
  takeAway(whole);
  const expected = imageOf(whole);
  const ends: Record<string, number> = {};
  const violations: string[] = [];
  const points = cutPoints(exchanges, writes);
  for (const cut of points) {
    const card = restored(blank);
    const first = activateRecords(new CutChannel(card, cut), commands);
    takeAway(card);
    let end = 'whole';
    if (first.result !== 'activated') {
      // nothing is kept at a counter: the card says what is open, at any counter and at any time
      const again = plant === 'torn-forgotten' ? sendAgain(card, commands) : activateRecords(card, commands);
      takeAway(card);
      if (again.result !== 'activated') violations.push(`activation, ${retap}: ${nameOf(cut)}: it was ${again.result}`);
      end = again.result === 'activated' && again.already > 0 ? 'completed' : 'again';
    }
    if (imageOf(card) !== expected)
      violations.push(`activation, ${retap}: ${nameOf(cut)}: the files differ from those of one whole activation`);
    ends[end] = (ends[end] ?? 0) + 1;
  }
  return { flow: 'activation', retap, exchanges, writes, cutPoints: points.length, ends, violations };
}

function openingCommand(name: string): Uint8Array {
  const { sfi, codec, activationKey, managementKey } = recordNamed(name);
  const homeCity = codec.field('homeCity') === undefined ? {} : { homeCity: IDENTITY.homeCityCode };
  return encodeAppendRecord({
    openingKey: keyOfCard(activationKey, IDENTITY),
    recordKey: keyOfCard(managementKey, IDENTITY),
    atc: 0,
    sfi,
    record: codec.encode(homeCity),
  });
}

/** What a counter would do that does not ask the card first. */
function sendAgain(card: VirtualCard, commands: readonly Uint8Array[]): ReturnType<typeof activateRecords> {
  card.transmit(Uint8Array.of(0x00, 0xa4, 0x04, 0x00, AID_PBOC_DEBIT.length, ...AID_PBOC_DEBIT));
  for (const command of commands) card.transmit(command);
  return { result: 'activated', opened: commands.length, already: 0 };
}

/** Everything the card's records say: each record of each name, the second of the same name too. */
function imageOf(card: VirtualCard): string {
  takeAway(card);
  card.transmit(Uint8Array.of(0x00, 0xa4, 0x04, 0x00, AID_PBOC_DEBIT.length, ...AID_PBOC_DEBIT));
  const said: string[] = [];
  for (const name of recordNames) {
    const { sfi, codec } = recordNamed(name);
    if (codec.recordId === undefined) {
      said.push(toHex(card.transmit(Uint8Array.of(0x00, 0xb2, 0x01, (sfi << 3) | 4, 0x00))));
      continue;
    }
    const [high, low] = [codec.recordId[0]!, codec.recordId[1]!];
    for (const next of [0, 1])
      said.push(toHex(card.transmit(Uint8Array.of(0x80, 0xb4, 0x00, (sfi << 3) | next, 0x02, high, low, 0x00))));
  }
  takeAway(card);
  return said.join('|');
}
