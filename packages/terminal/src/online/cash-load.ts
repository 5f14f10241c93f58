/**
 * Load of electronic cash at a counter (圈存): the card's ARQC goes to its issuer, whose answer and script come back; the
 * script sets the balance. A reversal is kept before anything is sent; the script is noted before the card gets it. A
 * load torn there stays open until the card is held to the counter again and says itself what became of it.
 * EMV 4.4 Book 3 §10.9, §10.10; PBOC 3.0 Part 13 as publicly described.
 */
import {
  type AsyncCardChannel,
  encodeTlvs,
  numberFromBcd,
  PolycardError,
  parseTlv,
  swHex,
  tlvMap,
  toHex,
} from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import { type IssuerScript, parseScriptTemplates, type ScriptResult } from '@polycard/emv';
import { BUSINESS_TAG, type Message, ONLINE_BUSINESS, reversalOf } from '@polycard/iso8583';
import { CardLine } from '../contact/card-line.ts';
import type { AuthorisationRequest, AuthorisationResponse, ContactConfiguration } from '../contact/configuration.ts';
import { type ContactOutcome, runContactTransaction } from '../contact/contact-terminal.ts';
import { isCardLost } from '../kernel/exchange.ts';
import { Refusal, type RefusalReason } from '../kernel/outcome.ts';
import { answerWords } from './answer-words.ts';
import { type CardState, endOfLoad, readCardState } from './card-state.ts';
import { type OnlineHost, OnlineLine } from './online-line.ts';
import type { OnlineStore, OpenLoad } from './online-store.ts';

export interface CashLoadRequest {
  readonly amountFen: number;
  /** Local time YYYYMMDDhhmmss. */
  readonly at: string;
}

export type CashLoadOutcome =
  | {
      readonly result: 'loaded';
      readonly pan: string;
      readonly atc: number;
      readonly amountFen: number;
      readonly balanceBeforeFen: number;
      /** As the card says it; undefined when it left before it could be asked. */
      readonly balanceAfterFen?: number;
      /** It was torn before and had arrived: nothing was loaded now. */
      readonly recovered: boolean;
      /** The host has the script's result; else it is sent before the next business. */
      readonly isReported: boolean;
    }
  | {
      readonly result: 'refused';
      readonly reason: RefusalReason | 'host-silent' | 'issuer-refused' | 'script-refused';
      readonly detail: string;
      /** F39, where the host refused. */
      readonly code?: string;
    }
  /** `unknown`: the card may have the money; held to the counter again it tells. */
  | { readonly result: 'torn'; readonly commit: 'not-sent' | 'unknown' };

export interface CashLoadDependencies {
  readonly host: OnlineHost;
  readonly store: OnlineStore;
  readonly random: RandomSource;
  readonly configuration: ContactConfiguration;
  /** 9F1E, 8 characters. */
  readonly serialNo: string;
}

/** Objects of the request (reference iso8583.md §1.7). */
const REQUEST_TAGS =
  '9F26 9F27 9F10 9F37 9F36 95 9A 9C 9F02 5F2A 82 9F1A 9F03 9F33 9F34 9F35 9F1E 84 9F09 9F41 9F63'.split(' ');
const APPROVED = '00';
/** The host has this number from another message. */
const NUMBER_USED = '94';
const ATTEMPTS_MAX = 3;

export class CashLoadCounter {
  readonly #dependencies: CashLoadDependencies;
  readonly #line: OnlineLine;

  constructor(dependencies: CashLoadDependencies) {
    this.#dependencies = dependencies;
    this.#line = new OnlineLine(dependencies.host, dependencies.store);
    this.#giveUpAsked();
  }

  /** Reversals and results that the host has to hear. Throws `POLYCARD_TERMINAL_ONLINE_DUE`, or what signing in throws. */
  sendDue(): Promise<void> {
    return this.#line.sendDue();
  }

  async load(channel: AsyncCardChannel, request: CashLoadRequest): Promise<CashLoadOutcome> {
    this.#giveUpAsked();
    try {
      await this.#line.sendDue();
    } catch (error) {
      return { result: 'refused', reason: 'host-silent', detail: (error as Error).message };
    }
    const visit = new Visit(this.#dependencies, this.#line, channel, request);
    try {
      return await visit.run();
    } catch (error) {
      if (error instanceof Refusal) return { result: 'refused', reason: error.reason, detail: error.message };
      if (!isCardLost(error)) throw error;
      return { result: 'torn', commit: visit.mayBeOnCard ? 'unknown' : 'not-sent' };
    } finally {
      this.#giveUpAsked();
    }
  }

  /** A load that never reached its script put nothing on the card: it is taken back. */
  #giveUpAsked(): void {
    const { store } = this.#dependencies;
    for (const load of store.open) if (load.phase === 'asked') store.ended(load, reversalOf(load.request, 'lineLost'));
  }
}

