/** Compares what a host answered with what the case expects, expectation by expectation. */
import { equalBytes, toHex } from '@polycard/bytes';
import {
  CUP_TERMINAL,
  hasRightMac,
  type MacFunction,
  parseField60,
  parseFrame,
  type ReceivedMessage,
  swapTpdu,
  unpackMessage,
} from '@polycard/iso8583';
import { CaseEnd, type Witness } from '../case.ts';
import { describeFrame } from '../line/describe-frame.ts';
import type { Arrival } from '../line/test-line.ts';
import { type WorkingKeys, workingKeysOf } from '../line/working-keys.ts';
import { filled, type Places } from './messages.ts';
import type { HostExpectation } from './step.ts';

export interface JudgeOptions {
  readonly witness: Witness;
  /** Without its length prefix. */
  readonly request: Uint8Array;
  readonly name: string;
  readonly masterKey: Uint8Array;
  readonly places: Places;
  readonly mac: MacFunction | undefined;
  /** Whether the frames go into the evidence although all is well. */
  readonly isShown: boolean;
}

export interface Judged {
  readonly code?: string;
  readonly keys?: WorkingKeys;
  readonly batch?: number;
}

export class AnswerJudge {
  readonly #options: JudgeOptions;

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  /** Throws `CaseEnd` for the first expectation that does not hold. */
  judge(expect: HostExpectation, arrival: Arrival): Judged {
    const { witness, request, name, isShown } = this.#options;
    if (isShown) witness.note({ what: name, sent: describeFrame(request), received: said(arrival) });
    if (expect.silentMs !== undefined) {
      this.#check('no answer', 'silence', said(arrival), arrival.kind === 'silence');
      return {};
    }
    if (expect.closed === true) {
      this.#check('the line', 'closed', said(arrival), arrival.kind === 'closed');
      return {};
    }
    if (expect.closedOr !== undefined && arrival.kind === 'closed') return {};
    if (arrival.kind !== 'frame') {
      this.#check('the answer', 'a message', said(arrival), false);
      return {};
    }
    if (expect.withinMs !== undefined) {
      const { afterMs } = arrival;
      this.#check(
        'answer time',
        `within ${expect.withinMs} ms`,
        `${afterMs.toFixed(0)} ms`,
        afterMs <= expect.withinMs,
      );
    }
    const message = this.#unpacked(arrival.frame);
    const code = message.text(39);
    if (code !== undefined && expect.notServed?.includes(code) === true) {
      throw new CaseEnd('not-applicable', `the host does not serve ${name}: it answers ${code}`);
    }
    const codes = expect.closedOr ?? expect.code;
    if (codes !== undefined) {
      const allowed = typeof codes === 'string' ? [codes] : codes;
      this.#check('F39', allowed.join(' or '), code ?? 'no F39', code !== undefined && allowed.includes(code));
    }
    this.#envelope(expect, arrival.frame, message);
    this.#fields(expect, message);
    const { mac } = expect;
    if (mac === 'right') this.#macIsRight(message);
    if (mac === 'absent') this.#check('F64', 'absent', message.has(64) ? 'present' : 'absent', !message.has(64));
    return {
      ...(code === undefined ? {} : { code }),
      ...(expect.keys === undefined ? {} : { keys: this.#keys(message) }),
      ...(expect.keys === undefined ? {} : { batch: parseField60(message.required(60)).batchNo }),
    };
  }

  #unpacked(frame: Uint8Array): ReceivedMessage {
    try {
      return unpackMessage(CUP_TERMINAL, parseFrame(frame).message);
    } catch (error) {
      this.#check('the answer', 'a message of the dialect', (error as Error).message, false);
      throw error;
    }
  }

