import { randomInteger, seededRandom } from '@polycard/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildDol,
  concat,
  dolLengthBytes,
  encodeLength,
  encodeTlv,
  findTlv,
  fromHex,
  isConstructed,
  PolycardError,
  parseDol,
  parseTlv,
  splitDol,
  tlvMap,
  toHex,
} from '../src/index.ts';

function failureOf(act: () => unknown): PolycardError {
  try {
    act();
  } catch (error) {
    if (error instanceof PolycardError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('TLV', () => {
  it.each([
    ['5A80', 'POLYCARD_TLV_LENGTH'], // indefinite
    ['5A850000000001', 'POLYCARD_TLV_LENGTH'], // five bytes of length
    ['5AFF', 'POLYCARD_TLV_LENGTH'],
    ['5F', 'POLYCARD_BYTES_TRUNCATED'],
    ['5A', 'POLYCARD_BYTES_TRUNCATED'],
    ['5A81', 'POLYCARD_BYTES_TRUNCATED'],
    ['5A8200', 'POLYCARD_BYTES_TRUNCATED'],
    ['5A84FFFFFFFF00', 'POLYCARD_BYTES_TRUNCATED'],
    ['5F818181', 'POLYCARD_TLV_TAG'],
    ['7003 5A02 11', 'POLYCARD_BYTES_TRUNCATED'], // the child is longer than its parent
  ])('%s is refused as %s', (hex, code) => {
    expect(failureOf(() => parseTlv(fromHex(hex))).code).toBe(code);
  });

  it('nested nine deep is read, deeper is refused', () => {
    const nest = (depth: number): Uint8Array => (depth === 0 ? fromHex('5A0111') : encodeTlv('70', nest(depth - 1)));
    expect(toHex(findTlv(parseTlv(nest(8)), '5A')!)).toBe('11');
    expect(failureOf(() => parseTlv(nest(9))).code).toBe('POLYCARD_TLV_DEPTH');
    expect(failureOf(() => parseTlv(nest(2000))).code).toBe('POLYCARD_TLV_DEPTH');
  });

  it('skips zero bytes between objects, not inside them', () => {
    expect(parseTlv(fromHex('0000 5A0111 00 57020000 00')).map(({ tag, value }) => [tag, toHex(value)])).toEqual([
      ['5A', '11'],
      ['57', '0000'],
    ]);
  });

  it('a map holds the first of equal tags, from every depth, and no constructed one', () => {
    const nodes = parseTlv(fromHex('70 06 5A0111 5A0122 9F3601 33 5A0144'));
    const entries = [...tlvMap(nodes)].map(([tag, value]) => [tag, toHex(value)]);
    expect(entries).toEqual([
      ['5A', '11'],
      ['9F36', '33'],
    ]);
    expect(findTlv(nodes, '9F37')).toBeUndefined();
    expect([isConstructed('70'), isConstructed('BF0C'), isConstructed('9F36')]).toEqual([true, true, false]);
  });

  it.each([
    [0, '00'],
    [127, '7F'],
    [128, '8180'],
    [255, '81FF'],
    [256, '820100'],
    [65_535, '82FFFF'],
  ])('a length of %i is written %s and read back', (length, hex) => {
    expect(toHex(encodeLength(length))).toBe(hex);
    expect(parseTlv(encodeTlv('5A', new Uint8Array(length)))[0]!.value).toHaveLength(length);
  });

  it('a value longer than two length bytes is refused by name', () => {
    expect(failureOf(() => encodeLength(65_536)).code).toBe('POLYCARD_TLV_LENGTH');
  });
});

describe('DOL', () => {
  const TAGS = ['9F02', '9F37', '95', '5F2A', 'DF8101'];
  const specification = fc.array(fc.tuple(fc.constantFrom(...TAGS), fc.integer({ min: 0, max: 20 })), { maxLength: 8 });
  const written = (pairs: readonly (readonly [string, number])[]): Uint8Array =>
    concat(...pairs.flatMap(([tag, length]) => [fromHex(tag), Uint8Array.of(length)]));

  it('reads the tags and lengths that were written, and splits what it built', () => {
    fc.assert(
      fc.property(specification, (pairs) => {
        const entries = parseDol(written(pairs));
        expect(entries.map(({ tag, lengthBytes }) => [tag, lengthBytes])).toEqual(pairs);
        const data = buildDol(entries, (tag) => new Uint8Array(50).fill(TAGS.indexOf(tag) + 1));
        expect(data).toHaveLength(dolLengthBytes(entries));
        for (const [tag, value] of splitDol(entries, data))
          expect(value.every((byte) => byte === TAGS.indexOf(tag) + 1)).toBe(true);
      }),
      { seed: 21 },
    );
  });

  it('an absent value is zero, a short one stands on the side of its format', () => {
    const entries = parseDol(fromHex('9F0204 9504'));
    expect(toHex(buildDol(entries, () => undefined))).toBe('0000000000000000');
    const right = buildDol(
      entries,
      () => fromHex('AABB'),
      (tag) => (tag === '9F02' ? 'right' : 'left'),
    );
    expect(toHex(right)).toBe('0000AABBAABB0000');
    const cut = buildDol(
      entries,
      () => fromHex('0102030405'),
      (tag) => (tag === '9F02' ? 'right' : 'left'),
    );
    expect(toHex(cut)).toBe('0203040501020304');
  });

  it.each(['9F', '9F02', '5F2A02 95', '9F8181'])('that ends early (%s) is refused as truncated', (hex) => {
    expect(failureOf(() => parseDol(fromHex(hex))).code).toBe('POLYCARD_BYTES_TRUNCATED');
  });

  it('with a tag of four bytes is refused', () => {
    expect(failureOf(() => parseDol(fromHex('9F818101 04'))).code).toBe('POLYCARD_TLV_TAG');
  });

  it('data of any other length than the list says are refused by name', () => {
    const entries = parseDol(fromHex('9F0206 9F3704'));
    const random = seededRandom('dol data');
    for (let round = 0; round < 200; round++) {
      const data = random(randomInteger(random, 30));
      if (data.length === 10) expect(splitDol(entries, data).size).toBe(2);
      else expect(failureOf(() => splitDol(entries, data)).code).toBe('POLYCARD_TLV_DOL');
    }
  });
});
