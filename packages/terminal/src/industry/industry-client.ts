/**
 * A terminal in front of an industry file application: it reads the application's specification and does what an access
 * condition asks, as far as its own keys and the holder's PIN reach. Reference industries.md Part 0.
 */

import {
  type CardChannel,
  concat,
  findTlv,
  parseTlv,
  type ResponseApdu,
  SW_6A83_RECORD_NOT_FOUND,
  SW_6283_SELECTED_FILE_INVALIDATED,
  SW_9000_SUCCESS,
  swHex,
} from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import type { Condition, ConditionTerm, IndustryFileDescription } from '@polycard/emv';
import { INDUSTRY_CHALLENGE_BYTES, INTERNAL_AUTHENTICATION_BYTES } from '@polycard/emv';
import { CardSession, type Exchange } from '../kernel/exchange.ts';
import { fromCard, refuse } from '../kernel/outcome.ts';
import type { IndustryPsam, ProtectedExchange } from './industry-psam.ts';

/** What a terminal needs of the specification; a compiled one of the blueprint has all of it. */
export interface IndustryApplication {
  /** Hexadecimal. */
  readonly aid: string;
  readonly keys: readonly { readonly reference: number; readonly use: string }[];
  readonly files: readonly IndustryFileDescription[];
}

export type ApplicationState = 'dormant' | 'active' | 'suspended' | 'closed';

export interface SelectedIndustryApplication {
  readonly state: ApplicationState;
  /** 10 bytes. */
  readonly serial: Uint8Array;
}

export interface IndustryClientOptions {
  readonly application: IndustryApplication;
  readonly psam: IndustryPsam;
  readonly random: RandomSource;
  readonly monotonicUs?: () => number;
}

/** How an answer to a read is protected: as the condition asks, or more. */
export type ReadProtection = 'as-asked' | 'mac' | 'enciphered';

const STATES: readonly ApplicationState[] = ['dormant', 'active', 'suspended', 'closed'];
const NOTHING = new Uint8Array(0);
/** Bytes of one protected READ BINARY: length byte, padding and MAC still fit a short APDU. */
const READ_BYTES_MAX = 0xc0;
const P2_BEGIN = 0x01;
const P2_COMMIT = 0x02;

interface Header {
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
}

export class IndustryClient {
  readonly #session: CardSession;
  readonly #options: IndustryClientOptions;
  #serial: Uint8Array | undefined;
  #isProved = false;
  #pinVerified = false;
  readonly #authenticated = new Set<number>();
  #pin: Uint8Array | undefined;

  constructor(channel: CardChannel, options: IndustryClientOptions) {
    this.#session = new CardSession(channel, options.monotonicUs ?? (() => 0));
    this.#options = options;
  }

  get exchanges(): readonly Exchange[] {
    return this.#session.exchanges;
  }

  file(name: string): IndustryFileDescription {
    return (
      this.#options.application.files.find((each) => each.name === name) ?? refuse('record-missing', `no file ${name}`)
    );
  }

