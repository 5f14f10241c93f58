/**
 * The host's side for tests of the docked terminal, from the message codec alone: it issues keys, serves sets, checks
 * MACs, keeps each upload once and settles. A test may tell it to misbehave.
 */
import { deflateSync } from 'node:zlib';
import { cappApplications } from '@polycard/blueprint';
import { toHex } from '@polycard/bytes';
import { checkValue, encryptBlocks, openEncryptor, seededRandom, sha256 } from '@polycard/crypto';
import {
  CUP_TERMINAL,
  cupMac,
  encodeFrame,
  encodeParameterAnswer,
  encodeSettlementTotals,
  encodeSignInKeys,
  type FieldValue,
  hasRightMac,
  type MacFunction,
  packMessage,
  packWithMac,
  parseChipDetail,
  parseField60,
  parseFrame,
  parseParameterRequest,
  parseSettlementTotals,
  type ReceivedMessage,
  unpackMessage,
} from '@polycard/iso8583';
import { type EnrolledTerminal, type HostLine, parseOfflineSale } from '../src/index.ts';
import { blueprint, CA_INDEX, caKey, RID } from './region.ts';

const random = seededRandom('scripted host');
const CHUNK_BYTES = 900;

export const ENROLLED: EnrolledTerminal = {
  terminalNo: '10000002',
  merchantNo: '888888888880201',
  operatorCode: '0002',
  placeCode: '0115',
  route: undefined,
  batchNo: 1,
  masterKey: random(16),
  tpdu: Uint8Array.of(0x60, 0, 3, 0, 0),
  header: new Uint8Array(6),
};

export type Misbehaviour = 'silent' | 'refuse-mac' | 'answer-wrong-mac' | 'answer-other-trace' | 'refuse-sign-in';

export class ScriptedHost {
  /** Uploads by trace, as hexadecimal of the message without its MAC. */
  readonly stored = new Map<string, { readonly amountFen: number; readonly times: number }>();
  misbehaves: Misbehaviour | undefined;
  /** Local time YYYYMMDDhhmmss of fields 12 and 13. */
  localTime = '20180901083000';
  profile: object = {};
  signIns = 0;
  /** Times of the taps it has (F57 DF12). */
  readonly times = new Set<string>();
  /** Details of batches by trace; each 0320 as its code and trace or total. */
  readonly details = new Map<number, number>();
  readonly batchUploads: string[] = [];
  /** So many details are answered 96 before one is taken. */
  refusesDetails = 0;
  #mac: MacFunction | undefined;

  /** Keys issued before are void, as after a host that lost them. */
  forgetKeys(): void {
    this.#mac = undefined;
  }

  openLine = (): Promise<HostLine> => {
    if (this.misbehaves === 'silent') return Promise.reject(new Error('no answer within 1 ms'));
    return Promise.resolve({
      exchange: (frame) => Promise.resolve(this.#answer(frame)),
      close: () => undefined,
    });
  };

  #answer(frame: Uint8Array): Uint8Array {
    const message = unpackMessage(CUP_TERMINAL, parseFrame(frame.subarray(2)).message);
    const kind = parseField60(message.text(60)!);
    switch (message.mti) {
      case '0800':
        return kind.code === '364' ? this.#page(message) : this.#signIn(message);
      case '0220':
        return this.#store(message);
      case '0500':
        return this.#settle(message);
      case '0320':
        return this.#batchUpload(message, kind.code);
      default:
        return this.#reply(message, { 39: '00' });
    }
  }

