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
} from '../../src/index.ts';
import { personalisedCard, truthOf } from '../personalised-card.ts';
import { BUS, COUNTER, ENTRY_GATE, EXIT_GATE, parameters, psam } from '../region.ts';
import {
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

export type RideFlow = 'entry' | 'exit' | 'bus';
/** A card that commits at GPO; a gate that forgets torn taps; a clearing that never resolves what was given up. */
export type RidePlant = 'commit-at-gpo' | 'torn-forgotten' | 'never-resolved';

export interface RideOptions {
  readonly retapWindowMs: number;
  readonly tornRecordMs: number;
  readonly tornRecordsMax: number;
  readonly plant?: RidePlant;
}

const DAY = '20180901';
const FARE_FEN = 300;
const STRANGER = personalisedCard({ pan: '6228480000000029' }).snapshot();

const GATES: Readonly<Record<RideFlow, readonly [TerminalConfiguration, TerminalConfiguration]>> = {
  entry: [ENTRY_GATE, { ...ENTRY_GATE, terminalNo: '10000011' }],
  exit: [EXIT_GATE, { ...EXIT_GATE, terminalNo: '10000012' }],
  bus: [BUS, { ...BUS, terminalNo: '10000013', route: '102' }],
};

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
  readonly #retap: Return;
  readonly #options: RideOptions;
  readonly #start: CardSnapshot;
  /** Taps before the flow, as the platform has them. */
  readonly #before: JournalEntry[] = [];
  readonly #ends: Record<string, number> = {};
  readonly #violations: string[] = [];
  #nowMs = 0;

  constructor(flow: RideFlow, retap: Return, options: RideOptions) {
    this.#flow = flow;
    this.#retap = retap;
    this.#options = options;
    const card = personalisedCard();
    // a bus ride hours before: the platform knows what the card had; for an exit the entry too
    this.#must(this.#terminal(BUS), card, { kind: 'boarding', at: `${DAY}050000`, declaredBaseFen: FARE_FEN });
    if (flow === 'exit') this.#must(this.#terminal(ENTRY_GATE), card, { kind: 'entry', at: `${DAY}080000` });
    this.#start = card.snapshot();
  }

  run(): FlowReport {
    const whole = restored(this.#start);
    whole.powerCut = () => false;
    const channel = new CutChannel(whole, undefined);
    const outcome = this.#terminal(GATES[this.#flow][0]).tap(channel, this.#request(0));
    if (outcome.result !== 'accepted') throw new Error(`the undisturbed ${this.#flow} was ${outcome.result}`);
    const [exchanges, writes] = [channel.exchanges, whole.physicalWrites];
    const fareFen = outcome.entry.amountFen;
    if ((fareFen === 0) !== (this.#flow === 'entry')) throw new Error(`an undisturbed ${this.#flow} costs ${fareFen}`);
    const points = cutPoints(exchanges, writes);
    for (const cut of points) this.#try(cut, fareFen);
    return {
      ...{ flow: this.#flow, retap: this.#retap, exchanges, writes, cutPoints: points.length },
      ...{ ends: this.#ends, violations: this.#violations },
    };
  }

  #try(cut: CutPoint, fareFen: number): void {
    const violation = (what: string): void => {
      this.#violations.push(`${this.#flow}, ${this.#retap}: ${nameOf(cut)}: ${what}`);
    };
    this.#nowMs = 0;
    const [near, far] = GATES[this.#flow];
    const site: Site = { first: this.#terminal(near), other: this.#terminal(far), counter: this.#terminal(COUNTER) };
    const card = restored(this.#start);
    const commitsAtGpo = this.#options.plant === 'commit-at-gpo';
    const first = site.first.tap(new CutChannel(card, cut, commitsAtGpo), this.#request(0));
    takeAway(card);
    const isThrough = first.result === 'accepted' || (first.result === 'torn' && this.#again(site, card));
    if (!isThrough) violation('the rider was not let through');
    this.#settleDown(site);
    const entries = [site.first, site.other, site.counter].flatMap(({ journal }) => [...journal.entries]);
    const ours = entries.filter(({ pan }) => pan === '6228480000000011');
    const { counted, unknown, end } = this.#clear(ours);
    if (unknown > 0) violation(`${unknown} torn taps stay unknown`);
    const paidFen = balanceOf(this.#start) - balanceOf(card.snapshot());
    const recordedFen = counted.reduce((fen, { chargedFen }) => fen + chargedFen, 0);
    const refundFen = counted.reduce((fen, tap) => fen + (tap.isRefunded ? tap.chargedFen : 0), 0);
    if (paidFen !== recordedFen) violation(`the card paid ${paidFen} fen, clearing counts ${recordedFen}`);
    if (paidFen - refundFen !== fareFen) violation(`the rider paid ${paidFen - refundFen} fen instead of ${fareFen}`);
    const rides = counted.filter(({ kind, isRefunded }) => kind === kindOf(this.#flow) && !isRefunded).length;
    // an entry may be made again at another gate; nothing else happens twice
    if (rides < 1 || (rides > 1 && this.#flow !== 'entry')) violation(`${rides} rides are recorded`);
    const metro = truthOf(card).metro['status'];
    if (this.#flow !== 'bus' && metro !== (this.#flow === 'entry' ? '01' : '02'))
      violation(`the card says ${metro} in its metro record`);
    const name = first.result === 'accepted' ? 'whole' : end;
    this.#ends[name] = (this.#ends[name] ?? 0) + 1;
  }

  /** The card is held to a terminal again; gives whether the rider came through. */
  #again(site: Site, card: VirtualCard): boolean {
    const { retapWindowMs, tornRecordMs } = this.#options;
    const gate = this.#options.plant === 'torn-forgotten' ? this.#terminal(GATES[this.#flow][0]) : site.first;
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
        if (outcome.result === 'accepted') return true;
        // the exit was written with the money: the gate has nothing to do any more, the counter asks the card
        this.#nowMs = tornRecordMs + 1;
        return site.counter.tap(card, { kind: 'counter', at: this.#at(60), asksProof: true }).result === 'accepted';
      }
    }
    const outcome: TapOutcome = gate.tap(card, this.#request(Math.ceil(this.#nowMs / 1000)));
    takeAway(card);
    if (forgotten) this.#lost.push(...gate.journal.entries);
    return outcome.result === 'accepted';
  }

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
    counted: (TapEvidence & { isRefunded: boolean })[];
    unknown: number;
    end: string;
  } {
    const uploads = [...entries, ...this.#lost.splice(0)];
    const taps = [...this.#before, ...uploads].map(evidenceOf);
    const counted: (TapEvidence & { isRefunded: boolean })[] = [];
    let unknown = 0;
    let end = 'again';
    for (const tap of uploads.map(evidenceOf)) {
      if (tap.tornOutcome !== 'unresolved') {
        if (tap.tornOutcome !== 'normal') end = tap.tornOutcome;
        counted.push({ ...tap, isRefunded: false });
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
        counted.push({ ...tap, isRefunded: verdict.outcome === 'refund-due' });
      if (verdict !== undefined && end === 'again')
        end = verdict.outcome === 'not-committed' ? 'again' : `${verdict.outcome} by ${verdict.by}`;
    }
    return { counted, unknown, end };
  }

  #request(seconds: number): TapRequest {
    const tap = { kind: kindOf(this.#flow), at: this.#at(seconds) };
    return this.#flow === 'bus' ? { ...tap, declaredBaseFen: FARE_FEN } : tap;
  }

  /** What another card does in between: it may as well be refused, it only passes. */
  #strangerRequest(): TapRequest {
    return this.#flow === 'exit' ? { kind: 'entry', at: this.#at(3) } : this.#request(3);
  }

  #at(seconds: number): string {
    return `${DAY}0830${String(seconds).padStart(2, '0')}`.slice(0, 14);
  }

  #must(terminal: Terminal, card: VirtualCard, request: TapRequest): void {
    const outcome = terminal.tap(card, request);
    if (outcome.result !== 'accepted') throw new Error(`the ${request.kind} before was ${outcome.result}`);
    this.#before.push(outcome.entry);
    takeAway(card);
  }

  #terminal(configuration: TerminalConfiguration): Terminal {
    const { retapWindowMs, tornRecordMs, tornRecordsMax } = this.#options;
    return new Terminal({ ...configuration, retapWindowMs, tornRecordMs, tornRecordsMax }, parameters, {
      psam,
      random: seededRandom('gate'),
      monotonicUs: () => 0,
      nowMs: () => this.#nowMs,
      storage: MEMORY_ONLY,
    });
  }
}

function kindOf(flow: RideFlow): 'entry' | 'exit' | 'boarding' {
  return flow === 'bus' ? 'boarding' : flow;
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
    ...(industry.resolves === undefined ? {} : { resolves: industry.resolves }),
  };
}
