import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import { decryptBlocks, encryptBlocks, randomInteger, seededRandom } from '@polycard/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CUP_TERMINAL,
  checkFields,
  encodeBatchDetails,
  encodeBatchTotal,
  encodeBinBlacklistPage,
  encodeBinBlacklistRequest,
  encodeChipDetail,
  encodeFrameHeader,
  encodeObjectAnswer,
  encodeObjectListAnswer,
  encodeObjectListQuery,
  encodePinBlock,
  encodeSecurityControl,
  encodeSignInKeys,
  encodeTerminalParameters,
  encodeTransitListAnswer,
  encodeTransitListRequest,
  packMessage,
  parseBatchDetails,
  parseBatchTotal,
  parseBinBlacklistPage,
  parseBinBlacklistRequest,
  parseChipDetail,
  parseFrame,
  parseFrameHeader,
  parseObjectAnswer,
  parseObjectListAnswer,
  parseObjectListQuery,
  parseObjectName,
  parsePinBlock,
  parseSecurityControl,
  parseSignInKeys,
  parseTerminalParameters,
  parseTransitListAnswer,
  parseTransitListRequest,
  type ReceivedMessage,
  reversalOf,
  SIGN_IN_SCHEMES,
  specificationOf,
  transformTrack,
  unpackMessage,
} from '../src/index.ts';
import vectors from './vectors/frames.json' with { type: 'json' };

/** Frames of reference iso8583.md §1.10 and its data file, by the beginning of their name. */
function vector(name: string): ReceivedMessage {
  const found = Object.entries(vectors.messages).find(([key]) => key.startsWith(name));
  if (found === undefined) throw new Error(`no vector ${name}`);
  return unpackMessage(CUP_TERMINAL, parseFrame(fromHex(found[1]).subarray(2)).message);
}
const f62 = (name: string): Uint8Array => vector(name).raw(62)!;
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

describe('message catalogue', () => {
  it.each(Object.keys(vectors.messages))('names %s and finds its fields in order', (name) => {
    const message = vector(name);
    const specification = specificationOf(message);
    expect(specification).toBeDefined();
    // the synthetic frames have no MAC where the reference computed none
    if (specification!.isSealed && !message.has(64)) return;
    expect(() => checkFields(message, specification!)).not.toThrow();
  });

  it('names a field that is missing, and one that does not belong', () => {
    const sale = vector('0200 sale EMV+PIN').toMessage();
    const specification = specificationOf(vector('0200 sale EMV+PIN'))!;
    const changed = (fields: Record<number, string>, without?: number): ReceivedMessage => {
      const all = { ...sale.fields, ...fields };
      if (without !== undefined) delete (all as Record<number, unknown>)[without];
      return unpackMessage(CUP_TERMINAL, packMessage(CUP_TERMINAL, { mti: '0200', fields: all }));
    };
    expect(() => checkFields(changed({}, 4), specification)).toThrow(/F4 at offset \d+: expected the field in Sale/);
    expect(() => checkFields(changed({}, 64), specification)).toThrow(/F64/);
    expect(() => checkFields(changed({ 39: '00' }), specification)).toThrow(
      /F39 at offset \d+: expected no such field/,
    );
    expect(specificationOf(changed({ 60: '22000001999' }))).toBeUndefined();
  });
});