  /** Refuses a card without the application, or one that is not open. */
  select(): SelectedIndustryApplication {
    const data = Uint8Array.from(Buffer.from(this.#options.application.aid, 'hex'));
    const { sw, data: fci } = this.#session.send('select', { cla: 0, ins: 0xa4, p1: 4, p2: 0, data, le: 256 });
    if (sw !== SW_9000_SUCCESS && sw !== SW_6283_SELECTED_FILE_INVALIDATED)
      return refuse('no-application', `SELECT answered ${swHex(sw)}`);
    const nodes = fromCard(() => parseTlv(fci, 'FCI'));
    const state = STATES[findTlv(nodes, 'DF61')?.[0] ?? -1];
    const serial = findTlv(nodes, 'DF63');
    if (state === undefined || serial?.length !== 10) return refuse('card-data', 'the FCI lacks life cycle or serial');
    if (state !== 'active') return refuse('application-not-open', `the application is ${state}`);
    this.#serial = serial.slice();
    this.#isProved = false;
    this.#pinVerified = false;
    this.#authenticated.clear();
    return { state, serial: this.#serial };
  }

  /** The holder's PIN block, used where a condition asks for it. */
  offerPin(block: Uint8Array): void {
    this.#pin = block;
  }

  /** Reads a transparent file or a part of it. */
  readBinary(
    name: string,
    options: { offset?: number; length?: number; protection?: ReadProtection } = {},
  ): Uint8Array {
    const file = this.file(name);
    const terms = this.#satisfy(file.access.read, `reading ${name}`);
    const { offset = 0, length = file.lengthBytes - offset, protection = 'as-asked' } = options;
    this.#select(file);
    const parts: Uint8Array[] = [];
    for (let done = 0; done < length; ) {
      const wanted = Math.min(READ_BYTES_MAX, length - done);
      const at = offset + done;
      const header = { ins: 0xb0, p1: at >> 8, p2: at & 0xff };
      const part = this.#expect(
        this.#read(header, terms, protection, Uint8Array.of(wanted), wanted),
        `reading ${name}`,
      );
      if (part.length === 0) return refuse('card-data', `${name} ended after ${done} bytes`);
      parts.push(part);
      done += part.length;
    }
    return concat(...parts);
  }

  /** Reads a record, 1 the first; of a cyclic file 1 is the newest. Undefined when there is none. */
  readRecord(name: string, number: number, protection: ReadProtection = 'as-asked'): Uint8Array | undefined {
    const file = this.file(name);
    const { read, readPart } = file.access;
    const whole = this.#reachable(read);
    const rule = whole === undefined && readPart !== undefined ? readPart.condition : read;
    const terms = this.#satisfy(rule, `reading ${name}`);
    const header = { ins: 0xb2, p1: number, p2: (file.sfi << 3) | 4 };
    const { sw, data } = this.#read(header, terms, protection, NOTHING, 256);
    if (sw === SW_6A83_RECORD_NOT_FOUND) return undefined;
    return this.#expect({ sw, data }, `reading ${name}`).slice();
  }

  updateBinary(name: string, offset: number, data: Uint8Array): void {
    const file = this.file(name);
    const terms = this.#satisfy(file.access.update, `updating ${name}`);
    this.#select(file);
    this.#write({ ins: 0xd6, p1: offset >> 8, p2: offset & 0xff }, terms, data, name);
  }

  updateRecord(name: string, number: number, record: Uint8Array): void {
    const file = this.file(name);
    const terms = this.#satisfy(file.access.update, `updating ${name}`);
    this.#write({ ins: 0xdc, p1: number, p2: (file.sfi << 3) | 4 }, terms, record, name);
  }

  appendRecord(name: string, record: Uint8Array): void {
    const file = this.file(name);
    const terms = this.#satisfy(file.access.append, `adding to ${name}`);
    this.#write({ ins: 0xe2, p1: 0, p2: file.sfi << 3 }, terms, record, name);
  }

  /** From here to `commit` updates wait, and become true together. */
  begin(): void {
    const header = { cla: 0x80, ins: 0x10, p1: 0, p2: P2_BEGIN };
    this.#expect(this.#session.send('update-file', { ...header, data: NOTHING }), 'BEGIN');
  }

  /** Gives the card's TAC, empty where the application has no key for it. */
  commit(): Uint8Array {
    const exchange = this.#exchangeUnder(this.#line());
    const header = Uint8Array.of(0x84, 0x10, 0x00, P2_COMMIT);
    const data = this.#options.psam.protect(exchange, header, NOTHING, false);
    const answer = this.#session.send('debit', { cla: 0x84, ins: 0x10, p1: 0, p2: P2_COMMIT, data, le: 256 });
    return this.#expect(answer, 'COMMIT').slice();
  }

  #line(): number {
    const { keys } = this.#options.application;
    return keys.find(({ use }) => use === 'secure-messaging')?.reference ?? refuse('declined', 'there is no line key');
  }

  #cardSerial(): Uint8Array {
    return this.#serial?.subarray(2) ?? refuse('no-application', 'the application is not selected');
  }

