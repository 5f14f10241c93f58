/** Plays a terminal against a card, step by step as a case says. */
import {
  bcdFromNumber,
  buildDol,
  concat,
  encodeCommand,
  encodeLength,
  findTlv,
  fromHex,
  numberFromBcd,
  parseDol,
  parseResponse,
  parseTlv,
  type ResponseApdu,
  type TlvNode,
  toHex,
} from '@polycard/bytes';
import { type RandomSource, seededRandom } from '@polycard/crypto';
import { dolAlignment, type PublicKey } from '@polycard/emv';
import { makeSale, parseAfl } from '@polycard/terminal';
import { CaseEnd, type Witness } from '../case.ts';
import { filled } from '../host/messages.ts';
import { describeApdu } from './describe-apdu.ts';
import type { CardExpectation, CardStep } from './step.ts';
import type { TestCard } from './test-card.ts';

export interface CardContext {
  readonly card: TestCard;
  /** By RID and index. */
  readonly caKeys: ReadonlyMap<string, PublicKey>;
  readonly random: RandomSource;
  /** YYYYMMDDhhmmss. */
  readonly localTime: () => string;
  /** A record that the region's metro journeys use: READ CAPP DATA, and P2 of an update. */
  readonly capp: { readonly read: string; readonly p2: string; readonly lengthBytes: number };
}

const PPSE = Buffer.from('2PAY.SYS.DDF01', 'latin1');
/** Amounts and balances are BCD, counters binary. */
const BCD_TAGS = new Set(['9F79', '9F5D', '9F02', '9F78', '9F77']);
const CUT_POINTS_MAX = 64;

interface Heard {
  readonly sw: string;
  readonly data: Uint8Array;
  readonly tags: ReadonlyMap<string, string>;
}

export class TerminalSide {
  readonly #context: CardContext;
  readonly #kept = new Map<string, string>();
  #aid: Uint8Array | undefined;
  #fci: readonly TlvNode[] = [];
  #transaction = new Map<string, string>();

  constructor(context: CardContext) {
    this.#context = context;
  }

  async play(steps: readonly CardStep[], witness: Witness): Promise<void> {
    this.#context.card.reset();
    for (const [index, step] of steps.entries()) {
      witness.step = index + 1;
      witness.isPreparing = step.prepare === true;
      const tookMs: number[] = [];
      for (let round = 0; round < (step.times ?? 1); round++) {
        const startedMs = performance.now();
        this.#step(step, witness);
        tookMs.push(performance.now() - startedMs);
        // a reader's socket and other work of this process
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      const limitMs = step.expect?.p95Ms;
      if (limitMs !== undefined) this.#speed(tookMs, limitMs, witness);
    }
  }

  #step(step: CardStep, witness: Witness): void {
    const expect = step.expect ?? {};
    if (step.reset === true) this.#context.card.reset();
    if (step.select !== undefined)
      this.#judge(`SELECT ${step.select}`, this.#select(step.select, witness), expect, witness);
    if (step.apdu !== undefined) {
      const command = fromHex(filled(step.apdu, this.#places(), 'apdu').replace(/\s/g, '').toUpperCase());
      this.#judge(`command ${toHex(command.subarray(0, 4))}`, this.#send(command, witness), expect, witness);
    }
    if (step.gpo !== undefined)
      this.#judge('GET PROCESSING OPTIONS', this.#options(step.gpo, witness), expect, witness);
    if (step.records !== undefined) this.#judge('READ RECORD', this.#records(step.records, witness), expect, witness);
    if (step.sale !== undefined) this.#sale(step.sale.amountFen, expect, witness);
    if (step.cutEach !== undefined) this.#cutEach(step.cutEach.amountFen, witness);
    if (step.random !== undefined) this.#noise(step.random, witness);
  }

  #select(name: string, witness: Witness): Heard {
    let bytes: Uint8Array;
    if (name === 'ppse') bytes = PPSE;
    else if (name === 'aid') {
      this.#aid ??= this.#firstAid(witness);
      bytes = this.#aid;
    } else bytes = fromHex(name.toUpperCase());
    const heard = this.#send(encodeCommand({ cla: 0, ins: 0xa4, p1: 4, p2: 0, data: bytes, le: 256 }), witness);
    if (heard.sw === '9000' && name !== 'ppse') this.#fci = parsed(heard.data);
    return heard;
  }

  #firstAid(witness: Witness): Uint8Array {
    const heard = this.#send(encodeCommand({ cla: 0, ins: 0xa4, p1: 4, p2: 0, data: PPSE, le: 256 }), witness);
    const aid = heard.tags.get('4F');
    if (heard.sw !== '9000' || aid === undefined) {
      const verdict = witness.isPreparing ? 'inconclusive' : 'fail';
      throw new CaseEnd(verdict, 'the card has no directory from which an application could be selected');
    }
    return fromHex(aid);
  }

