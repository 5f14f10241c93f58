import { inspect } from 'node:util';
import { randomInteger, seededRandom } from '@polycard/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ByteReader,
  bcdFromDigits,
  bcdFromNumber,
  buildDol,
  digitsFromBcd,
  encodeCommand,
  encodeTlv,
  encodeTlvs,
  findTlv,
  fromHex,
  maskPan,
  numberFromBcd,
  PolycardError,
  parseCommand,
  parseDol,
  parseResponse,
  parseTlv,
  Secret,
  splitDol,
  toHex,
} from '../src/index.ts';

const FCI =
  '6F6A8408A000000333010101A55E500A50424F432044454249548701019F38249F66049F02069F03069F1A0295055F2A029A039C019F37049F21039F4E14DF6001DF69015F2D047A68656E9F1101019F120950424F432054455354BF0C0E9F4D020B0ADF4D020C0ADF610102';

describe('every parser', () => {
  const parsers: Record<string, (bytes: Uint8Array) => unknown> = {
    TLV: (bytes) => parseTlv(bytes),
    DOL: (bytes) => parseDol(bytes),
    command: (bytes) => parseCommand(bytes),
    response: (bytes) => parseResponse(bytes),
    BCD: (bytes) => digitsFromBcd(bytes),
  };
  it.each(Object.entries(parsers))(
    '%s: truncation at every byte and 5,000 random inputs give a value or a named error',
    (_name, parse) => {
      const random = seededRandom('bytes');
      const whole = fromHex(FCI);
      const inputs = [...Array(whole.length).keys()].map((length) => whole.subarray(0, length));
      for (let round = 0; round < 5000; round++) inputs.push(random(randomInteger(random, 40)));
      for (const input of inputs) {
        try {
          parse(input);
        } catch (error) {
          expect(error).toBeInstanceOf(PolycardError);
          expect((error as PolycardError).code).toMatch(/^POLYCARD_[A-Z]+_[A-Z]+/);
        }
      }
    },
  );
});

describe('TLV', () => {
  it('finds objects at any depth and gives back the bytes it read', () => {
    const nodes = parseTlv(fromHex(FCI));
    expect(toHex(findTlv(nodes, 'DF61')!)).toBe('02');
    expect(toHex(encodeTlv('6F', nodes[0]!.value))).toBe(FCI);
  });
  it('keeps values whatever their length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (value) => {
        expect(
          parseTlv(
            encodeTlvs([
              ['9F10', value],
              ['5A', value],
            ]),
          ).map((node) => [node.tag, toHex(node.value)]),
        ).toEqual([
          ['9F10', toHex(value)],
          ['5A', toHex(value)],
        ]);
      }),
      { seed: 1 },
    );
  });
  it('says where data end too early', () => {
    expect(() => parseTlv(fromHex('9F0206000000'))).toThrow(
      /ends inside 9F02: offset 3, expected 6 more bytes, found 3/,
    );
    expect(() => parseTlv(fromHex('5A80'))).toThrow(/length of 5A at offset 1/);
  });
});

describe('DOL', () => {
  const entries = parseDol(fromHex('9F02069F37045F2A02'));
  it('cuts and fills on the side of the format', () => {
    const values: Record<string, Uint8Array> = { '9F02': fromHex('0435'), '9F37': fromHex('0102030405') };
    const data = buildDol(
      entries,
      (tag) => values[tag],
      (tag) => (tag === '9F02' ? 'right' : 'left'),
    );
    expect(toHex(data)).toBe('000000000435010203040000');
    expect(toHex(splitDol(entries, data).get('9F37')!)).toBe('01020304');
  });
  it('refuses data of another length', () => {
    expect(() => splitDol(entries, new Uint8Array(11))).toThrow(/11 bytes, expected 12/);
  });
});

describe('BCD', () => {
  it('gives back what it packed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999 }), (value) => {
        expect(numberFromBcd(bcdFromNumber(value, 6))).toBe(value);
      }),
      { seed: 2 },
    );
    expect(toHex(bcdFromDigits('123', 3))).toBe('000123');
  });
  it('refuses what does not fit', () => {
    for (const wrong of [
      () => bcdFromNumber(-1, 6),
      () => bcdFromNumber(1.5, 6),
      () => bcdFromDigits('1234567', 3),
      () => bcdFromDigits('12A4', 2),
      () => numberFromBcd(fromHex('1F')),
    ]) {
      expect(wrong).toThrow(PolycardError);
    }
  });
});

describe('APDU', () => {
  it.each(['00A40400', '00B2010C00', '80CA9F7900', '00A4040002A00000', '80DC00A8021122'])(
    '%s reads and writes the same',
    (hex) => {
      expect(toHex(encodeCommand(parseCommand(fromHex(hex))))).toBe(hex);
    },
  );
  it('says what Lc promised', () => {
    expect(() => parseCommand(fromHex('80DC00A80411'))).toThrow(/Lc says 4 bytes at offset 4, found 1/);
  });
});

describe('what must not be seen', () => {
  it('a Secret prints as its check value in text, JSON, templates and inspection, and is gone once wiped', () => {
    const secret = new Secret(fromHex('0123456789ABCDEFFEDCBA9876543210'), '08D7B4');
    for (const shown of [
      String(secret),
      JSON.stringify({ secret }),
      `${secret}`,
      inspect(secret),
      inspect({ deep: { secret } }, { depth: 5 }),
    ]) {
      expect(shown).toContain('08D7B4');
      expect(shown).not.toMatch(/0123456789abcdef/i);
    }
    secret.wipe();
    expect(() => secret.expose()).toThrow(/08D7B4 was wiped/);
  });
  it('a PAN shows six and four digits, a short number only its last two', () => {
    expect(maskPan('6214440000000000017')).toBe('621444*********0017');
    expect(maskPan('123456')).toBe('****56');
  });
});

it('a reader never goes past its end and says what it wanted', () => {
  const reader = new ByteReader(fromHex('0102'), 'record');
  expect(reader.u8('status')).toBe(1);
  expect(() => reader.u16('amount')).toThrow(/record ends inside amount: offset 1, expected 2 more bytes, found 1/);
});
