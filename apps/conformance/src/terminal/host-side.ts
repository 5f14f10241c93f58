/** Plays host and cards against a terminal, step by step as a case says; what it sends is seen on the line. */
import { findTlv, fromHex, numberFromBcd, parseResponse, parseTlv, SW_9000_SUCCESS, toHex } from '@polycard/bytes';
import { parseSettlementTotals } from '@polycard/iso8583';
import type { TestCard } from '../card/test-card.ts';
import { CaseEnd, type Witness } from '../case.ts';
import { describeFrame } from '../line/describe-frame.ts';
import { type Exchanged, isUnder, type WatchedFrame, type WatchingProxy } from '../line/watching-proxy.ts';
import type { OwnLists } from '../self/own-lists.ts';
import type { TerminalDriver } from './driver.ts';
import { CARD_FAULTS, HOST_FAULTS } from './faults.ts';
import type { TerminalExpectation, TerminalStep } from './step.ts';

export interface TerminalContext {
  readonly proxy: WatchingProxy;
  readonly driver: TerminalDriver;
  readonly card: TestCard;
  readonly lists: OwnLists;
}

export class HostSide {
  readonly #context: TerminalContext;
  readonly #firstExchange: number;
  readonly #balanceBeforeFen: number | undefined;
  #batchBefore: string | undefined;

  constructor(context: TerminalContext) {
    this.#context = context;
    this.#firstExchange = context.proxy.exchanged.length;
    this.#balanceBeforeFen = balanceOf(context.card);
  }

  async play(steps: readonly TerminalStep[], witness: Witness): Promise<void> {
    const { proxy, lists } = this.#context;
    try {
      for (const [index, step] of steps.entries()) {
        witness.step = index + 1;
        witness.isPreparing = step.prepare === true;
        if (step.list !== undefined) await lists.list(step.list);
        if (step.host !== undefined) proxy.interference = HOST_FAULTS[step.host]!();
        for (let round = 0; round < (step.times ?? 1); round++) await this.#act(step, witness);
      }
    } finally {
      proxy.interference = {};
      await lists.list('none');
    }
  }