  #options(gpo: NonNullable<CardStep['gpo']>, witness: Witness): Heard {
    const time = this.#context.localTime();
    const values = new Map<string, Uint8Array>([
      ['9F66', fromHex('28000080')],
      ['9F02', bcdFromNumber(gpo.amountFen ?? 100, 6)],
      ['9F03', new Uint8Array(6)],
      ['9F1A', fromHex('0156')],
      ['95', new Uint8Array(5)],
      ['5F2A', fromHex('0156')],
      ['9A', fromHex(time.slice(2, 8))],
      ['9C', fromHex('00')],
      ['9F21', fromHex(time.slice(8))],
      ['9F37', gpo.random === undefined ? this.#context.random(4) : fromHex(gpo.random)],
      ['DF60', Uint8Array.of(gpo.capp ?? 0)],
    ]);
    const pdol = parseDol(findTlv(this.#fci, '9F38') ?? new Uint8Array(0), 'PDOL');
    let data = buildDol(pdol, (tag) => values.get(tag), dolAlignment);
    const delta = gpo.lengthDelta ?? 0;
    if (delta < 0) data = data.slice(0, data.length + delta);
    if (delta > 0) data = concat(data, new Uint8Array(delta));
    const body = concat(Uint8Array.of(0x83), encodeLength(data.length), data);
    const heard = this.#send(encodeCommand({ cla: 0x80, ins: 0xa8, p1: 0, p2: 0, data: body, le: 256 }), witness);
    if (heard.sw === '9000') this.#transaction = new Map(heard.tags);
    return heard;
  }

  #records(which: NonNullable<CardStep['records']>, witness: Witness): Heard {
    const afl = this.#transaction.get('94');
    if (afl === undefined) throw new CaseEnd(witness.isPreparing ? 'inconclusive' : 'fail', 'the card gave no AFL');
    const addresses = parseAfl(fromHex(afl));
    const chosen = which === 'all' ? addresses : which === 'last' ? addresses.slice(-1) : addresses.slice(0, -1);
    let heard: Heard = { sw: '9000', data: new Uint8Array(0), tags: new Map() };
    for (const { sfi, record } of chosen) {
      heard = this.#send(Uint8Array.of(0, 0xb2, record, (sfi << 3) | 4, 0), witness);
      if (heard.sw !== '9000') return heard;
      const isTemplate = heard.data[0] === 0x70;
      const expected = 'a record in template 70';
      witness.check({
        what: `record ${record} of SFI ${sfi}`,
        expected,
        found: isTemplate ? expected : 'others',
        holds: isTemplate || sfi > 10,
      });
      for (const [tag, value] of heard.tags) this.#transaction.set(tag, value);
    }
    return { ...heard, tags: this.#transaction };
  }

  #sale(amountFen: number, expect: CardExpectation, witness: Witness): void {
    const { card, caKeys, random, localTime } = this.#context;
    if (expect.signature !== undefined && caKeys.size === 0) {
      throw new CaseEnd(
        'not-applicable',
        'there are no certification authority keys (--capk): no signature can be checked',
      );
    }
    const result = makeSale(
      card,
      {
        ...{ ttq: fromHex('28000080'), capabilities: fromHex('E0F8C8'), terminalType: fromHex('22') },
        ...{ country: '156', currency: '156', merchantName: 'CONFORMANCE' },
      },
      { amountFen, at: localTime() },
      { caKeys, random, monotonicUs: () => performance.now() * 1000 },
    );
    for (const { phase, command, response } of result.exchanges) {
      witness.note({ what: phase, sent: describeApdu(command), received: describeApdu(response) });
    }
    const found = `${result.outcome}: ${result.reason}`;
    if (expect.outcome !== undefined) {
      witness.check({ what: 'purchase', expected: expect.outcome, found, holds: result.outcome === expect.outcome });
    }
    if (expect.signature !== undefined) {
      const { oda } = result;
      const said = oda.reason === undefined ? oda.result : `${oda.result}: ${oda.reason}`;
      witness.check({ what: "the card's signature", expected: 'passed', found: said, holds: oda.result === 'passed' });
    }
  }

  /** The balance after a cut is that before or that after the purchase, nothing between, and the card goes on. */
  #cutEach(amountFen: number, witness: Witness): void {
    const { card } = this.#context;
    const { virtual } = card;
    if (virtual === undefined) throw new CaseEnd('not-applicable', 'only a virtual card can lose its power at a write');
    const quiet = { note: () => undefined, check: () => undefined } as unknown as Witness;
    const balance = (): number => {
      card.reset();
      this.#select('aid', quiet);
      const value = this.#send(fromHex('80CA9F7900'), quiet).tags.get('9F79');
      return value === undefined ? Number.NaN : numberFromBcd(fromHex(value));
    };
    const outcomes: string[] = [];
    for (let point = 0; point < CUT_POINTS_MAX; point++) {
      const before = balance();
      card.reset();
      virtual.powerCut = (step) => step === point;
      let isCut = false;
      try {
        this.#select('aid', quiet);
        this.#options({ amountFen }, quiet);
        this.#records('all', quiet);
      } catch {
        isCut = true;
      }
      virtual.powerCut = undefined;
      const after = balance();
      const isWhole = after === before || after === before - amountFen;
      outcomes.push(`${point}:${before - after}`);
      witness.check({
        what: `power cut at write ${point}`,
        ...{ expected: `${before} or ${before - amountFen} fen left`, found: `${after} fen left`, holds: isWhole },
      });
      if (!isCut) {
        witness.note({ what: 'fen spent by the write that was cut', found: outcomes.join(' ') });
        return;
      }
    }
  }

