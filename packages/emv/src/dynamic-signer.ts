/**
 * Signatures of a card with either kind of key, and public keys of either kind: what fDDA, DDA and CDA need, whatever
 * the algorithm. RSA with SHA-1 (EMV 4.4 Book 2 §6); SM2 with SM3 (PBOC 3.0 Part 17) as publicly described.
 */
import { concat } from '@polycard/bytes';
import { sm3 } from '@polycard/crypto';
import {
  type CertificateChecks,
  type CertificateParts,
  type CertificateSigner,
  type Checked,
  checkExpiry,
  openRsaPublicKey,
  type RsaPublicKey,
  recoverIccCertificate,
  recoverIssuerCertificate,
} from './certificates.ts';
import {
  buildCdaSignature,
  buildDdaSignature,
  buildFddaSignature,
  type CdaInput,
  type FddaTerminalData,
  fddaTail,
  verifyCdaSignature,
  verifyDdaSignature,
  verifyFddaSignature,
  verifySignedStaticData,
} from './offline-data-authentication.ts';
import {
  buildSm2DynamicSignature,
  openSm2DynamicSignature,
  recoverSm2CardCertificate,
  recoverSm2IssuerCertificate,
  type Sm2PublicKey,
  type Sm2Signer,
  verifySm2StaticSignature,
} from './sm2-certificates.ts';

export interface CdaFacts {
  readonly atc: number;
  readonly cid: number;
  readonly ac: Uint8Array;
}

/** The card's side. */
export interface DynamicSigner {
  readonly algorithm: 'RSA' | 'SM2';
  /** Of an fDDA or DDA signature. */
  readonly signatureBytes: number;
  fdda(atc: number, data: FddaTerminalData): Uint8Array;
  dda(atc: number, ddolData: Uint8Array): Uint8Array;
  cda(facts: CdaFacts, input: CdaInput): Uint8Array;
}

export function rsaDynamicSigner(signer: CertificateSigner): DynamicSigner {
  return {
    algorithm: 'RSA',
    signatureBytes: signer.modulusBytes,
    fdda: (atc, data) => buildFddaSignature(signer, atc, data),
    dda: (atc, ddolData) => buildDdaSignature(signer, atc, ddolData),
    cda: (facts, input) => buildCdaSignature(signer, facts, input),
  };
}

const counterOf = (atc: number): Uint8Array => Uint8Array.of(0x02, atc >> 8, atc & 0xff);
const SM2_SIGNED_BYTES = 2 + 3 + 64;

export function sm2DynamicSigner(sign: Sm2Signer): DynamicSigner {
  return {
    algorithm: 'SM2',
    signatureBytes: SM2_SIGNED_BYTES,
    fdda: (atc, data) => buildSm2DynamicSignature(sign, counterOf(atc), fddaTail(data)),
    dda: (atc, ddolData) => buildSm2DynamicSignature(sign, counterOf(atc), [ddolData]),
    cda({ atc, cid, ac }, input) {
      const hash = sm3(...input.transactionData, ...input.responseObjects);
      const dynamic = concat(counterOf(atc), Uint8Array.of(cid), ac, hash);
      return buildSm2DynamicSignature(sign, dynamic, [input.unpredictableNumber]);
    },
  };
}

/** A key of a certification authority, an issuer or a card. */
export type PublicKey = RsaPublicKey | Sm2PublicKey;

export function isSm2Key(key: PublicKey): key is Sm2PublicKey {
  return 'point' in key;
}

/** Tags 90 and, for RSA, 92 and 9F32. */
export interface PublicKeyParts {
  readonly certificate: Uint8Array;
  readonly remainder?: Uint8Array | undefined;
  readonly exponent?: Uint8Array | undefined;
}

function rsaParts({ certificate, remainder, exponent }: PublicKeyParts): CertificateParts | undefined {
  return exponent === undefined ? undefined : { certificate, remainder, exponent };
}

