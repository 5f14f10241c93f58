/**
 * Power cut at every point of a tap: after every APDU (before it reaches the card, and after the card executed it but
 * before its answer arrives) and at every physical write of the card. The card is held to the gate again, and money,
 * record, trip list and the terminal's journal must agree as after one undisturbed tap.
 */
import {
  type CardChannel,
  findTlv,
  numberFromBcd,
  PolycardError,
  parseResponse,
  parseTlv,
  toHex,
} from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { encodeGetTransProve, encodeReadCapp } from '@polycard/emv';
import type { FleetTerminal, IssuedCard } from '@polycard/fleet';
import { MEMORY_ONLY, type TapOutcome, type TapRequest, Terminal } from '@polycard/terminal';
import { BUS, ENTRY_GATE, EXIT_GATE, openSmallSite } from './small-site.ts';

export type PowerCutPlant = 'commit-at-gpo' | 'forget-torn-tap';

export interface PowerCutReport {
  readonly kind: TapRequest['kind'];
  readonly apdus: number;
  readonly writes: number;
  readonly cutPoints: number;
  readonly violations: readonly string[];
}

/** Loses the card around one APDU, once. */
class CutChannel implements CardChannel {
  readonly #card: VirtualCard;
  readonly #at: number;
  readonly #when: 'before' | 'after';
  readonly #commitAtGpo: boolean;
  #count = 0;
  #isLost = false;

  constructor(card: VirtualCard, at: number, when: 'before' | 'after', commitAtGpo: boolean) {
    this.#card = card;
    this.#at = at;
    this.#when = when;
    this.#commitAtGpo = commitAtGpo;
  }

