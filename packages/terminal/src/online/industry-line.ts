/** Industry business with the host, step by step: each 0200 carries what is asked or told of one application in F57. */
import { encodeTlvs, parseTlv, tlvMap } from '@polycard/bytes';
import { BUSINESS_STEP, BUSINESS_TAG, type Message, type OnlineBusinessName } from '@polycard/iso8583';
import { answerWords } from './answer-words.ts';
import type { CardIdentity } from './identify.ts';
import type { OnlineLine } from './online-line.ts';

export type Objects = readonly (readonly [tag: string, value: Uint8Array])[];
export type Step = keyof typeof BUSINESS_STEP;

/** An application of a card as the platform has it. */
export interface CardApplication {
  readonly application: string;
  readonly state: string;
  /** Hexadecimal. */
  readonly aid?: string;
}

const APPROVED = '00';
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The host did not answer, or not with 00; ends a visit, caught by it. */
export class HostRefusal extends Error {
  /** F39; undefined when there was no answer that could be believed. */
  readonly code: string | undefined;
  /** F57 of the answer. */
  readonly objects: ReadonlyMap<string, Uint8Array>;

  constructor(detail: string, code?: string, objects: ReadonlyMap<string, Uint8Array> = new Map()) {
    super(detail);
    this.name = 'HostRefusal';
    this.code = code;
    this.objects = objects;
  }
}

export class IndustryLine {
  readonly #line: OnlineLine;
  readonly #identity: CardIdentity;
  readonly #business: OnlineBusinessName;

  constructor(line: OnlineLine, identity: CardIdentity, business: OnlineBusinessName) {
    this.#line = line;
    this.#identity = identity;
    this.#business = business;
  }

  /** The message of a step, for now or for later. */
  message(application: string | undefined, step: Step | undefined, more: Objects = []): Message {
    const { pan, psn, isContactless } = this.#identity;
    return this.#line.financial({
      ...{ business: this.#business, pan, psn, isContactless, amountFen: 0 },
      industry: encodeTlvs([
        ...(application === undefined ? [] : [[BUSINESS_TAG.application, utf8(application)] as const]),
        ...(step === undefined ? [] : [[BUSINESS_TAG.step, Uint8Array.of(BUSINESS_STEP[step])] as const]),
        ...more,
      ]),
    });
  }

  /** F57 of the answer. Throws `HostRefusal`, and what signing in throws. */
  async ask(message: Message): Promise<Uint8Array> {
    const answer = await this.#line.ask(message);
    if (answer.result === 'unanswered') throw new HostRefusal(answer.detail);
    const bytes = answer.message.raw(57)?.slice() ?? new Uint8Array(0);
    if (answer.code !== APPROVED)
      throw new HostRefusal(answerWords(answer.code), answer.code, tlvMap(parseTlv(bytes, 'F57')));
    return bytes;
  }
}

/** Objects of one application follow each other, its name first. */
export function applicationsIn(bytes: Uint8Array): CardApplication[] {
  const found: { application: string; state: string; aid?: string }[] = [];
  for (const { tag, value } of parseTlv(bytes, 'F57')) {
    const text = new TextDecoder().decode(value);
    const last = found.at(-1);
    if (tag === BUSINESS_TAG.application) found.push({ application: text, state: '' });
    else if (tag === BUSINESS_TAG.state && last !== undefined) last.state = text;
    else if (tag === BUSINESS_TAG.aid && last !== undefined)
      last.aid = Buffer.from(value).toString('hex').toUpperCase();
  }
  return found;
}
