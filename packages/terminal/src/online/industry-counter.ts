/**
 * Industry applications at a counter that is on the line: inquiry and opening (开通). The platform's vault makes the
 * finished ACTIVATE commands, each for a challenge of the card; the check values that the card answers prove that it took
 * the right keys (reference industries.md §0.3). Torn, the card is held to the counter again: what stands on it is told,
 * what is missing is done from the beginning, since an unfinished opening leaves the application as it was.
 */
import {
  type AsyncCardChannel,
  type CardChannel,
  concat,
  findTlv,
  PolycardError,
  parseTlv,
  SW_6283_SELECTED_FILE_INVALIDATED,
  SW_9000_SUCCESS,
  swHex,
  tlvMap,
  toHex,
} from '@polycard/bytes';
import { INDUSTRY_CHALLENGE_BYTES } from '@polycard/emv';
import { BUSINESS_TAG, type Message } from '@polycard/iso8583';
import { CardLine } from '../contact/card-line.ts';
import { isCardLost } from '../kernel/exchange.ts';
import { fromCard, Refusal, type RefusalReason, refuse } from '../kernel/outcome.ts';
import { identifyCard } from './identify.ts';
import { applicationsIn, type CardApplication, HostRefusal, IndustryLine } from './industry-line.ts';
import { type OnlineHost, OnlineLine } from './online-line.ts';
import type { OnlineStore } from './online-store.ts';
import { type RecordUpdateDependencies, type RecordUpdateRequest, updateRecordOnline } from './record-update.ts';

export interface IndustryCounterDependencies {
  readonly host: OnlineHost;
  readonly store: OnlineStore;
  /** Names of the payment application that the counter knows. */
  readonly aids: readonly Uint8Array[];
}

export interface CounterRefusal {
  readonly result: 'refused';
  readonly reason: RefusalReason | 'host-silent' | 'host-refused' | 'already-open';
  readonly detail: string;
  /** F39, where the host refused. */
  readonly code?: string;
}

/** Hold the card to the counter again. */
export interface CounterTorn {
  readonly result: 'torn';
}

export type ActivationAtCounter =
  | {
      readonly result: 'activated';
      readonly pan: string;
      readonly application: string;
      /** It stood on the card already: an answer of it was lost before. */
      readonly recovered: boolean;
      /** The host has heard of it; else it is told before the next business. */
      readonly isReported: boolean;
    }
  | CounterRefusal
  | CounterTorn;

export type RecordUpdateAtCounter =
  | {
      readonly result: 'updated';
      readonly pan: string;
      readonly application: string;
      readonly atc: number;
      /** The record stood so already. */
      readonly recovered: boolean;
      readonly isReported: boolean;
    }
  | CounterRefusal
  | CounterTorn;

export type InquiryAtCounter =
  | { readonly result: 'found'; readonly pan: string; readonly applications: readonly CardApplication[] }
  | CounterRefusal
  | CounterTorn;

interface Visit {
  readonly channel: AsyncCardChannel;
  /** Local time YYYYMMDDhhmmss. */
  readonly at: string;
}

/** DF61 of an industry application's FCI. */
const STATE_ACTIVE = 0x01;
const STATE_ACTIVE_NAME = 'active';
const CODE_NOT_FOR_CARD = '57';

export class IndustryCounter {
  readonly #dependencies: IndustryCounterDependencies;
  readonly #line: OnlineLine;

  constructor(dependencies: IndustryCounterDependencies) {
    this.#dependencies = dependencies;
    this.#line = new OnlineLine(dependencies.host, dependencies.store);
  }

