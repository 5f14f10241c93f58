import { fromHex, toHex } from '@polycard/bytes';
import { randomInteger, seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import {
  decodePurseRecord,
  PURSE_METRO,
  PURSE_PUBLIC_INFORMATION,
  PURSE_RECORDS,
  PURSE_TRIP,
  PURSE_TRIP_OLDER,
  purseRecordOf,
  readPurseRecord,
  writePurseRecord,
} from '../src/index.ts';

describe('tables of purse files', () => {
  it('have fields that follow each other and fit their record, with names in two languages', () => {
    for (const { name, fields, lengthBytes, title } of [...PURSE_RECORDS, PURSE_TRIP_OLDER]) {
      let end = 0;
      for (const field of fields) {
        expect(field.offset, `${name}.${field.name}`).toBe(end);
        expect([field.title.en, field.title.zh].every((text) => text !== '')).toBe(true);
        end += field.length;
      }
      expect(end, name).toBeLessThanOrEqual(lengthBytes);
      expect(new Set(fields.map((field) => field.name)).size, name).toBe(fields.length);
      expect(
        [title.en, title.zh].every((text) => text !== ''),
        name,
      ).toBe(true);
    }
  });

  it('put fields where the reference has them (pboc.md §6.1, §6.4, §6.5)', () => {
    const at = (record: typeof PURSE_TRIP, name: string) => record.fields.find((field) => field.name === name)!.offset;
    expect(['serial', 'validFrom', 'validTo'].map((name) => at(PURSE_PUBLIC_INFORMATION, name))).toEqual([10, 20, 24]);
    expect(['amount', 'balanceAfter', 'at', 'city', 'institution'].map((name) => at(PURSE_TRIP, name))).toEqual([
      17, 21, 25, 32, 34,
    ]);
    expect(
      ['status', 'inStation', 'outDevice', 'inTime', 'outTime', 'maximumFare'].map((name) => at(PURSE_METRO, name)),
    ).toEqual([14, 35, 59, 67, 74, 81]);
    const bus = PURSE_RECORDS.find(({ recordId }) => recordId === 0x2702)!;
    expect(
      ['inStation', 'inTime', 'markedAmount', 'direction', 'outStation', 'outTime', 'amount', 'distance'].map((name) =>
        at(bus, name),
      ),
    ).toEqual([29, 46, 53, 57, 72, 89, 96, 100]);
  });

  it('find the table of a file, and say nothing about unknown ones', () => {
    expect(purseRecordOf(0x1a, fromHex('27027D'))?.name).toBe('bus');
    expect(purseRecordOf(0x1a, fromHex('27057D'))).toBeUndefined();
    expect(purseRecordOf(0x1a, fromHex('27'))).toBeUndefined();
    expect(purseRecordOf(0x18, new Uint8Array(0))?.name).toBe('log');
    expect(purseRecordOf(0x03, fromHex('2702'))).toBeUndefined();
  });
});

describe('codec', () => {
  const record = fromHex(
    '04 0000440100000001 01 0003 0102 0017 00 00000190 00000258 20260801090000 4401 0044010000000001 000000000000',
  );

  it('reads a trip in words and writes it back unchanged', () => {
    const words = decodePurseRecord(PURSE_TRIP, record);
    const value = (name: string) => words.find(({ field }) => field.name === name)!;
    expect(value('type').meaning).toEqual({ en: 'EP exit', zh: '电子钱包出站' });
    expect([value('amount').value, value('at').value]).toEqual(['400', '2026-08-01 09:00:00']);
    const { reserved: _one, reserved2: _two, ...values } = readPurseRecord(PURSE_TRIP, record);
    expect(toHex(writePurseRecord(PURSE_TRIP, values))).toBe(toHex(record));
  });

  it('is the identity on random bytes of every writable field', () => {
    const random = seededRandom('purse records');
    for (const definition of PURSE_RECORDS) {
      for (let round = 0; round < 20; round++) {
        const bytes = random(definition.lengthBytes).slice();
        const values = readPurseRecord(definition, bytes);
        for (const { name, coding } of definition.fields) {
          if (!['hex', 'fen', 'uint'].includes(coding)) continue;
          expect(toHex(writePurseRecord(definition, { [name]: values[name]! }, bytes))).toBe(toHex(bytes));
        }
      }
    }
  });

  it('never throws on what a card says: truncated and random bytes', () => {
    const random = seededRandom('purse decode');
    for (const definition of PURSE_RECORDS) {
      for (let length = 0; length <= definition.lengthBytes; length++) {
        decodePurseRecord(definition, random(length));
        if (length < definition.fields.at(-1)!.offset) {
          expect(() => readPurseRecord(definition, random(length))).toThrow(`${definition.name} ends inside`);
        }
      }
    }
    expect(randomInteger(random, 2)).toBeLessThan(2);
  });

  it('refuses values that do not fit, by field', () => {
    expect(() => writePurseRecord(PURSE_TRIP, { amount: -1 })).toThrow('trip.amount takes an unsigned number');
    expect(() => writePurseRecord(PURSE_TRIP, { type: '1' })).toThrow('trip.type takes 2 hex digits');
    expect(() => writePurseRecord(PURSE_TRIP, { city: '44011' })).toThrow('trip.city takes up to 4 digits');
    expect(() => writePurseRecord(PURSE_TRIP, { nothing: 1 })).toThrow('trip has no field nothing');
    expect(() => writePurseRecord(PURSE_TRIP, { reserved: '00' })).toThrow('trip.reserved cannot be written');
  });
});