  #noise({ count, seed }: NonNullable<CardStep['random']>, witness: Witness): void {
    const random = seededRandom(`noise:${seed}`);
    let answered = 0;
    for (let index = 0; index < count; index++) {
      const [length] = random(1) as unknown as [number];
      // a reader passes no command below four bytes on; over vpcd a single byte is one of its own
      const command = random(4 + (length % 40));
      // nothing that could block a card of somebody: PIN commands and issuer scripts stay out
      if ([0x20, 0x24, 0x2c, 0x1e, 0x16, 0x18, 0xf0].includes(command[1] ?? 0)) continue;
      const response = this.#context.card.transmit(command);
      const holds = response.length >= 2;
      if (holds) answered++;
      else witness.check({ what: toHex(command), expected: 'a status word', found: toHex(response), holds });
    }
    witness.note({ what: `${count} random commands`, found: `${answered} answered with a status word` });
  }

  #send(command: Uint8Array, witness: Witness): Heard {
    const bytes = this.#context.card.transmit(command);
    const response: ResponseApdu = parseResponse(bytes);
    witness.note({ what: 'APDU', sent: describeApdu(command), received: describeApdu(bytes) });
    const sw = response.sw.toString(16).padStart(4, '0').toUpperCase();
    return { sw, data: response.data, tags: opened(response.data) };
  }

  #judge(what: string, heard: Heard, expect: CardExpectation, witness: Witness): void {
    if (expect.notServed?.some((pattern) => matches(pattern, heard.sw)) === true) {
      throw new CaseEnd('not-applicable', `the card answers ${what} with ${heard.sw}`);
    }
    if (expect.sw !== undefined) {
      const wanted = typeof expect.sw === 'string' ? [expect.sw] : expect.sw;
      const holds = wanted.some((pattern) => matches(pattern, heard.sw));
      witness.check({ what: `${what}: status word`, expected: wanted.join(' or '), found: heard.sw, holds });
    }
    const missing = expect.needs?.find((tag) => !heard.tags.has(tag));
    if (missing !== undefined)
      throw new CaseEnd('not-applicable', `the card has no ${missing} in its answer to ${what}`);
    for (const [tag, wanted] of Object.entries(expect.tags ?? {})) {
      const found = tag === 'data' ? toHex(heard.data) : heard.tags.get(tag);
      const { expected, holds } = this.#tag(tag, String(wanted), found);
      witness.check({
        what: `${what}: ${tag}`,
        expected,
        found: found === undefined ? 'absent' : shown(tag, found),
        holds,
      });
    }
    if (expect.oneOf !== undefined) {
      const there = expect.oneOf.filter((tag) => heard.tags.has(tag));
      const found = there.join(' ') || 'none';
      witness.check({ what, expected: `one of ${expect.oneOf.join(', ')}`, found, holds: there.length > 0 });
    }
    for (const [name, tag] of Object.entries(expect.keep ?? {})) {
      const value = tag === 'data' ? toHex(heard.data) : heard.tags.get(tag);
      if (value === undefined) throw new CaseEnd('inconclusive', `${what} has no ${tag}`);
      this.#kept.set(name, value);
    }
  }

  #tag(tag: string, wanted: string, found: string | undefined): { expected: string; holds: boolean } {
    if (wanted === 'present') return { expected: wanted, holds: found !== undefined };
    if (wanted === 'absent') return { expected: wanted, holds: found === undefined };
    const length = /^length (\d+)$/.exec(wanted)?.[1];
    if (length !== undefined) return { expected: `${length} bytes`, holds: found?.length === Number(length) * 2 };
    const expression = /^\/(.*)\/$/.exec(wanted)?.[1];
    if (expression !== undefined) return { expected: wanted, holds: new RegExp(expression).test(found ?? '') };
    const beside = /^(=|!=) (\w+)(?: ([+-]) (\d+))?$/.exec(wanted);
    if (beside === null) return { expected: wanted.toUpperCase(), holds: found === wanted.toUpperCase() };
    const [, relation, name, sign, by] = beside as unknown as [string, '=' | '!=', string, string?, string?];
    const kept = this.#kept.get(name);
    if (kept === undefined) throw new CaseEnd('inconclusive', `nothing was kept as ${name}`);
    const target = numberOf(tag, kept) + (sign === '-' ? -1 : 1) * Number(by ?? 0);
    const isSame = by === undefined ? found === kept : found !== undefined && numberOf(tag, found) === target;
    return { expected: `${wanted} (${by === undefined ? kept : target})`, holds: relation === '=' ? isSame : !isSame };
  }

  #places(): Readonly<Record<string, string>> {
    const { read, p2, lengthBytes } = this.#context.capp;
    const size = (bytes: number): string => bytes.toString(16).padStart(2, '0');
    return {
      ...Object.fromEntries(this.#kept),
      ...{ cappRead: read, cappP2: p2, cappLength: size(lengthBytes + 4), cappBytes: '00'.repeat(lengthBytes) },
    };
  }

  #speed(tookMs: readonly number[], limitMs: number, witness: Witness): void {
    const sorted = [...tookMs].sort((a, b) => a - b);
    const p95 = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))]!;
    const found = `${p95.toFixed(1)} ms`;
    witness.check({
      what: `95 of 100 of ${sorted.length}`,
      expected: `within ${limitMs} ms`,
      found,
      holds: p95 <= limitMs,
    });
  }
}

