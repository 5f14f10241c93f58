/**
 * Power cut at every point of a tap: around every APDU (the card loses power before the command arrives, or after it
 * executed it and before its answer) and at every physical write of its memory. The card is held to the terminal again,
 * and money, records, trip list, proof and journal must be those of one undisturbed tap.
 *
 * Harder variants: the terminal loses power too and starts from its storage; the second try is torn as well, at every
 * APDU. Planted faults must be found out, or the scenario proves nothing.
 */
import { type CardChannel, fromHex, PolycardError, toHex } from '@polycard/bytes';
import { type CardSnapshot, VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { type JournalState, type JournalStorage, type TapOutcome, type TapRequest, Terminal } from '../src/index.ts';
import { type CardTruth, personalisedCard, truthOf } from './personalised-card.ts';
import { BUS, ENTRY_GATE, EXIT_GATE, parameters, psam } from './region.ts';

export type PowerCutKind = 'exit' | 'entry' | 'boarding';
/** A card that commits when it answers GPO; a terminal that forgets its torn taps. */
export type PowerCutPlant = 'commit-at-gpo' | 'forget-torn-taps';

export interface PowerCutOptions {
  readonly plant?: PowerCutPlant;
  /** The terminal starts again from its storage before the second try. */
  readonly restartTerminal?: boolean;
  /** The second try is torn too, at every APDU, before a third one. */
  readonly tearTwice?: boolean;
}

export interface PowerCutReport {
  readonly kind: PowerCutKind;
  readonly apdus: number;
  readonly writes: number;
  readonly cutPoints: number;
  /** Torn-tap outcomes of the entries that were completed later, by name. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
}

type Moment = { readonly apdu: number; readonly when: 'before' | 'after' };
const INS_A8_GET_PROCESSING_OPTIONS = 0xa8;
/** READ RECORD 3 of SFI 03: the last one of the test card's AFL. */
const READ_LAST_RECORD = fromHex('00B2031C00');
const GATE = { entry: ENTRY_GATE, exit: EXIT_GATE, boarding: BUS } as const;
const ENTRY_AT = '20180901080000';
const TAP_AT = '20180901083000';

/** Loses the card around one APDU; nothing gets through afterwards. */
class CutChannel implements CardChannel {
  readonly #card: VirtualCard;
  readonly #moment: Moment | undefined;
  readonly #commitAtGpo: boolean;
  #count = 0;
  #isLost = false;

  constructor(card: VirtualCard, moment: Moment | undefined, plant: PowerCutPlant | undefined) {
    this.#card = card;
    this.#moment = moment;
    this.#commitAtGpo = plant === 'commit-at-gpo';
  }

  transmit(command: Uint8Array): Uint8Array {
    const isHere = this.#count++ === this.#moment?.apdu;
    if (this.#isLost || (isHere && this.#moment?.when === 'before')) this.#lose();
    const response = this.#card.transmit(command);
    if (this.#commitAtGpo && command[1] === INS_A8_GET_PROCESSING_OPTIONS) this.#card.transmit(READ_LAST_RECORD);
    if (isHere) this.#lose();
    return response;
  }

  #lose(): never {
    this.#isLost = true;
    throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', 'the card left the field');
  }
}

/** What survives the terminal's own loss of power: a copy, so that nothing in memory can leak through it. */
export class CopyingStorage implements JournalStorage {
  #state: JournalState | undefined;

  load(): JournalState | undefined {
    return structuredClone(this.#state);
  }

  save(state: JournalState): void {
    this.#state = structuredClone(state);
  }
}

export function runPowerCuts(kind: PowerCutKind, options: PowerCutOptions = {}): PowerCutReport {
  return new Scenario(kind, options).run();
}

class Scenario {
  readonly #kind: PowerCutKind;
  readonly #options: PowerCutOptions;
  readonly #start: CardSnapshot;
  readonly #violations: string[] = [];
  readonly #outcomes: Record<string, number> = {};

  constructor(kind: PowerCutKind, options: PowerCutOptions) {
    this.#kind = kind;
    this.#options = options;
    const card = personalisedCard();
    if (kind === 'exit') {
      const entry = terminal(ENTRY_GATE, new CopyingStorage()).tap(card, { kind: 'entry', at: ENTRY_AT });
      if (entry.result !== 'accepted') throw new Error(`the entry before the exit was ${entry.result}`);
    }
    this.#start = card.snapshot();
  }

  run(): PowerCutReport {
    const whole = this.#card();
    const before = truthOf(this.#card());
    whole.powerCut = () => false;
    const outcome = terminal(GATE[this.#kind], new CopyingStorage()).tap(whole, this.#request());
    if (outcome.result !== 'accepted') throw new Error(`the undisturbed tap was ${outcome.result}`);
    const [apdus, writes] = [outcome.exchanges.length, whole.physicalWrites];
    const after = truthOf(whole);
    if (this.#kind !== 'entry' && before.balanceFen === after.balanceFen)
      throw new Error('the undisturbed tap is free');

    let cutPoints = 0;
    const check = (where: string, card: VirtualCard, moment: Moment | undefined): void => {
      cutPoints += this.#check(where, card, moment, after);
    };
    for (let apdu = 0; apdu < apdus; apdu++) {
      for (const when of ['before', 'after'] as const)
        check(`APDU ${apdu + 1} lost ${when} execution`, this.#card(), { apdu, when });
    }
    for (let write = 0; write < writes; write++) {
      const card = this.#card();
      card.powerCut = (step) => step === write;
      check(`power cut at write ${write + 1}`, card, undefined);
    }
    return { kind: this.#kind, apdus, writes, cutPoints, outcomes: this.#outcomes, violations: this.#violations };
  }

  /** One cut, then the card again until it is through; gives how many cut points that was. */
  #check(where: string, card: VirtualCard, moment: Moment | undefined, after: CardTruth): number {
    const storage = new CopyingStorage();
    const gate = terminal(GATE[this.#kind], storage);
    const first = gate.tap(new CutChannel(card, moment, this.#options.plant), this.#request());
    if (first.result !== 'torn') {
      // the power went after the last thing that mattered to this tap
      this.#compare(where, first, card, gate, after);
      return 1;
    }
    card.powerCut = undefined;
    card.reset();
    if (this.#options.tearTwice !== true) {
      this.#tryAgain(where, card, this.#second(gate, storage), after);
      return 1;
    }
    const [torn, saved] = [card.snapshot(), storage.load()];
    for (let apdu = 0, points = 0; ; apdu++) {
      for (const when of ['before', 'after'] as const) {
        const again = restored(torn);
        const kept = new CopyingStorage();
        if (saved !== undefined) kept.save(saved);
        const second = terminal(GATE[this.#kind], kept);
        const outcome = second.tap(new CutChannel(again, { apdu, when }, undefined), this.#request());
        if (outcome.result !== 'torn') return points;
        points++;
        again.reset();
        this.#tryAgain(`${where}, then APDU ${apdu + 1} lost ${when} execution`, again, second, after);
      }
    }
  }

  #second(gate: Terminal, storage: CopyingStorage): Terminal {
    if (this.#options.plant === 'forget-torn-taps') return terminal(GATE[this.#kind], new CopyingStorage());
    return this.#options.restartTerminal === true ? terminal(GATE[this.#kind], storage) : gate;
  }

  #tryAgain(where: string, card: VirtualCard, gate: Terminal, after: CardTruth): void {
    this.#compare(
      where,
      gate.tap(new CutChannel(card, undefined, this.#options.plant), this.#request()),
      card,
      gate,
      after,
    );
  }

  #compare(where: string, outcome: TapOutcome, card: VirtualCard, gate: Terminal, after: CardTruth): void {
    const violation = (what: string): void => {
      this.#violations.push(`${where}: ${what}`);
    };
    if (outcome.result !== 'accepted')
      violation(`the tap was ${outcome.result}${outcome.result === 'refused' ? ` (${outcome.reason})` : ''}`);
    const truth = truthOf(card);
    if (truth.balanceFen !== after.balanceFen)
      violation(`the balance is ${truth.balanceFen} fen instead of ${after.balanceFen}`);
    for (const record of ['metro', 'bus', 'combinedRide', 'trips'] as const) {
      if (JSON.stringify(truth[record]) !== JSON.stringify(after[record]))
        violation(`${record} differs from one whole tap`);
    }
    const { entries, pending } = gate.journal;
    if (pending.length !== 0) violation(`${pending.length} torn taps were left open`);
    if (entries.length !== 1) violation(`the journal holds ${entries.length} taps`);
    const [entry] = entries;
    if (entry === undefined) return;
    const { tornOutcome } = entry.industry;
    this.#outcomes[tornOutcome] = (this.#outcomes[tornOutcome] ?? 0) + 1;
    if (entry.atc !== truth.proof?.atc)
      violation(`the journal has ATC ${entry.atc}, the card proves ${truth.proof?.atc}`);
    if (toHex(entry.clearingData.get('9F26')!) !== truth.proof?.cryptogram)
      violation("the journal's TC is not the one the card proves");
  }

  #request(): TapRequest {
    const { tap } = { tap: { kind: this.#kind, at: TAP_AT } };
    return this.#kind === 'boarding' ? { ...tap, declaredBaseFen: 300 } : tap;
  }

  #card(): VirtualCard {
    return restored(this.#start);
  }
}

const restored = (snapshot: CardSnapshot): VirtualCard =>
  VirtualCard.restore(snapshot, { random: seededRandom('power cut') });

function terminal(configuration: typeof ENTRY_GATE, storage: JournalStorage): Terminal {
  return new Terminal(configuration, parameters, {
    psam,
    random: seededRandom('gate'),
    monotonicUs: () => 0,
    nowMs: () => 0,
    storage,
  });
}
