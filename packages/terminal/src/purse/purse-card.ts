/** A purse as the terminal sees it: SELECT, files, balance, and the commands of a purchase (reference pboc.md §4.2). */
import {
  concat,
  encodeCommand,
  SW_9000_SUCCESS,
  SW_9401_BALANCE_TOO_LOW,
  SW_9406_PROOF_NOT_AVAILABLE,
  swHex,
  toHex,
} from '@polycard/bytes';
import {
  balanceBytes,
  counterBytes,
  PURSE_METRO,
  PURSE_PUBLIC_INFORMATION,
  type PurseCardIdentity,
  type PurseRecord,
  readPurseRecord,
} from '@polycard/emv';
import type { CardSession, Phase } from '../kernel/exchange.ts';
import { fromCard, refuse } from '../kernel/outcome.ts';

/** What file 15 says of the card. */
export interface PurseIdentity extends PurseCardIdentity {
  /** Digits of the application serial, 20. */
  readonly applicationSerial: string;
}

/** Answer to INITIALIZE FOR (CAPP) PURCHASE. */
export interface OpenedPurchase {
  readonly balanceFen: number;
  readonly offlineSequence: number;
  readonly keyVersion: number;
  readonly algorithmId: number;
  readonly random: Uint8Array;
}

const P2_PURSE = 0x02;
const PROOF_BYTES = 8;
const OPENED_BYTES = 15;

export class PurseCard {
  readonly #session: CardSession;

  constructor(session: CardSession) {
    this.#session = session;
  }

  select(aid: Uint8Array): void {
    const { sw } = this.#session.send('select', { cla: 0, ins: 0xa4, p1: 0x04, p2: 0, data: aid, le: 256 });
    if (sw !== SW_9000_SUCCESS) refuse('no-application', `SELECT of the purse answered ${swHex(sw)}`);
  }

  /** File 15; refuses a card that is not enabled or not valid on that day (YYYYMMDD…). */
  identify(at: string): PurseIdentity {
    const bytes = this.#read('read-file', 0xb0, 0x80 | PURSE_PUBLIC_INFORMATION.sfi, 0x00, 'file 15');
    const values = fromCard(() => readPurseRecord(PURSE_PUBLIC_INFORMATION, bytes));
    const text = (name: string): string => String(values[name]);
    if (text('enabled') === '00') refuse('record-invalid', 'the purse is not enabled');
    const day = at.slice(0, 8);
    if (day < text('validFrom') || day > text('validTo')) refuse('expired', `the card is valid to ${text('validTo')}`);
    const serial = text('serial');
    const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
    return { issuer: bytesOf(text('issuer')), serial: bytesOf(serial.slice(4)), applicationSerial: serial };
  }

  /** GET BALANCE of the EP, what may be spent. */
  balanceFen(): number {
    const bytes = this.#read('read-file', 0x5c, 0x00, P2_PURSE, 'GET BALANCE', 0x80, 4);
    return Buffer.from(bytes).readInt32BE();
  }

  /** A record of SFI 1A by its identifier. */
  readRide(record: PurseRecord = PURSE_METRO): Uint8Array {
    const id = record.recordId ?? 0;
    return this.#read('read-file', 0xb2, id & 0xff, record.sfi << 3, `record ${id.toString(16)}`);
  }

  /** INITIALIZE FOR CAPP PURCHASE (or PURCHASE): opens it; nothing changes on the card. */
  initialize(options: { keyIndex: number; amountFen: number; terminal: Uint8Array; capp: boolean }): OpenedPurchase {
    const { keyIndex, amountFen, terminal, capp } = options;
    const data = concat(Uint8Array.of(keyIndex), balanceBytes(amountFen), terminal);
    const header = { cla: 0x80, ins: 0x50, p1: capp ? 0x03 : 0x01, p2: P2_PURSE };
    const answer = this.#session.send('initialize', { ...header, data, le: OPENED_BYTES });
    if (answer.sw === SW_9401_BALANCE_TOO_LOW)
      refuse('insufficient-balance', `the purse does not hold ${amountFen} fen`);
    if (answer.sw !== SW_9000_SUCCESS || answer.data.length !== OPENED_BYTES)
      refuse('declined', `INITIALIZE FOR PURCHASE answered ${swHex(answer.sw)}`);
    const view = Buffer.from(answer.data);
    return {
      balanceFen: view.readInt32BE(),
      offlineSequence: view.readUInt16BE(4),
      keyVersion: view[9]!,
      algorithmId: view[10]!,
      random: answer.data.slice(11, 15),
    };
  }

  /** UPDATE CAPP DATA CACHE: whole records, P1 00, written by the DEBIT. */
  update(record: PurseRecord, bytes: Uint8Array): void {
    const command = { cla: 0x80, ins: 0xdc, p1: 0x00, p2: record.sfi << 3, data: bytes };
    const { sw } = this.#session.send('update-capp', command);
    if (sw !== SW_9000_SUCCESS)
      refuse('update-refused', `UPDATE CAPP DATA CACHE of ${record.name} answered ${swHex(sw)}`);
  }

  /** DEBIT: the commit. Gives TAC and MAC2, or the status word of a card that refused. */
  debit(options: { terminalSequence: Uint8Array; at: Uint8Array; mac1: Uint8Array }): PurseProof | number {
    const data = concat(options.terminalSequence, options.at, options.mac1);
    const { sw, data: answer } = this.#session.send('debit', {
      ...{ cla: 0x80, ins: 0x54, p1: 0x01, p2: 0x00 },
      data,
      le: PROOF_BYTES,
    });
    if (sw !== SW_9000_SUCCESS || answer.length !== PROOF_BYTES) return sw;
    return { tac: answer.slice(0, 4), mac2: answer.slice(4, 8) };
  }

  /** GET TRANSACTION PROVE for a counter; undefined when the card has no proof of it. */
  prove(type: number, offlineSequence: number): PurseProof | undefined {
    const { sw, data } = this.#session.sendBytes(
      'proof',
      encodeCommand({ cla: 0x80, ins: 0x5a, p1: 0, p2: type, data: counterBytes(offlineSequence), le: PROOF_BYTES }),
    );
    if (sw === SW_9406_PROOF_NOT_AVAILABLE) return undefined;
    if (sw !== SW_9000_SUCCESS || data.length !== PROOF_BYTES)
      return refuse('torn-unclear', `GET TRANSACTION PROVE answered ${swHex(sw)}`);
    return { mac2: data.slice(0, 4), tac: data.slice(4, 8) };
  }

  #read(phase: Phase, ins: number, p1: number, p2: number, what: string, cla = 0x00, le = 256): Uint8Array {
    const { sw, data } = this.#session.send(phase, { cla, ins, p1, p2, data: new Uint8Array(0), le });
    if (sw !== SW_9000_SUCCESS) refuse('record-missing', `${what} answered ${swHex(sw)}`);
    return data.slice();
  }
}

/** What a purse says of a completed purchase. */
export interface PurseProof {
  readonly tac: Uint8Array;
  readonly mac2: Uint8Array;
}

/** A purse in logs and tables: its serial without the middle. */
export function maskedSerial({ serial }: PurseCardIdentity): string {
  const digits = toHex(serial);
  return `${digits.slice(0, 4)}********${digits.slice(-4)}`;
}
