/** A personalised T-Union purse on a virtual card, and the terminal's and host's side of its commands, keys in hand. */
import { concat, encodeCommand, fromHex, parseResponse, swHex, toHex } from '@polycard/bytes';
import { checkValue, type RandomSource, seededRandom } from '@polycard/crypto';
import {
  balanceBytes,
  encipherLine,
  lineProtectionMac,
  onlineMac1,
  onlineMac2,
  onlineSessionKey,
  overdraftMac2,
  type PurseCardKey,
  purchaseMac1,
  purchaseMac2,
  purchaseSessionKey,
  purchaseTac,
} from '@polycard/emv';
import { AID_T_UNION_PURSE, type DataGrouping, type PurseSwitches, personalise, VirtualCard } from '../src/index.ts';

const PERSONALISATION_KEY = fromHex('404142434445464748494A4B4C4D4E4F');
const hex2 = (value: number): string => value.toString(16).padStart(2, '0').toUpperCase();
const u32 = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

export const KEYS = {
  purchase: fromHex('E3F285234F81AF64CD4CCCDFAB08A787'),
  load: fromHex('4664942FE615FB02E5D57F292AA2B3B6'),
  unload: fromHex('CE293B8CC12A977379EF256D76109492'),
  overdraft: fromHex('00112233445566778899AABBCCDDEE00'),
  tac: fromHex('9E15204313F7318ACB79B90BD986AD29'),
  line: fromHex('9E15204313F7318ACB79B90BD986AD29'),
  unblock: fromHex('404142434445464748494A4B4C4D4E4F'),
  reload: fromHex('0123456789ABCDEFFEDCBA9876543210'),
} as const;

const KEY_LIST: readonly (readonly [name: keyof typeof KEYS, type: number])[] = [
  ['purchase', 0x3e],
  ['load', 0x3f],
  ['unload', 0x3d],
  ['overdraft', 0x3c],
  ['tac', 0x34],
  ['line', 0x36],
  ['unblock', 0x37],
  ['reload', 0x38],
];
const KEY_INDEX = 1;
export const TERMINAL = fromHex('000000000001');
export const AT = fromHex('20250101120000');
export const PIN = '123456';

export const PUBLIC_INFORMATION = fromHex('09981001FFFFFFFF 02 01 00002280000100001117 20250101 20351231 FFFF');

/** A 128-byte T-Union record of SFI 1A: identifier, length, then what is given. */
export function tripRecord(id: number, fill: number): Uint8Array {
  const record = new Uint8Array(128).fill(fill);
  record.set([id >> 8, id & 0xff, 0x7d]);
  return record;
}

/** A fresh record 27xx, valid and never used. */
export function freshTripRecord(id: number): Uint8Array {
  const record = tripRecord(id, 0);
  record[3] = 0x01;
  record[4] = 0x01;
  return record;
}

/** A 48-byte record of SFI 1E. */
export const journalRecord = (type: number): Uint8Array => new Uint8Array(48).fill(type);

export interface PurseChoices {
  readonly balanceFen?: number;
  readonly overdraftLimitFen?: number;
  readonly capFen?: number;
  readonly depositFen?: number;
  readonly secondTicketFen?: number;
  readonly onlineSequence?: number;
  readonly offlineSequence?: number;
  readonly algorithm?: '3DES' | 'SM4';
  readonly switches?: Partial<PurseSwitches>;
  readonly random?: RandomSource;
  /** Ride records as issued, valid and never used; all zeros unless asked for. */
  readonly freshRides?: boolean;
  /** Other card keys than `KEYS`. */
  readonly keys?: Readonly<Record<keyof typeof KEYS, Uint8Array>>;
}

export function purseGroupings(choices: PurseChoices = {}): DataGrouping[] {
  const { balanceFen = 1000, overdraftLimitFen = 0, capFen = 100_000, algorithm = '3DES' } = choices;
  const sequences = [choices.onlineSequence ?? 3, choices.offlineSequence ?? 5]
    .map((sequence) => sequence.toString(16).padStart(4, '0'))
    .join('');
  const purse = (slot: string, balance: number, limit = 0): string =>
    slot + u32(balance) + limit.toString(16).padStart(6, '0') + u32(capFen) + sequences;
  const purses = [purse('02', balanceFen, overdraftLimitFen)];
  if (choices.depositFen !== undefined) purses.push(purse('01', choices.depositFen));
  if (choices.secondTicketFen !== undefined) purses.push(purse('12', choices.secondTicketFen));
  const algorithmId = algorithm === 'SM4' ? '04' : '00';
  const cardKeys = choices.keys ?? KEYS;
  const keys = KEY_LIST.map(([name]) => cardKeys[name]);
  return [
    { dgi: '9102', data: fromHex('A50C500A542D554E494F4E204550') },
    // SFI, type, read, update, record bytes, size: public information, holder, management, city, trips, journal
    {
      dgi: 'A001',
      data: fromHex('1503000200001E 16030003000037 1703000200003C 05030000000028 1A010002800012 1E02000230001E'),
    },
    { dgi: 'A002', data: fromHex(KEY_LIST.map(([, type]) => `${hex2(type)}0101${algorithmId}`).join('')) },
    { dgi: 'A003', data: fromHex(purses.join('')) },
    { dgi: '8020', data: concat(...keys) },
    { dgi: '9020', data: concat(...keys.map((key) => checkValue(algorithm, key))) },
    { dgi: '8010', data: fromHex('123456FFFFFFFFFF') },
    { dgi: '9010', data: fromHex('0303') },
    { dgi: '1501', data: PUBLIC_INFORMATION },
    { dgi: '1601', data: fromHex('00'.repeat(55)) },
    { dgi: '1701', data: fromHex('00000156 4400 4401 0001 01'.replaceAll(' ', '').padEnd(120, '0')) },
    { dgi: '0501', data: fromHex('00'.repeat(40)) },
    { dgi: '1A01', data: choices.freshRides === true ? freshTripRecord(0x2701) : tripRecord(0x2701, 0) },
    { dgi: '1A02', data: tripRecord(0x2702, 0) },
  ];
}