  transmit(command: Uint8Array): Uint8Array {
    const index = this.#count++;
    if (this.#isLost || (index === this.#at && this.#when === 'before')) this.#lose();
    const response = this.#card.transmit(command);
    // a planted fault: the card commits when it answers GPO, as the common belief has it
    if (this.#commitAtGpo && command[1] === 0xa8) this.#card.transmit(Uint8Array.from([0x00, 0xb2, 0x03, 0x1c, 0x00]));
    if (index === this.#at) this.#lose();
    return response;
  }

  #lose(): never {
    this.#isLost = true;
    throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', 'the card left the field');
  }
}

interface Truth {
  readonly balanceFen: number;
  readonly metroStatus: string;
  readonly trips: number;
  readonly atc: number;
  readonly proof: string;
}

export async function runPowerCuts(
  kind: 'exit' | 'entry' | 'boarding',
  plant?: PowerCutPlant,
): Promise<PowerCutReport> {
  const site = await openSmallSite({ cards: 1, seed: `power-cut-${kind}` });
  try {
    return new Scenario(site.terminals, site.cards[0]!, kind, plant).run();
  } finally {
    await site.close();
  }
}

class Scenario {
  readonly #terminals: readonly FleetTerminal[];
  readonly #kind: 'exit' | 'entry' | 'boarding';
  readonly #plant: PowerCutPlant | undefined;
  readonly #ready: VirtualCard;
  readonly #violations: string[] = [];

  constructor(
    terminals: readonly FleetTerminal[],
    card: IssuedCard,
    kind: 'exit' | 'entry' | 'boarding',
    plant: PowerCutPlant | undefined,
  ) {
    this.#terminals = terminals;
    this.#kind = kind;
    this.#plant = plant;
    this.#ready = VirtualCard.restore(card.snapshot, { random: seededRandom('ready') });
    if (kind === 'exit') {
      const outcome = terminals[ENTRY_GATE]!.terminal!.tap(this.#ready, { kind: 'entry', at: '20180901080000' });
      if (outcome.result !== 'accepted') throw new Error(`the entry before the exit was ${outcome.result}`);
    }
  }

  run(): PowerCutReport {
    // how many APDUs and writes an undisturbed tap has, and what it must leave behind
    const before = truthOf(this.#copy());
    const card = this.#copy();
    let writes = 0;
    card.powerCut = () => {
      writes++;
      return false;
    };
    const undisturbed = this.#terminal().tap(card, this.#request());
    if (undisturbed.result !== 'accepted') throw new Error(`the undisturbed tap was ${undisturbed.result}`);
    const apdus = undisturbed.exchanges.length;
    card.powerCut = () => false;
    const after = truthOf(card);

    let cutPoints = 0;
    for (let apdu = 0; apdu < apdus; apdu++) {
      for (const when of ['before', 'after'] as const) {
        const victim = this.#copy();
        this.#check(
          `APDU ${apdu + 1} lost ${when} execution`,
          victim,
          new CutChannel(victim, apdu, when, this.#plant === 'commit-at-gpo'),
          before,
          after,
        );
        cutPoints++;
      }
    }
    for (let write = 0; write < writes; write++) {
      const victim = this.#copy();
      victim.powerCut = (step) => step === write;
      this.#check(
        `power cut at write ${write + 1}`,
        victim,
        new CutChannel(victim, Number.POSITIVE_INFINITY, 'before', this.#plant === 'commit-at-gpo'),
        before,
        after,
      );
      cutPoints++;
    }
    return { kind: this.#kind, apdus, writes, cutPoints, violations: this.#violations };
  }

  #check(where: string, card: VirtualCard, channel: CardChannel, before: Truth, after: Truth): void {
    const terminal = this.#terminal();
    const violation = (what: string): void => {
      this.#violations.push(`${where}: ${what}`);
    };
    const first = terminal.tap(channel, this.#request());
    card.powerCut = () => false;
    card.reset();
    let outcome: TapOutcome = first;
    if (first.result === 'torn') {
      const again = this.#plant === 'forget-torn-tap' ? this.#terminal() : terminal;
      outcome = again.tap(card, this.#request());
      if (outcome.result !== 'accepted')
        violation(`the second try was ${outcome.result}${outcome.result === 'refused' ? ` (${outcome.reason})` : ''}`);
    } else if (first.result !== 'accepted') violation(`the tap was ${first.result}`);
    const truth = truthOf(card);
    if (before.balanceFen - truth.balanceFen !== before.balanceFen - after.balanceFen) {
      violation(
        `${before.balanceFen - truth.balanceFen} fen were deducted, not ${before.balanceFen - after.balanceFen}`,
      );
    }
    if (truth.metroStatus !== after.metroStatus)
      violation(`the metro record says ${truth.metroStatus}, not ${after.metroStatus}`);
    if (truth.trips !== after.trips) violation(`${truth.trips} trips stand on the card, not ${after.trips}`);
    const entries = terminal.journal.entries;
    if (entries.length !== 1) violation(`the journal holds ${entries.length} taps`);
    const [entry] = entries;
    if (entry !== undefined && toHex(entry.clearingData.get('9F26')!) !== truth.proof)
      violation("the journal's cryptogram is not the one the card proves");
    if (terminal.journal.pending.length !== 0) violation('a torn tap was left open');
  }

  /** A terminal like the site's, with an empty journal of its own. */
  #terminal(): Terminal {
    const site = this.#terminals[this.#kind === 'boarding' ? BUS : this.#kind === 'exit' ? EXIT_GATE : ENTRY_GATE]!;
    return new Terminal(site.terminal!.configuration, site.terminal!.parameters, {
      psam: site.psam!,
      random: seededRandom('terminal'),
      monotonicUs: () => 0,
      nowMs: () => 0,
      storage: MEMORY_ONLY,
    });
  }

  #request(): TapRequest {
    const at = '20180901083000';
    return this.#kind === 'boarding' ? { kind: 'boarding', at, declaredBaseFen: 300 } : { kind: this.#kind, at };
  }

  #copy(): VirtualCard {
    return VirtualCard.restore(this.#ready.snapshot(), { random: seededRandom('victim') });
  }
}

/** What the card itself says. */
function truthOf(card: VirtualCard): Truth {
  const send = (command: Uint8Array): Uint8Array => parseResponse(card.transmit(command)).data;
  card.reset();
  send(Uint8Array.from([0x00, 0xa4, 0x04, 0x00, 0x08, 0xa0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x01, 0x00]));
  const data = (tag: [number, number], name: string): Uint8Array =>
    findTlv(parseTlv(send(Uint8Array.from([0x80, 0xca, ...tag, 0x00]))), name)!;
  const atcBytes = data([0x9f, 0x36], '9F36');
  const metro = send(encodeReadCapp({ sfi: 0x15, id: 2 }));
  let trips = 0;
  while (trips < 10) {
    const trip = parseResponse(card.transmit(Uint8Array.from([0x00, 0xb2, trips + 1, (0x1e << 3) | 4, 0x00])));
    if (trip.sw !== 0x9000 || trip.data[0] === 0) break;
    trips++;
  }
  // a torn try may have used up counters: the proof is of the last completed transaction
  const atc = (atcBytes[0]! << 8) | atcBytes[1]!;
  let proof = '';
  for (let tried = atc; tried > 0 && proof === ''; tried--) {
    const answer = parseResponse(card.transmit(encodeGetTransProve(tried)));
    if (answer.sw === 0x9000) proof = toHex(answer.data);
  }
  return {
    balanceFen: numberFromBcd(data([0x9f, 0x79], '9F79')),
    metroStatus: toHex(metro.subarray(6, 7)),
    trips,
    atc,
    proof,
  };
}
