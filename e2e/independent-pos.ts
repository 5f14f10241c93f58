/**
 * A terminal that shares nothing with this project: node:crypto and node:net alone, written from the public descriptions.
 * It unwraps its master key from a TR-31 block (versions B and D), signs in, downloads parameters, buys with a card by
 * plain APDUs, uploads and settles.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { inflateSync } from 'node:zlib';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
const xor = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((byte, index) => byte ^ b[index]!));

function cipher(name: string, key: Buffer, iv: Buffer | null, data: Buffer): Buffer {
  const running = createCipheriv(name, key, iv).setAutoPadding(false);
  return Buffer.concat([running.update(data), running.final()]);
}

function decipher(name: string, key: Buffer, iv: Buffer | null, data: Buffer): Buffer {
  const running = createDecipheriv(name, key, iv).setAutoPadding(false);
  return Buffer.concat([running.update(data), running.final()]);
}

const tdes = (key: Buffer): Buffer => (key.length === 16 ? Buffer.concat([key, key.subarray(0, 8)]) : key);
const desEcb = (key: Buffer, data: Buffer): Buffer => cipher('des-ede3-ecb', tdes(key), null, data);
const singleDes = (key: Buffer, data: Buffer): Buffer => desEcb(Buffer.concat([key, key]), data);

/** CMAC (NIST SP 800-38B) over 3DES or AES. */
function cmac(key: Buffer, data: Buffer, isAes: boolean): Buffer {
  const size = isAes ? 16 : 8;
  const names = isAes ? `aes-${key.length * 8}` : 'des-ede3';
  const cipherKey = isAes ? key : tdes(key);
  const doubled = (block: Buffer): Buffer => {
    const number = (BigInt(`0x${block.toString('hex')}`) << 1n) & ((1n << BigInt(size * 8)) - 1n);
    const reduced = (block[0]! & 0x80) === 0 ? number : number ^ (isAes ? 0x87n : 0x1bn);
    return hex(reduced.toString(16).padStart(size * 2, '0'));
  };
  const k1 = doubled(cipher(`${names}-ecb`, cipherKey, null, Buffer.alloc(size)));
  const isWhole = data.length > 0 && data.length % size === 0;
  const start = isWhole ? data.length - size : data.length - (data.length % size);
  const last = Buffer.alloc(size);
  data.copy(last, 0, start);
  if (!isWhole) last[data.length - start] = 0x80;
  const input = Buffer.concat([data.subarray(0, start), xor(last, isWhole ? k1 : doubled(k1))]);
  return cipher(`${names}-cbc`, cipherKey, Buffer.alloc(size), input).subarray(-size);
}

/** TR-31:2018 §5.3.2: the two keys of a block, by CMAC in counter mode. */
function blockKeys(kbpk: Buffer, isAes: boolean): { encryption: Buffer; authentication: Buffer } {
  const algorithm = isAes ? { 16: 2, 24: 3, 32: 4 }[kbpk.length]! : kbpk.length === 24 ? 1 : 0;
  const derive = (usage: number): Buffer => {
    const parts: Buffer[] = [];
    for (let counter = 1; Buffer.concat(parts).length < kbpk.length; counter++) {
      const input = Buffer.from([counter, 0, usage, 0, 0, algorithm, (kbpk.length * 8) >> 8, (kbpk.length * 8) & 0xff]);
      parts.push(cmac(kbpk, input, isAes));
    }
    return Buffer.concat(parts).subarray(0, kbpk.length);
  };
  return { encryption: derive(0), authentication: derive(1) };
}

/** The key in a block of version B or D. Throws when it does not fit its MAC. */
export function unwrapTr31(kbpk: Buffer, block: string): { readonly header: string; readonly key: Buffer } {
  const isAes = block[0] === 'D';
  if (!isAes && block[0] !== 'B') throw new Error(`version ${block[0]}`);
  if (Number(block.slice(1, 5)) !== block.length) throw new Error('the length is wrong');
  if (block.slice(12, 14) !== '00') throw new Error('optional blocks were not expected');
  const macBytes = isAes ? 16 : 8;
  const header = block.slice(0, 16);
  const mac = hex(block.slice(-macBytes * 2));
  const enciphered = hex(block.slice(16, -macBytes * 2));
  const keys = blockKeys(kbpk, isAes);
  const clear = isAes
    ? decipher(`aes-${kbpk.length * 8}-cbc`, keys.encryption, mac, enciphered)
    : decipher('des-ede3-cbc', tdes(keys.encryption), mac, enciphered);
  const expected = cmac(keys.authentication, Buffer.concat([Buffer.from(header, 'latin1'), clear]), isAes);
  if (!expected.equals(mac)) throw new Error('the block does not fit its MAC');
  return { header, key: clear.subarray(2, 2 + clear.readUInt16BE(0) / 8) };
}

