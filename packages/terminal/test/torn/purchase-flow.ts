/**
 * Purchases torn at every exchange and every write of the card, then held to the shop again: within T1, within T2, after
 * T2 (given up as unresolved), or the card buys something else at another shop and the counter asks it. Plain qPBOC leaves
 * no proof, so the kept record, or counter and balance, must tell: what the card paid is what clearing counts.
 */
import type { CardSnapshot } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { MEMORY_ONLY, resolveTornTap, type TapRequest, Terminal, type TerminalConfiguration } from '../../src/index.ts';
import { personalisedCard } from '../personalised-card.ts';
import { BUS, COUNTER, parameters, psam, SHOP } from '../region.ts';
import {
  afterHalfPastEight,
  CutChannel,
  cutPoints,
  type FlowReport,
  handleElsewhere,
  nameOf,
  type Return,
  restored,
  takeAway,
} from './cuts.ts';
import { balanceOf, evidenceOf, type RideOptions } from './ride-flow.ts';

export interface PurchaseOptions extends Omit<RideOptions, 'plant'> {
  /** A shop that forgets its torn purchases. */
  readonly plant?: 'torn-forgotten';
  /** TTQ: without fDDA 01 the kept record proves nothing, and the balance has to tell. */
  readonly ttq?: Uint8Array;
}

const DAY = '20180901';
const RIDE_FEN = 300;
const PRICE_FEN = 500;
const OTHER_FEN = 700;

export function runPurchaseFlow(retap: Return, options: PurchaseOptions): FlowReport {
  let nowMs = 0;
  const terminal = (configuration: TerminalConfiguration): Terminal =>
    new Terminal({ ...configuration, ...options }, parameters, {
      ...{ psam, random: seededRandom('shop'), monotonicUs: () => 0, nowMs: () => nowMs, storage: MEMORY_ONLY },
    });
  const purchase = (amountFen: number, seconds: number): TapRequest => ({
    ...{ kind: 'purchase', amountFen, at: afterHalfPastEight(DAY, seconds) },
  });
  const fresh = personalisedCard();
  // a ride before: the platform knows what the card had
  const before = terminal(BUS).tap(fresh, { kind: 'boarding', at: `${DAY}050000`, declaredBaseFen: RIDE_FEN });
  if (before.result !== 'accepted') throw new Error(`the ride before was ${before.result}`);
  takeAway(fresh);
  const start: CardSnapshot = fresh.snapshot();
  const whole = restored(start);
  whole.powerCut = () => false;
  const channel = new CutChannel(whole, undefined);
  const undisturbed = terminal(SHOP).tap(channel, purchase(PRICE_FEN, 0));
  if (undisturbed.result !== 'accepted') throw new Error(`the undisturbed purchase was ${undisturbed.result}`);
  const points = cutPoints(channel.exchanges, whole.physicalWrites);
  const ends: Record<string, number> = {};
  const violations: string[] = [];

  for (const cut of points) {
    const violation = (what: string) => violations.push(`purchase, ${retap}: ${nameOf(cut)}: ${what}`);
    nowMs = 0;
    const sites = [
      terminal(SHOP),
      terminal({ ...SHOP, terminalNo: '10000015' }),
      terminal(COUNTER),
      terminal(BUS),
    ] as const;
    const [shop, otherShop, counter, later] = sites;
    const card = restored(start);
    const first = shop.tap(new CutChannel(card, cut), purchase(PRICE_FEN, 0));
    takeAway(card);
    let expectedFen = PRICE_FEN;
    if (first.result === 'torn') {
      if (retap === 'another-gate') {
        expectedFen = first.commit === 'unknown' ? Number.NaN : OTHER_FEN;
        nowMs = options.tornRecordMs + 1;
        if (otherShop.tap(card, purchase(OTHER_FEN, 20)).result !== 'accepted')
          violation('no other shop takes the card');
        takeAway(card);
        const visit = { kind: 'counter', at: `${DAY}083059`, asksProof: true } as const;
        if (counter.tap(card, visit).result !== 'accepted') violation('the counter refuses the card');
      } else {
        const again = options.plant === 'torn-forgotten' ? terminal(SHOP) : shop;
        if (retap === 'looked-at' || retap === 'begun-elsewhere') handleElsewhere(card, retap);
        if (retap === 'within-t2') nowMs = options.retapWindowMs + 1;
        if (retap === 'after-t2') nowMs = options.tornRecordMs + 1;
        const outcome = again.tap(card, purchase(PRICE_FEN, Math.ceil(nowMs / 1000)));
        const isUnclear = outcome.result === 'refused' && outcome.reason === 'torn-unclear';
        // begun elsewhere, a balance alone does not say where it went: nobody is charged again, a later ride tells
        if (isUnclear && retap === 'begun-elsewhere') {
          takeAway(card);
          const ride = later.tap(card, { kind: 'boarding', at: `${DAY}180000`, declaredBaseFen: RIDE_FEN });
          if (ride.result === 'accepted') expectedFen += ride.entry.amountFen;
        } else if (outcome.result !== 'accepted') violation('the customer did not get what was paid');
      }
      takeAway(card);
    } else if (first.result !== 'accepted') violation(`refused: ${first.result}`);
    nowMs += options.tornRecordMs + 1;
    for (const site of sites) site.expireTornTaps();
    const taps = [before.entry, ...sites.flatMap(({ journal }) => [...journal.entries])].map(evidenceOf);
    let recordedFen = 0;
    for (const tap of taps.slice(1)) {
      const verdict = tap.tornOutcome === 'unresolved' ? resolveTornTap(tap, taps) : undefined;
      if (tap.tornOutcome === 'unresolved' && verdict === undefined) violation('a torn purchase stays unknown');
      const counts = tap.tornOutcome !== 'unresolved' || (verdict?.outcome === 'committed' && verdict.by !== 'twin');
      if (counts) recordedFen += tap.chargedFen;
      const end = verdict === undefined ? tap.tornOutcome : `${verdict.outcome} by ${verdict.by}`;
      if (tap.chargedFen === PRICE_FEN) ends[end] = (ends[end] ?? 0) + 1;
    }
    const paidFen = balanceOf(start) - balanceOf(card.snapshot());
    if (paidFen !== recordedFen) violation(`the card paid ${paidFen} fen, clearing counts ${recordedFen}`);
    if (!Number.isNaN(expectedFen) && paidFen !== expectedFen)
      violation(`paid ${paidFen} fen instead of ${expectedFen}`);
  }
  return {
    ...{ flow: 'purchase', retap, exchanges: channel.exchanges, writes: whole.physicalWrites },
    ...{ cutPoints: points.length, ends, violations },
  };
}