  #envelope(expect: HostExpectation, frame: Uint8Array, message: ReceivedMessage): void {
    const asked = parseFrame(this.#options.request);
    const { tpdu, header } = parseFrame(frame);
    if (expect.tpdu === 'swapped') {
      const swapped = swapTpdu(asked.tpdu);
      this.#check('TPDU', toHex(swapped), toHex(tpdu), equalBytes(swapped, tpdu));
    }
    // digit 6 is the host's processing request: what it wants next
    if (expect.header === 'same') {
      const without = (digits: string): string => `${digits.slice(0, 5)}x${digits.slice(6)}`;
      const [sent, found] = [without(toHex(asked.header)), without(toHex(header))];
      this.#check('header', sent, found, sent === found);
    }
    if (expect.mti !== undefined) this.#check('MTI', expect.mti, message.mti, expect.mti === message.mti);
  }

  #fields(expect: HostExpectation, message: ReceivedMessage): void {
    for (const [field, wanted] of Object.entries(expect.fields ?? {})) {
      const found = message.text(Number(field));
      const shown = found === undefined ? 'absent' : field === '2' ? 'hidden' : found;
      const isWanted = this.#holds(Number(field), wanted, found);
      this.#check(`F${field}`, isWanted.expected, shown, isWanted.holds);
    }
    if (expect.clock === true) {
      const [time, date] = [message.text(12) ?? '', message.text(13) ?? ''];
      const isClock =
        /^([01]\d|2[0-3])[0-5]\d[0-5]\d$/.test(time) && /^(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/.test(date);
      this.#check('F12 and F13', 'hhmmss and MMDD', `${time} ${date}`.trim() || 'absent', isClock);
    }
    if (expect.result !== undefined) {
      const digit = message.text(48)?.[30] ?? 'absent';
      this.#check('F48, result of the totals', String(expect.result), digit, digit === String(expect.result));
    }
  }

  #holds(field: number, wanted: string, found: string | undefined): { expected: string; holds: boolean } {
    if (wanted === 'present') return { expected: wanted, holds: found !== undefined };
    if (wanted === 'absent') return { expected: wanted, holds: found === undefined };
    if (wanted === 'same') {
      const sent = unpackMessage(CUP_TERMINAL, parseFrame(this.#options.request).message).text(field);
      return { expected: `${sent} as sent`, holds: sent === found };
    }
    const expression = /^\/(.*)\/$/.exec(wanted)?.[1];
    if (expression !== undefined) return { expected: wanted, holds: new RegExp(expression).test(found ?? '') };
    const expected = filled(wanted, this.#options.places, `F${field}`);
    return { expected, holds: expected === found };
  }

  #macIsRight(message: ReceivedMessage): void {
    const { mac } = this.#options;
    this.#check('F64', 'a MAC', message.has(64) ? 'a MAC' : 'absent', message.has(64));
    const isRight = mac !== undefined && hasRightMac(message, mac);
    this.#check('F64', 'the MAC of this answer under the working key', isRight ? 'right' : 'another', isRight);
  }

  #keys(message: ReceivedMessage): WorkingKeys {
    let keys: WorkingKeys;
    try {
      keys = workingKeysOf(message.raw(62) ?? new Uint8Array(0), this.#options.masterKey);
    } catch (error) {
      this.#check('F62, working keys', '40 bytes: PIN key 16+4, MAC key 8+8+4', (error as Error).message, false);
      throw error;
    }
    const { pin, macKey } = keys;
    this.#check('check value of the PIN key', pin.found, pin.stated, pin.found === pin.stated);
    this.#check('check value of the MAC key', macKey.found, macKey.stated, macKey.found === macKey.stated);
    return keys;
  }

  #check(what: string, expected: string, found: string, holds: boolean): void {
    const { witness, name, isShown } = this.#options;
    if (isShown || !holds) witness.check({ what: `${name}: ${what}`, expected, found, holds });
  }
}

function said(arrival: Arrival): string {
  switch (arrival.kind) {
    case 'frame':
      return describeFrame(arrival.frame);
    case 'closed':
      return 'the line was closed';
    case 'silence':
      return `nothing for ${(arrival.afterMs / 1000).toFixed(1)} s`;
    case 'garbage':
      return `bytes that are no frame: ${arrival.reason}`;
  }
}
