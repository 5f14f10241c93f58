import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { complement, concat, equalBytes, fromHex, PolycardError, toHex, xor } from '../src/index.ts';

describe('hexadecimal text', () => {
  it('gives back the bytes it was made from, in either case and with blanks between', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const text = toHex(bytes);
        expect(text).toMatch(/^([0-9A-F]{2})*$/);
        for (const spelling of [text, text.toLowerCase(), text.replace(/../g, '$& '), text.replace(/../g, '\t$&\n')])
          expect([...fromHex(spelling)]).toEqual([...bytes]);
      }),
      { seed: 11 },
    );
  });

  it('of a view shows the view, not the buffer behind it', () => {
    expect(toHex(fromHex('0011223344').subarray(1, 3))).toBe('1122');
  });

  it.each([
    ['0', 'an odd number of digits'],
    ['001', 'an odd number of digits'],
    ['0G', 'no digit at offset 1'],
    ['00112X44', 'no digit at offset 5'],
    ['-1', 'no digit at offset 0'],
    ['0x12', 'no digit at offset 1'],
    // letters whose low byte is the code of a digit, and a full-width digit
    ['\u0130\u0130', 'no digit at offset 0'],
    ['00\u0141\u0142', 'no digit at offset 2'],
    ['\uff10\uff11', 'no digit at offset 0'],
  ])('%j is refused: %s', (text, why) => {
    expect(() => fromHex(text)).toThrow(PolycardError);
    expect(() => fromHex(text)).toThrow(why);
  });

  it('any text is read as hexadecimal or refused by name', () => {
    let read = 0;
    let refused = 0;
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9a-fA-F ]*$/)),
        (text) => {
          const isHex = /^([0-9a-fA-F]{2})*$/.test(text.replace(/\s+/g, ''));
          try {
            expect(fromHex(text)).toHaveLength(text.replace(/\s+/g, '').length / 2);
            expect(isHex).toBe(true);
            read++;
          } catch (error) {
            expect(error).toMatchObject({ name: 'PolycardError', code: 'POLYCARD_BYTES_HEX' });
            expect(isHex).toBe(false);
            refused++;
          }
        },
      ),
      { seed: 12, numRuns: 1000 },
    );
    expect(Math.min(read, refused)).toBeGreaterThan(100);
  });
});

describe('bytes', () => {
  const bytes = fc.uint8Array({ maxLength: 30 });

  it('joined are as long as their parts, and equal only to the same bytes', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const joined = concat(a, b);
        expect(toHex(joined)).toBe(toHex(a) + toHex(b));
        expect(equalBytes(joined, concat(a, b))).toBe(true);
        expect(equalBytes(a, b)).toBe(toHex(a) === toHex(b));
        if (a.length > 0) expect(equalBytes(a, a.subarray(1))).toBe(false);
      }),
      { seed: 13 },
    );
  });

  it('come back after two complements, and vanish when combined with themselves', () => {
    fc.assert(
      fc.property(bytes, (a) => {
        expect([...complement(complement(a))]).toEqual([...a]);
        expect(xor(a, a).every((byte) => byte === 0)).toBe(true);
        expect(xor(a, complement(a)).every((byte) => byte === 0xff)).toBe(true);
      }),
      { seed: 14 },
    );
    expect(toHex(xor(fromHex('0F0F0F'), fromHex('FF')))).toBe('F00F0F');
  });
});
