import { fromHex, toHex } from '@polycard/bytes';
import { describe, expect, it } from 'vitest';
import {
  checkValue,
  disperse,
  disperseAlong,
  disperseMany,
  encryptBlocks,
  generateRsaKey,
  importRsaPrivate,
  importRsaPublic,
  openCbc,
  rsaPartsFromCrt,
  rsaRecover,
  rsaSignRaw,
  seededRandom,
  sm3,
} from '../src/index.ts';

/** A fault planted by the acceptance command: a vector with one bit changed must fail. */
const KEY = fromHex(
  process.env['POLYCARD_PLANT'] === 'vector-changed'
    ? '0123456789ABCDEFFEDCBA9876543212'
    : '0123456789ABCDEFFEDCBA9876543210',
);
const text = (value: string) => new TextEncoder().encode(value);

describe('V1 primitives (reference pboc.md §8; GB/T 32905, GB/T 32907)', () => {
  it('single DES is des-ede with K‖K', () => {
    const key = fromHex('0123456789ABCDEF0123456789ABCDEF');
    expect(toHex(encryptBlocks('des-ede-ecb', key, new Uint8Array(8)))).toBe('D5D44FF720683D0D');
  });
  it('SM4 and SM3 give their published values', () => {
    expect(toHex(encryptBlocks('sm4-ecb', KEY, KEY))).toBe('681EDF34D206965E86B3E94F536E4246');
    expect(toHex(sm3(text('abc')))).toBe('66C7F0F462EEEDD9D1F2D46BDC10E4E24167C4875CF2F7A2297DA02B8F4BA8E0');
    expect(toHex(sm3(text('abcd'.repeat(16))))).toBe(
      'DEBE9FF92275B8A138604889C18E5A4D6FDB70E5387E5765293DCBA39C0C5732',
    );
  });
});

describe('V2 check values and dispersion (reference pboc.md §8)', () => {
  it.each([
    ['00000000000000000000000000000000', '8CA64D'],
    ['11111111111111111111111111111111', '82E136'],
    ['FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF', 'CAAAAF'],
    ['0123456789ABCDEFFEDCBA9876543210', '08D7B4'],
    ['404142434445464748494A4B4C4D4E4F', '8BAF47'],
    ['9E15204313F7318ACB79B90BD986AD29', '850571'],
  ])('3DES check value of %s is %s', (key, kcv) => {
    expect(toHex(checkValue('3DES', fromHex(key)))).toBe(kcv);
  });
  it.each([
    ['00000000000000000000000000000000', '9F1F7B'],
    ['0123456789ABCDEFFEDCBA9876543210', '2677F4'],
    ['404142434445464748494A4B4C4D4E4F', '8EB0E2'],
    ['11111111111111111111111111111111', 'F8D068'],
  ])('SM4 check value of %s is %s', (key, kcv) => {
    expect(toHex(checkValue('SM4', fromHex(key)))).toBe(kcv);
  });
  it('one level', () => {
    const factor = fromHex('1122334455667788');
    expect(toHex(disperse('3DES', KEY, factor))).toBe('3EB3B72576BBBE831355AB0EE3123AE8');
    expect(toHex(disperse('SM4', KEY, factor))).toBe('7904DC533E8BCA0C93D3C36DC8328866');
    const second = fromHex('404142434445464748494A4B4C4D4E4F');
    expect(toHex(disperse('3DES', second, factor))).toBe('A0F180047E2A33575DC54F91F21439B5');
    expect(toHex(disperse('SM4', second, factor))).toBe('53C3863AF9B5C418581CFE4DAE20F29D');
  });
  it('two levels, issuer then card', () => {
    const factors = [fromHex('09981001FFFFFFFF'), fromHex('2280000100001117')];
    expect(toHex(disperseAlong('3DES', KEY, factors))).toBe('E3F285234F81AF64CD4CCCDFAB08A787');
    expect(toHex(disperseAlong('SM4', KEY, factors))).toBe('6F2F7655E3E05A9046549A0279C66674');
  });
  it('a batch gives what one by one gives', () => {
    const factors = [fromHex('1122334455667788'), fromHex('2280000100001117')];
    expect(disperseMany('3DES', KEY, factors)).toEqual(factors.map((factor) => disperse('3DES', KEY, factor)));
  });
});

describe('RSA keys from a passed-in source', () => {
  it('are the same for the same seed, and sign and recover', () => {
    const parts = generateRsaKey(seededRandom('rsa'), 128);
    expect(generateRsaKey(seededRandom('rsa'), 128)).toEqual(parts);
    expect(rsaPartsFromCrt(parts)).toEqual(parts);
    const block = seededRandom('block')(128);
    block[0] = 0x6a;
    block[0] &= 0x3f;
    const signature = rsaSignRaw(importRsaPrivate(parts), block);
    expect(toHex(rsaRecover(importRsaPublic(parts.modulus, parts.exponent), signature))).toBe(toHex(block));
  });
});

describe('a CBC cipher that stays open', () => {
  it.each([
    ['aes-cbc', 16],
    ['aes-cbc', 32],
    ['des-ede-cbc', 16],
    ['sm4-cbc', 16],
  ] as const)('%s with %i key bytes does each message as a cipher of its own would', (mode, keyBytes) => {
    const random = seededRandom(mode);
    const key = random(keyBytes).slice();
    const block = mode === 'des-ede-cbc' ? 8 : 16;
    const open = openCbc(mode, key);
    for (let blocks = 0; blocks < 6; blocks++) {
      const [data, iv] = [random(blocks * block).slice(), random(block).slice()];
      const enciphered = encryptBlocks(mode, key, data, iv);
      expect(open.encrypt(data, iv)).toEqual(enciphered);
      expect(open.decrypt(enciphered, iv)).toEqual(data);
    }
  });
});
