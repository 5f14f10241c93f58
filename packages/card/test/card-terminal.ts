/** A small terminal for tests: says what it wants in words, sends bytes to the recorded card's twin. */
import { bcdFromNumber, concat, fromHex, parseResponse, parseTlv, swHex, tlvMap, toHex } from '@polycard/bytes';
import { cappP2, computeUpdateMac, encodeAppendRecord, encodeReadCapp, encodeUpdateCapp } from '@polycard/emv';
import type { VirtualCard } from '../src/index.ts';

export const RECORD_KEY = fromHex('0123456789ABCDEFFEDCBA9876543210');
const OPENING_KEYS: Readonly<Record<number, string>> = {
  21: '404142434445464748494A4B4C4D4E4F',
  22: '505152535455565758595A5B5C5D5E5F',
  30: '606162636465666768696A6B6C6D6E6F',
};
export const SFI_METRO = 0x15;
export const SFI_CYCLIC = 0x1e;

export interface Answer {
  readonly sw: string;
  readonly data: Uint8Array;
  readonly tlv: ReadonlyMap<string, Uint8Array>;
}

export interface Purchase {
  readonly amount: number;
  readonly ttq?: string;
  readonly capp?: number;
  readonly currency?: string;
  readonly unpredictableNumber?: string;
  /** DF69 = 01: the terminal knows the SM algorithms. */
  readonly sm?: boolean;
}

export function processingOptions(purchase: Purchase): Uint8Array {
  const values = concat(
    fromHex(purchase.ttq ?? '26000000'),
    bcdFromNumber(purchase.amount, 6),
    new Uint8Array(6),
    fromHex('0156'),
    new Uint8Array(5),
    fromHex(purchase.currency ?? '0156'),
    fromHex('261122'),
    fromHex('00'),
    fromHex(purchase.unpredictableNumber ?? 'A1B2C3D4'),
    fromHex('091500'),
    fromHex('5445535420474154452030312020202020202020'),
    Uint8Array.of(purchase.capp ?? 0, purchase.sm === true ? 1 : 0),
  );
  return concat(fromHex('80A80000'), Uint8Array.of(values.length + 2, 0x83, values.length), values, fromHex('00'));
}

export class CardTerminal {
  readonly card: VirtualCard;

  constructor(card: VirtualCard) {
    this.card = card;
  }

  send(command: Uint8Array | string): Answer {
    const { data, sw } = parseResponse(this.card.transmit(typeof command === 'string' ? fromHex(command) : command));
    const isTemplate = sw === 0x9000 && [0x6f, 0x70, 0x77, 0x9f, 0xdf].includes(data[0] ?? 0);
    return { sw: swHex(sw), data, tlv: isTemplate ? tlvMap(parseTlv(data)) : new Map() };
  }

  /** Answer with status word, hexadecimal; for data that only look like TLV. */
  raw(command: string): string {
    return toHex(this.card.transmit(fromHex(command)));
  }

  select(): Answer {
    return this.send('00A4040008A00000033301010100');
  }

  /** Value of a GET DATA as hex, or the status word. */
  data(tag: string): string {
    const { sw, data } = this.send(`80CA${tag}00`);
    return sw === '9000' ? toHex(data.subarray(3)) : sw;
  }

  balance(tag = '9F79'): number {
    return Number(this.data(tag));
  }

  atc(): number {
    return Number.parseInt(this.data('9F36'), 16);
  }

  activate(sfi: number, record: Uint8Array, recordKey = RECORD_KEY): string {
    const openingKey = fromHex(OPENING_KEYS[sfi]!);
    return this.send(encodeAppendRecord({ openingKey, recordKey, atc: this.atc(), sfi, record })).sw;
  }

  /** ATC in an answer to GET PROCESSING OPTIONS; 0 when it has none. */
  atcOf(answer: Answer): number {
    return Number.parseInt(toHex(answer.tlv.get('9F36') ?? new Uint8Array(1)), 16);
  }

  readCapp(sfi: number, id: number, options: { next?: boolean; random?: Uint8Array } = {}): Answer {
    return this.send(encodeReadCapp({ sfi, id, ...options }));
  }

  purchase(purchase: Purchase): Answer {
    return this.send(processingOptions(purchase));
  }

  /** UPDATE CAPP DATA CACHE with the MAC of the running transaction, whose ATC is given. */
  update(
    sfi: number,
    record: Uint8Array,
    atc: number,
    options: { next?: boolean; recordKey?: Uint8Array } = {},
  ): Answer {
    const p2 = cappP2(sfi, options.next);
    const mac = computeUpdateMac({ recordKey: options.recordKey ?? RECORD_KEY, atc, p2, record });
    return this.send(encodeUpdateCapp(p2, record, mac));
  }

  /** The last record of the AFL: the commit. */
  last(): Answer {
    return this.send('00B2041C00');
  }

  prove(atc: number): Answer {
    return this.send(`805A000002${atc.toString(16).padStart(4, '0')}08`);
  }
}

/** A 64-byte metro record with this ID and one byte of content. */
export function metroRecord(id: number, content: number): Uint8Array {
  const record = new Uint8Array(64).fill(content);
  record.set([id >> 8, id & 0xff, 61]);
  return record;
}

export function cyclicRecord(content: number): Uint8Array {
  return new Uint8Array(48).fill(content);
}

/** Selects, activates one metro record and the cyclic file, and selects again. */
export function activateMetro(terminal: CardTerminal): void {
  terminal.select();
  terminal.activate(SFI_METRO, metroRecord(2, 0));
  terminal.activate(SFI_CYCLIC, cyclicRecord(0));
  terminal.select();
}

/** Status words of a whole metro exit: fare, both files written. */
export function metroExit(terminal: CardTerminal, amount: number, content: number): Answer {
  terminal.select();
  terminal.readCapp(SFI_METRO, 2);
  const answer = terminal.purchase({ amount, capp: 1, ttq: '26000080' });
  const atc = Number.parseInt(toHex(answer.tlv.get('9F36') ?? new Uint8Array(1)), 16);
  terminal.update(SFI_METRO, metroRecord(2, content), atc);
  terminal.update(SFI_CYCLIC, cyclicRecord(content), atc);
  return terminal.last();
}
