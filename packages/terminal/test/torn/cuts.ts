/** Where a dialogue between terminal and card can be cut: around each exchange, and at each physical write of the card. */
import { type CardChannel, PolycardError } from '@polycard/bytes';
import { type CardSnapshot, VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { readTransactionCounter } from '../../src/kernel/capp.ts';
import { CardSession } from '../../src/kernel/exchange.ts';
import { sendProcessingOptions } from '../../src/kernel/processing-options.ts';
import { selectApplication } from '../../src/kernel/select.ts';
import { terminalDataFor } from '../../src/kernel/terminal-data.ts';
import { ENTRY_GATE } from '../region.ts';

export type CutPoint =
  | { readonly exchange: number; readonly when: 'before' | 'after' }
  /** Of the card's physical writes, counted from 0. */
  | { readonly write: number };

/** When the card is held to a terminal again, and to which. */
export const RETAPS = ['within-t1', 'within-t2', 'after-t2', 'another-gate'] as const;
export type Retap = (typeof RETAPS)[number];

/** Within T1 too, but another reader has the card in between: it looks at it, or begins something and ends nothing. */
export const HANDLED = ['looked-at', 'begun-elsewhere'] as const;
export type Handling = (typeof HANDLED)[number];
export type Return = Retap | Handling;

export interface FlowReport {
  readonly flow: string;
  readonly retap: Return;
  readonly exchanges: number;
  readonly writes: number;
  readonly cutPoints: number;
  /** What each cut point ended as, by name. */
  readonly ends: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
}

export function restored(snapshot: CardSnapshot): VirtualCard {
  return VirtualCard.restore(snapshot, { random: seededRandom('torn') });
}

export function cutPoints(exchanges: number, writes: number): CutPoint[] {
  return [
    ...Array.from({ length: exchanges }, (_, exchange) =>
      (['before', 'after'] as const).map((when) => ({ exchange, when })),
    ).flat(),
    ...Array.from({ length: writes }, (_, write) => ({ write })),
  ];
}

/** Local time YYYYMMDDhhmmss. */
export function afterHalfPastEight(day: string, seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${day}08${two(30 + Math.floor(seconds / 60))}${two(seconds % 60)}`;
}

export function nameOf(cut: CutPoint): string {
  return 'write' in cut
    ? `power cut at write ${cut.write + 1}`
    : `exchange ${cut.exchange + 1} lost ${cut.when} execution`;
}

const INS_A8_GET_PROCESSING_OPTIONS = 0xa8;
/** READ RECORD 3 of SFI 03: the last one of the test card's AFL. */
const READ_LAST_RECORD = Uint8Array.of(0x00, 0xb2, 0x03, 0x1c, 0x00);

/** Counts the exchanges, and loses the card at the cut point; `commitsAtGpo` plants a card that commits too early. */
export class CutChannel implements CardChannel {
  exchanges = 0;
  readonly #card: VirtualCard;
  readonly #cut: CutPoint | undefined;
  readonly #commitsAtGpo: boolean;
  #isLost = false;

  constructor(card: VirtualCard, cut: CutPoint | undefined, commitsAtGpo = false) {
    this.#card = card;
    this.#cut = cut;
    this.#commitsAtGpo = commitsAtGpo;
    if (cut !== undefined && 'write' in cut) card.powerCut = (step) => step === cut.write;
  }

  transmit(command: Uint8Array): Uint8Array {
    const cut = this.#cut;
    const isHere = cut !== undefined && 'exchange' in cut && this.exchanges === cut.exchange;
    this.exchanges++;
    if (this.#isLost || (isHere && cut.when === 'before')) this.#lose();
    const response = this.#card.transmit(command);
    if (this.#commitsAtGpo && command[1] === INS_A8_GET_PROCESSING_OPTIONS) this.#card.transmit(READ_LAST_RECORD);
    if (isHere) this.#lose();
    return response;
  }

  #lose(): never {
    this.#isLost = true;
    throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', 'the card left the field');
  }
}

/** A reader of somebody else: SELECT and GET DATA, which discards the kept record, and GET PROCESSING OPTIONS if it begins. */
export function handleElsewhere(card: VirtualCard, handling: Handling): void {
  const session = new CardSession(card, () => 0);
  const application = selectApplication(session);
  readTransactionCounter(session);
  if (handling === 'begun-elsewhere') {
    const request = { amountFen: 100, cappIndicator: 0, at: '20180901083001', unpredictableNumber: new Uint8Array(4) };
    sendProcessingOptions(session, application, terminalDataFor(ENTRY_GATE, request));
  }
  takeAway(card);
}

/** The card is taken out of the field and its power is sound again. */
export function takeAway(card: VirtualCard): void {
  card.powerCut = undefined;
  card.reset();
}