  /** What applications the card has, as the platform knows them: one, or all. */
  inquire({ channel, at }: Visit, application?: string): Promise<InquiryAtCounter> {
    return visited(async () => {
      const identity = await identifyCard(new CardLine(channel), this.#dependencies.aids, at);
      const line = new IndustryLine(this.#line, identity, 'industry-inquiry');
      const answer = await line.ask(line.message(application, undefined));
      return { result: 'found', pan: identity.pan, applications: applicationsIn(answer) };
    });
  }

  activate({ channel, at }: Visit, application: string): Promise<ActivationAtCounter> {
    return visited(async () => {
      await this.#line.sendDue();
      const card = new CardLine(channel);
      const identity = await identifyCard(card, this.#dependencies.aids, at);
      const line = new IndustryLine(this.#line, identity, 'industry-activation');
      const plan = await this.#plan(line, application);
      const isRecovered = await isOpen(card, plan.aid);
      const done = isRecovered
        ? line.message(application, 'found')
        : line.message(application, 'done', [
            [BUSINESS_TAG.checkValues, await bringKeys(card, line, application, plan.parts)],
          ]);
      const isReported = await this.#report(done);
      return { result: 'activated', pan: identity.pan, application, recovered: isRecovered, isReported };
    });
  }

  /** A record of the payment application rewritten without a PSAM; on the contactless interface, as a tap. */
  update(
    channel: CardChannel,
    request: RecordUpdateRequest,
    { configuration, random }: Pick<RecordUpdateDependencies, 'configuration' | 'random'>,
  ): Promise<RecordUpdateAtCounter> {
    return visited(async () => {
      await this.#line.sendDue();
      const { store } = this.#dependencies;
      const own = { line: this.#line, configuration, random, owe: (message: Message) => store.owe(message) };
      const { pan, atc, recovered } = await updateRecordOnline(channel, request, own);
      const isReported = await this.#tellDue();
      return { result: 'updated', pan, application: request.application, atc, recovered, isReported };
    });
  }

  /** How the application is opened; refused by name where the card may not have it, or has it open. */
  async #plan(line: IndustryLine, application: string): Promise<{ aid: Uint8Array; parts: number }> {
    try {
      const objects = tlvMap(parseTlv(await line.ask(line.message(application, 'ask')), 'F57'));
      const aid = objects.get(BUSINESS_TAG.aid) ?? refuse('no-application', 'the host names no AID');
      return { aid, parts: objects.get(BUSINESS_TAG.parts)?.[0] ?? 1 };
    } catch (error) {
      if (!(error instanceof HostRefusal) || error.code !== CODE_NOT_FOR_CARD) throw error;
      const state = new TextDecoder().decode(error.objects.get(BUSINESS_TAG.state) ?? new Uint8Array(0));
      if (state === '') return refuse('no-application', `the card's product does not carry ${application}`);
      throw new AlreadyOpen(
        state === STATE_ACTIVE_NAME || !error.objects.has(BUSINESS_TAG.aid)
          ? `${application} is open on this card`
          : `${application} of this card is ${state}`,
        error.code,
      );
    }
  }

  /** The card has it whatever the host hears: told now, or kept and told before the next business. */
  async #report(message: Message): Promise<boolean> {
    this.#dependencies.store.owe(message);
    return this.#tellDue();
  }

  async #tellDue(): Promise<boolean> {
    try {
      await this.#line.sendDue();
      return true;
    } catch (error) {
      if (error instanceof PolycardError) return false;
      throw error;
    }
  }
}

class AlreadyOpen extends Error {
  readonly code: string;

  constructor(detail: string, code: string) {
    super(detail);
    this.name = 'AlreadyOpen';
    this.code = code;
  }
}

/** Selects the application; whether its life cycle says that it is open. */
async function isOpen(card: CardLine, aid: Uint8Array): Promise<boolean> {
  const { sw, data } = await card.send({ cla: 0, ins: 0xa4, p1: 4, p2: 0, data: aid });
  if (sw !== SW_9000_SUCCESS && sw !== SW_6283_SELECTED_FILE_INVALIDATED)
    return refuse('no-application', `SELECT ${toHex(aid)} answered ${swHex(sw)}`);
  const state = findTlv(
    fromCard(() => parseTlv(data, 'FCI')),
    'DF61',
  )?.[0];
  return state === STATE_ACTIVE;
}

/** Every command in its turn, each for a fresh challenge; gives the check values that the card answered. */
async function bringKeys(card: CardLine, line: IndustryLine, application: string, parts: number): Promise<Uint8Array> {
  const stated: Uint8Array[] = [];
  let answered = new Uint8Array(0);
  for (let part = 1; part <= parts; part++) {
    const challenge = await card.send({ cla: 0, ins: 0x84, p1: 0, p2: 0, le: INDUSTRY_CHALLENGE_BYTES });
    if (challenge.sw !== SW_9000_SUCCESS) refuse('card-refused', `GET CHALLENGE answered ${swHex(challenge.sw)}`);
    const asked = line.message(application, 'command', [
      [BUSINESS_TAG.part, Uint8Array.of(part)],
      [BUSINESS_TAG.challenge, challenge.data.slice()],
    ]);
    const objects = tlvMap(parseTlv(await line.ask(asked), 'F57'));
    const command = objects.get(BUSINESS_TAG.command) ?? refuse('declined', 'the host gives no command');
    stated.push(objects.get(BUSINESS_TAG.checkValues) ?? new Uint8Array(0));
    const { sw, data } = await card.bytes(command);
    if (sw !== SW_9000_SUCCESS) refuse('card-refused', `ACTIVATE answered ${swHex(sw)}`);
    answered = data.slice();
  }
  if (toHex(concat(...stated)) !== toHex(answered))
    refuse('card-refused', 'the check values that the card answered are not those of the keys sent');
  return answered;
}

/** What ends a visit early, as an outcome. */
async function visited<T>(work: () => Promise<T>): Promise<T | CounterRefusal | CounterTorn> {
  try {
    return await work();
  } catch (error) {
    if (isCardLost(error)) return { result: 'torn' };
    if (error instanceof Refusal) return { result: 'refused', reason: error.reason, detail: error.message };
    if (error instanceof AlreadyOpen)
      return { result: 'refused', reason: 'already-open', detail: error.message, code: error.code };
    if (error instanceof HostRefusal)
      return {
        ...{ result: 'refused', detail: error.message },
        ...(error.code === undefined ? { reason: 'host-silent' } : { reason: 'host-refused', code: error.code }),
      };
    if (error instanceof PolycardError && error.code === 'POLYCARD_TERMINAL_ONLINE_DUE')
      return { result: 'refused', reason: 'host-silent', detail: error.message };
    throw error;
  }
}
