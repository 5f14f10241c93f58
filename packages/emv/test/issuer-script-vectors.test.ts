/** V4 of the reference (pboc.md §8): issuer scripts of one transaction, under 3DES and under SM4. */
import { fromHex, toHex } from '@polycard/bytes';
import { describe, expect, it } from 'vitest';
import { buildPinChangeData, computeScriptMac, scriptPutData } from '../src/index.ts';
import vectors from './vectors/pboc-cryptography.json' with { type: 'json' };

const AMOUNT = fromHex('000000010000');
const v4 = (algorithm: '3DES' | 'SM4') => {
  const { card, session, arqc01 } = vectors.v4[algorithm];
  return {
    udkEnc: fromHex(card.enc),
    skEnc: fromHex(session.enc),
    binding: { algorithm, skMac: fromHex(session.mac), atc: 1, ac: fromHex(arqc01) },
  };
};

describe('issuer scripts (V4)', () => {
  it.each([
    ['3DES', '97AC3B64'],
    ['SM4', '51345A15'],
  ] as const)('PUT DATA 9F79 under %s has the MAC %s', (algorithm, mac) => {
    const { binding } = v4(algorithm);
    expect(toHex(scriptPutData(binding, '9F79', AMOUNT))).toBe(`04DA9F790A${toHex(AMOUNT)}${mac}`);
    const other = { ...binding, atc: 2 };
    expect(toHex(computeScriptMac(other, [0x04, 0xda, 0x9f, 0x79], AMOUNT))).not.toBe(mac);
  });

  it('APPLICATION BLOCK under 3DES has the MAC 14FFFCE6', () => {
    const mac = computeScriptMac(v4('3DES').binding, [0x84, 0x1e, 0x00, 0x00], new Uint8Array(0));
    expect(toHex(mac)).toBe('14FFFCE6');
  });

  it.each([
    ['3DES', undefined, '123456', '94749572C5A54DD4F3694E6CFF3273EE'],
    ['3DES', '123456', '654321', '0942A5352E6AF941F3694E6CFF3273EE'],
    ['SM4', undefined, '123456', 'EF112892E6549E029A8568CF06B82534'],
  ] as const)('PIN change under %s, current PIN %s, to %s', (algorithm, currentPin, newPin, enciphered) => {
    const { skEnc, udkEnc, binding } = v4(algorithm);
    const change = { newPin, udkEnc, ...(currentPin === undefined ? {} : { currentPin }) };
    const data = buildPinChangeData(algorithm, skEnc, change);
    expect(toHex(data)).toBe(enciphered);
    if (algorithm === '3DES' && currentPin === undefined)
      expect(toHex(computeScriptMac(binding, [0x84, 0x24, 0x00, 0x02], data))).toBe('84606A73');
  });
});