describe('composites of the reference frames', () => {
  it('sign-in keys of scheme 004: PIN, MAC and track key with their check values', () => {
    const keys = parseSignInKeys(f62('0810 sign-in ok (004)'), '004');
    const tmk = fromHex(vectors.keys.TMK);
    expect(toHex(decryptBlocks('des-ede-ecb', tmk, keys.trackKey!.enciphered))).toBe(vectors.keys.TDK);
    expect(toHex(keys.trackKey!.checkValue)).toBe(vectors.keys.kcvTDK);
    expect(toHex(encodeSignInKeys(keys, '004'))).toBe(toHex(f62('0810 sign-in ok (004)')));
  });
  it('every sign-in scheme gives back its keys and refuses the length of another', () => {
    for (const [code, scheme] of Object.entries(SIGN_IN_SCHEMES)) {
      const key = (bytes: number) => ({ enciphered: new Uint8Array(bytes).fill(bytes), checkValue: new Uint8Array(4) });
      const keys = {
        pinKey: key(scheme.keyBytes),
        macKey: key(scheme.macKeyBytes),
        ...(scheme.hasTrackKey ? { trackKey: key(scheme.keyBytes) } : {}),
      };
      const bytes = encodeSignInKeys(keys, code);
      expect(parseSignInKeys(bytes, code)).toEqual(keys);
      expect(() => parseSignInKeys(bytes.subarray(1), code)).toThrow(/F62/);
    }
    expect(() => parseSignInKeys(new Uint8Array(40), '007')).toThrow(/F60\.3/);
  });
  it('CA key query, list and download', () => {
    expect(parseObjectListQuery(f62('0820 CAPK list query'))).toBe(0);
    expect(text(encodeObjectListQuery(0))).toBe('100');
    const list = parseObjectListAnswer(f62('0830 CAPK list answer'));
    expect(list.status).toBe('last');
    expect(
      list.names.map((name) => [toHex(name.get('9F06')!), toHex(name.get('9F22')!), text(name.get('DF05')!)]),
    ).toEqual([
      ['A000000333', '08', '20301231'],
      ['A000000333', '09', '20301231'],
    ]);
    expect(toHex(encodeObjectListAnswer(list))).toBe(toHex(f62('0830 CAPK list answer')));
    const name = parseObjectName(f62('0800 CAPK download'));
    expect(parseObjectAnswer(encodeObjectAnswer(name))).toEqual(name);
    expect(parseObjectAnswer(encodeObjectAnswer(undefined))).toBeUndefined();
  });
  it('BIN blacklist request and page', () => {
    expect(parseBinBlacklistRequest(f62('0800 card-BIN blacklist page request'))).toBe(0);
    expect(text(encodeBinBlacklistRequest(47))).toBe('047');
    const page = parseBinBlacklistPage(f62('0810 card-BIN blacklist page'));
    expect(page).toMatchObject({ status: 'more', lastIndex: 2 });
    expect(page.numbers.map((number) => number.length)).toEqual([19, 19, 19]);
    expect(toHex(encodeBinBlacklistPage(page))).toBe(toHex(f62('0810 card-BIN blacklist page')));
  });
  it('transit list request and answer', () => {
    const request = parseTransitListRequest(vector('0800 transit ODA blacklist').required(63));
    expect(request).toEqual({ institution: '00000000', lastUpdate: '20261121', cursor: '0000000000' });
    expect(encodeTransitListRequest(request)).toBe(vector('0800 transit ODA blacklist').required(63));
    const answer = {
      nextCursor: '0000000031',
      records: [
        { change: 'add', cardNo: '6214440000000001', rest: ' '.repeat(12) },
        { change: 'remove', cardNo: '62144400000000000002', rest: '000000000001' },
      ],
    } as const;
    expect(parseTransitListAnswer(encodeTransitListAnswer(answer))).toEqual(answer);
    expect(parseTransitListAnswer('0').records).toEqual([]);
  });
  it('batch details and total', () => {
    const details = parseBatchDetails(vector('0320 batch upload (201)').required(48));
    expect(details.map(({ traceNo, amountFen }) => [traceNo, amountFen])).toEqual([
      [123, 1234],
      [124, 500],
    ]);
    expect(encodeBatchDetails(details)).toBe(vector('0320 batch upload (201)').required(48));
    expect(parseBatchTotal(vector('0320 batch end (202)').required(48))).toBe(347);
    expect(encodeBatchTotal(347)).toBe('0347');
    expect(() => encodeBatchDetails([])).toThrow(/1 to 8/);
    expect(() => encodeBatchTotal(12_345)).toThrow(/4 digits/);
  });
  it('chip details of both kinds', () => {
    for (const kind of ['approved', 'issuer-authentication-failed'] as const) {
      const detail = { kind, isForeign: false, amountFen: 5000, currency: '156' };
      expect(parseChipDetail(encodeChipDetail(detail))).toEqual(detail);
    }
    expect(() => parseChipDetail(Buffer.from('9900'))).toThrow(/61 or 71/);
  });
  it('the reversal of the EMV sale is the reference reversal, MAC aside', () => {
    const original = vector('0200 sale EMV+PIN').toMessage();
    const wanted = vector('0400 reversal').toMessage();
    const { 64: _mac, ...fields } = wanted.fields;
    expect(reversalOf(original, 'noAnswer')).toEqual({ mti: '0400', fields });
  });
  it('PIN block of the EMV sale, with and without the account number', () => {
    const message = vector('0200 sale EMV+PIN');
    const clear = decryptBlocks('des-ede-ecb', fromHex(vectors.keys.TPK), message.raw(52)!);
    expect(parsePinBlock(clear, message.required(2))).toBe('123456');
    expect(toHex(encodePinBlock('123456'))).toBe('06123456FFFFFFFF');
    expect(parsePinBlock(encodePinBlock('1234567890'))).toBe('1234567890');
    expect(() => parsePinBlock(clear, '6222020000000000013')).toThrow(/F52/);
    expect(() => encodePinBlock('123')).toThrow(/4 to 12/);
    expect(parseSecurityControl(message.required(53))).toEqual({
      pin: 'with-pan',
      keys: 'double-length',
      isTrackEncrypted: false,
    });
    expect(encodeSecurityControl({ pin: 'with-pan', keys: 'double-length', isTrackEncrypted: true })).toBe(
      '2610000000000000',
    );
  });
  it('the encrypted track of the reference deciphers to the clear one, and back', () => {
    const clear = vector('0200 sale EMV+PIN').required(35);
    const enciphered = vector('0200 sale, encrypted track').required(35);
    const key = fromHex(vectors.keys.TDK);
    expect(transformTrack(enciphered, (block) => decryptBlocks('des-ede-ecb', key, block))).toBe(clear);
    expect(transformTrack(clear, (block) => encryptBlocks('des-ede-ecb', key, block))).toBe(enciphered);
    expect(() => transformTrack('6222', (block) => block)).toThrow(/F35/);
  });
  it('frame header: the host asks the terminal to sign in again', () => {
    const header = parseFrameHeader(fromHex('603210320072'));
    expect(header).toMatchObject({
      applicationClass: '60',
      softwareVersion: '32',
      terminalStatus: '1',
      processingRequest: 'none',
    });
    const asking = encodeFrameHeader({ ...header, processingRequest: 'sign-in-again' });
    expect(toHex(asking)).toBe('603213320072');
    expect(parseFrameHeader(asking).processingRequest).toBe('sign-in-again');
    expect(() => parseFrameHeader(fromHex('60321A320072'))).toThrow(/decimal/);
  });
  it('terminal parameters give back what was put in, and an unknown tag is named', () => {
    const parameters = {
      timeoutSeconds: '60',
      merchantName: 'LUOHU STATION',
      transactionSwitches: 'F0E80000',
      resendCount: '3',
    };
    expect(parseTerminalParameters(encodeTerminalParameters(parameters))).toEqual(parameters);
    expect(() => parseTerminalParameters(Buffer.from('1260990'))).toThrow(
      /offset 4: expected a tag of the 360 table, found 99/,
    );
    expect(() => encodeTerminalParameters({ colour: 'red' })).toThrow(/colour/);
  });
});