  #signIn(message: ReceivedMessage): Uint8Array {
    if (this.misbehaves === 'refuse-sign-in') return this.#reply(message, { 39: '97' });
    this.signIns++;
    const [pin, mac] = [random(16), random(8)];
    const doubled = Uint8Array.from([...mac, ...mac]);
    this.#mac = cupMac(openEncryptor('des-ede-ecb', doubled));
    const { masterKey } = ENROLLED;
    return this.#reply(message, {
      39: '00',
      62: encodeSignInKeys({
        pinKey: { enciphered: encryptBlocks('des-ede-ecb', masterKey, pin), checkValue: checkValue('3DES', pin, 4) },
        macKey: {
          enciphered: encryptBlocks('des-ede-ecb', masterKey, mac),
          checkValue: checkValue('3DES', doubled, 4),
        },
      }),
    });
  }

  #page(message: ReceivedMessage): Uint8Array {
    const { set, version, page } = parseParameterRequest(message.raw(62)!);
    const newest = set === 'CAP' ? toHex(sha256(Buffer.from(JSON.stringify(this.profile)))).slice(0, 8) : '20180101';
    if (page === 0 && version === newest) {
      const nothing = { status: 'nothing-newer' as const, version, page, chunk: new Uint8Array(0) };
      return this.#reply(message, { 39: '00', 62: encodeParameterAnswer(nothing) });
    }
    const bytes = deflateSync(JSON.stringify(this.#content(set)));
    const chunk = bytes.subarray(page * CHUNK_BYTES, (page + 1) * CHUNK_BYTES);
    const status = (page + 1) * CHUNK_BYTES >= bytes.length ? 'last' : 'more';
    const answer = { status, version: newest, page, chunk } as const;
    return this.#reply(message, { 39: '00', 62: encodeParameterAnswer(answer) });
  }

  #content(set: string): unknown {
    switch (set) {
      case 'TAR': {
        const { manifest, cards, keys, tariffs, networks } = blueprint;
        return { manifest, classes: cards.classes, applications: cappApplications(blueprint), keys, tariffs, networks };
      }
      case 'CAP':
        return { profile: { ...blueprint.terminals.profiles[0]!, ...this.profile }, discounts: 'tariff' };
      default:
        return [{ rid: RID, index: CA_INDEX, modulus: toHex(caKey.modulus), exponent: '03' }];
    }
  }

  #store(message: ReceivedMessage): Uint8Array {
    if (this.#mac === undefined) return this.#reply(message, { 39: '97' });
    if (this.misbehaves === 'refuse-mac' || !hasRightMac(message, this.#mac)) return this.#reply(message, { 39: 'A0' });
    const key = `${message.text(60)}-${message.text(11)}`;
    this.stored.set(key, { amountFen: Number(message.text(4)), times: (this.stored.get(key)?.times ?? 0) + 1 });
    this.times.add(parseOfflineSale(message).industry.at);
    const other = this.misbehaves === 'answer-other-trace' ? { 11: '777777' } : {};
    const mac = this.misbehaves === 'answer-wrong-mac' ? () => new Uint8Array(8) : this.#mac;
    return this.#reply(message, { 39: '00', ...other }, mac);
  }

  #settle(message: ReceivedMessage): Uint8Array {
    const totals = parseSettlementTotals(message.text(48)!);
    const { batchNo } = parseField60(message.text(60)!);
    const own = [...this.stored].filter(([key]) => parseField60(key.split('-')[0]!).batchNo === batchNo);
    const sum = own.reduce((fen, [, { amountFen }]) => fen + amountFen, 0);
    const isEqual = totals.debitFen === sum && totals.debitCount === own.length;
    return this.#reply(message, { 39: '00', 48: encodeSettlementTotals({ ...totals, result: isEqual ? 1 : 2 }) });
  }

  #batchUpload(message: ReceivedMessage, code: string): Uint8Array {
    this.batchUploads.push(code === '205' ? `${code} ${Number(message.text(11))}` : `${code} ${message.text(48)}`);
    if (code === '205') this.details.set(Number(message.text(11)), parseChipDetail(message.raw(62)!).amountFen);
    const isRefused = code === '205' && this.refusesDetails-- > 0;
    return this.#reply(message, { 39: isRefused ? '96' : '00' });
  }

  #reply(message: ReceivedMessage, fields: Record<number, FieldValue>, mac?: MacFunction): Uint8Array {
    const echoed: Record<number, FieldValue> = {};
    for (const field of [11, 41, 42, 60]) echoed[field] = message.text(field)!;
    const clock = { 12: this.localTime.slice(8), 13: this.localTime.slice(4, 8) };
    const answer = {
      mti: `${message.mti.slice(0, 2)}${Number(message.mti[2]) + 1}0`,
      fields: { ...echoed, ...clock, ...fields },
    };
    const packed = mac === undefined ? packMessage(CUP_TERMINAL, answer) : packWithMac(CUP_TERMINAL, answer, mac);
    return encodeFrame({ ...ENROLLED, message: packed }).subarray(2);
  }
}