/** First bytes of a zero block. */
export const checkValueOf = (key: Buffer, bytes = 3): string =>
  desEcb(key, Buffer.alloc(8)).subarray(0, bytes).toString('hex').toUpperCase();

type Form = readonly ['n' | 'an' | 'b', number | 'LL' | 'LLL'];
/** The fields of the UnionPay terminal dialect that a simple terminal meets. */
const FORMS: Readonly<Record<number, Form>> = {
  2: ['n', 'LL'],
  3: ['n', 6],
  4: ['n', 12],
  11: ['n', 6],
  12: ['n', 6],
  13: ['n', 4],
  14: ['n', 4],
  15: ['n', 4],
  22: ['n', 3],
  23: ['n', 3],
  25: ['n', 2],
  32: ['n', 'LL'],
  37: ['an', 12],
  38: ['an', 6],
  39: ['an', 2],
  41: ['an', 8],
  42: ['an', 15],
  44: ['an', 'LL'],
  48: ['n', 'LLL'],
  49: ['an', 3],
  55: ['b', 'LLL'],
  57: ['b', 'LLL'],
  60: ['n', 'LLL'],
  62: ['b', 'LLL'],
  63: ['an', 'LLL'],
  64: ['b', 8],
};
type Fields = Readonly<Record<number, string | Buffer>>;

const bcd = (digits: string): Buffer => hex(digits.length % 2 === 0 ? digits : `${digits}0`);
/** Fixed numbers of odd length are filled on the left, F22 and variable ones on the right. */
const fixedBcd = (field: number, digits: string): Buffer =>
  field !== 22 && digits.length % 2 === 1 ? hex(`0${digits}`) : bcd(digits);

function pack(mti: string, fields: Fields, mac?: (data: Buffer) => Buffer): Buffer {
  const numbers = Object.keys(fields)
    .map(Number)
    .sort((a, b) => a - b);
  if (mac !== undefined) numbers.push(64);
  const bitmap = Buffer.alloc(8);
  for (const number of numbers) bitmap[(number - 1) >> 3]! |= 0x80 >> ((number - 1) & 7);
  const parts = [bcd(mti), bitmap];
  for (const number of numbers) {
    if (number === 64) continue;
    const [type, size] = FORMS[number]!;
    const value = fields[number]!;
    if (size === 'LL') parts.push(bcd(String(value.length).padStart(2, '0')));
    if (size === 'LLL') parts.push(bcd(String(value.length).padStart(4, '0')));
    if (type !== 'n') parts.push(Buffer.isBuffer(value) ? value : Buffer.from(value, 'latin1'));
    else parts.push(typeof size === 'number' ? fixedBcd(number, String(value)) : bcd(String(value)));
  }
  const message = Buffer.concat(parts);
  return mac === undefined ? message : Buffer.concat([message, mac(message)]);
}

export interface PosAnswer {
  readonly mti: string;
  readonly fields: Readonly<Record<number, string | Buffer>>;
  readonly beforeMac: Buffer;
}

