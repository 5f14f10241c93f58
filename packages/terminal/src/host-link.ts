/**
 * The terminal's side of its conversation with the platform: frames out, frames in, no sockets. Working keys are taken
 * only when their check values hold; a mismatch keeps the old ones and is reported (reference iso8583.md §1.5).
 */
import { concat, equalBytes, PolycardError } from '@polycard/bytes';
import { checkValue, decryptBlocks, encryptBlocks, openEncryptor } from '@polycard/crypto';
import {
  type Acquirer,
  BATCH_COUNT_MAX,
  CHUNK_BYTES_MAX,
  encodeChipDetail,
  encodeField60,
  encodeFrame,
  encodeOriginalMessage,
  encodeParameterRequest,
  encodeSettlementTotals,
  encodeTaggedValues,
  encodeTracePage,
  hasRightMac,
  type MacFunction,
  type Message,
  macOfKind,
  NETWORK_CODES,
  packMessage,
  packWithMac,
  parseField60,
  parseFrame,
  parseParameterAnswer,
  parseSettlementTotals,
  parseSignInKeys,
  type ReceivedMessage,
  schemeOf,
  type TaggedValues,
  UNIONPAY_ACQUIRER,
  unpackMessage,
  type WorkingKey,
} from '@polycard/iso8583';
import type { JournalEntry } from './journal.ts';
import { offlineSaleMessage, type UploadSender } from './upload.ts';

export interface HostLinkOptions extends UploadSender {
  readonly tpdu: Uint8Array;
  readonly header: Uint8Array;
  /** Terminal master key, 16 bytes. */
  readonly masterKey: Uint8Array;
  /** 60.3 of its sign-in: 001, 003 (unless given), 004, or 005 and 006 with SM4. */
  readonly signIn?: string;
  /** The acquirer's variant of the dialect; the UnionPay table unless given. */
  readonly acquirer?: Acquirer;
}

/** Block operations under a session's PIN key and, where the sign-in gave one, its track key. */
export interface SessionCiphers {
  readonly pin: (block: Uint8Array) => Uint8Array;
  readonly track?: (block: Uint8Array) => Uint8Array;
  readonly blockBytes: 8 | 16;
}

/** What an answer means for the terminal. */
export interface HostAnswer {
  readonly code: string;
  readonly message: ReceivedMessage;
}

const STATUS_UPLOAD = '362';
const CHIP_DETAIL_UNEQUAL = '205';

export const ACCEPTED = '00';
/** The host has it already: as good as accepted. */
export const DUPLICATE = '94';

const MTI_OFFLINE_SALE_ANSWER = '0230';

const notSignedIn = (): PolycardError =>
  new PolycardError('POLYCARD_TERMINAL_NOT_SIGNED_IN', 'there are no working keys: sign in first');

const answerMac = (message: string): PolycardError =>
  new PolycardError('POLYCARD_TERMINAL_ANSWER_MAC', message, { where: 'F64' });

export class HostLink {
  readonly #options: HostLinkOptions;
  readonly #acquirer: Acquirer;
  readonly #signIn: string;
  #mac: MacFunction | undefined;
  #ciphers: SessionCiphers | undefined;

  constructor(options: HostLinkOptions) {
    this.#options = options;
    this.#acquirer = options.acquirer ?? UNIONPAY_ACQUIRER;
    this.#signIn = options.signIn ?? NETWORK_CODES.signInDoubleLength;
  }

  get isSignedIn(): boolean {
    return this.#mac !== undefined;
  }

  signInRequest(traceNo: number, batchNo: number): Uint8Array {
    return this.#plain('0800', traceNo, batchNo, '00', this.#signIn, { 63: '01 ' });
  }

  /** Takes the working keys; gives the answer, whose field 62 may be kept. Throws `POLYCARD_TERMINAL_SIGN_IN`. */
  signedIn(frame: Uint8Array): ReceivedMessage {
    const { code, message } = this.answer(frame);
    if (code !== ACCEPTED)
      throw new PolycardError('POLYCARD_TERMINAL_SIGN_IN', `sign-in was refused with ${code}`, { where: 'F39' });
    this.takeKeys(message.raw(62) ?? new Uint8Array(0));
    return message;
  }

