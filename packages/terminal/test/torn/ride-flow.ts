/**
 * Rides torn at every exchange and every write of the card, then held to a gate again: within T1, within T2 (another
 * card in between), after T2 (the gate gave the tap up as unresolved), or to another gate. What the card itself says
 * afterwards, the journals of all gates and what clearing concludes from them must be one ride: paid once, recorded,
 * nothing left unknown.
 */
import { numberFromBcd, toHex } from '@polycard/bytes';
import type { CardSnapshot, VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import {
  type JournalEntry,
  MEMORY_ONLY,
  resolveTornTap,
  type TapEvidence,
  type TapOutcome,
  type TapRequest,
  Terminal,
  type TerminalConfiguration,
  type TornVerdict,
} from '../../src/index.ts';
import { personalisedCard, truthOf } from '../personalised-card.ts';
import { COUNTER, psam } from '../region.ts';
import {
  afterHalfPastEight,
  CutChannel,
  type CutPoint,
  cutPoints,
  type FlowReport,
  handleElsewhere,
  nameOf,
  type Return,
  restored,
  takeAway,
} from './cuts.ts';
import { FLOW_PLANS, type RideFlow, type RideFlowPlan } from './ride-flows.ts';

export { RIDE_FLOWS, type RideFlow } from './ride-flows.ts';

/** A card that commits at GPO; a gate that forgets torn taps; a clearing that never resolves what was given up. */
export type RidePlant = 'commit-at-gpo' | 'torn-forgotten' | 'never-resolved';

export interface RideOptions {
  readonly retapWindowMs: number;
  readonly tornRecordMs: number;
  readonly tornRecordsMax: number;
  readonly plant?: RidePlant;
}

const DAY = '20180901';
const STRANGER = personalisedCard({ pan: '6228480000000029' }).snapshot();

export function runRideFlow(flow: RideFlow, retap: Return, options: RideOptions): FlowReport {
  return new RideScenario(flow, retap, options).run();
}

interface Site {
  readonly first: Terminal;
  readonly other: Terminal;
  readonly counter: Terminal;
}

class RideScenario {
  readonly #flow: RideFlow;
  readonly #plan: RideFlowPlan;
  readonly #retap: Return;
  readonly #options: RideOptions;
  readonly #start: CardSnapshot;
  /** Taps before the flow, as the platform has them. */
  readonly #before: JournalEntry[] = [];
  readonly #outcomes: Record<string, number> = {};
  readonly #violations: string[] = [];
  #nowMs = 0;

  constructor(flow: RideFlow, retap: Return, options: RideOptions) {
    this.#flow = flow;
    this.#plan = FLOW_PLANS[flow];
    this.#retap = retap;
    this.#options = options;
    const card = personalisedCard();
    // rides hours before: the platform knows what the card had
    for (const [terminal, request] of this.#plan.before) this.#must(this.#terminal(terminal), card, request);
    this.#start = card.snapshot();
  }

  run(): FlowReport {
    const whole = restored(this.#start);
    whole.powerCut = () => false;
    const channel = new CutChannel(whole, undefined);
    const outcome = this.#terminal(this.#plan.gates[0]).tap(channel, this.#request(0));
    if (outcome.result !== 'accepted') throw new Error(`the undisturbed ${this.#flow} was ${outcome.result}`);
    const [exchanges, writes] = [channel.exchanges, whole.physicalWrites];
    const fareFen = outcome.entry.amountFen;
    if ((fareFen === 0) !== this.#plan.isFree) throw new Error(`an undisturbed ${this.#flow} costs ${fareFen}`);
    const points = cutPoints(exchanges, writes);
    for (const cut of points) this.#try(cut, fareFen + (this.#plan.afterFen ?? 0));
    return {
      ...{ flow: this.#flow, retap: this.#retap, exchanges, writes, cutPoints: points.length },
      ...{ ends: this.#outcomes, violations: this.#violations },
    };
  }

  #try(cut: CutPoint, fareFen: number): void {
    const violation = (what: string): void => {
      this.#violations.push(`${this.#flow}, ${this.#retap}: ${nameOf(cut)}: ${what}`);
    };
    this.#nowMs = 0;
    const [near, far] = this.#plan.gates;
    const site: Site = { first: this.#terminal(near), other: this.#terminal(far), counter: this.#terminal(COUNTER) };
    const card = restored(this.#start);
    const commitsAtGpo = this.#options.plant === 'commit-at-gpo';
    const first = site.first.tap(new CutChannel(card, cut, commitsAtGpo), this.#request(0));
    takeAway(card);
    const isThrough = first.result === 'accepted' || (first.result === 'torn' && this.#again(site, card));
    if (!isThrough) violation('the rider was not let through');
    else if (this.#plan.after !== undefined && !this.#ends(site, card, first.result === 'accepted'))
      violation('the ride could not be ended');
    this.#settleDown(site);
    const entries = [site.first, site.other, site.counter].flatMap(({ journal }) => [...journal.entries]);
    const ours = entries.filter(({ pan }) => pan === '6228480000000011');
    const { counted, unknown, end } = this.#clear(ours);
    if (unknown > 0) violation(`${unknown} torn taps stay unknown`);
    const paidFen = balanceOf(this.#start) - balanceOf(card.snapshot());
    const recordedFen = counted.reduce((fen, { chargedFen }) => fen + chargedFen, 0);
    const refundFen = counted.reduce((fen, tap) => fen + tap.refundFen, 0);
    if (paidFen !== recordedFen) violation(`the card paid ${paidFen} fen, clearing counts ${recordedFen}`);
    if (paidFen - refundFen !== fareFen) violation(`the rider paid ${paidFen - refundFen} fen instead of ${fareFen}`);
    const rides = counted.filter(({ kind, refundFen: back }) => kind === this.#plan.kind && back === 0).length;
    // an entry may be made again at another gate; nothing else happens twice
    if (rides < 1 || (rides > 1 && this.#flow !== 'entry')) violation(`${rides} rides are recorded`);
    const [record, status] = this.#plan.status ?? [];
    const written = record === undefined ? undefined : truthOf(card)[record]['status'];
    if (written !== status) violation(`the card says ${written} in its ${record} record`);
    const name = first.result === 'accepted' ? 'whole' : end;
    this.#outcomes[name] = (this.#outcomes[name] ?? 0) + 1;
  }

  /** The card is held to a terminal again; gives whether the rider came through. */
  #again(site: Site, card: VirtualCard): boolean {
    const { retapWindowMs, tornRecordMs } = this.#options;
    const gate = this.#options.plant === 'torn-forgotten' ? this.#terminal(this.#plan.gates[0]) : site.first;
    const forgotten = gate !== site.first;
    switch (this.#retap) {
      case 'within-t1':
        this.#nowMs = Math.floor(retapWindowMs / 2);
        break;
      case 'looked-at':
      case 'begun-elsewhere':
        this.#nowMs = Math.floor(retapWindowMs / 2);
        handleElsewhere(card, this.#retap);
        break;
      case 'within-t2':
        this.#nowMs = Math.floor((retapWindowMs + tornRecordMs) / 2);
        site.first.tap(restored(STRANGER), this.#strangerRequest());
        break;
      case 'after-t2':
        this.#nowMs = tornRecordMs + 1;
        site.first.expireTornTaps();
        break;
      case 'another-gate': {
        this.#nowMs = Math.floor(retapWindowMs / 2);
        const outcome = site.other.tap(card, this.#request(5));
        takeAway(card);
        if (outcome.result === 'accepted') {
          this.#isAtOther = true;
          return true;
        }
        // it was written: the other gate has nothing to do any more, the counter asks the card
        this.#nowMs = tornRecordMs + 1;
        return site.counter.tap(card, { kind: 'counter', at: this.#at(60), asksProof: true }).result === 'accepted';
      }
    }
    const outcome: TapOutcome = gate.tap(card, this.#request(Math.ceil(this.#nowMs / 1000)));
    takeAway(card);
    if (forgotten) this.#lost.push(...gate.journal.entries);
    return outcome.result === 'accepted';
  }

  /** The ride goes on where the card was taken. */
  #ends(site: Site, card: VirtualCard, isWhole: boolean): boolean {
    const terminal = !isWhole && this.#isAtOther ? site.other : site.first;
    this.#isAtOther = false;
    const outcome = terminal.tap(card, this.#plan.after!(`${DAY}085000`));
    takeAway(card);
    return outcome.result === 'accepted' && outcome.entry.industry.kind === 'alighting';
  }

  #isAtOther = false;

  /** Entries of a gate that forgot; they are uploaded all the same. */
  readonly #lost: JournalEntry[] = [];

  #settleDown(site: Site): void {
    this.#nowMs += this.#options.tornRecordMs + 1;
    // a gate whose memory was taken away has nothing to give up
    if (this.#options.plant !== 'torn-forgotten') site.first.expireTornTaps();
    site.other.expireTornTaps();
  }

  /** What clearing makes of the uploads: which of them count, what stays unknown, how the torn one ended. */
  #clear(entries: readonly JournalEntry[]): {
    counted: (TapEvidence & { refundFen: number })[];
    unknown: number;
    end: string;
  } {
    const uploads = [...entries, ...this.#lost.splice(0)];
    const taps = [...this.#before, ...uploads].map(evidenceOf);
    const counted: (TapEvidence & { refundFen: number })[] = [];
    let unknown = 0;
    let end = 'again';
    for (const tap of uploads.map(evidenceOf)) {
      if (tap.tornOutcome !== 'unresolved') {
        if (tap.tornOutcome !== 'normal') end = tap.tornOutcome;
        counted.push({ ...tap, refundFen: 0 });
        continue;
      }
      const verdict =
        this.#options.plant === 'never-resolved'
          ? undefined
          : resolveTornTap(
              tap,
              taps.filter(({ atc, tornOutcome }) => !(atc === tap.atc && tornOutcome === 'unresolved')),
            );
      if (verdict === undefined) unknown++;
      else if (verdict.outcome === 'refund-due' || (verdict.outcome === 'committed' && verdict.by !== 'twin'))
        counted.push({ ...tap, refundFen: refundOf(verdict, tap) });
      if (verdict !== undefined && end === 'again')
        end = verdict.outcome === 'not-committed' ? 'again' : `${verdict.outcome} by ${verdict.by}`;
    }
    return { counted, unknown, end };
  }

  #request(seconds: number): TapRequest {
    return this.#plan.request(this.#at(seconds));
  }

  /** What another card does in between: it may as well be refused, it only passes. */
  #strangerRequest(): TapRequest {
    return (this.#plan.stranger ?? this.#plan.request)(this.#at(3));
  }

  #at(seconds: number): string {
    return afterHalfPastEight(DAY, seconds);
  }

  #must(terminal: Terminal, card: VirtualCard, request: TapRequest): void {
    const outcome = terminal.tap(card, request);
    if (outcome.result !== 'accepted') throw new Error(`the ${request.kind} before was ${outcome.result}`);
    this.#before.push(outcome.entry);
    takeAway(card);
  }

  #terminal(configuration: TerminalConfiguration): Terminal {
    const { retapWindowMs, tornRecordMs, tornRecordsMax } = this.#options;
    return new Terminal({ ...configuration, retapWindowMs, tornRecordMs, tornRecordsMax }, this.#plan.parameters, {
      psam,
      random: seededRandom('gate'),
      monotonicUs: () => 0,
      nowMs: () => this.#nowMs,
      storage: MEMORY_ONLY,
    });
  }
}

/** What goes back to the rider: the tap's own charge, or what another tap charged for it. */
function refundOf(verdict: TornVerdict, { chargedFen }: TapEvidence): number {
  if (verdict.outcome !== 'refund-due') return 0;
  return 'refundFen' in verdict ? verdict.refundFen : chargedFen;
}

export function balanceOf(snapshot: CardSnapshot): number {
  return truthOf(restored(snapshot)).balanceFen;
}

/** An upload as clearing sees it. */
export function evidenceOf(entry: JournalEntry): TapEvidence {
  const { industry, clearingData } = entry;
  const available = clearingData.get('9F5D');
  return {
    ...{ atc: entry.atc, cryptogram: toHex(clearingData.get('9F26')!), kind: industry.kind, at: industry.at },
    ...{ terminalNo: Buffer.from(clearingData.get('9F1E')!).toString('latin1'), placeCode: industry.placeCode },
    ...{ chargedFen: entry.amountFen, tornOutcome: industry.tornOutcome },
    ...(available === undefined ? {} : { availableFen: numberFromBcd(available) }),
    ...(industry.entryPlaceCode === undefined ? {} : { entryPlaceCode: industry.entryPlaceCode }),
    ...(industry.entryTime === undefined ? {} : { entryTime: industry.entryTime }),
    ...(industry.markedFen === undefined ? {} : { markedFen: industry.markedFen }),
    ...(industry.closedRide === undefined ? {} : { closedRide: industry.closedRide }),
    ...(industry.resolves === undefined ? {} : { resolves: industry.resolves }),
  };
}