function unpack(message: Buffer): PosAnswer {
  const fields: Record<number, string | Buffer> = {};
  let offset = 10;
  let beforeMac = message;
  for (let number = 2; number <= 64; number++) {
    if ((message[2 + ((number - 1) >> 3)]! & (0x80 >> ((number - 1) & 7))) === 0) continue;
    const form = FORMS[number];
    if (form === undefined) throw new Error(`field ${number} is none this terminal knows`);
    const [type, size] = form;
    let length = typeof size === 'number' ? size : 0;
    const prefix = size === 'LL' ? 1 : size === 'LLL' ? 2 : 0;
    if (prefix > 0) length = Number(message.subarray(offset, offset + prefix).toString('hex'));
    offset += prefix;
    const width = type === 'n' ? (length + 1) >> 1 : length;
    if (number === 64) beforeMac = message.subarray(0, offset);
    const bytes = message.subarray(offset, offset + width);
    if (bytes.length !== width) throw new Error(`field ${number} is cut off`);
    offset += width;
    if (type === 'b') fields[number] = bytes;
    else if (type === 'an') fields[number] = bytes.toString('latin1');
    else {
      const digits = bytes.toString('hex');
      fields[number] = typeof size === 'number' && number !== 22 ? digits.slice(-length) : digits.slice(0, length);
    }
  }
  if (offset !== message.length) throw new Error(`${message.length - offset} bytes are left over`);
  return { mti: message.subarray(0, 2).toString('hex'), fields, beforeMac };
}

export interface PosEnrolment {
  readonly terminal: string;
  readonly merchant: string;
  readonly tpdu: string;
  readonly header: string;
  readonly masterKey: string;
  readonly host: string;
  readonly port: number;
}

/** A purchase as the card told it, ready for F55. */
export interface PosSale {
  readonly pan: string;
  readonly sequence: string;
  readonly amountFen: number;
  readonly chipData: Buffer;
  readonly industry: Buffer;
}

export class IndependentPos {
  readonly #enrolment: PosEnrolment;
  readonly #masterKey: Buffer;
  #socket: Socket | undefined;
  #received = Buffer.alloc(0);
  #macKey: Buffer | undefined;
  #trace = 0;
  #batch = '000001';

  constructor(enrolment: PosEnrolment, zmk: Buffer) {
    this.#enrolment = enrolment;
    const { header, key } = unwrapTr31(zmk, enrolment.masterKey);
    if (header.slice(5, 8) !== 'K0T' || key.length !== 16) throw new Error(`no double-length master key: ${header}`);
    this.#masterKey = key;
  }