  /** Working keys as field 62 of a sign-in gave them, enciphered. Throws `POLYCARD_TERMINAL_SIGN_IN`. */
  takeKeys(field62: Uint8Array): void {
    const { macKeyBytes, macKind } = this.#acquirer;
    const { algorithm } = schemeOf(this.#signIn);
    const isSm4 = algorithm === 'SM4';
    const keys = parseSignInKeys(field62, this.#signIn, isSm4 ? 16 : macKeyBytes);
    const mode = isSm4 ? 'sm4-ecb' : 'des-ede-ecb';
    const opened = ({ enciphered, checkValue: expected }: WorkingKey): Uint8Array => {
      const clear = decryptBlocks(mode, this.#options.masterKey, enciphered);
      const key = clear.length === 8 ? concat(clear, clear) : clear;
      if (equalBytes(checkValue(isSm4 ? 'SM4' : '3DES', key, 4), expected)) return key;
      throw new PolycardError(
        'POLYCARD_TERMINAL_SIGN_IN',
        'a working key does not have its check value: the old keys stay',
        { where: 'F62' },
      );
    };
    const [pinKey, macKey] = [opened(keys.pinKey), opened(keys.macKey)];
    const trackKey = keys.trackKey === undefined ? undefined : opened(keys.trackKey);
    const [left, right] = [macKey.slice(0, 8), macKey.slice(8)];
    this.#mac = macOfKind(macKind, {
      algorithm: isSm4 ? 'SM4' : '3DES',
      encryptMac: openEncryptor(mode, isSm4 ? macKey : concat(left, left)),
      decryptMacRight: (block) => decryptBlocks('des-ede-ecb', concat(right, right), block),
    });
    this.#ciphers = {
      pin: (block) => encryptBlocks(mode, pinKey, block),
      ...(trackKey === undefined ? {} : { track: (block) => encryptBlocks(mode, trackKey, block) }),
      blockBytes: isSm4 ? 16 : 8,
    };
  }