  async #act(step: TerminalStep, witness: Witness): Promise<void> {
    const { proxy, driver, card } = this.#context;
    const expect = step.expect ?? {};
    if (step.do === undefined) return;
    const first = proxy.asked.length;
    const isCardHeld = step.do === 'tap' || step.do === 'purchase';
    const held = isCardHeld ? CARD_FAULTS[step.card ?? 'good']!.make(card) : undefined;
    held?.reset();
    const startedMs = performance.now();
    const outcome = await driver.act(step.do, held, step.hours);
    if (outcome.notServed === true) throw new CaseEnd('not-applicable', outcome.said);
    const tookMs = performance.now() - startedMs;
    const sent = proxy.asked.slice(first);
    for (const frame of sent.slice(0, 4)) witness.note({ what: step.do, received: describeFrame(frame.bytes) });
    witness.note({ what: `${step.do}${step.card === undefined ? '' : ` (${step.card})`}`, found: outcome.said });
    if (expect.ok !== undefined) {
      const word = (ok: boolean): string => (ok ? 'it worked' : 'it did not work');
      const found = `${word(outcome.ok)}: ${outcome.said}`;
      witness.check({ what: step.do, expected: word(expect.ok), found, holds: outcome.ok === expect.ok });
    }
    if (expect.tap !== undefined) {
      const found = `${outcome.result ?? 'nothing said'}: ${outcome.said}`;
      witness.check({ what: 'tap', expected: expect.tap, found, holds: outcome.result === expect.tap });
    }
    if (expect.withinMs !== undefined) {
      const found = `${tookMs.toFixed(0)} ms`;
      witness.check({
        what: step.do,
        expected: `within ${expect.withinMs} ms`,
        found,
        holds: tookMs <= expect.withinMs,
      });
    }
    this.#line(expect, sent, witness);
    this.#host(expect, sent, witness);
  }

  /** What passed on the line in this step. */
  #line(expect: TerminalExpectation, sent: readonly WatchedFrame[], witness: Witness): void {
    for (const [kind, wanted] of Object.entries(expect.sends ?? {})) {
      const count = sent.filter((frame) => isKind(frame, kind)).length;
      const least = /^(\d+)\+$/.exec(String(wanted))?.[1];
      const holds = least === undefined ? count === Number(wanted) : count >= Number(least);
      const expected = least === undefined ? `${wanted} times` : `${least} times or more`;
      witness.check({ what: `${kind} on the line`, expected, found: `${count} times`, holds });
    }
    if (expect.order !== undefined) {
      const kinds = sent
        .map((frame) => expect.order!.find((kind) => isKind(frame, kind)))
        .filter((kind) => kind !== undefined);
      const found = kinds.filter((kind, index) => kind !== kinds[index - 1]);
      witness.check({
        ...{ what: 'order on the line', expected: expect.order.join(', '), found: found.join(', ') || 'nothing of it' },
        holds: found.join() === expect.order.join(),
      });
    }
    const { sameFrames, sealedUnder } = expect;
    if (sameFrames !== undefined) {
      const frames = new Set(sent.filter((frame) => isKind(frame, sameFrames)).map(({ bytes }) => toHex(bytes)));
      const found = `${frames.size} different frames`;
      witness.check({ what: `${sameFrames} repeated`, expected: 'the same frame', found, holds: frames.size === 1 });
    }
    if (sealedUnder !== undefined) {
      const { mac } = this.#context.proxy;
      for (const frame of sent.filter((candidate) => candidate.message.mti === '0220')) {
        const isNewest = isUnder(frame, mac);
        const holds = sealedUnder === 'newest' ? isNewest : !isNewest;
        const expected = sealedUnder === 'newest' ? 'the newest keys' : 'not the keys with a wrong check value';
        witness.check({
          what: 'MAC of the upload',
          expected,
          found: isNewest ? 'the newest keys' : 'others, or none',
          holds,
        });
      }
    }
    if (expect.pages !== undefined) {
      const pages = sent.filter((frame) => isKind(frame, '0800 364')).map((frame) => frame.message.text(62) ?? '');
      const bySet = Map.groupBy(pages, (text) => text.slice(0, 3));
      const inOrder = [...bySet.values()].every((asked) =>
        asked.every((text, page) => Number(text.slice(11, 15)) === page),
      );
      const found = [...bySet].map(([set, asked]) => `${set.trim()}: ${asked.length} pages`).join(', ') || 'no pages';
      witness.check({
        what: 'pages asked for',
        expected: 'from 0 on, in order',
        found,
        holds: inOrder && pages.length > 0,
      });
    }
  }

  /** What the host has of this case. */
  #host(expect: TerminalExpectation, sent: readonly WatchedFrame[], witness: Witness): void {
    const { proxy, card } = this.#context;
    const exchanges = proxy.exchanged.slice(this.#firstExchange);
    const stored = storedUploads(exchanges);
    if (expect.stored !== undefined) {
      const found = `${stored.size} taps`;
      witness.check({
        what: 'what the host has',
        expected: `${expect.stored} taps`,
        found,
        holds: stored.size === expect.stored,
      });
    }
    if (expect.traces === 'unique') {
      const uploads = exchanges.map(({ request }) => request).filter(({ message }) => message.mti === '0220');
      const byKey = Map.groupBy(uploads, keyOf);
      const twice = [...byKey].filter(
        ([, frames]) => new Set(frames.map(({ message }) => toHex(message.beforeMac()))).size > 1,
      );
      const found = twice.map(([key]) => key).join(', ') || `${byKey.size} trace numbers`;
      witness.check({
        what: 'trace numbers',
        expected: 'one for each tap',
        found,
        holds: twice.length === 0 && byKey.size > 0,
      });
    }
    if (expect.totals !== undefined) {
      const settlement = sent.findLast(({ message }) => message.mti === '0500');
      const batch = settlement === undefined ? undefined : batchOf(settlement);
      const inBatch = [...storedUploads(proxy.exchanged).values()].filter(
        (frame) => settlement !== undefined && terminalOf(frame) === terminalOf(settlement) && batchOf(frame) === batch,
      );
      const fen = inBatch.reduce((sum, { message }) => sum + Number(message.required(4)), 0);
      const totals = settlement === undefined ? undefined : parseSettlementTotals(settlement.message.required(48));
      const found = totals === undefined ? 'no settlement' : `${totals.debitCount} for ${totals.debitFen} fen`;
      const holds = totals?.debitCount === inBatch.length && totals.debitFen === fen;
      witness.check({ what: 'F48', expected: `${inBatch.length} for ${fen} fen`, found, holds });
      this.#batchBefore = batch;
    }
    if (expect.batch === 'next') {
      const upload = sent.findLast(({ message }) => message.mti === '0220');
      const found = upload === undefined ? 'no upload' : batchOf(upload);
      const expected = String((Number(this.#batchBefore ?? 0) % 999_999) + 1).padStart(6, '0');
      witness.check({ what: '60.2, batch number', expected, found, holds: found === expected });
    }
    if (expect.paid !== undefined && this.#balanceBeforeFen !== undefined) {
      const paidFen = this.#balanceBeforeFen - (balanceOf(card) ?? Number.NaN);
      const storedFen = [...stored.values()].reduce((sum, { message }) => sum + Number(message.required(4)), 0);
      // the fare is the terminal's business; whatever it is, the host hears of all that was paid
      const holds = { nothing: paidFen === 0, something: paidFen > 0, 'as-stored': paidFen === storedFen }[expect.paid];
      const expected = expect.paid === 'as-stored' ? `${storedFen} fen, what the host has` : expect.paid;
      witness.check({ what: 'paid by the card', expected, found: `${paidFen} fen`, holds });
    }
  }
}

/** `0220`, or `0800 364`. */
function isKind({ message }: WatchedFrame, kind: string): boolean {
  const [mti, code] = kind.split(' ');
  return message.mti === mti && (code === undefined || message.text(60)?.slice(8, 11) === code);
}

const batchOf = ({ message }: WatchedFrame): string => message.text(60)?.slice(2, 8) ?? '';
const terminalOf = ({ message }: WatchedFrame): string => message.text(41) ?? '';
const keyOf = (frame: WatchedFrame): string => `${terminalOf(frame)}-${batchOf(frame)}-${frame.message.text(11)}`;

/** Uploads that the real host accepted, by batch and trace. */
function storedUploads(exchanges: readonly Exchanged[]): ReadonlyMap<string, WatchedFrame> {
  const stored = new Map<string, WatchedFrame>();
  for (const { request, answer } of exchanges) {
    if (request.message.mti === '0220' && answer.message.text(39) === '00') stored.set(keyOf(request), request);
  }
  return stored;
}

/** In fen; undefined on a card that does not say it. */
function balanceOf(card: TestCard): number | undefined {
  card.reset();
  const send = (hex: string): Uint8Array | undefined => {
    const { data, sw } = parseResponse(card.transmit(fromHex(hex)));
    return sw === SW_9000_SUCCESS ? data : undefined;
  };
  const directory = send('00A404000E325041592E5359532E444446303100');
  const aid = directory === undefined ? undefined : findTlv(parseTlv(directory), '4F');
  if (aid === undefined) return undefined;
  send(`00A40400${toHex(Uint8Array.of(aid.length))}${toHex(aid)}00`);
  const balance = send('80CA9F7900');
  const value = balance === undefined ? undefined : findTlv(parseTlv(balance), '9F79');
  card.reset();
  return value === undefined ? undefined : numberFromBcd(value);
}
