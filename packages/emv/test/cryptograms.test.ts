import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import type { Algorithm } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import {
  buildCryptogramInput,
  type CryptogramData,
  computeApplicationCryptogram,
  computeArpc,
  computeIddMac,
  cryptogramKindOfCvr,
  decodeCvr,
  deriveCardKey,
  deriveCardKeys,
  deriveSessionKey,
  encodeIssuerApplicationData,
  type IddMacPadding,
  parseIssuerApplicationData,
} from '../src/index.ts';
import vectors from './vectors/pboc-cryptography.json' with { type: 'json' };

const v4Data: CryptogramData = {
  amountAuthorised: fromHex('000000000100'),
  amountOther: fromHex('000000000000'),
  terminalCountry: fromHex('0156'),
  tvr: fromHex('0000000000'),
  currency: fromHex('0156'),
  date: fromHex('250101'),
  transactionType: fromHex('00'),
  unpredictableNumber: fromHex('12345678'),
  aip: fromHex('7C00'),
  atc: 1,
  cvr: fromHex('A00000'),
};
const asTc = { ...v4Data, cvr: fromHex('900000') };

describe('card keys', () => {
  it('derives the published option A key', () => {
    const { imk, pan, psn, cardKey } = vectors.v3;
    expect(toHex(deriveCardKey('3DES', fromHex(imk), { pan, psn }))).toBe(cardKey);
  });

  it('takes the rightmost digits of a 19-digit PAN and 00 for a missing sequence number', () => {
    const imk = fromHex(vectors.v3.imk);
    const long = deriveCardKey('3DES', imk, { pan: '6228480000000000015', psn: '01' });
    expect(deriveCardKey('3DES', imk, { pan: '80000000000015', psn: '01' })).toEqual(long);
    expect(deriveCardKey('3DES', imk, { pan: '90000000000015', psn: '01' })).not.toEqual(long);
    expect(deriveCardKey('3DES', imk, { pan: '5555315497560938' })).toEqual(fromHex(vectors.v3.cardKey));
  });

  it('gives the same keys for many cards at once', () => {
    const imk = fromHex(vectors.v3.imk);
    const accounts = Array.from({ length: 50 }, (_, index) => ({ pan: `62284800000${10000 + index}`, psn: '01' }));
    for (const algorithm of ['3DES', 'SM4'] as const) {
      expect(deriveCardKeys(algorithm, imk, accounts)).toEqual(
        accounts.map((account) => deriveCardKey(algorithm, imk, account)),
      );
    }
  });

  it('refuses a PAN that is no number without repeating it', () => {
    const attempt = () => deriveCardKey('3DES', fromHex(vectors.v3.imk), { pan: '62284800000000000x5' });
    expect(attempt).toThrow(PolycardError);
    expect(attempt).not.toThrow(/622848/);
  });
});

describe.each(['3DES', 'SM4'] as const)('the whole %s set', (algorithm: Algorithm) => {
  const expected = vectors.v4[algorithm];
  const account = { pan: vectors.v4.pan, psn: vectors.v4.psn };
  const skAc = fromHex(expected.session.ac);

  it.each(['ac', 'mac', 'enc'] as const)('derives the %s keys', (use) => {
    const cardKey = deriveCardKey(algorithm, fromHex(vectors.v4.imk[use]), account);
    expect(toHex(cardKey)).toBe(expected.card[use]);
    expect(toHex(deriveSessionKey(algorithm, cardKey, vectors.v4.atc))).toBe(expected.session[use]);
  });

  it('computes the cryptograms of both versions', () => {
    const ac = (cvn: number, data: CryptogramData) =>
      toHex(computeApplicationCryptogram(algorithm, skAc, buildCryptogramInput(cvn, data)));
    expect(ac(0x01, v4Data)).toBe(expected.arqc01);
    expect(ac(0x01, asTc)).toBe(expected.tc01);
    expect(ac(0x11, v4Data)).toBe(expected.arqc17);
    expect(ac(0x11, asTc)).toBe(expected.tc17);
    expect(ac(0x17, asTc)).toBe(expected.tc17);
    expect(ac(0x01, { ...asTc, amountAuthorised: fromHex('000000000101') })).not.toBe(expected.tc01);
  });

  it('computes the issuer answer', () => {
    expect(toHex(computeArpc(algorithm, skAc, fromHex(expected.arqc01), fromHex('3030')))).toBe(expected.arpc);
  });
});

describe('the published PBOC cryptogram', () => {
  const data: CryptogramData = {
    amountAuthorised: fromHex('000000001234'),
    amountOther: fromHex('000000000034'),
    terminalCountry: fromHex('0156'),
    tvr: fromHex('D86004A800'),
    currency: fromHex('0156'),
    date: fromHex('120516'),
    transactionType: fromHex('01'),
    unpredictableNumber: fromHex('01010101'),
    aip: fromHex('7C00'),
    atc: vectors.v5.atc,
    cvr: fromHex('A4B904'),
  };

  it('reproduces', () => {
    const sk = deriveSessionKey('3DES', fromHex(vectors.v5.cardKey), vectors.v5.atc);
    expect(toHex(sk)).toBe(vectors.v5.sessionKey);
    expect(toHex(computeApplicationCryptogram('3DES', sk, buildCryptogramInput(0x01, data)))).toBe(vectors.v5.arqc);
    expect(toHex(computeArpc('3DES', sk, fromHex(vectors.v5.arqc), fromHex('3030')))).toBe(vectors.v5.arpc);
  });

  it('refuses a version it does not know and a field of the wrong length', () => {
    expect(() => buildCryptogramInput(0x05, data)).toThrow(
      expect.objectContaining({ code: 'POLYCARD_EMV_CVN', where: '9F10' }),
    );
    expect(() => buildCryptogramInput(0x01, { ...data, tvr: new Uint8Array(4) })).toThrow(
      expect.objectContaining({ code: 'POLYCARD_EMV_CRYPTOGRAM_INPUT', where: 'tvr' }),
    );
  });
});

describe('issuer application data', () => {
  it('reads and writes the published sample', () => {
    const bytes = fromHex(vectors.v5.iad);
    const iad = parseIssuerApplicationData(bytes);
    expect(iad).toMatchObject({ keyIndex: 2, cvn: 1, algorithm: '3DES', discretionary: { id: 1 } });
    expect(toHex(iad.cvr)).toBe('A4B904');
    expect(cryptogramKindOfCvr(iad.cvr)).toBe('ARQC');
    expect(toHex(encodeIssuerApplicationData(iad))).toBe(vectors.v5.iad);
  });

  it('says what the CVR bits mean', () => {
    expect(decodeCvr(fromHex('900000'))).toMatchObject({ first: 'TC', second: 'not requested', flags: [] });
    expect(decodeCvr(fromHex('A01020')).flags.map((flag) => flag.en)).toEqual(['new card']);
    expect(decodeCvr(fromHex('A01020')).issuerScripts).toBe(2);
  });

  it('refuses every truncation', () => {
    const bytes = fromHex(vectors.v5.iad);
    for (let length = 0; length < bytes.length; length++) {
      if (length === 8) continue; // without discretionary data it is complete
      expect(() => parseIssuerApplicationData(bytes.subarray(0, length))).toThrow(PolycardError);
    }
  });

  it.each(Object.entries(vectors.v4.iddMac))('computes the discretionary data MAC %s', (padding, mac) => {
    const skMac = fromHex(vectors.v4['3DES'].session.mac);
    const input = { atc: 1, value: fromHex('0000010000') };
    expect(toHex(computeIddMac('3DES', skMac, input, padding as IddMacPadding))).toBe(mac);
  });
});
