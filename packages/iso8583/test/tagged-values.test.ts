import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import { seededRandom } from '@polycard/crypto';
import { expect, it } from 'vitest';
import { encodeTaggedValues, parseTaggedValues } from '../src/index.ts';

const VALUES = new Map([
  ['FF805D', fromHex('01')],
  ['FF8059', fromHex('000000030000')],
  ['DF01', fromHex('0102')],
]);

it('carries values under tags of one to three bytes, whatever their constructed bit says', () => {
  const bytes = encodeTaggedValues(VALUES);
  expect(toHex(bytes)).toBe('FF805D0101FF805906000000030000DF01020102');
  expect([...parseTaggedValues(bytes)]).toEqual([...VALUES]);
});

it('names the offset of what is cut off or comes twice', () => {
  const bytes = encodeTaggedValues(VALUES);
  const whole = new Set([0, 5, 15, bytes.length]);
  for (let length = 0; length < bytes.length; length++) {
    const read = (): unknown => parseTaggedValues(bytes.subarray(0, length));
    if (whole.has(length)) expect(read).not.toThrow();
    else expect(read).toThrow(/F62 at offset \d+/);
  }
  expect(() => parseTaggedValues(fromHex('DF010101DF010101'))).toThrow('DF01 again');
  const random = seededRandom('tagged values');
  for (let round = 0; round < 2000; round++) {
    try {
      parseTaggedValues(random(1 + (round % 40)));
    } catch (error) {
      expect(error).toBeInstanceOf(PolycardError);
    }
  }
});