describe('composites that are cut or random end in a named error and nothing else', () => {
  const parsers: [name: string, parse: (bytes: Uint8Array) => unknown, example: Uint8Array][] = [
    ['sign-in keys', (bytes) => parseSignInKeys(bytes, '004'), f62('0810 sign-in ok (004)')],
    ['object list', parseObjectListAnswer, f62('0830 CAPK list answer')],
    ['object list query', parseObjectListQuery, f62('0820 CAPK list query')],
    ['object', parseObjectAnswer, encodeObjectAnswer(parseObjectName(f62('0800 CAPK download')))],
    ['blacklist page', parseBinBlacklistPage, f62('0810 card-BIN blacklist page')],
    ['transit list', (bytes) => parseTransitListAnswer(text(bytes)), Buffer.from(`20000000031${'1'.repeat(33)}`)],
    [
      'batch details',
      (bytes) => parseBatchDetails(text(bytes)),
      Buffer.from(vector('0320 batch upload (201)').required(48)),
    ],
    [
      'chip detail',
      parseChipDetail,
      encodeChipDetail({ kind: 'approved', isForeign: true, amountFen: 1, currency: '156' }),
    ],
    ['parameters', parseTerminalParameters, encodeTerminalParameters({ timeoutSeconds: '60', tipPercent: '15' })],
    ['header', parseFrameHeader, fromHex('603210320072')],
    ['PIN block', (bytes) => parsePinBlock(bytes), encodePinBlock('123456')],
  ];
  const isNamed = (work: () => unknown): boolean => {
    try {
      work();
      return true;
    } catch (error) {
      return error instanceof PolycardError && /^POLYCARD_(ISO8583|TLV|BYTES)_/.test(error.code);
    }
  };
  it.each(parsers)('%s', (_name, parse, example) => {
    for (let length = 0; length < example.length; length++)
      expect(isNamed(() => parse(example.slice(0, length)))).toBe(true);
    const random = seededRandom(_name);
    for (let round = 0; round < 500; round++)
      expect(isNamed(() => parse(random(randomInteger(random, 60))))).toBe(true);
  });
  it('PIN blocks give back any PIN under any account number', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{4,12}$/), fc.stringMatching(/^\d{13,19}$/), (pin, pan) => {
        expect(parsePinBlock(encodePinBlock(pin, pan), pan)).toBe(pin);
      }),
      { numRuns: 200 },
    );
  });
});
