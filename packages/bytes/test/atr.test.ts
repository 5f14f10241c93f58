import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AtrKind, encodeAtr, fromHex, PolycardError, parseAtr, toHex } from '../src/index.ts';

const KINDS: readonly AtrKind[] = ['contactless', 'contact T=0', 'contact T=1'];

describe('answer to reset', () => {
  it('of a contactless card has the form a reader makes from the ATS (PC/SC Part 3)', () => {
    const atr = encodeAtr('contactless', fromHex('8058504F4C5943415244'));
    expect(toHex(atr)).toBe('3B8A80018058504F4C5943415244CD');
    expect(parseAtr(atr)).toMatchObject({ protocols: [0, 1], check: { found: 0xcd, expected: 0xcd } });
  });

  it('of the reference is read (globalplatform.md §8.4)', () => {
    const atr = parseAtr(fromHex('3BE000008131204535'));
    expect(atr.protocols).toEqual([1]);
    expect(atr.interfaceBytes.map(({ name }) => name)).toEqual(['TB1', 'TC1', 'TD1', 'TD2', 'TA3', 'TB3']);
    expect(atr.check).toEqual({ found: 0x35, expected: 0x35 });
  });

  it('with T=0 alone carries no check byte', () => {
    const atr = parseAtr(encodeAtr('contact T=0', fromHex('80')));
    expect(atr).toMatchObject({ protocols: [0], convention: 'direct' });
    expect(atr.check).toBeUndefined();
  });

  it('is read back as it was made, whatever its historical bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), fc.uint8Array({ maxLength: 15 }), (kind, historical) => {
        const { check, historical: found } = parseAtr(encodeAtr(kind, historical));
        expect(toHex(found)).toBe(toHex(historical));
        expect(check?.found).toBe(check?.expected);
      }),
    );
  });

  it('cut anywhere, too long or of random bytes is refused by name, never with another error', () => {
    const whole = encodeAtr('contact T=1', fromHex('8058504F4C5943415244'));
    for (let length = 0; length < whole.length; length++) {
      expect(() => parseAtr(whole.subarray(0, length))).toThrow(PolycardError);
    }
    expect(() => parseAtr(Uint8Array.of(...whole, 0))).toThrow(/1 more bytes follow/);
    expect(() => parseAtr(fromHex('4B00'))).toThrow(/begins with 3B or 3F/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          parseAtr(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(PolycardError);
        }
      }),
    );
  });

  it('tells a wrong check byte', () => {
    const wrong = encodeAtr('contactless', fromHex('80'));
    wrong[wrong.length - 1]! ^= 1;
    const { check } = parseAtr(wrong);
    expect(check?.found).not.toBe(check?.expected);
  });
});
