/** Plays a terminal against a host, step by step as a case says. */
import { setTimeout as pause } from 'node:timers/promises';
import { concat, fromHex, toHex } from '@polycard/bytes';
import {
  BATCH_DETAILS_MAX,
  CUP_TERMINAL,
  encodeBatchDetails,
  encodeFrame,
  encodeOriginalMessage,
  encodeSettlementTotals,
  type MacFunction,
  type Message,
  packMessage,
  packWithMac,
  parseFrame,
  parseParameterAnswer,
  unpackMessage,
} from '@polycard/iso8583';
import { CaseEnd, type Witness } from '../case.ts';
import { caseError } from '../case-files.ts';
import { describeFrame } from '../line/describe-frame.ts';
import type { TerminalIdentity } from '../line/identity.ts';
import { type Arrival, TestLine } from '../line/test-line.ts';
import type { WorkingKeys } from '../line/working-keys.ts';
import type { TlsBench, TlsShown } from '../self/tls-bench.ts';
import { AnswerJudge } from './answer-judge.ts';
import { chipData, type KitCard } from './kit-card.ts';
import { type MessageTemplate, messageFrom, type Places } from './messages.ts';
import type { HostExpectation, HostStep } from './step.ts';

export interface HostAddress {
  readonly host: string;
  readonly port: number;
}

const ANSWER_MS = 10_000;
const AMOUNT_FEN = 200;
const NEXT_BATCH = 1_000_000;
const PAGES_MAX = 500;

/** What stays from case to case: numbers that must not come twice, and what the host has of the open batch. */
export class TerminalState {
  trace: number;
  batch: number;
  counter = 0;
  /** The online sale that was approved last, which a void takes back. */
  onlineSale: { readonly batchNo: number; readonly traceNo: number } | undefined;
  sales: { readonly traceNo: number; readonly amountFen: number; readonly pan: string }[] = [];

  constructor(start: { readonly trace: number; readonly batch: number }) {
    this.trace = start.trace;
    this.batch = start.batch;
  }

  nextTrace(): number {
    this.trace = this.trace >= 999_999 ? 1 : this.trace + 1;
    return this.trace;
  }

  nextBatch(): void {
    this.batch = (this.batch + 1) % NEXT_BATCH || 1;
    this.sales = [];
  }
}

export class TerminalPlayer {
  readonly #address: HostAddress;
  readonly #identity: TerminalIdentity;
  readonly #messages: ReadonlyMap<string, MessageTemplate>;
  readonly #state: TerminalState;
  readonly #localTime: () => string;
  readonly #card: KitCard | undefined;
  readonly #tls: TlsBench | undefined;
  readonly #lines = new Map<string, TestLine>();
  readonly #kept = new Map<string, Uint8Array>();
  #keys: WorkingKeys | undefined;
  #oldKeys: WorkingKeys | undefined;

  constructor(options: {
    readonly address: HostAddress;
    readonly identity: TerminalIdentity;
    readonly messages: ReadonlyMap<string, MessageTemplate>;
    readonly state: TerminalState;
    /** YYYYMMDDhhmmss. */
    readonly localTime: () => string;
    readonly card?: KitCard | undefined;
    readonly tls?: TlsBench | undefined;
  }) {
    this.#address = options.address;
    this.#identity = options.identity;
    this.#messages = options.messages;
    this.#state = options.state;
    this.#localTime = options.localTime;
    this.#card = options.card;
    this.#tls = options.tls;
  }

  async play(steps: readonly HostStep[], witness: Witness): Promise<void> {
    try {
      for (const [index, step] of steps.entries()) {
        witness.step = index + 1;
        witness.isPreparing = step.prepare === true;
        await this.#step(step, witness);
      }
    } finally {
      for (const line of this.#lines.values()) line.close();
      this.#lines.clear();
    }
  }

  async #step(step: HostStep, witness: Witness): Promise<void> {
    if (step.waitMs !== undefined) await pause(step.waitMs);
    if (step.connect !== undefined && step.tls !== undefined) await this.#connectTls(step.connect, step.tls);
    else if (step.connect !== undefined) await this.#line(step.connect);
    for (let count = 0; count < (step.connectMany ?? 0); count++) await this.#line(`idle ${count}`);
    if (step.close !== undefined) this.#lines.get(step.close)?.close();
    if (step.download !== undefined) return this.#download(step.download, step.expect?.notServed ?? [], witness);
    const times = step.times ?? 1;
    const answerMs: number[] = [];
    for (let round = 0; round < times; round++) {
      const request = this.#request(step);
      if (request === undefined) return;
      const line = await this.#line(step.line ?? 'main');
      await line.send(request, step.pieces);
      const expect = step.expect ?? {};
      const arrival = await line.next(expect.silentMs ?? Math.max(ANSWER_MS, expect.withinMs ?? 0));
      answerMs.push(arrival.afterMs);
      // of many alike the first is shown, and what went wrong
      this.#judge(step, expect, request, arrival, witness, round === 0 || round === times - 1);
    }
    if (step.expect?.p95Ms !== undefined) this.#judgeSpeed(answerMs, step.expect.p95Ms, witness);
  }

