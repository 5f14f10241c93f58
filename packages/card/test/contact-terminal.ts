/** A small contact terminal with its issuer's host, for tests: the recorded card's twin on the contact interface. */
import { bcdFromNumber, concat, fromHex, parseResponse, swHex, toHex } from '@polycard/bytes';
import {
  answerOnline,
  buildPinBlock,
  type OnlineAnswer,
  scriptApplicationBlock,
  scriptApplicationUnblock,
  scriptCardBlock,
  scriptLoad,
  scriptPinChange,
  scriptPinUnblock,
  scriptPutData,
  scriptUpdateRecord,
} from '@polycard/emv';
import type { VirtualCard } from '../src/index.ts';
import { type Answer, CardTerminal } from './card-terminal.ts';
import { recordedKeys } from './transcript-card.ts';

const MERCHANT = '5445535453484F502020202020202020202020';

export const cardKeys = {
  algorithm: '3DES',
  ac: fromHex(recordedKeys.card.ac),
  mac: fromHex(recordedKeys.card.mac),
  enc: fromHex(recordedKeys.card.enc),
} as const;

export interface Circumstances {
  readonly electronicCash?: boolean;
  /** 5F2A and 9F1A, 4 digits. */
  readonly currency?: string;
  readonly country?: string;
  /** 95, 10 digits. */
  readonly tvr?: string;
  readonly unpredictableNumber?: string;
  readonly signed?: boolean;
}

const KIND = { AAC: 0x00, TC: 0x40, ARQC: 0x80 } as const;

export class ContactTerminal {
  readonly terminal: CardTerminal;
  #generated = 0;
  #answer: OnlineAnswer | undefined;
  #arqc: Uint8Array = new Uint8Array(8);
  #atc = 0;

  constructor(card: VirtualCard) {
    this.terminal = new CardTerminal(card);
  }

  /** SELECT and GET PROCESSING OPTIONS. */
  initiate(amountFen: number, { electronicCash = false, currency = '0156' }: Circumstances = {}): Answer {
    this.terminal.select();
    this.#generated = 0;
    this.#answer = undefined;
    const amount = toHex(bcdFromNumber(amountFen, 6));
    return this.terminal.send(`80A800001F831D${electronicCash ? '01' : '00'}${amount}${currency}${MERCHANT}2000`);
  }

  /** GENERATE AC with CDOL1, then with CDOL2 and the response code. */
  generate(kind: keyof typeof KIND, amountFen: number, responseCode = '00', circumstances: Circumstances = {}): Answer {
    const { currency = '0156', country = '0156', tvr = '0000000000' } = circumstances;
    const { unpredictableNumber = '11223344', signed = false } = circumstances;
    const values = fromHex(
      `${toHex(bcdFromNumber(amountFen, 6))}000000000000${country}${tvr}${currency}26112200${unpredictableNumber}091500${MERCHANT}20`,
    );
    const second = this.#generated > 0;
    const data = second ? concat(Buffer.from(responseCode, 'latin1'), values) : values;
    const head = Uint8Array.of(0x80, 0xae, KIND[kind] | (signed ? 0x10 : 0), 0, data.length);
    const answer = this.terminal.send(concat(head, data, Uint8Array.of(0)));
    if (answer.sw === '9000') {
      this.#generated++;
      if (!second && answer.data[0] === 0x80) {
        this.#atc = (answer.data[3]! << 8) | answer.data[4]!;
        this.#arqc = answer.data.slice(5, 13);
        this.#answer = undefined;
      }
    }
    return answer;
  }

  get host(): OnlineAnswer {
    this.#answer ??= answerOnline(cardKeys, { atc: this.#atc, arqc: this.#arqc }, '00');
    return this.#answer;
  }

  /** EXTERNAL AUTHENTICATE with the issuer's answer to the ARQC. */
  authenticate(responseCode: string): string {
    this.#answer = answerOnline(cardKeys, { atc: this.#atc, arqc: this.#arqc }, responseCode);
    return this.#send(concat(fromHex('008200000A'), this.#answer.issuerAuthenticationData));
  }

  #send(command: Uint8Array): string {
    return swHex(parseResponse(this.terminal.card.transmit(command)).sw);
  }

  putData(tag: string, value: Uint8Array): string {
    return this.#send(scriptPutData(this.host.script, tag, value));
  }

  load(balanceFen: number): string {
    return this.#send(scriptLoad(this.host.script, balanceFen));
  }

  updateRecord(sfi: number, number: number, record: Uint8Array): string {
    return this.#send(scriptUpdateRecord(this.host.script, sfi, number, record));
  }

  blockApplication(): string {
    return this.#send(scriptApplicationBlock(this.host.script));
  }

  unblockApplication(): string {
    return this.#send(scriptApplicationUnblock(this.host.script));
  }

  blockCard(): string {
    return this.#send(scriptCardBlock(this.host.script));
  }

  unblockPin(): string {
    return this.#send(scriptPinUnblock(this.host.script));
  }

  changePin(newPin: string, currentPin?: string): string {
    const change = { newPin, udkEnc: cardKeys.enc, skEnc: this.host.skEnc };
    return this.#send(scriptPinChange(this.host.script, currentPin === undefined ? change : { ...change, currentPin }));
  }

  verify(pin: string): string {
    this.terminal.select();
    return this.#send(concat(fromHex('0020008008'), buildPinBlock(pin)));
  }

  /** VERIFY in the running transaction. */
  verifyNow(pin: string): string {
    return this.#send(concat(fromHex('0020008008'), buildPinBlock(pin)));
  }

  /** CVR of an answer to GENERATE AC in format 1, 6 digits. */
  static cvr(answer: Answer): string {
    return toHex(answer.data).slice(34, 40);
  }
}
