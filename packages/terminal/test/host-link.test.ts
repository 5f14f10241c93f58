import { PolycardError } from '@polycard/bytes';
import { checkValue, encryptBlocks, openEncryptor, seededRandom } from '@polycard/crypto';
import {
  CUP_TERMINAL,
  cupMac,
  encodeFrame,
  encodeParameterAnswer,
  encodeSettlementTotals,
  encodeSignInKeys,
  type FieldValue,
  packMessage,
  packWithMac,
  parseFrame,
  parseSignInKeys,
  unpackMessage,
} from '@polycard/iso8583';
import { beforeEach, describe, expect, it } from 'vitest';
import { HostLink, type JournalEntry } from '../src/index.ts';

const random = seededRandom('host');
const masterKey = random(16);
const pin = random(16);
const mac = random(8);
const doubled = Uint8Array.from([...mac, ...mac]);
const tpdu = Uint8Array.of(0x60, 0, 3, 0, 0);
const header = new Uint8Array(6);

/** The host's side, from the message codec alone. */
function answer(mti: string, fields: Record<number, FieldValue>, withMac?: Uint8Array): Uint8Array {
  const message = { mti, fields: { 11: '000001', 41: '10000001', 42: '888888888880201', ...fields } };
  const packed =
    withMac === undefined
      ? packMessage(CUP_TERMINAL, message)
      : packWithMac(CUP_TERMINAL, message, cupMac(openEncryptor('des-ede-ecb', withMac)));
  return encodeFrame({ tpdu, header, message: packed }).subarray(2);
}
const keys = (change: Partial<Parameters<typeof encodeSignInKeys>[0]> = {}): Uint8Array =>
  encodeSignInKeys({
    pinKey: { enciphered: encryptBlocks('des-ede-ecb', masterKey, pin), checkValue: checkValue('3DES', pin, 4) },
    macKey: { enciphered: encryptBlocks('des-ede-ecb', masterKey, mac), checkValue: checkValue('3DES', doubled, 4) },
    ...change,
  });

let link: HostLink;
beforeEach(() => {
  link = new HostLink({ terminalNo: '10000001', merchantNo: '888888888880201', tpdu, header, masterKey });
});

describe("the terminal's side of the line", () => {
  it('signs in by the double-length scheme and takes the working keys', () => {
    const request = unpackMessage(CUP_TERMINAL, parseFrame(link.signInRequest(5, 1).subarray(2)).message);
    expect([request.mti, request.text(60), request.text(41)]).toEqual(['0800', '00000001003', '10000001']);
    expect(link.isSignedIn).toBe(false);
    link.signedIn(answer('0810', { 39: '00', 62: keys() }));
    expect(link.isSignedIn).toBe(true);
  });

  it('keeps its old keys when a check value is wrong, and says so', () => {
    const right = parseSignInKeys(keys());
    for (const change of [
      { macKey: { ...right.macKey, checkValue: random(4) } },
      { pinKey: { ...right.pinKey, checkValue: random(4) } },
      { macKey: { ...right.macKey, enciphered: random(8) } },
    ]) {
      expect(() => link.signedIn(answer('0810', { 39: '00', 62: keys(change) }))).toThrow(/check value/);
    }
    expect(link.isSignedIn).toBe(false);
    expect(() => link.signedIn(answer('0810', { 39: '97' }))).toThrow(/refused with 97/);
    expect(() => link.signedIn(answer('0810', { 39: '00', 62: keys().subarray(1) }))).toThrow(PolycardError);
  });

  it('reads parameter pages and refuses what is none', () => {
    const page = { status: 'more', version: '20180101', page: 3, chunk: random(20) } as const;
    expect(link.parameterAnswer(answer('0810', { 39: '00', 62: encodeParameterAnswer(page) }))).toMatchObject({
      status: 'more',
      version: '20180101',
      page: 3,
    });
    expect(() => link.parameterAnswer(answer('0810', { 39: '00', 62: Uint8Array.of(0x39) }))).toThrow(/F62/);
    expect(() => link.parameterAnswer(answer('0810', { 39: '12' }))).toThrow(/refused with 12/);
  });

  it('believes an answer only under the right MAC', () => {
    link.signedIn(answer('0810', { 39: '00', 62: keys() }));
    expect(link.answer(answer('0230', { 39: '00' }, doubled)).code).toBe('00');
    expect(() => link.answer(answer('0230', { 39: '00' }, random(16)))).toThrow(/wrong MAC/);
  });

  it('forgets no tap on an answer without MAC, nor on one that belongs to another message', () => {
    const entry = { traceNo: 7, batchNo: 3 } as JournalEntry;
    const ours = { 11: '000007', 39: '00', 60: '36000003000' };
    expect(() => link.answer(answer('0230', ours, doubled))).toThrow(/no MAC that could be checked/); // not signed in
    link.signedIn(answer('0810', { 39: '00', 62: keys() }));
    for (const code of ['00', '94']) {
      expect(() => link.answer(answer('0230', { ...ours, 39: code }))).toThrow(/no MAC/);
      expect(link.uploadAnswer(answer('0230', { ...ours, 39: code }, doubled), entry)).toEqual({
        code,
        isStored: true,
      });
    }
    // a refusal needs no MAC: the tap stays in the journal
    expect(link.uploadAnswer(answer('0230', { ...ours, 39: 'A0' }), entry)).toEqual({ code: 'A0', isStored: false });
    for (const change of [{ 11: '000008' }, { 60: '36000002000' }, { 41: '10000002' }]) {
      expect(() => link.uploadAnswer(answer('0230', { ...ours, ...change }, doubled), entry)).toThrow(
        /another message/,
      );
    }
    expect(() => link.uploadAnswer(answer('0830', ours, doubled), entry)).toThrow(/another message/);
  });

  it('settles: equal and unequal totals, never more taps than the count can say', () => {
    const totals = { debitFen: 100, debitCount: 1, creditFen: 0, creditCount: 0 };
    expect(
      link.settlementAnswer(answer('0510', { 39: '00', 48: encodeSettlementTotals({ ...totals, result: 1 }) })),
    ).toBe('equal');
    expect(
      link.settlementAnswer(answer('0510', { 39: '00', 48: encodeSettlementTotals({ ...totals, result: 2 }) })),
    ).toBe('unequal');
    expect(() => link.settlementRequest(1, 1, 0, 1000)).toThrow(/at most 999/);
  });
});
