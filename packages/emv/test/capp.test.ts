import { concat, fromHex, parseCommand, toHex } from '@polycard/bytes';
import { describe, expect, it } from 'vitest';
import {
  cappP2,
  computeReadMac,
  computeStatusMac,
  computeUpdateMac,
  encodeAppendRecord,
  encodeGetTransProve,
  encodeReadCapp,
  encodeUpdateCapp,
} from '../src/index.ts';
import vectors from './vectors/pboc-cryptography.json' with { type: 'json' };

const v8 = vectors.v8;
const recordKey = fromHex(v8.recordKey);

describe('extended application MACs', () => {
  it('builds the UPDATE CAPP DATA CACHE the independent card accepted', () => {
    const p2 = cappP2(v8.sfi);
    const record = fromHex(v8.newRecord);
    const mac = computeUpdateMac({ recordKey, atc: v8.atc, p2, record });
    expect(toHex(encodeUpdateCapp(p2, record, mac))).toBe(v8.updateCommand);
    expect(toHex(computeStatusMac(recordKey, mac))).toBe(v8.statusMac);
    expect(computeUpdateMac({ recordKey, atc: v8.atc + 1, p2, record })).not.toEqual(mac);
    expect(computeUpdateMac({ recordKey, atc: v8.atc, p2: p2 | 1, record })).not.toEqual(mac);
    expect(computeUpdateMac({ recordKey, atc: v8.atc, p2, record, algorithm: 'SM4' })).not.toEqual(mac);
  });

  it('builds the APPEND RECORD the independent card accepted', () => {
    const command = encodeAppendRecord({
      openingKey: fromHex(v8.openingKey),
      recordKey,
      atc: v8.atc,
      sfi: v8.sfi,
      record: fromHex(v8.record),
    });
    expect(toHex(command)).toBe(v8.appendCommand);
  });

  it.each([
    ['16 bytes', v8.record, v8.readMac],
    ['8 bytes, where the recorded card departs', v8.record8, v8.readMac8],
    ['7 bytes', v8.record7, v8.readMac7],
  ])('computes the R-MAC of a record of %s', (_, record, mac) => {
    expect(toHex(computeReadMac(recordKey, fromHex(v8.random), fromHex(record)))).toBe(mac);
  });
});

describe('extended application commands', () => {
  it('asks for a record, with and without R-MAC', () => {
    expect(toHex(encodeReadCapp({ sfi: 0x15, id: 0x2701 }))).toBe('80B400A802270100');
    const withMac = parseCommand(encodeReadCapp({ sfi: 0x15, id: 1, next: true, random: fromHex(v8.random) }));
    expect(withMac.p2).toBe(0xa9);
    expect(withMac.data).toEqual(concat(fromHex('0001'), fromHex(v8.random)));
  });

  it('asks for the proof of a transaction', () => {
    expect(toHex(encodeGetTransProve(0x0102))).toBe('805A000002010208');
  });

  it('refuses a file identifier outside 1 to 30', () => {
    expect(() => cappP2(0)).toThrow(expect.objectContaining({ code: 'POLYCARD_CAPP_SFI' }));
    expect(() => cappP2(31)).toThrow(expect.objectContaining({ code: 'POLYCARD_CAPP_SFI' }));
  });
});
