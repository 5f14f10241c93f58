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
    'BCD digits': (bytes) => digitsFromBcd(bytes),
    'BCD number': (bytes) => numberFromBcd(bytes),
    'DOL data': (bytes) => splitDol([{ tag: '9F37', lengthBytes: 4 }], bytes),
    hexadecimal: (bytes) => fromHex(Buffer.from(bytes).toString('latin1')),
    reader: (bytes) => {
      const reader = new ByteReader(bytes);
      return [reader.u8('count'), reader.u16('amount'), reader.take(reader.u8('length')), reader.rest()];
    },
  };
  it.each(Object.entries(parsers))(
    '%s: truncation at every byte and 5,000 random inputs give a value or a named error',
    (_name, parse) => {
      const random = seededRandom('bytes');
      const whole = fromHex(FCI);
      const inputs = [...Array(whole.length).keys()].map((length) => whole.subarray(0, length));
      for (let round = 0; round < 5000; round++) inputs.push(random(randomInteger(random, 40)));
      let read = 0;
      for (const input of inputs) {
        const before = toHex(input);
        try {
          parse(input);
          read++;
        } catch (error) {
          if (!(error instanceof PolycardError)) throw error;
          expect(error.code).toMatch(/^POLYCARD_[A-Z]+_[A-Z]+/);
          expect(error.message.length).toBeGreaterThan(10);
        }
        if (toHex(input) !== before) throw new Error(`the parser changed its input ${before}`);
      }
      // both ends of the test were reached
      expect(read).toBeGreaterThan(0);
      expect(read).toBeLessThan(inputs.length);
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
  it('one object cut at any byte is refused: nothing of it is taken for the whole', () => {
    const whole = fromHex(FCI);
    for (let length = 1; length < whole.length; length++)
      expect(() => parseTlv(whole.subarray(0, length))).toThrow(PolycardError);
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
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{20}$/), (digits) => {
        expect(digitsFromBcd(bcdFromDigits(digits, 10))).toBe(digits);
      }),
      { seed: 3 },
    );
  });
  it('refuses what does not fit', () => {
    for (const wrong of [
      () => bcdFromNumber(-1, 6),
      () => bcdFromNumber(1.5, 6),
      () => bcdFromDigits('1234567', 3),
      () => bcdFromDigits('12A4', 2),
      () => bcdFromDigits('1/', 1),
      () => bcdFromDigits('\uff11\uff12', 1),
      () => bcdFromNumber(Number.NaN, 6),
      () => bcdFromNumber(2 ** 53, 8),
      () => bcdFromNumber(1_000_000, 3),
      () => numberFromBcd(fromHex('1F')),
      () => digitsFromBcd(fromHex('A1')),
    ]) {
      expect(wrong).toThrow(expect.objectContaining({ name: 'PolycardError', code: 'POLYCARD_BYTES_BCD' }));
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
    expect(String(secret)).toBe('Secret(KCV 08D7B4)');
    expect(JSON.stringify([secret])).toBe('["Secret(KCV 08D7B4)"]');
    secret.wipe();
    expect(() => secret.expose()).toThrow(/08D7B4 was wiped/);
    expect(() => secret.lengthBytes).toThrow(/08D7B4 was wiped/);
    expect(String(secret)).toBe('Secret(KCV 08D7B4)');
  });
  it('the bytes of a Secret are in no property, copy or spread of it, and its own copy is wiped', () => {
    const given = fromHex('0123456789ABCDEFFEDCBA9876543210');
    const secret = new Secret(given, '08D7B4');
    for (const shown of [
      inspect(secret, { customInspect: false, showHidden: true, depth: 9 }),
      inspect({ ...secret }),
      JSON.stringify(structuredClone({ ...secret })),
      JSON.stringify(Object.getOwnPropertyDescriptors(secret)),
    ]) {
      expect(shown).toContain('08D7B4');
      expect(shown).not.toMatch(/0123456789abcdef|01 23 45 67|0x01|\b1, 35, 69|239/i);
    }
    const held = secret.expose();
    given.fill(0xff);
    expect(toHex(held)).toBe('0123456789ABCDEFFEDCBA9876543210');
    secret.wipe();
    expect(toHex(held)).toBe('00'.repeat(16));
  });
  it('a PAN shows six and four digits, a short number only its last two', () => {
    expect(maskPan('6214440000000000017')).toBe('621444*********0017');
    expect(maskPan('123456')).toBe('****56');
    expect([maskPan(''), maskPan('7'), maskPan('123456789012')]).toEqual(['', '7', '**********12']);
  });
  it('a masked PAN is as long as the PAN and never shows the digits between', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{13,19}$/), (pan) => {
        const masked = maskPan(pan);
        expect(masked).toHaveLength(pan.length);
        expect(masked.replace(/\*/g, '')).toBe(pan.slice(0, 6) + pan.slice(-4));
        expect(masked.slice(6, -4)).toMatch(/^\*{3,9}$/);
      }),
      { seed: 4 },
    );
  });
});

it('a reader never goes past its end and says what it wanted', () => {
  const reader = new ByteReader(fromHex('0102'), 'record');
  expect(reader.u8('status')).toBe(1);
  expect(() => reader.u16('amount')).toThrow(/record ends inside amount: offset 1, expected 2 more bytes, found 1/);
  expect(reader.offset).toBe(1);
  expect(() => reader.take(-1)).toThrow(PolycardError);
  expect(toHex(reader.rest())).toBe('02');
  expect(reader.remaining).toBe(0);
  expect(() => reader.u8()).toThrow(PolycardError);
});
