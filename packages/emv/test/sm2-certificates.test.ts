import { fromHex } from '@polycard/bytes';
import { generateSm2Key, seededRandom, sm2Sign } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import {
  buildSm2CardCertificate,
  buildSm2IssuerCertificate,
  buildSm2StaticSignature,
  checkCdaSignature,
  checkDdaSignature,
  checkStaticSignature,
  recoverCardPublicKey,
  recoverIssuerPublicKey,
  sm2DynamicSigner,
} from '../src/index.ts';

const random = seededRandom('sm2 certificates');
const [ca, issuer, card] = [generateSm2Key(random), generateSm2Key(random), generateSm2Key(random)];
const pan = '6228480000000000015';
const date = '261122';
const staticData = fromHex('5F2403301231');
const content = { expiry: '1230', serial: fromHex('000001') };
const issuerCertificate = buildSm2IssuerCertificate(
  { ...content, subject: '622848', point: issuer.publicKey },
  (message) => sm2Sign(ca, message, random),
);
const cardCertificate = buildSm2CardCertificate(
  { ...content, subject: pan, point: card.publicKey },
  (message) => sm2Sign(issuer, message, random),
  staticData,
);
const caKey = { point: ca.publicKey };
const issuerKey = { point: issuer.publicKey };
const cardKey = { point: card.publicKey };

describe('SM2 certificates (PBOC 3.0 Part 17 as publicly described)', () => {
  it('are 142 and 148 bytes: 12 or 14, subject, expiry, serial, algorithms, key, R‖S', () => {
    expect([issuerCertificate.length, cardCertificate.length]).toEqual([142, 148]);
    expect([issuerCertificate[0], cardCertificate[0]]).toEqual([0x12, 0x14]);
  });

  it('give the keys they were made for', () => {
    expect(recoverIssuerPublicKey({ certificate: issuerCertificate }, caKey, { pan, date })).toEqual({
      ok: true,
      key: issuerKey,
    });
    const parts = { certificate: cardCertificate, staticData };
    expect(recoverCardPublicKey(parts, issuerKey, { pan, date })).toEqual({ ok: true, key: cardKey });
  });

  it('name what does not hold: another PAN, another issuer number, a later month, other static data', () => {
    const issuerWith = (checks: { pan: string; date: string }) =>
      recoverIssuerPublicKey({ certificate: issuerCertificate }, caKey, checks);
    expect(issuerWith({ pan: '6222480000000000015', date })).toEqual({ ok: false, reason: 'issuer-identifier' });
    expect(issuerWith({ pan, date: '310101' })).toEqual({ ok: false, reason: 'expired' });
    const cardWith = (data: Uint8Array, checks: { pan: string; date: string }) =>
      recoverCardPublicKey({ certificate: cardCertificate, staticData: data }, issuerKey, checks);
    expect(cardWith(staticData, { pan: '6228480000000000016', date })).toEqual({ ok: false, reason: 'account-number' });
    expect(cardWith(staticData, { pan, date: '310101' })).toEqual({ ok: false, reason: 'expired' });
    expect(cardWith(fromHex('5F2403301230'), { pan, date })).toEqual({ ok: false, reason: 'hash' });
    expect(recoverCardPublicKey({ certificate: cardCertificate, staticData }, caKey, { pan, date }).ok).toBe(false);
  });

  it('do not hold when cut or changed anywhere', () => {
    for (let index = 0; index < cardCertificate.length; index++) {
      const changed = cardCertificate.slice();
      changed[index]! ^= 0x01;
      const of = (certificate: Uint8Array) =>
        recoverCardPublicKey({ certificate, staticData }, issuerKey, { pan, date });
      expect(of(changed).ok, `byte ${index}`).toBe(false);
      expect(of(cardCertificate.subarray(0, index)).ok).toBe(false);
    }
  });
});

describe('SM2 signatures of a card', () => {
  const signer = sm2DynamicSigner((message) => sm2Sign(card, message, random));

  it('static: hold over the same data alone', () => {
    const signature = buildSm2StaticSignature(
      (message) => sm2Sign(issuer, message, random),
      fromHex('DAC1'),
      staticData,
    );
    expect(checkStaticSignature(issuerKey, signature, staticData)).toMatchObject({ ok: true });
    expect(checkStaticSignature(issuerKey, signature, fromHex('5F2403301230')).ok).toBe(false);
    expect(checkStaticSignature(cardKey, signature, staticData).ok).toBe(false);
  });

  it('DDA and CDA: hold for this transaction alone, at any length given', () => {
    const ddol = fromHex('A1B2C3D4');
    const dda = signer.dda(7, ddol);
    expect(checkDdaSignature(cardKey, dda, ddol)).toEqual({ ok: true, dynamicNumber: fromHex('0007') });
    expect(checkDdaSignature(cardKey, dda, fromHex('A1B2C3D5')).ok).toBe(false);
    const input = {
      unpredictableNumber: ddol,
      transactionData: [fromHex('0102'), fromHex('03')],
      responseObjects: [fromHex('9F270140')],
    };
    const ac = fromHex('1122334455667788');
    const cda = signer.cda({ atc: 7, cid: 0x40, ac }, input);
    expect(checkCdaSignature(cardKey, cda, input)).toEqual({ ok: true, dynamicNumber: fromHex('0007'), cid: 0x40, ac });
    expect(checkCdaSignature(cardKey, cda, { ...input, transactionData: [fromHex('0102'), fromHex('04')] })).toEqual({
      ok: false,
      reason: 'hash',
    });
    for (let length = 0; length < cda.length; length++) {
      expect(checkCdaSignature(cardKey, cda.subarray(0, length), input).ok).toBe(false);
      expect(checkDdaSignature(cardKey, cda.subarray(0, length), ddol).ok).toBe(false);
    }
  });
});