  /** For PIN blocks and tracks of this session. Throws `POLYCARD_TERMINAL_NOT_SIGNED_IN`. */
  get ciphers(): SessionCiphers {
    if (this.#ciphers === undefined) throw notSignedIn();
    return this.#ciphers;
  }

  /** The host has forgotten this terminal's keys, or nobody trusts them any more: nothing is sealed until a new sign-in. */
  forgetKeys(): void {
    this.#mac = undefined;
    this.#ciphers = undefined;
  }

  echoRequest(traceNo: number, batchNo: number): Uint8Array {
    return this.#plain('0820', traceNo, batchNo, '00', NETWORK_CODES.echo, {});
  }

  /** What the terminal says of itself (362): objects by tag, our industry extension. */
  statusRequest(traceNo: number, batchNo: number, objects: TaggedValues): Uint8Array {
    return this.#plain('0820', traceNo, batchNo, '00', STATUS_UPLOAD, { 62: encodeTaggedValues(objects) });
  }

  signOffRequest(traceNo: number, batchNo: number): Uint8Array {
    return this.#plain('0820', traceNo, batchNo, '00', NETWORK_CODES.signOff, {});
  }

  parameterRequest(traceNo: number, batchNo: number, set: string, version: string, page: number): Uint8Array {
    return this.#plain('0800', traceNo, batchNo, '00', NETWORK_CODES.tmsParameters, {
      62: encodeParameterRequest({ set, version, page }),
    });
  }

  parameterAnswer(frame: Uint8Array) {
    const { code, message } = this.answer(frame);
    if (code !== ACCEPTED)
      throw new PolycardError('POLYCARD_TERMINAL_PARAMETERS', `parameters were refused with ${code}`, { where: 'F39' });
    return parseParameterAnswer(message.raw(62) ?? new Uint8Array(0));
  }

  upload(entry: JournalEntry): Uint8Array {
    return this.sealed(offlineSaleMessage(this.#options, entry));
  }

  /** Frame of a message with its MAC. Throws `POLYCARD_TERMINAL_NOT_SIGNED_IN`. */
  sealed(message: Message): Uint8Array {
    if (this.#mac === undefined) throw notSignedIn();
    return this.#frame(packWithMac(this.#acquirer.dialect, message, this.#mac));
  }

  /** A management message with its MAC, where the sources have none: its answer comes back sealed. */
  sealedManagement(
    mti: string,
    number: { readonly traceNo: number; readonly batchNo: number; readonly code: string },
    fields: Message['fields'],
  ): Uint8Array {
    const { traceNo, batchNo, code } = number;
    return this.sealed(this.#management(mti, traceNo, batchNo, '00', code, fields));
  }

  settlementRequest(traceNo: number, batchNo: number, debitFen: number, debitCount: number): Uint8Array {
    if (debitCount > BATCH_COUNT_MAX)
      throw new PolycardError('POLYCARD_TERMINAL_BATCH', `a batch settles at most ${BATCH_COUNT_MAX} taps`);
    const totals = encodeSettlementTotals({ debitFen, debitCount, creditFen: 0, creditCount: 0, result: 0 });
    return this.#plain('0500', traceNo, batchNo, '00', NETWORK_CODES.settlement, { 48: totals, 49: '156', 63: '01 ' });
  }

  /** Whether the host's totals equal the terminal's. */
  settlementAnswer(frame: Uint8Array): 'equal' | 'unequal' {
    const { code, message } = this.answer(frame);
    if (code !== ACCEPTED)
      throw new PolycardError('POLYCARD_TERMINAL_SETTLEMENT', `settlement was refused with ${code}`, { where: 'F39' });
    return parseSettlementTotals(message.required(48)).result === 1 ? 'equal' : 'unequal';
  }

  batchEndRequest(traceNo: number, batchNo: number, count: number, totals: 'equal' | 'unequal'): Uint8Array {
    const code = totals === 'equal' ? NETWORK_CODES.batchEndEqual : NETWORK_CODES.batchEndUnequal;
    return this.#plain('0320', traceNo, batchNo, '00', code, { 48: String(count).padStart(4, '0') });
  }

  /** One detail of a batch whose totals differed (205): the chip's data and the amount under the tap's own trace. */
  batchDetailRequest({ batchNo, traceNo, ...entry }: JournalEntry): Uint8Array {
    const sale = offlineSaleMessage(this.#options, { batchNo, traceNo, ...entry }).fields;
    const detail = { kind: 'approved', isForeign: false, amountFen: entry.amountFen, currency: '156' } as const;
    return this.#plain('0320', traceNo, batchNo, '00', CHIP_DETAIL_UNEQUAL, {
      ...Object.fromEntries([2, 3, 4, 22, 23, 25, 49, 55].map((field) => [field, sale[field]!])),
      62: encodeChipDetail(detail),
    });
  }

  /** The APDU dialogue of a tap, in as many messages as it needs. */
  traceRequests(traceNo: () => number, batchNo: number, entry: JournalEntry, dialogue: Uint8Array): Uint8Array[] {
    const pages = Math.max(1, Math.ceil(dialogue.length / CHUNK_BYTES_MAX));
    return Array.from({ length: pages }, (_, page) =>
      this.#plain('0820', traceNo(), batchNo, '00', NETWORK_CODES.tapTrace, {
        61: encodeOriginalMessage({ batchNo: entry.batchNo, traceNo: entry.traceNo }),
        62: encodeTracePage({
          page: page + 1,
          pages,
          chunk: dialogue.subarray(page * CHUNK_BYTES_MAX, (page + 1) * CHUNK_BYTES_MAX),
        }),
      }),
    );
  }

  /**
   * Response code and message. A MAC must be right, and an upload is only believed to be stored under one: the terminal
   * forgets the tap after it. Throws `POLYCARD_TERMINAL_ANSWER_MAC`.
   */
  answer(frame: Uint8Array): HostAnswer {
    const message = unpackMessage(this.#acquirer.dialect, parseFrame(frame).message);
    const code = message.required(39);
    const isSealed = message.has(64) && this.#mac !== undefined;
    if (isSealed && !hasRightMac(message, this.#mac!)) throw answerMac('the answer carries a wrong MAC');
    if (!isSealed && message.mti === MTI_OFFLINE_SALE_ANSWER && (code === ACCEPTED || code === DUPLICATE))
      throw answerMac('the answer to an upload carries no MAC that could be checked');
    return { code, message };
  }

  /**
   * Answer to the upload of this entry: whether the host has it (00, or 94 for a repeat). Throws
   * `POLYCARD_TERMINAL_ANSWER_MAC`, and `POLYCARD_TERMINAL_ANSWER` when it answers another message.
   */
  uploadAnswer(frame: Uint8Array, entry: JournalEntry): { readonly code: string; readonly isStored: boolean } {
    const { code, message } = this.answer(frame);
    const { batchNo } = parseField60(message.required(60));
    const isOurs =
      message.mti === MTI_OFFLINE_SALE_ANSWER &&
      Number(message.required(11)) === entry.traceNo &&
      batchNo === entry.batchNo &&
      message.required(41) === this.#options.terminalNo;
    if (!isOurs) {
      throw new PolycardError('POLYCARD_TERMINAL_ANSWER', 'the answer belongs to another message', {
        where: 'F11, F41, F60.2',
        expected: `trace ${entry.traceNo} of batch ${entry.batchNo}`,
      });
    }
    return { code, isStored: code === ACCEPTED || code === DUPLICATE };
  }

  #plain(
    mti: string,
    traceNo: number,
    batchNo: number,
    type: string,
    code: string,
    fields: Message['fields'],
  ): Uint8Array {
    return this.#frame(
      packMessage(this.#acquirer.dialect, this.#management(mti, traceNo, batchNo, type, code, fields)),
    );
  }

  #management(
    mti: string,
    traceNo: number,
    batchNo: number,
    type: string,
    code: string,
    fields: Message['fields'],
  ): Message {
    return {
      mti,
      fields: {
        11: String(traceNo).padStart(6, '0'),
        41: this.#options.terminalNo,
        42: this.#options.merchantNo,
        60: encodeField60({ type, batchNo, code }),
        ...fields,
      },
    };
  }

  #frame(message: Uint8Array): Uint8Array {
    return encodeFrame({ tpdu: this.#options.tpdu, header: this.#options.header, message });
  }
}