function parsed(data: Uint8Array): readonly TlvNode[] {
  try {
    return parseTlv(data);
  } catch {
    return [];
  }
}

/** Values by tag, templates opened; of two alike the first counts. AIP and AFL of format 1 as well. */
function opened(data: Uint8Array): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  const walk = (nodes: readonly TlvNode[]): void => {
    for (const { tag, value, children } of nodes) {
      if (!tags.has(tag)) tags.set(tag, toHex(value));
      if (children !== undefined) walk(children);
    }
  };
  const nodes = parsed(data);
  walk(nodes);
  if (nodes[0]?.tag === '80' && nodes[0].value.length >= 6) {
    tags.set('82', toHex(nodes[0].value.subarray(0, 2)));
    tags.set('94', toHex(nodes[0].value.subarray(2)));
  }
  return tags;
}

const numberOf = (tag: string, value: string): number =>
  BCD_TAGS.has(tag) ? numberFromBcd(fromHex(value)) : Number.parseInt(value, 16);
const shown = (tag: string, value: string): string => (tag === '57' || tag === '5A' ? 'hidden' : value);
const matches = (pattern: string, sw: string): boolean =>
  new RegExp(`^${pattern.toUpperCase().replaceAll('X', '[0-9A-F]')}$`).test(sw);
