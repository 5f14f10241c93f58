import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import { decryptBlocks, encryptBlocks, randomInteger, seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import {
  CUP_TERMINAL,
  cupMac,
  type Dialect,
  encodeFrame,
  hasRightMac,
  overrideDialect,
  packMessage,
  packWithMac,
  parseFrame,
  parseSettlementTotals,
  parseSignInKeys,
  unpackMessage,
  x99Mac,
  x919Mac,
} from '../src/index.ts';
import vectors from './vectors/frames.json' with { type: 'json' };

/** Single DES is des-ede with K‖K. */
const des = (key: string) => (block: Uint8Array) => encryptBlocks('des-ede-ecb', fromHex(key + key), block);

/** Frame 1 has a 19-digit F60; frame 5 is a host of another kind with F47 and a long F63: rows that a table overrides. */
const LONG_F60 = overrideDialect(CUP_TERMINAL, 'acquirer with a 19-digit F60', [
  { ...CUP_TERMINAL.fields[60]!, length: 19 },
]);
const BORROWED = overrideDialect(CUP_TERMINAL, 'host that borrows the dialect', [
  {
    field: 47,
    name: { en: 'Private', zh: '自定义' },
    content: 'b',
    encoding: 'raw',
    prefix: 'LLL',
    length: 999,
    fill: 'right',
  },
  { ...CUP_TERMINAL.fields[63]!, length: 999 },
]);

function roundTrip(dialect: Dialect, hex: string, hasLength = true): void {
  const bytes = fromHex(hex);
  const frame = parseFrame(hasLength ? bytes.subarray(2) : bytes);
  const message = unpackMessage(dialect, frame.message);
  const again = encodeFrame({ ...frame, message: packMessage(dialect, message.toMessage()) });
  expect(toHex(hasLength ? again : again.subarray(2))).toBe(hex.toUpperCase());
}

describe('frames of reference iso8583.md §1.10 decode and re-encode to the same bytes', () => {
  const real = Object.entries(vectors.real);
  it.each(real)('real frame %s', (name, hex) => {
    roundTrip(
      name.startsWith('1') ? LONG_F60 : name.startsWith('5') ? BORROWED : CUP_TERMINAL,
      hex,
      !name.startsWith('5'),
    );
  });
  it.each(Object.entries(vectors.messages))('%s', (_name, hex) => roundTrip(CUP_TERMINAL, hex));
});

describe('message authentication codes (§1.6)', () => {
  const mab = fromHex(vectors.macs.mab);
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
  it('vector A: published worked example', () => {
    expect(text(cupMac(des(vectors.macs.ecbTAK))(mab))).toBe('8A9E91B8');
  });
  it('vector B: a real frame carries the MAC its posted key gives', () => {
    const frame = parseFrame(fromHex(vectors.real['1 0200 QR-type sale, MAC verified']).subarray(2));
    const message = unpackMessage(LONG_F60, frame.message);
    expect(text(message.raw(64)!)).toBe('B3A092AE');
    expect(hasRightMac(message, cupMac(des('0723C80DB5F4CD3D')))).toBe(true);
    expect(hasRightMac(message, cupMac(des('0723C80DB5F4CD3F')))).toBe(false);
  });
  it('X9.9, X9.19 and the SM4 form give the reference values', () => {
    const [left, right] = [vectors.macs.key16.slice(0, 16), vectors.macs.key16.slice(16)];
    expect(toHex(x99Mac(des(left))(mab))).toBe(vectors.macs.x99_key8);
    const decryptRight = (block: Uint8Array) => decryptBlocks('des-ede-ecb', fromHex(right + right), block);
    expect(toHex(x919Mac(des(left), decryptRight)(mab))).toBe(vectors.macs.x919_key16);
    const sm4 = (block: Uint8Array) => encryptBlocks('sm4-ecb', fromHex(vectors.macs.key16), block);
    expect(text(cupMac(sm4, 16)(mab))).toBe(vectors.macs.sm4_key16);
  });
  it('the EMV sale and its reversal carry right MACs, and packing them again gives the same bytes', () => {
    const mac = cupMac(des(vectors.keys.TAK));
    for (const [name, hex] of Object.entries(vectors.messages)) {
      const { message } = parseFrame(fromHex(hex).subarray(2));
      const received = unpackMessage(CUP_TERMINAL, message);
      if (!received.has(64)) continue;
      expect([name, hasRightMac(received, mac)]).toEqual([name, true]);
      expect(toHex(packWithMac(CUP_TERMINAL, received.toMessage(), mac))).toBe(toHex(message));
    }
  });
});

describe('composites', () => {
  it('reads the totals of a real 0510', () => {
    const { message } = parseFrame(fromHex(vectors.real['4 0510 unequal totals']).subarray(2));
    expect(parseSettlementTotals(unpackMessage(CUP_TERMINAL, message).required(48))).toEqual({
      debitFen: 54560,
      debitCount: 347,
      creditFen: 0,
      creditCount: 0,
      result: 2,
    });
  });
  it('finds the working keys of a 003 sign-in where the check values say they are', () => {
    const [, hex] = Object.entries(vectors.messages).find(([name]) => name.startsWith('0810'))!;
    const keys = parseSignInKeys(unpackMessage(CUP_TERMINAL, parseFrame(fromHex(hex).subarray(2)).message).raw(62)!);
    const tmk = fromHex(vectors.keys.TMK);
    const pinKey = decryptBlocks('des-ede-ecb', tmk, keys.pinKey.enciphered);
    expect(toHex(pinKey)).toBe(vectors.keys.TPK);
    const macKey = decryptBlocks('des-ede-ecb', tmk, keys.macKey.enciphered);
    expect(toHex(des(toHex(macKey))(new Uint8Array(8)).subarray(0, 4))).toBe(toHex(keys.macKey.checkValue));
  });
});

describe('broken messages end in a named error and nothing else', () => {
  const frames = [...Object.values(vectors.messages), ...Object.values(vectors.real).slice(1, 4)].map((hex) =>
    fromHex(hex).subarray(2),
  );
  const tryToRead = (bytes: Uint8Array): void => {
    try {
      unpackMessage(CUP_TERMINAL, parseFrame(bytes).message).toMessage();
    } catch (error) {
      expect(error).toBeInstanceOf(PolycardError);
      expect((error as PolycardError).code).toMatch(/^POLYCARD_ISO8583_/);
      expect((error as PolycardError).message).toMatch(/offset \d+: expected .+, found /);
    }
  };
  it('truncated at every byte', () => {
    for (const frame of frames) {
      for (let length = 0; length < frame.length; length++) {
        expect(() => unpackMessage(CUP_TERMINAL, parseFrame(frame.subarray(0, length)).message)).toThrow(PolycardError);
      }
    }
  });
  it('20,000 mutated frames (fixed seed)', () => {
    const random = seededRandom('mutated frames');
    for (let round = 0; round < 20_000; round++) {
      const frame = Uint8Array.from(frames[randomInteger(random, frames.length)]!);
      for (let change = 0; change <= randomInteger(random, 4); change++)
        frame[randomInteger(random, frame.length)] = random(1)[0]!;
      tryToRead(frame);
    }
  });
});