export function recoverIssuerPublicKey(
  parts: PublicKeyParts,
  caKey: PublicKey,
  checks: CertificateChecks,
): Checked<{ readonly key: PublicKey }> {
  if (isSm2Key(caKey)) {
    const recovered = recoverSm2IssuerCertificate(parts.certificate, caKey);
    if (!recovered.ok) return recovered;
    const { subject, expiry, point } = recovered.content;
    if (subject.length < 3 || !checks.pan.startsWith(subject)) return { ok: false, reason: 'issuer-identifier' };
    return checkExpiry(expiry, checks.date) ? { ok: true, key: { point } } : { ok: false, reason: 'expired' };
  }
  const rsa = rsaParts(parts);
  if (rsa === undefined) return { ok: false, reason: 'length' };
  const recovered = recoverIssuerCertificate(rsa, caKey, checks);
  if (!recovered.ok) return recovered;
  return { ok: true, key: openRsaPublicKey(recovered.content.publicKey.modulus, rsa.exponent) };
}

export function recoverCardPublicKey(
  parts: PublicKeyParts & { readonly staticData: Uint8Array },
  issuerKey: PublicKey,
  checks: CertificateChecks,
): Checked<{ readonly key: PublicKey }> {
  if (isSm2Key(issuerKey)) {
    const recovered = recoverSm2CardCertificate(parts.certificate, issuerKey, parts.staticData);
    if (!recovered.ok) return recovered;
    const { subject, expiry, point } = recovered.content;
    if (subject !== checks.pan) return { ok: false, reason: 'account-number' };
    return checkExpiry(expiry, checks.date) ? { ok: true, key: { point } } : { ok: false, reason: 'expired' };
  }
  const rsa = rsaParts(parts);
  if (rsa === undefined) return { ok: false, reason: 'length' };
  const recovered = recoverIccCertificate({ ...rsa, staticData: parts.staticData }, issuerKey, checks);
  if (!recovered.ok) return recovered;
  return { ok: true, key: openRsaPublicKey(recovered.content.publicKey.modulus, rsa.exponent) };
}

export function checkStaticSignature(issuerKey: PublicKey, signature: Uint8Array, staticData: Uint8Array) {
  return isSm2Key(issuerKey)
    ? verifySm2StaticSignature(issuerKey, signature, staticData)
    : verifySignedStaticData(issuerKey, signature, staticData);
}

function numberOf(dynamic: Uint8Array): Checked<{ readonly dynamicNumber: Uint8Array }> {
  const length = dynamic[0] ?? 0;
  if (length < 2 || length > 8 || dynamic.length < 1 + length) return { ok: false, reason: 'recovered-format' };
  return { ok: true, dynamicNumber: dynamic.slice(1, 1 + length) };
}

/** Gives the ATC the card signed. */
export function checkFddaSignature(
  key: PublicKey,
  signature: Uint8Array,
  data: FddaTerminalData,
): Checked<{ readonly atc: number }> {
  if (!isSm2Key(key)) return verifyFddaSignature(key, signature, data);
  const opened = openSm2DynamicSignature(key, signature, fddaTail(data));
  if (!opened.ok) return opened;
  const { dynamic } = opened;
  if (dynamic.length !== 3 || dynamic[0] !== 0x02) return { ok: false, reason: 'recovered-format' };
  return { ok: true, atc: (dynamic[1]! << 8) | dynamic[2]! };
}

export function checkDdaSignature(
  key: PublicKey,
  signature: Uint8Array,
  ddolData: Uint8Array,
): Checked<{ readonly dynamicNumber: Uint8Array }> {
  if (!isSm2Key(key)) return verifyDdaSignature(key, signature, ddolData);
  const opened = openSm2DynamicSignature(key, signature, [ddolData]);
  return opened.ok ? numberOf(opened.dynamic) : opened;
}

export function checkCdaSignature(
  key: PublicKey,
  signature: Uint8Array,
  input: CdaInput,
): Checked<{ readonly dynamicNumber: Uint8Array; readonly cid: number; readonly ac: Uint8Array }> {
  if (!isSm2Key(key)) return verifyCdaSignature(key, signature, input);
  const opened = openSm2DynamicSignature(key, signature, [input.unpredictableNumber]);
  if (!opened.ok) return opened;
  const number = numberOf(opened.dynamic);
  if (!number.ok) return number;
  const at = 1 + number.dynamicNumber.length;
  const rest = opened.dynamic.subarray(at);
  if (rest.length !== 1 + 8 + 32) return { ok: false, reason: 'recovered-format' };
  const hash = sm3(...input.transactionData, ...input.responseObjects);
  if (!hash.every((byte, index) => byte === rest[9 + index])) return { ok: false, reason: 'hash' };
  return { ok: true, dynamicNumber: number.dynamicNumber, cid: rest[0]!, ac: rest.slice(1, 9) };
}