  get masterKeyCheckValue(): string {
    return checkValueOf(this.#masterKey);
  }

  async connect(): Promise<void> {
    const { host, port } = this.#enrolment;
    this.#socket = connect({ host, port });
    this.#socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
    await new Promise<void>((resolve, reject) => {
      this.#socket!.once('connect', () => resolve());
      this.#socket!.once('error', reject);
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  /** 0800/003: working keys under the master key, each compared with its check value. */
  async signIn(): Promise<void> {
    const { fields } = await this.#ask('0800', { 60: `00${this.#batch}003`, 63: '01 ' });
    const keys = fields[62] as Buffer;
    const pinKey = decipher('des-ede3-ecb', tdes(this.#masterKey), null, keys.subarray(0, 16));
    const macKey = decipher('des-ede3-ecb', tdes(this.#masterKey), null, keys.subarray(20, 28));
    const checks = [
      desEcb(pinKey, Buffer.alloc(8)).subarray(0, 4).equals(keys.subarray(16, 20)),
      singleDes(macKey, Buffer.alloc(8)).subarray(0, 4).equals(keys.subarray(36, 40)),
    ];
    if (fields[39] !== '00' || keys.length !== 40 || checks.includes(false)) throw new Error('sign-in failed');
    this.#macKey = macKey;
    this.#batch = String(fields[60]).slice(2, 8);
  }

  /** 0800/364 until the last page. */
  async parameters(set: string): Promise<unknown> {
    const chunks: Buffer[] = [];
    for (let page = 0; ; page++) {
      const { fields } = await this.#ask('0800', {
        60: `00${this.#batch}364`,
        62: Buffer.from(`${set}        ${String(page).padStart(4, '0')}`, 'latin1'),
      });
      const answer = fields[62] as Buffer;
      if (fields[39] !== '00') throw new Error(`parameters were refused with ${fields[39]}`);
      chunks.push(answer.subarray(13));
      if (answer[0] === 0x33) return JSON.parse(inflateSync(Buffer.concat(chunks)).toString('utf8')) as unknown;
    }
  }

  /** 0220/36: the response code; the answer's MAC is checked. */
  async upload(sale: PosSale): Promise<string> {
    const { fields, beforeMac } = await this.#ask(
      '0220',
      {
        ...{ 2: sale.pan, 3: '000000', 4: String(sale.amountFen).padStart(12, '0'), 22: '072', 23: sale.sequence },
        ...{ 25: '00', 49: '156', 55: sale.chipData, 57: sale.industry, 60: `36${this.#batch}000` },
      },
      (data) => this.#mac(data),
    );
    if (fields[64] !== undefined && !this.#mac(beforeMac).equals(fields[64] as Buffer)) throw new Error('wrong MAC');
    if (fields[64] === undefined && fields[39] === '00') throw new Error('an accepted upload was answered without MAC');
    return String(fields[39]);
  }

  /** 0500 and the end of the batch: the result digit of the totals. */
  async settle(count: number, amountFen: number): Promise<string> {
    const totals = `${String(amountFen).padStart(12, '0')}${String(count).padStart(3, '0')}${'0'.repeat(47)}`;
    const { fields } = await this.#ask('0500', { 48: totals, 49: '156', 60: `00${this.#batch}201`, 63: '01 ' });
    const result = String(fields[48])[30]!;
    const code = result === '1' ? '207' : '202';
    await this.#ask('0320', { 48: String(count).padStart(4, '0'), 60: `00${this.#batch}${code}` });
    return result;
  }

  #mac(data: Buffer): Buffer {
    let folded: Buffer = Buffer.alloc(8);
    for (let at = 0; at < data.length; at += 8) {
      folded = xor(folded, Buffer.concat([data.subarray(at, at + 8), Buffer.alloc(8)]).subarray(0, 8));
    }
    const text = Buffer.from(folded.toString('hex').toUpperCase(), 'latin1');
    const first = singleDes(this.#macKey!, text.subarray(0, 8));
    const second = singleDes(this.#macKey!, xor(first, text.subarray(8)));
    return Buffer.from(second.toString('hex').toUpperCase().slice(0, 8), 'latin1');
  }

  async #ask(mti: string, fields: Fields, mac?: (data: Buffer) => Buffer): Promise<PosAnswer> {
    const { tpdu, header, terminal, merchant } = this.#enrolment;
    const trace = String(++this.#trace).padStart(6, '0');
    const message = pack(mti, { 11: trace, 41: terminal, 42: merchant, ...fields }, mac);
    const body = Buffer.concat([hex(tpdu), hex(header), message]);
    this.#socket!.write(Buffer.concat([Buffer.from([body.length >> 8, body.length & 0xff]), body]));
    const answer = unpack((await this.#frame()).subarray(11));
    if (answer.fields[11] !== trace) throw new Error(`answer to trace ${answer.fields[11]}, expected ${trace}`);
    return answer;
  }

  async #frame(): Promise<Buffer> {
    for (let waited = 0; waited < 60_000; waited += 5) {
      const length = this.#received.length < 2 ? 0 : this.#received.readUInt16BE(0);
      if (length > 0 && this.#received.length >= 2 + length) {
        const frame = this.#received.subarray(2, 2 + length);
        this.#received = this.#received.subarray(2 + length);
        return frame;
      }
      if (this.#socket!.destroyed) throw new Error('the line was closed');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error('no answer within a minute');
  }
}

/** One level of BER-TLV objects, by tag; `open` templates are walked into. */
function objects(bytes: Buffer, into: Map<string, Buffer> = new Map()): Map<string, Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const start = at;
    if ((bytes[at++]! & 0x1f) === 0x1f) while ((bytes[at++]! & 0x80) !== 0);
    const tag = bytes.subarray(start, at).toString('hex').toUpperCase();
    let length = bytes[at++]!;
    if (length > 0x80) {
      const count = length & 0x7f;
      length = bytes.readUIntBE(at, count);
      at += count;
    }
    const value = bytes.subarray(at, at + length);
    if (!into.has(tag)) into.set(tag, value);
    if ((bytes[start]! & 0x20) !== 0) objects(value, into);
    at += length;
  }
  return into;
}

const tlv = (tag: string, value: Buffer): Buffer => {
  const length = value.length < 0x80 ? Buffer.from([value.length]) : Buffer.from([0x81, value.length]);
  return Buffer.concat([hex(tag), length, value]);
};

export type Transmit = (command: Buffer) => Buffer;

/** A qPBOC purchase by plain APDUs: PPSE, SELECT, GPO with what the PDOL asks for, the records of the AFL. */
export function buyFromCard(
  transmit: Transmit,
  purchase: {
    readonly amountFen: number;
    /** YYYYMMDDhhmmss. */
    readonly at: string;
    readonly unpredictable: string;
    readonly sequenceNo: number;
    readonly operatorCode: string;
    readonly tariffVersion: string;
    readonly homeCity: string;
    readonly route: string;
  },
): PosSale {
  const send = (command: string): Buffer => {
    const answer = transmit(hex(command));
    const sw = answer.subarray(-2).toString('hex');
    if (sw !== '9000') throw new Error(`${command} was answered ${sw}`);
    return answer.subarray(0, -2);
  };
  const select = (name: Buffer): Map<string, Buffer> =>
    objects(send(`00A40400${name.length.toString(16).padStart(2, '0')}${name.toString('hex')}00`));
  const aid = select(Buffer.from('2PAY.SYS.DDF01', 'latin1')).get('4F')!;
  const fci = select(aid);
  const amount = String(purchase.amountFen).padStart(12, '0');
  const stated: Record<string, string> = {
    ...{
      '9F66': '28000080',
      '9F02': amount,
      '9F03': '000000000000',
      '9F1A': '0156',
      '95': '0000000000',
      '5F2A': '0156',
    },
    ...{ '9A': purchase.at.slice(2, 8), '9C': '00', '9F37': purchase.unpredictable, '9F21': purchase.at.slice(8) },
  };
  let asked = '';
  const pdol = fci.get('9F38')!;
  for (let at = 0; at < pdol.length; ) {
    const start = at;
    if ((pdol[at++]! & 0x1f) === 0x1f) while ((pdol[at++]! & 0x80) !== 0);
    const length = pdol[at]!;
    asked += (stated[pdol.subarray(start, at++).toString('hex').toUpperCase()] ?? '').padEnd(length * 2, '0');
  }
  const size = (bytes: number): string => bytes.toString(16).padStart(2, '0');
  const card = objects(send(`80A80000${size(asked.length / 2 + 2)}83${size(asked.length / 2)}${asked}00`));
  const afl = card.get('94')!;
  for (let at = 0; at < afl.length; at += 4) {
    for (let record = afl[at + 1]!; record <= afl[at + 2]!; record++) {
      objects(send(`00B2${size(record)}${size((afl[at]! & 0xf8) | 4)}00`), card);
    }
  }
  const fromCard = ['9F26', '9F10', '9F36', '82', '5F34', '9F6C', '9F5D'].filter((tag) => card.has(tag));
  const { '9F66': _qualifiers, ...terminalData } = stated;
  const chip: [string, Buffer][] = [
    ...fromCard.map((tag): [string, Buffer] => [tag, card.get(tag)!]),
    ...Object.entries(terminalData).map(([tag, value]): [string, Buffer] => [tag, hex(value)]),
    ['9F27', hex('40')],
    ['84', aid],
    ['9F41', hex(String(purchase.sequenceNo).padStart(8, '0'))],
  ];
  const industry: [string, Buffer][] = [
    ...([
      ['DF01', hex('03')],
      ['DF02', hex(purchase.operatorCode)],
      ['DF03', hex('0000')],
    ] as [string, Buffer][]),
    ...([
      ['DF04', hex(amount)],
      ['DF05', hex('01')],
      ['DF06', hex('01')],
      ['DF07', hex('00')],
    ] as [string, Buffer][]),
    ...([
      ['DF08', hex('00')],
      ['DF10', hex('00')],
      ['DF11', hex(purchase.homeCity)],
    ] as [string, Buffer][]),
    ['DF0A', Buffer.from(purchase.tariffVersion.padEnd(8), 'latin1')],
    ['DF12', hex(purchase.at)],
    ['DF13', Buffer.from(purchase.route, 'utf8')],
  ];
  const track = card.get('57')!.toString('hex');
  return {
    pan: track.slice(0, track.indexOf('d')),
    sequence: card.get('5F34')!.toString('hex').padStart(3, '0').slice(-3),
    amountFen: purchase.amountFen,
    chipData: Buffer.concat(chip.map(([tag, value]) => tlv(tag, value))),
    industry: Buffer.concat(industry.map(([tag, value]) => tlv(tag, value))),
  };
}