  #judge(
    step: HostStep,
    expect: HostExpectation,
    request: Uint8Array,
    arrival: Arrival,
    witness: Witness,
    isShown: boolean,
  ): void {
    const judge = new AnswerJudge({
      ...{ witness, request: request.subarray(2), isShown, name: step.send ?? step.resend ?? 'bytes' },
      ...{ masterKey: this.#identity.masterKey, places: this.#places() },
      mac: this.#keys?.mac,
    });
    const { keys, code, batch } = judge.judge(expect, arrival);
    if (keys !== undefined) {
      this.#oldKeys = this.#keys;
      this.#keys = keys;
      // the host gives the batch number at sign-in (60.2)
      if (batch !== undefined && batch !== this.#state.batch) {
        this.#state.batch = batch;
        this.#state.sales = [];
      }
    }
    // bytes that were spoilt on purpose leave nothing behind
    const isWhole = step.raw === undefined && step.alter === undefined;
    if (code !== undefined && isWhole) this.#remember(request.subarray(2), code);
  }

  /** What the host has now, as far as a terminal can know it. */
  #remember(request: Uint8Array, code: string): void {
    const message = unpackMessage(CUP_TERMINAL, parseFrame(request).message);
    const traceNo = Number(message.text(11) ?? 0);
    if (message.mti === '0220' && code === '00' && !this.#state.sales.some((sale) => sale.traceNo === traceNo)) {
      this.#state.sales.push({ traceNo, amountFen: Number(message.required(4)), pan: message.required(2) });
    }
    if (message.mti === '0200' && message.required(60).startsWith('22') && code === '00')
      this.#state.onlineSale = { batchNo: Number(message.required(60).slice(2, 8)), traceNo };
    if (message.mti === '0320' && /(202|207)$/.test(message.required(60)) && code === '00') this.#state.nextBatch();
  }

  #judgeSpeed(answerMs: readonly number[], limitMs: number, witness: Witness): void {
    const sorted = [...answerMs].sort((a, b) => a - b);
    const p95 = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))]!;
    witness.check({
      what: `95 of 100 of ${sorted.length} answers`,
      ...{ expected: `within ${limitMs} ms`, found: `${p95.toFixed(1)} ms (slowest ${sorted.at(-1)!.toFixed(1)} ms)` },
      holds: p95 <= limitMs,
    });
  }

  #request(step: HostStep): Uint8Array | undefined {
    if (step.raw !== undefined) return fromHex(step.raw.replace(/\s/g, '').toUpperCase());
    if (step.resend !== undefined) {
      const frame = this.#kept.get(step.resend);
      if (frame === undefined) throw caseError(`resend: ${step.resend}`, 'the `as` of an earlier step');
      return frame;
    }
    if (step.send === undefined) return undefined;
    const template = this.#messages.get(step.send);
    if (template === undefined) throw caseError(`send: ${step.send}`, [...this.#messages.keys()].join(', '));
    if (step.trace !== 'same') this.#state.nextTrace();
    if (step.send === 'offline-sale') this.#state.counter++;
    const message = this.#withCard(step, messageFrom(template, step.set ?? {}, this.#places()));
    const mac = template.mac === true && step.mac !== 'none' ? this.#macFor(step) : undefined;
    const packed = mac === undefined ? packMessage(CUP_TERMINAL, message) : packWithMac(CUP_TERMINAL, message, mac);
    if (step.mac === 'wrong') packed[packed.length - 1]! ^= 1;
    const tpdu = step.alter?.tpdu === undefined ? this.#identity.tpdu : fromHex(step.alter.tpdu);
    const frame = altered(encodeFrame({ tpdu, header: this.#identity.header, message: packed }), step.alter);
    if (step.as !== undefined) this.#kept.set(step.as, frame);
    return frame;
  }

  #withCard(step: HostStep, message: Message): Message {
    if (step.card !== true) return message;
    if (this.#card === undefined)
      throw new CaseEnd('not-applicable', "the kit has no card of this host's issuer; it has one with --self");
    const { pan, field55 } = chipData(this.#card, Number(message.fields[4] ?? AMOUNT_FEN), this.#localTime());
    return { ...message, fields: { ...message.fields, 2: pan, 55: field55 } };
  }

  #macFor(step: HostStep): MacFunction {
    const keys = step.mac === 'old' ? this.#oldKeys : this.#keys;
    if (keys === undefined) throw new CaseEnd('inconclusive', 'there are no working keys: the case signs in nowhere');
    return keys.mac;
  }

  #places(): Places {
    const { trace, batch, counter, sales } = this.#state;
    const digits = (value: number, length: number): string => String(value).padStart(length, '0');
    const time = this.#localTime();
    const debitFen = sales.reduce((sum, { amountFen }) => sum + amountFen, 0);
    const totals = { debitFen, debitCount: sales.length, creditFen: 0, creditCount: 0, result: 0 } as const;
    const details = sales.slice(0, BATCH_DETAILS_MAX).map((sale) => ({ ...sale, isForeign: false }));
    return {
      ...{
        trace: digits(trace, 6),
        batch: digits(batch, 6),
        amount: digits(AMOUNT_FEN, 12),
        count: digits(sales.length, 4),
      },
      ...{ terminal: this.#identity.terminal, merchant: this.#identity.merchant },
      ...{ operator: this.#identity.operatorCode, time, date: time.slice(2, 8), clock: time.slice(8) },
      ...{ counter: digits(counter, 8), atc: (counter % 65_536).toString(16).padStart(4, '0').toUpperCase() },
      original: encodeOriginalMessage(this.#state.onlineSale ?? { batchNo: batch, traceNo: 0 }),
      totals: encodeSettlementTotals(totals),
      wrongTotals: encodeSettlementTotals({ ...totals, debitFen: debitFen + 100, debitCount: sales.length + 1 }),
      details: details.length === 0 ? '00' : encodeBatchDetails(details),
    };
  }

  async #connectTls(name: string, shown: TlsShown): Promise<void> {
    if (this.#tls === undefined) throw new CaseEnd('not-applicable', 'no TLS port of the host was given');
    const { address, authority } = this.#tls;
    const certificate = shown === 'none' ? undefined : this.#tls.certificateOf(shown, this.#identity.terminal);
    if (certificate === undefined && shown !== 'none')
      throw new CaseEnd('not-applicable', `the kit has no ${shown} certificate for this host`);
    this.#lines.set(name, await TestLine.openTls(address.host, address.port, { authority, certificate }));
  }

  async #line(name: string): Promise<TestLine> {
    const open = this.#lines.get(name);
    if (open !== undefined) return open;
    const line = await TestLine.open(this.#address.host, this.#address.port);
    this.#lines.set(name, line);
    return line;
  }

  /** 364 by pages: each as it was asked for, one version, the last one marked (docs/reference/industry-extension.md). */
  async #download(set: string, notServed: readonly string[], witness: Witness): Promise<void> {
    let version: string | undefined;
    for (let page = 0; page < PAGES_MAX; page++) {
      const asked = `${set.padEnd(3)}${' '.repeat(8)}${String(page).padStart(4, '0')}`;
      const request = this.#request({ send: 'parameters', set: { 62: asked } })!;
      const line = await this.#line('main');
      await line.send(request);
      const arrival = await line.next(ANSWER_MS);
      this.#judge({ send: 'parameters' }, { code: '00', notServed }, request, arrival, witness, page === 0);
      if (arrival.kind !== 'frame') return;
      const message = unpackMessage(CUP_TERMINAL, parseFrame(arrival.frame).message);
      const answer = parseParameterAnswer(message.raw(62) ?? new Uint8Array(0));
      version ??= answer.version;
      const wrong = (what: string, expected: string, found: string, holds: boolean): void => {
        if (!holds) witness.check({ what: `page ${page} of ${set}: ${what}`, expected, found, holds });
      };
      wrong('its number', String(page), String(answer.page), answer.page === page);
      wrong('its version', version, answer.version, answer.version === version);
      wrong('its content', 'something', `${answer.chunk.length} bytes`, answer.chunk.length > 0);
      if (answer.status !== 'more') {
        witness.note({ what: `set ${set}`, found: `version ${version}, ${page + 1} pages` });
        return;
      }
    }
    witness.check({ what: `set ${set}`, expected: 'a last page', found: `${PAGES_MAX} pages and more`, holds: false });
  }
}

function altered(frame: Uint8Array, alter: HostStep['alter']): Uint8Array {
  if (alter === undefined) return frame;
  let changed = Uint8Array.from(frame);
  if (alter.truncate !== undefined) {
    // the length says what is left, so that the host sees a whole frame with a message cut off
    changed = changed.slice(0, changed.length - alter.truncate);
    changed.set([(changed.length - 2) >> 8, (changed.length - 2) & 0xff]);
  }
  if (alter.append !== undefined) {
    changed = concat(changed, fromHex(alter.append.toUpperCase())) as typeof changed;
    changed.set([(changed.length - 2) >> 8, (changed.length - 2) & 0xff]);
  }
  if (alter.lengthPrefix !== undefined) changed.set([alter.lengthPrefix >> 8, alter.lengthPrefix & 0xff]);
  return changed;
}

/** For who reports: a frame with its length prefix. */
export function describeRequest(frame: Uint8Array): string {
  return frame.length > 2 + 21 ? describeFrame(frame.subarray(2)) : toHex(frame);
}