/** One card held to the counter. */
class Visit {
  readonly #dependencies: CashLoadDependencies;
  readonly #line: OnlineLine;
  readonly #channel: AsyncCardChannel;
  readonly #request: CashLoadRequest;
  #state: CardState | undefined;
  /** The load of this visit, from its request to its end. */
  #load: OpenLoad | undefined;
  #script: IssuerScript | undefined;
  /** Why the card was told that its issuer could not be asked. */
  #refusal: Extract<CashLoadOutcome, { result: 'refused' }> | undefined;
  #recovered: OpenLoad | undefined;

  constructor(
    dependencies: CashLoadDependencies,
    line: OnlineLine,
    channel: AsyncCardChannel,
    request: CashLoadRequest,
  ) {
    this.#dependencies = dependencies;
    this.#line = line;
    this.#channel = channel;
    this.#request = request;
  }

  get mayBeOnCard(): boolean {
    return this.#load?.phase === 'script-sent';
  }

  async run(): Promise<CashLoadOutcome> {
    const { configuration, random } = this.#dependencies;
    this.#state = await readCardState(new CardLine(this.#channel), configuration.aids);
    const { amountFen, at } = this.#request;
    const { transactionType } = ONLINE_BUSINESS['cash-load'];
    const outcome = await runContactTransaction(
      { transmit: (command) => this.#transmit(command) },
      configuration,
      { amountFen, at, transactionType, forceOnline: true },
      { random, issuer: (objects) => this.#ask(objects) },
    );
    if (this.#recovered !== undefined) return this.#loaded(this.#recovered, true);
    if (this.#refusal !== undefined) return this.#refusal;
    const load = this.#load;
    if (load === undefined) {
      const detail = outcome.reason ?? 'the card did not ask for its issuer';
      return { result: 'refused', reason: 'declined', detail };
    }
    return load.phase === 'script-sent' ? this.#ended(load, outcome) : this.#notLoaded(load, outcome);
  }

  /** From here on only the card knows: noted before the script leaves. */
  #transmit(command: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const load = this.#load;
    const isScript = this.#script?.commands.some((known) => Buffer.compare(known, command) === 0) === true;
    if (isScript && load?.phase === 'asked')
      this.#load = this.#dependencies.store.changed(load, { phase: 'script-sent' });
    return this.#channel.transmit(command);
  }

  /** Asks the issuer; undefined where the card has to do without an answer. */
  async #ask(objects: AuthorisationRequest): Promise<AuthorisationResponse | undefined> {
    const { store } = this.#dependencies;
    const pan = toHex(objects.get('5A')!).replace(/F+$/, '');
    for (const load of store.open.filter((open) => open.phase === 'script-sent' && open.pan === pan)) {
      if (!(await this.#settle(load))) return undefined;
    }
    for (let attempt = 1; ; attempt++) {
      const load = this.#opened(objects, pan);
      const answer = await this.#line.ask(load.request);
      if (answer.result === 'unanswered')
        return this.#without(
          load,
          { reason: 'host-silent', detail: answer.detail },
          reversalOf(load.request, answer.reason),
        );
      if (answer.code === APPROVED) return this.#granted(load, answer.message.raw(55));
      const { code } = answer;
      this.#without(load, { reason: 'issuer-refused', detail: answerWords(code), code });
      if (code !== NUMBER_USED || attempt === ATTEMPTS_MAX) return undefined;
      // of a memory that was lost: the host did nothing for this message
      this.#refusal = undefined;
      store.leap(this.#dependencies.random(4));
    }
  }

  /** Kept before anything is sent: whatever happens from here on, it is taken back. */
  #opened(objects: AuthorisationRequest, pan: string): OpenLoad {
    const { balanceFen: balanceBeforeFen, isContactless, logBytes } = this.#state!;
    const { amountFen } = this.#request;
    const request = this.#line.financial({
      ...{ business: 'cash-load', pan, psn: toHex(objects.get('5F34') ?? new Uint8Array(1)), amountFen, isContactless },
      chip: this.#chip(objects),
      ...(logBytes === undefined ? {} : { industry: encodeTlvs([[BUSINESS_TAG.loadLog, logBytes]]) }),
    });
    const load: OpenLoad = { phase: 'asked', request, pan, atc: counterOf(objects), amountFen, balanceBeforeFen };
    this.#dependencies.store.opened(load);
    this.#load = load;
    return load;
  }

  /** The issuer's answer and script. Without both the money cannot come onto the card. */
  #granted(load: OpenLoad, field55: Uint8Array | undefined): AuthorisationResponse | undefined {
    const { objects, scripts } = answerObjects(field55);
    const issuerAuthenticationData = objects.get('91');
    const [script] = scripts;
    if (issuerAuthenticationData === undefined || script === undefined || scripts.length !== 1)
      return this.#without(
        load,
        { reason: 'issuer-refused', detail: 'the answer holds no issuer authentication, or not one script' },
        reversalOf(load.request, 'lineLost'),
      );
    this.#script = script;
    this.#load = this.#dependencies.store.changed(load, { scriptIdentifier: script.identifier });
    return {
      responseCode: APPROVED,
      issuerAuthenticationData,
      ...(script.template === '71' ? { scriptsBefore: script.commands } : { scriptsAfter: script.commands }),
    };
  }

  #without(
    load: OpenLoad,
    refusal: Omit<Extract<CashLoadOutcome, { result: 'refused' }>, 'result'>,
    ...due: readonly Message[]
  ): undefined {
    this.#dependencies.store.ended(load, ...due);
    this.#load = undefined;
    this.#refusal = { result: 'refused', ...refusal };
  }

  /** The card had the script: its status word tells. */
  async #ended(load: OpenLoad, { scripts }: ContactOutcome): Promise<CashLoadOutcome> {
    const failed = scripts.findIndex(({ sw }) => sw !== 0x9000);
    if (failed >= 0) {
      this.#dependencies.store.ended(load, ...this.#endings(load, 'failed', failed + 1));
      await this.#report();
      const detail = `the card answered ${swHex(scripts[failed]!.sw)} to the issuer's script`;
      return { result: 'refused', reason: 'script-refused', detail };
    }
    this.#dependencies.store.ended(load, ...this.#endings(load, 'successful'));
    return this.#loaded(load, false);
  }

  /** The card declined after its issuer's answer and never got the script. */
  async #notLoaded(load: OpenLoad, { reason }: ContactOutcome): Promise<CashLoadOutcome> {
    this.#dependencies.store.ended(load, ...this.#endings(load, 'not-performed'));
    await this.#report();
    return { result: 'refused', reason: 'declined', detail: reason ?? 'the card declined' };
  }

  /** An earlier load of this card that was torn; gives whether this visit goes on. */
  async #settle(load: OpenLoad): Promise<boolean> {
    const end = endOfLoad(load, this.#state!);
    if (end === 'unclear') {
      const detail = 'the card keeps no load log, and its balance does not say whether its last load arrived';
      this.#refusal = { result: 'refused', reason: 'torn-unclear', detail };
      return false;
    }
    this.#dependencies.store.ended(load, ...this.#endings(load, end === 'loaded' ? 'successful' : 'not-performed'));
    await this.#report();
    if (end === 'not-loaded' || load.amountFen !== this.#request.amountFen) return true;
    // the same load, asked for again: it is done
    this.#recovered = load;
    return false;
  }

  /** What the host hears of an end: the script's result, and a reversal where nothing came onto the card. */
  #endings(load: OpenLoad, outcome: ScriptResult['outcome'], failedCommand = 0): Message[] {
    const identifier = load.scriptIdentifier ?? new Uint8Array(4);
    const counter = Uint8Array.of(load.atc >> 8, load.atc & 0xff);
    const result = this.#line.scriptResult(load.request, counter, { outcome, failedCommand, identifier });
    return outcome === 'successful' ? [result] : [result, reversalOf(load.request, 'lineLost')];
  }

  async #loaded(load: OpenLoad, recovered: boolean): Promise<CashLoadOutcome> {
    const isReported = recovered ? this.#dependencies.store.due.length === 0 : await this.#report();
    const balanceAfterFen = recovered ? this.#state!.balanceFen : await this.#balance();
    const { pan, atc, amountFen, balanceBeforeFen } = load;
    return {
      ...{ result: 'loaded', pan, atc, amountFen, balanceBeforeFen, recovered, isReported },
      ...(balanceAfterFen === undefined ? {} : { balanceAfterFen }),
    };
  }

  async #balance(): Promise<number | undefined> {
    try {
      const value = await new CardLine(this.#channel).getData(0x9f, 0x79);
      return value === undefined ? undefined : numberFromBcd(value);
    } catch (error) {
      if (isCardLost(error) || error instanceof Refusal) return undefined;
      throw error;
    }
  }

  /** Tells the host now; what it does not hear waits and goes before the next business. */
  async #report(): Promise<boolean> {
    try {
      await this.#line.sendDue();
      return true;
    } catch {
      return false;
    }
  }

  #chip(objects: AuthorisationRequest): Uint8Array {
    const all = new Map(objects).set('9F1E', Buffer.from(this.#dependencies.serialNo.padEnd(8).slice(0, 8), 'latin1'));
    return encodeTlvs(REQUEST_TAGS.flatMap((tag) => (all.has(tag) ? [[tag, all.get(tag)!] as const] : [])));
  }
}

function counterOf(objects: AuthorisationRequest): number {
  const counter = objects.get('9F36')!;
  return (counter[0]! << 8) | counter[1]!;
}

/** What the host's F55 holds; an answer that cannot be read holds nothing. */
function answerObjects(field55: Uint8Array | undefined) {
  try {
    const bytes = field55 ?? new Uint8Array(0);
    return { objects: tlvMap(parseTlv(bytes, 'F55')), scripts: parseScriptTemplates(bytes) };
  } catch (error) {
    if (error instanceof PolycardError) return { objects: new Map<string, Uint8Array>(), scripts: [] };
    throw error;
  }
}
