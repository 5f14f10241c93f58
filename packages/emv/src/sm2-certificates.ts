/**
 * Certificates and signatures of offline data authentication with SM2 and SM3. Nothing is recovered as with RSA: all
 * stands in clear, followed by the signature R‖S over it and over what it binds.
 * PBOC 3.0 Part 17 as publicly described (reference pboc.md §2.5; one source). Card keys lie on the curve of GB/T 32918.5.
 */
import { bcdFromDigits, concat, digitsFromBcd, fromHex, PolycardError, toHex } from '@polycard/bytes';
import { isSm2PublicKey, SM2_PUBLIC_KEY_BYTES, SM2_SIGNATURE_BYTES, sm2Verify } from '@polycard/crypto';
import type { Checked } from './certificates.ts';

/** SM2 with SM3, both for the signature and for the key; one curve, so its parameters are not named (00). */
const ALGORITHM_SM2 = 0x04;
const PARAMETERS = 0x00;
const FORMAT_ISSUER = 0x12;
const FORMAT_STATIC = 0x13;
const FORMAT_CARD = 0x14;
const FORMAT_DYNAMIC = 0x15;

/** Signs a message with ZA in front; 64 bytes R‖S. */
export type Sm2Signer = (message: Uint8Array) => Uint8Array;

export interface Sm2PublicKey {
  /** x‖y, 64 bytes. */
  readonly point: Uint8Array;
}

export interface Sm2CertificateContent {
  /** Issuer identification number, 3 to 8 digits, or the PAN. */
  readonly subject: string;
  /** `MMYY`. */
  readonly expiry: string;
  readonly serial: Uint8Array;
  /** x‖y. */
  readonly point: Uint8Array;
}

function build(format: number, subjectBytes: number, content: Sm2CertificateContent): Uint8Array {
  const { subject, expiry, serial, point } = content;
  if (!/^\d+$/.test(subject) || subject.length > subjectBytes * 2 || point.length !== SM2_PUBLIC_KEY_BYTES) {
    throw new PolycardError(
      'POLYCARD_EMV_CERTIFICATE',
      'the subject is no number of that length, or the key no point',
      {
        where: 'subject',
      },
    );
  }
  return concat(
    Uint8Array.of(format),
    fromHex(subject.padEnd(subjectBytes * 2, 'F')),
    bcdFromDigits(expiry, 2),
    serial,
    Uint8Array.of(ALGORITHM_SM2, ALGORITHM_SM2, PARAMETERS, point.length),
    point,
  );
}

const ISSUER_SUBJECT_BYTES = 4;
const CARD_SUBJECT_BYTES = 10;

/** Tag 90. */
export function buildSm2IssuerCertificate(content: Sm2CertificateContent, sign: Sm2Signer): Uint8Array {
  const body = build(FORMAT_ISSUER, ISSUER_SUBJECT_BYTES, content);
  return concat(body, sign(body));
}

/** Tag 9F46, bound to the static data to be authenticated. */
export function buildSm2CardCertificate(
  content: Sm2CertificateContent,
  sign: Sm2Signer,
  staticData: Uint8Array,
): Uint8Array {
  const body = build(FORMAT_CARD, CARD_SUBJECT_BYTES, content);
  return concat(body, sign(concat(body, staticData)));
}

function recover(
  [format, subjectBytes]: readonly [format: number, subjectBytes: number],
  certificate: Uint8Array,
  key: Sm2PublicKey,
  tail: Uint8Array,
): Checked<{ readonly content: Sm2CertificateContent }> {
  const at = 1 + subjectBytes;
  const bodyBytes = at + 9 + SM2_PUBLIC_KEY_BYTES;
  if (certificate.length !== bodyBytes + SM2_SIGNATURE_BYTES) return { ok: false, reason: 'length' };
  const body = certificate.subarray(0, bodyBytes);
  if (body[0] !== format) return { ok: false, reason: 'recovered-format' };
  if (body[at + 5] !== ALGORITHM_SM2 || body[at + 6] !== ALGORITHM_SM2) return { ok: false, reason: 'algorithm' };
  const point = body.slice(at + 9);
  if (body[at + 8] !== SM2_PUBLIC_KEY_BYTES || !isSm2PublicKey(point)) return { ok: false, reason: 'length' };
  if (!sm2Verify(key.point, concat(body, tail), certificate.subarray(bodyBytes))) return { ok: false, reason: 'hash' };
  const subject = toHex(body.subarray(1, at)).replace(/F+$/, '');
  if (!/^\d+$/.test(subject)) return { ok: false, reason: 'recovered-format' };
  let expiry: string;
  try {
    expiry = digitsFromBcd(body.subarray(at, at + 2));
  } catch {
    return { ok: false, reason: 'recovered-format' };
  }
  return { ok: true, content: { subject, expiry, serial: body.slice(at + 2, at + 5), point } };
}

export function recoverSm2IssuerCertificate(certificate: Uint8Array, caKey: Sm2PublicKey) {
  return recover([FORMAT_ISSUER, ISSUER_SUBJECT_BYTES], certificate, caKey, new Uint8Array(0));
}

export function recoverSm2CardCertificate(certificate: Uint8Array, issuerKey: Sm2PublicKey, staticData: Uint8Array) {
  return recover([FORMAT_CARD, CARD_SUBJECT_BYTES], certificate, issuerKey, staticData);
}

/** Tag 93: data authentication code (2 bytes) and signature over it and the static data. */
export function buildSm2StaticSignature(sign: Sm2Signer, code: Uint8Array, staticData: Uint8Array): Uint8Array {
  const head = concat(Uint8Array.of(FORMAT_STATIC), code);
  return concat(head, sign(concat(head, staticData)));
}

export function verifySm2StaticSignature(
  issuerKey: Sm2PublicKey,
  signature: Uint8Array,
  staticData: Uint8Array,
): Checked<{ readonly dataAuthenticationCode: Uint8Array }> {
  if (signature.length !== 3 + SM2_SIGNATURE_BYTES) return { ok: false, reason: 'length' };
  const head = signature.subarray(0, 3);
  if (head[0] !== FORMAT_STATIC) return { ok: false, reason: 'recovered-format' };
  const holds = sm2Verify(issuerKey.point, concat(head, staticData), signature.subarray(3));
  return holds ? { ok: true, dataAuthenticationCode: head.slice(1) } : { ok: false, reason: 'hash' };
}

/** Tag 9F4B: `15‖length‖dynamic data‖R‖S`, over the first three and what the terminal knows. */
export function buildSm2DynamicSignature(
  sign: Sm2Signer,
  dynamic: Uint8Array,
  tail: readonly Uint8Array[],
): Uint8Array {
  const head = concat(Uint8Array.of(FORMAT_DYNAMIC, dynamic.length), dynamic);
  return concat(head, sign(concat(head, ...tail)));
}

export function openSm2DynamicSignature(
  cardKey: Sm2PublicKey,
  signature: Uint8Array,
  tail: readonly Uint8Array[],
): Checked<{ readonly dynamic: Uint8Array }> {
  const length = signature[1] ?? 0;
  if (signature.length !== 2 + length + SM2_SIGNATURE_BYTES) return { ok: false, reason: 'length' };
  if (signature[0] !== FORMAT_DYNAMIC) return { ok: false, reason: 'recovered-format' };
  const head = signature.subarray(0, 2 + length);
  if (!sm2Verify(cardKey.point, concat(head, ...tail), signature.subarray(head.length)))
    return { ok: false, reason: 'hash' };
  return { ok: true, dynamic: head.slice(2) };
}
