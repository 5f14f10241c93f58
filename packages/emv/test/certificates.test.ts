import { concat, fromHex, toHex } from '@polycard/bytes';
import { generateRsaKey, importRsaPrivate, type RsaPrivateParts, rsaSignRaw, seededRandom } from '@polycard/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  buildFddaSignature,
  buildIccCertificate,
  buildIssuerCertificate,
  buildSignedStaticData,
  type CertificateSigner,
  openRsaPublicKey,
  recoverIccCertificate,
  recoverIssuerCertificate,
  staticDataToBeAuthenticated,
  verifyFddaSignature,
  verifySignedStaticData,
} from '../src/index.ts';

const pan = '6228480000000000015';
const date = '250101';
const serial = fromHex('000001');

function signerOf(key: RsaPrivateParts): CertificateSigner {
  const handle = importRsaPrivate(key);
  return { modulusBytes: key.modulus.length, sign: (block) => rsaSignRaw(handle, block) };
}

let ca: RsaPrivateParts;
let issuer: RsaPrivateParts;
let icc: RsaPrivateParts;
const staticData = fromHex('5A0A6228480000000000015F5F340101');

beforeAll(() => {
  const random = seededRandom('certificates');
  ca = generateRsaKey(random, 144);
  issuer = generateRsaKey(random, 128);
  icc = generateRsaKey(random, 96);
});

describe('issuer certificate', () => {
  const build = (subject = '62284800', expiry = '1230') =>
    buildIssuerCertificate({ subject, expiry, serial, publicKey: issuer }, signerOf(ca));

  it('gives back the key, with a remainder where it did not fit', () => {
    const made = build();
    expect(made.remainder.length).toBe(128 - (144 - 36));
    const recovered = recoverIssuerCertificate(made, openRsaPublicKey(ca.modulus, ca.exponent), { pan, date });
    expect(recovered).toMatchObject({ ok: true, content: { subject: '62284800', expiry: '1230', serial } });
    if (recovered.ok) expect(toHex(recovered.content.publicKey.modulus)).toBe(toHex(issuer.modulus));
  });

  it.each([
    ['another issuer', () => build('62284801'), 'issuer-identifier'],
    ['a certificate of last month', () => build('62284800', '1224'), 'expired'],
    ['a changed exponent', () => ({ ...build(), exponent: Uint8Array.of(5) }), 'hash'],
    ['a cut certificate', () => ({ ...build(), certificate: build().certificate.subarray(1) }), 'length'],
    ['a missing remainder', () => ({ ...build(), remainder: undefined }), 'hash'],
  ])('refuses %s', (_, make, reason) => {
    const key = openRsaPublicKey(ca.modulus, ca.exponent);
    expect(recoverIssuerCertificate(make(), key, { pan, date })).toEqual({ ok: false, reason });
  });

  it('holds to the end of its month', () => {
    const key = openRsaPublicKey(ca.modulus, ca.exponent);
    const made = build('62284800', '0125');
    expect(recoverIssuerCertificate(made, key, { pan, date: '250131' }).ok).toBe(true);
    expect(recoverIssuerCertificate(made, key, { pan, date: '250201' }).ok).toBe(false);
  });

  it('is not accepted as an ICC certificate', () => {
    const key = openRsaPublicKey(ca.modulus, ca.exponent);
    expect(recoverIccCertificate({ ...build(), staticData }, key, { pan, date })).toEqual({
      ok: false,
      reason: 'recovered-format',
    });
  });
});

describe('ICC certificate and dynamic signature', () => {
  const build = (subject = pan) =>
    buildIccCertificate({ subject, expiry: '1230', serial, publicKey: icc }, signerOf(issuer), staticData);
  const issuerKey = () => openRsaPublicKey(issuer.modulus, issuer.exponent);

  it('gives back the card key, bound to the static data', () => {
    const made = build();
    expect(made.remainder.length).toBe(10);
    const recovered = recoverIccCertificate({ ...made, staticData }, issuerKey(), { pan, date });
    expect(recovered).toMatchObject({ ok: true, content: { subject: pan } });
    const changed = staticData.slice();
    changed[3]! ^= 1;
    expect(recoverIccCertificate({ ...made, staticData: changed }, issuerKey(), { pan, date })).toEqual({
      ok: false,
      reason: 'hash',
    });
    expect(recoverIccCertificate({ ...build(pan.replace('1', '2')), staticData }, issuerKey(), { pan, date })).toEqual({
      ok: false,
      reason: 'account-number',
    });
  });

  it('pads a key that is shorter than the certificate', () => {
    const made = buildIccCertificate(
      { subject: pan, expiry: '1230', serial, publicKey: icc },
      signerOf(ca), // 144 bytes leave 102 for the 96 of the card key
      staticData,
    );
    expect(made.remainder.length).toBe(0);
    const key = openRsaPublicKey(ca.modulus, ca.exponent);
    const recovered = recoverIccCertificate({ ...made, staticData }, key, { pan, date });
    expect(recovered.ok && toHex(recovered.content.publicKey.modulus)).toBe(toHex(icc.modulus));
  });

  it.each([
    ['00', undefined],
    [
      '01',
      {
        amount: fromHex('000000000300'),
        currency: fromHex('0156'),
        cardAuthenticationData: fromHex('0111223344000002'),
      },
    ],
  ])('signs and verifies fDDA %s', (_, version01) => {
    const unpredictableNumber = fromHex('12345678');
    const data = version01 === undefined ? { unpredictableNumber } : { unpredictableNumber, version01 };
    const signature = buildFddaSignature(signerOf(icc), 0x0102, data);
    const key = openRsaPublicKey(icc.modulus, icc.exponent);
    expect(verifyFddaSignature(key, signature, data)).toEqual({ ok: true, atc: 0x0102 });
    const other = { ...data, unpredictableNumber: fromHex('12345679') };
    expect(verifyFddaSignature(key, signature, other)).toEqual({ ok: false, reason: 'hash' });
    const tampered = signature.slice();
    tampered[40]! ^= 1;
    expect(verifyFddaSignature(key, tampered, data).ok).toBe(false);
    expect(verifyFddaSignature(key, signature.subarray(1), data)).toEqual({ ok: false, reason: 'length' });
    expect(verifyFddaSignature(key, new Uint8Array(96).fill(0xff), data)).toEqual({ ok: false, reason: 'length' });
  });
});

describe('static data', () => {
  it('leaves out template 70 for payment files only and appends the AIP', () => {
    const record = concat(fromHex('7004'), fromHex('5F340101'));
    const joined = staticDataToBeAuthenticated(
      [
        { sfi: 2, bytes: record },
        { sfi: 11, bytes: record },
      ],
      fromHex('7C00'),
    );
    expect(toHex(joined)).toBe('5F34010170045F3401017C00');
    expect(() => staticDataToBeAuthenticated([{ sfi: 1, bytes: fromHex('5F340101') }])).toThrow(
      expect.objectContaining({ code: 'POLYCARD_EMV_STATIC_DATA' }),
    );
  });

  it('signs and verifies', () => {
    const signature = buildSignedStaticData(signerOf(issuer), fromHex('DAC1'), staticData);
    const key = openRsaPublicKey(issuer.modulus, issuer.exponent);
    const verified = verifySignedStaticData(key, signature, staticData);
    expect(verified.ok && toHex(verified.dataAuthenticationCode)).toBe('DAC1');
    expect(verifySignedStaticData(key, signature, staticData.subarray(1))).toEqual({ ok: false, reason: 'hash' });
  });
});