  #select(file: IndustryFileDescription): void {
    const data = Uint8Array.of(file.fid >> 8, file.fid & 0xff);
    this.#expect(this.#session.send('read-file', { cla: 0, ins: 0xa4, p1: 2, p2: 0x0c, data }), `SELECT ${file.name}`);
  }

  #exchangeUnder(reference: number): ProtectedExchange {
    const header = { cla: 0, ins: 0x84, p1: 0, p2: 0, data: NOTHING, le: INDUSTRY_CHALLENGE_BYTES };
    const challenge = this.#expect(this.#session.send('authenticate', header), 'GET CHALLENGE').slice();
    if (challenge.length !== INDUSTRY_CHALLENGE_BYTES) refuse('card-data', 'the challenge has not eight bytes');
    return { reference, serial: this.#cardSerial(), challenge };
  }

  /** The first alternative this terminal can satisfy with its keys and the offered PIN. */
  #reachable(rule: Condition): readonly ConditionTerm[] | undefined {
    const { psam } = this.#options;
    return rule.anyOf.find((terms) =>
      terms.every((term) => {
        if (term.kind === 'free') return true;
        if (term.kind === 'never') return false;
        if (term.kind === 'pin') return this.#pin !== undefined;
        return 'key' in term && psam.holds(term.key);
      }),
    );
  }

  /** Does what the alternative asks of the session; gives its terms. */
  #satisfy(rule: Condition, what: string): readonly ConditionTerm[] {
    const terms = this.#reachable(rule) ?? refuse('not-permitted', `this terminal has no right of ${what}`);
    for (const term of terms) {
      if (term.kind === 'pin') this.#verifyPin(term.pin);
      if (term.kind === 'mutual') this.#proveCard();
      if (term.kind === 'mutual' || term.kind === 'auth') this.#authenticate(term.key);
    }
    return terms;
  }

  #verifyPin(reference: number): void {
    if (this.#pinVerified || this.#pin === undefined) return;
    const answer = this.#session.send('authenticate', { cla: 0, ins: 0x20, p1: 0, p2: reference, data: this.#pin });
    if (answer.sw !== SW_9000_SUCCESS) refuse('pin-wrong', `VERIFY answered ${swHex(answer.sw)}`);
    this.#pinVerified = true;
  }

  /** INTERNAL AUTHENTICATE: the terminal believes the card before the card believes the terminal. */
  #proveCard(): void {
    if (this.#isProved) return;
    const { application, psam, random } = this.#options;
    const key = application.keys.find(({ use }) => use === 'internal-authentication')?.reference;
    if (key === undefined || !psam.holds(key)) refuse('not-permitted', 'this terminal cannot check the card');
    const data = random(INTERNAL_AUTHENTICATION_BYTES).slice();
    const header = { cla: 0, ins: 0x88, p1: 0, p2: key, le: INTERNAL_AUTHENTICATION_BYTES };
    const answer = this.#expect(this.#session.send('authenticate', { ...header, data }), 'INTERNAL AUTHENTICATE');
    if (!psam.isGenuine(key, this.#cardSerial(), data, answer))
      refuse('authentication-failed', 'the card is not genuine');
    this.#isProved = true;
  }

  #authenticate(reference: number): void {
    if (this.#authenticated.has(reference)) return;
    const exchange = this.#exchangeUnder(reference);
    const data = this.#options.psam.authenticationData(exchange, this.#options.random(8).slice());
    const answer = this.#session.send('authenticate', { cla: 0, ins: 0x82, p1: 0, p2: reference, data });
    if (answer.sw !== SW_9000_SUCCESS)
      refuse('authentication-failed', `EXTERNAL AUTHENTICATE answered ${swHex(answer.sw)}`);
    this.#authenticated.add(reference);
  }

  /** The answer in clear, its MAC checked; or the status word the card refused with. */
  #read(
    header: Header,
    terms: readonly ConditionTerm[],
    protection: ReadProtection,
    wanted: Uint8Array,
    le: number,
  ): ResponseApdu {
    const demanded = protectionOf(terms);
    if (demanded === undefined && protection === 'as-asked')
      return this.#session.send('read-file', { cla: 0, ...header, data: NOTHING, le });
    const isEnciphered = protection === 'enciphered' || demanded?.kind === 'enc';
    const exchange = this.#exchangeUnder(demanded?.key ?? this.#line());
    const cla = isEnciphered ? 0x0c : 0x04;
    const { psam } = this.#options;
    const bytes = Uint8Array.of(cla, header.ins, header.p1, header.p2);
    const data = psam.protect(exchange, bytes, wanted, isEnciphered);
    const answer = this.#session.send('read-file', { cla, ...header, data, le: 256 });
    if (answer.sw !== SW_9000_SUCCESS) return answer;
    const opened = psam.open(exchange, answer.data, isEnciphered);
    return { sw: answer.sw, data: opened ?? refuse('authentication-failed', 'the MAC of an answer is wrong') };
  }

  #write(header: Header, terms: readonly ConditionTerm[], data: Uint8Array, name: string): void {
    const demanded = protectionOf(terms);
    if (demanded === undefined) {
      this.#expect(this.#session.send('update-file', { cla: 0, ...header, data }), `writing ${name}`);
      return;
    }
    const exchange = this.#exchangeUnder(demanded.key);
    const bytes = Uint8Array.of(0x04, header.ins, header.p1, header.p2);
    const body = this.#options.psam.protect(exchange, bytes, data, demanded.kind === 'enc');
    this.#expect(this.#session.send('update-file', { cla: 0x04, ...header, data: body }), `writing ${name}`);
  }

  #expect({ sw, data }: ResponseApdu, what: string): Uint8Array {
    if (sw !== SW_9000_SUCCESS) refuse('card-refused', `${what} answered ${swHex(sw)}`);
    return data;
  }
}

function protectionOf(
  terms: readonly ConditionTerm[],
): { readonly kind: 'mac' | 'enc'; readonly key: number } | undefined {
  for (const term of terms) if (term.kind === 'mac' || term.kind === 'enc') return { kind: term.kind, key: term.key };
  return undefined;
}