export function purseCard(choices: PurseChoices = {}): VirtualCard {
  const card = new VirtualCard({
    random: choices.random ?? seededRandom('purse'),
    personalisationKey: PERSONALISATION_KEY,
    applications: [
      {
        module: 'purse',
        aid: AID_T_UNION_PURSE,
        ...(choices.switches === undefined ? {} : { switches: choices.switches }),
      },
    ],
  });
  personalise(card, AID_T_UNION_PURSE, purseGroupings(choices), PERSONALISATION_KEY);
  card.reset();
  return card;
}

export interface Answer {
  readonly sw: string;
  readonly data: Uint8Array;
}

interface Opened {
  readonly balanceFen: number;
  readonly sequence: number;
  readonly random: Uint8Array;
  readonly mac1: Uint8Array;
}

/** Speaks with the purse of a card; every MAC is made here with the card's own keys. */
export class PurseHost {
  readonly card: VirtualCard;
  readonly #algorithm: '3DES' | 'SM4';
  terminalSequence = 0x123;

  constructor(card: VirtualCard, algorithm: '3DES' | 'SM4' = '3DES') {
    this.card = card;
    this.#algorithm = algorithm;
  }

  key(name: keyof typeof KEYS): PurseCardKey {
    return { algorithm: this.#algorithm, key: KEYS[name] };
  }

  send(command: string): Answer {
    const { data, sw } = parseResponse(this.card.transmit(fromHex(command)));
    return { data: data.slice(), sw: swHex(sw) };
  }

  select(): Answer {
    return this.send(`00A4040008${toHex(AID_T_UNION_PURSE)}00`);
  }

  verify(pin = PIN): string {
    return this.send(`00200000${hex2(pin.length / 2)}${pin}`).sw;
  }

  balance(p1 = 0, p2 = 2): number {
    const { sw, data } = this.send(`805C${hex2(p1)}${hex2(p2)}04`);
    return sw === '9000' ? Buffer.from(data).readInt32BE() : Number.NaN;
  }

  /** INITIALIZE FOR PURCHASE or CAPP PURCHASE. */
  initialize(p1: number, amountFen: number, p2 = 2, index = KEY_INDEX): Answer {
    const data = hex2(index) + toHex(balanceBytes(amountFen)) + toHex(TERMINAL);
    return this.send(`8050${hex2(p1)}${hex2(p2)}0B${data}0F`);
  }

  parsePurchase(answer: Answer): Opened {
    const { data } = answer;
    return {
      balanceFen: Buffer.from(data).readInt32BE(),
      sequence: Buffer.from(data).readUInt16BE(4),
      random: data.subarray(11, 15),
      mac1: new Uint8Array(0),
    };
  }

  parseOnline({ data }: Answer): Opened {
    return {
      balanceFen: Buffer.from(data).readInt32BE(),
      sequence: Buffer.from(data).readUInt16BE(4),
      random: data.subarray(8, 12),
      mac1: data.subarray(-4),
    };
  }

  terminalSequenceBytes(): Uint8Array {
    return balanceBytes(this.terminalSequence);
  }

  /** DEBIT for what `initialize` opened; `spoil` breaks MAC1. */
  debit(answer: Answer, amountFen: number, options: { type?: number; p1?: number; spoil?: boolean } = {}): Answer {
    const { type = 0x09, p1 = 0x01 } = options;
    const { random, sequence } = this.parsePurchase(answer);
    const terminalSequence = this.terminalSequenceBytes();
    const session = purchaseSessionKey(this.key('purchase'), { random, offlineSequence: sequence, terminalSequence });
    const mac1 = purchaseMac1(session, { amountFen, type, terminal: TERMINAL, at: AT });
    if (options.spoil === true) mac1[0]! ^= 1;
    return this.send(`8054${hex2(p1)}000F${toHex(concat(terminalSequence, AT, mac1))}08`);
  }

  /** TAC and MAC2 as this purchase must have them. */
  expectedProof(answer: Answer, amountFen: number, type = 0x09): { tac: string; mac2: string } {
    const { random, sequence } = this.parsePurchase(answer);
    const terminalSequence = this.terminalSequenceBytes();
    const session = purchaseSessionKey(this.key('purchase'), { random, offlineSequence: sequence, terminalSequence });
    const t = { amountFen, type, terminal: TERMINAL, at: AT, terminalSequence };
    return { tac: toHex(purchaseTac(this.key('tac'), t)), mac2: toHex(purchaseMac2(session, amountFen)) };
  }

  update(p1: number, p2: number, record: Uint8Array, cla = '80'): string {
    return this.send(`${cla}DC${hex2(p1)}${hex2(p2)}${hex2(record.length)}${toHex(record)}`).sw;
  }

  /** A whole CAPP purchase that writes record 2701 and one record of SFI 1E. */
  cappPurchase(amountFen: number, fill: number): Answer {
    const opened = this.initialize(0x03, amountFen);
    if (opened.sw !== '9000') return opened;
    this.update(0x00, 0xd0, tripRecord(0x2701, fill));
    this.update(0x00, 0xf0, journalRecord(fill));
    return this.debit(opened, amountFen);
  }

  load(amountFen: number, options: { spoil?: boolean; p2?: number } = {}): Answer {
    const type = options.p2 === 1 ? 0x01 : 0x02;
    const opened = this.send(`805000${hex2(options.p2 ?? 2)}0B01${toHex(balanceBytes(amountFen))}${toHex(TERMINAL)}10`);
    if (opened.sw !== '9000') return opened;
    const { random, sequence, balanceFen, mac1 } = this.parseOnline(opened);
    const session = onlineSessionKey(this.key('load'), { random, onlineSequence: sequence });
    const expected = onlineMac1(session, { balanceFen, amountFen, type, terminal: TERMINAL });
    if (toHex(expected) !== toHex(mac1)) throw new Error('MAC1 of the load is wrong');
    const mac2 = onlineMac2(session, { amountFen, type, terminal: TERMINAL, at: AT });
    if (options.spoil === true) mac2[3]! ^= 1;
    return this.send(`805200000B${toHex(concat(AT, mac2))}04`);
  }

  unload(amountFen: number): Answer {
    const opened = this.send(`805005020B01${toHex(balanceBytes(amountFen))}${toHex(TERMINAL)}10`);
    if (opened.sw !== '9000') return opened;
    const { random, sequence } = this.parseOnline(opened);
    const session = onlineSessionKey(this.key('unload'), { random, onlineSequence: sequence });
    const mac2 = onlineMac2(session, { amountFen, type: 0x03, terminal: TERMINAL, at: AT });
    return this.send(`805403000B${toHex(concat(AT, mac2))}04`);
  }

  setOverdraft(limitFen: number, spoil = false): Answer {
    const opened = this.send(`805004020701${toHex(TERMINAL)}13`);
    if (opened.sw !== '9000') return opened;
    const random = opened.data.subarray(11, 15);
    const sequence = Buffer.from(opened.data).readUInt16BE(4);
    const session = onlineSessionKey(this.key('overdraft'), { random, onlineSequence: sequence });
    const mac2 = overdraftMac2(session, { newLimitFen: limitFen, terminal: TERMINAL, at: AT });
    if (spoil) mac2[0]! ^= 1;
    return this.send(`805800000E${toHex(concat(balanceBytes(limitFen).subarray(1), AT, mac2))}04`);
  }

  /** A line-protected command: challenge, then header, data (enciphered when asked) and MAC. */
  protect(
    header: string,
    plain: Uint8Array,
    options: { key?: keyof typeof KEYS; encipher?: boolean; spoil?: boolean } = {},
  ): string {
    const key = this.key(options.key ?? 'line');
    const challenge = this.send('0084000004').data;
    const body = options.encipher === true ? encipherLine(key, plain) : plain;
    const lc = Uint8Array.of(body.length + 4);
    const mac = lineProtectionMac(key, challenge, concat(fromHex(header), lc), body);
    if (options.spoil === true) mac[0]! ^= 1;
    return this.send(toHex(encodeCommand({ ...parseHeader(header), data: concat(body, mac) }))).sw;
  }

  prove(type: number, sequence: number): Answer {
    return this.send(`805A00${hex2(type)}02${sequence.toString(16).padStart(4, '0')}08`);
  }
}

function parseHeader(header: string): { cla: number; ins: number; p1: number; p2: number } {
  const [cla, ins, p1, p2] = fromHex(header) as unknown as [number, number, number, number];
  return { cla, ins, p1, p2 };
}

export function openedPurse(choices: PurseChoices = {}): PurseHost {
  const host = new PurseHost(purseCard(choices), choices.algorithm);
  host.select();
  return host;
}
