/**
 * Online business with the host: a financial message and the answer that belongs to it. A session that the host has
 * forgotten is signed in again once; what cannot be trusted is no answer.
 */
import { PolycardError } from '@polycard/bytes';
import { encodeScriptResult, type ScriptResult } from '@polycard/emv';
import {
  encodeField60,
  encodeOriginalMessage,
  type Message,
  ONLINE_BUSINESS,
  type OnlineBusinessName,
  parseField60,
  type ReceivedMessage,
} from '@polycard/iso8583';
import type { HostLink } from '../host-link.ts';
import type { OnlineStore } from './online-store.ts';

/** The host, as online business needs it. */
export interface OnlineHost {
  readonly terminalNo: string;
  readonly merchantNo: string;
  readonly batchNo: number;
  readonly link: HostLink;
  /** The answer to a frame; a lost line is tried again with patience. */
  send(frame: Uint8Array): Promise<Uint8Array>;
  signIn(why: string): Promise<void>;
}

export type OnlineAnswer =
  | { readonly result: 'answered'; readonly code: string; readonly message: ReceivedMessage }
  /** The message may have arrived: it is taken back with this reason (F39 of the reversal). */
  | { readonly result: 'unanswered'; readonly reason: 'lineLost' | 'wrongMac'; readonly detail: string };

export interface FinancialRequest {
  readonly business: OnlineBusinessName;
  readonly pan: string;
  readonly psn: string;
  readonly amountFen: number;
  readonly isContactless: boolean;
  /** F55. */
  readonly chip?: Uint8Array;
  /** F57. */
  readonly industry?: Uint8Array;
}

const CURRENCY = '156';
/** Chip on contact or contactless, no PIN. */
const ENTRY_MODE = { contact: '052', contactless: '072' } as const;
const SESSION_LOST = new Set(['97', 'A0']);
/**
 * Answers after which a message that is due is not sent again: taken, or refused for good (nothing it belongs to, done before, not possible for this card or terminal).
 */
const TAKEN = new Set(['00', '05', '14', '25', '57', '58', '94']);
const SCRIPT_RESULT_CODE = '951';

const digits = (value: number, count: number): string => String(value).padStart(count, '0');

export class OnlineLine {
  readonly #host: OnlineHost;
  readonly #store: OnlineStore;

  constructor(host: OnlineHost, store: OnlineStore) {
    this.#host = host;
    this.#store = store;
  }

  /** A 0200 under the next trace number, without its MAC. */
  financial({ business, pan, psn, amountFen, isContactless, chip, industry }: FinancialRequest): Message {
    const { terminalNo, merchantNo, batchNo } = this.#host;
    const { processingCode, condition, type } = ONLINE_BUSINESS[business];
    return {
      mti: '0200',
      fields: {
        ...{ 2: pan, 3: processingCode, 4: digits(amountFen, 12), 11: digits(this.#store.nextTrace(), 6) },
        ...{ 22: isContactless ? ENTRY_MODE.contactless : ENTRY_MODE.contact, 23: psn.padStart(3, '0'), 25: condition },
        ...{ 41: terminalNo, 42: merchantNo, 49: CURRENCY },
        ...(chip === undefined ? {} : { 55: chip }),
        ...(industry === undefined ? {} : { 57: industry }),
        60: encodeField60({ type, batchNo, code: '000' }),
      },
    };
  }

  /** 0620: how the script of this 0200's answer went; `counter` is 9F36 of the transaction. */
  scriptResult({ fields }: Message, counter: Uint8Array, result: ScriptResult): Message {
    const original = parseField60(String(fields[60]));
    const traceNo = Number(fields[11]);
    const { terminalNo, merchantNo, batchNo } = this.#host;
    const chip = Uint8Array.of(0xdf, 0x31, 0x05, ...encodeScriptResult(result), 0x9f, 0x36, 0x02, ...counter);
    return {
      mti: '0620',
      fields: {
        ...{ 2: fields[2]!, 3: fields[3]!, 4: fields[4]!, 11: digits(this.#store.nextTrace(), 6), 22: fields[22]! },
        ...{ 41: terminalNo, 42: merchantNo, 49: CURRENCY, 55: chip },
        60: encodeField60({ type: original.type, batchNo, code: SCRIPT_RESULT_CODE }),
        61: encodeOriginalMessage({ batchNo: original.batchNo, traceNo }),
      },
    };
  }

  /** The host's word on a message. Throws what signing in throws. */
  async ask(message: Message): Promise<OnlineAnswer> {
    const { link } = this.#host;
    if (!link.isSignedIn) await this.#host.signIn('no working keys');
    const first = await this.#send(message);
    if (first.result === 'unanswered' || !SESSION_LOST.has(first.code)) return first;
    await this.#host.signIn(`the host answers ${first.code}`);
    return this.#send(message);
  }

  /** Everything the host has to hear before new business. Throws `POLYCARD_TERMINAL_ONLINE_DUE` for what it does not take. */
  async sendDue(): Promise<void> {
    for (const message of this.#store.due) {
      const answer = await this.ask(message);
      if (answer.result === 'answered' && TAKEN.has(answer.code)) this.#store.told(message);
      else
        throw new PolycardError(
          'POLYCARD_TERMINAL_ONLINE_DUE',
          `${message.mti} of trace ${String(message.fields[11])} stays due: ${answer.result === 'answered' ? `answer ${answer.code}` : answer.detail}`,
          { where: String(message.fields[11]), expected: 'an answer 00' },
        );
    }
  }

  async #send(message: Message): Promise<OnlineAnswer> {
    const { link } = this.#host;
    let frame: Uint8Array;
    try {
      frame = await this.#host.send(link.sealed(message));
    } catch (error) {
      return { result: 'unanswered', reason: 'lineLost', detail: (error as Error).message };
    }
    try {
      const { code, message: answer } = link.answer(frame);
      // a host without the session's keys cannot seal its refusal
      if (SESSION_LOST.has(code) && !answer.has(64)) return { result: 'answered', code, message: answer };
      if (!answer.has(64)) return { result: 'unanswered', reason: 'wrongMac', detail: 'the answer carries no MAC' };
      if (!belongs(answer, message))
        return { result: 'unanswered', reason: 'wrongMac', detail: 'the answer belongs to another message' };
      return { result: 'answered', code, message: answer };
    } catch (error) {
      if (error instanceof PolycardError) return { result: 'unanswered', reason: 'wrongMac', detail: error.message };
      throw error;
    }
  }
}

function belongs(answer: ReceivedMessage, { mti, fields }: Message): boolean {
  const expected = `${mti.slice(0, 2)}${Number(mti[2]) + 1}${mti.slice(3)}`;
  return (
    answer.mti === expected &&
    [11, 41].every((field) => answer.text(field) === fields[field]) &&
    parseField60(answer.required(60)).batchNo === parseField60(String(fields[60])).batchNo
  );
}
