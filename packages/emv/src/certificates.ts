/**
 * Issuer and ICC public key certificates: made on the issuing side, recovered and checked by the terminal.
 *
 * EMV 4.4 Book 2 §5.3, §5.4 (formats), §6.3, §6.4 (retrieval), §5.1 (CA keys); RSA with SHA-1, as PBOC cards carry
 * beside SM2 (`sm2-certificates.ts`). A certificate that does not hold is an outcome with its reason, never an
 * exception: the terminal goes on and sets a TVR bit.
 */
import { bcdFromDigits, concat, digitsFromBcd, equalBytes, PolycardError, toHex } from '@polycard/bytes';
import { importRsaPublic, type RsaHandle, rsaRecover, sha1 } from '@polycard/crypto';

/** A public key with its imported handle: importing costs more than using it. */
export interface RsaPublicKey {
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
  readonly handle: RsaHandle;
}

export function openRsaPublicKey(modulus: Uint8Array, exponent: Uint8Array): RsaPublicKey {
  return { modulus, exponent, handle: importRsaPublic(modulus, exponent) };
}

/** RSA private operation without padding; the block is as long as the modulus. */
export type RawSigner = (block: Uint8Array) => Uint8Array;

export type CertificateFailure =
  | 'length'
  | 'recovered-format'
  | 'hash'
  | 'issuer-identifier'
  | 'account-number'
  | 'expired'
  | 'algorithm';

export type Checked<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly reason: CertificateFailure };

export interface CertificateContent {
  /** Issuer identification number as digits, 3 to 8 of them (issuer certificate), or the PAN (ICC certificate). */
  readonly subject: string;
  /** Month and year, `MMYY`. */
  readonly expiry: string;
  readonly serial: Uint8Array;
  readonly publicKey: { readonly modulus: Uint8Array; readonly exponent: Uint8Array };
}

const HEADER = 0x6a;
const TRAILER = 0xbc;
const PAD = 0xbb;
const SHA1_BYTES = 20;
const ALGORITHM_SHA1 = 0x01;
const ALGORITHM_RSA = 0x01;

interface Kind {
  readonly format: number;
  readonly subjectBytes: number;
  /** Certificate bytes that are no key digits: 36 for issuer, 42 for ICC certificates. */
  readonly overheadBytes: number;
}

const ISSUER: Kind = { format: 0x02, subjectBytes: 4, overheadBytes: 36 };
const ICC: Kind = { format: 0x04, subjectBytes: 10, overheadBytes: 42 };

export interface BuiltCertificate {
  readonly certificate: Uint8Array;
  /** Digits of the key that did not fit; empty when all did. */
  readonly remainder: Uint8Array;
  readonly exponent: Uint8Array;
}

export interface CertificateSigner {
  readonly modulusBytes: number;
  readonly sign: RawSigner;
}

/** SHA-1 over RID‖index‖modulus‖exponent, by which a CA key in a terminal is checked (EMV 4.4 Book 2 §11.2.2). */
export function caKeyCheckSum(key: {
  readonly rid: Uint8Array;
  readonly index: number;
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
}): Uint8Array {
  return sha1(key.rid, Uint8Array.of(key.index), key.modulus, key.exponent);
}

function packSubject(digits: string, lengthBytes: number): Uint8Array {
  if (!/^\d+$/.test(digits) || digits.length > lengthBytes * 2) {
    throw new PolycardError('POLYCARD_EMV_CERTIFICATE', `the subject is no number of up to ${lengthBytes * 2} digits`, {
      where: 'subject',
    });
  }
  return Uint8Array.from(Buffer.from(digits.padEnd(lengthBytes * 2, 'F'), 'hex'));
}

function build(kind: Kind, content: CertificateContent, signer: CertificateSigner, tail: Uint8Array): BuiltCertificate {
  const { modulus, exponent } = content.publicKey;
  const room = signer.modulusBytes - kind.overheadBytes;
  if (modulus.length > signer.modulusBytes || room <= 0) {
    throw new PolycardError(
      'POLYCARD_EMV_CERTIFICATE',
      `a key of ${modulus.length} bytes cannot be certified by one of ${signer.modulusBytes}`,
      { where: 'publicKey', expected: 'a signing key at least as long' },
    );
  }
  const digits = new Uint8Array(room).fill(PAD);
  digits.set(modulus.subarray(0, Math.min(room, modulus.length)));
  const remainder = modulus.slice(room);
  const body = concat(
    Uint8Array.of(kind.format),
    packSubject(content.subject, kind.subjectBytes),
    bcdFromDigits(content.expiry, 2),
    content.serial,
    Uint8Array.of(ALGORITHM_SHA1, ALGORITHM_RSA, modulus.length, exponent.length),
    digits,
  );
  const hash = sha1(body, remainder, exponent, tail);
  const certificate = signer.sign(concat(Uint8Array.of(HEADER), body, hash, Uint8Array.of(TRAILER)));
  return { certificate, remainder, exponent };
}

/** Tags 90, 92, 9F32: the issuer's key under a certification authority key. */
export function buildIssuerCertificate(content: CertificateContent, signer: CertificateSigner): BuiltCertificate {
  return build(ISSUER, content, signer, new Uint8Array(0));
}

/** Tags 9F46, 9F48, 9F47: the card's key under the issuer key, bound to the static data to be authenticated. */
export function buildIccCertificate(
  content: CertificateContent,
  signer: CertificateSigner,
  staticData: Uint8Array,
): BuiltCertificate {
  return build(ICC, content, signer, staticData);
}

/** Opens a signed block: its bytes between header and hash, when format and hash hold. */
export function recoverSigned(
  key: RsaPublicKey,
  signature: Uint8Array,
  format: number,
  tail: readonly Uint8Array[],
): Checked<{ readonly body: Uint8Array }> {
  const length = key.modulus.length;
  if (signature.length !== length || length < SHA1_BYTES + 4) return { ok: false, reason: 'length' };
  let block: Uint8Array;
  try {
    block = rsaRecover(key.handle, signature);
  } catch {
    return { ok: false, reason: 'length' }; // the signature is a number above the modulus
  }
  if (block[0] !== HEADER || block[1] !== format || block[length - 1] !== TRAILER) {
    return { ok: false, reason: 'recovered-format' };
  }
  const body = block.subarray(1, length - 1 - SHA1_BYTES);
  const hash = block.subarray(length - 1 - SHA1_BYTES, length - 1);
  return equalBytes(sha1(body, ...tail), hash) ? { ok: true, body } : { ok: false, reason: 'hash' };
}

export interface CertificateParts {
  readonly certificate: Uint8Array;
  readonly remainder?: Uint8Array | undefined;
  readonly exponent: Uint8Array;
}

function recover(
  kind: Kind,
  parts: CertificateParts,
  key: RsaPublicKey,
  tail: Uint8Array,
): Checked<{ readonly content: CertificateContent }> {
  const remainder = parts.remainder ?? new Uint8Array(0);
  const signed = recoverSigned(key, parts.certificate, kind.format, [remainder, parts.exponent, tail]);
  if (!signed.ok) return signed;
  const body = signed.body;
  const at = 1 + kind.subjectBytes;
  if (body.length < at + 9) return { ok: false, reason: 'length' };
  if (body[at + 5] !== ALGORITHM_SHA1 || body[at + 6] !== ALGORITHM_RSA) return { ok: false, reason: 'algorithm' };
  const modulusBytes = body[at + 7]!;
  const room = key.modulus.length - kind.overheadBytes;
  const inside = body.subarray(at + 9, at + 9 + Math.min(modulusBytes, room));
  const modulus = concat(inside, remainder);
  if (modulus.length !== modulusBytes || body[at + 8] !== parts.exponent.length) return { ok: false, reason: 'length' };
  const subject = toHex(body.subarray(1, at)).replace(/F+$/, '');
  if (!/^\d+$/.test(subject)) return { ok: false, reason: 'recovered-format' };
  let expiry: string;
  try {
    expiry = digitsFromBcd(body.subarray(at, at + 2));
  } catch {
    return { ok: false, reason: 'recovered-format' };
  }
  const serial = body.slice(at + 2, at + 5);
  return { ok: true, content: { subject, expiry, serial, publicKey: { modulus, exponent: parts.exponent } } };
}

/** True when the month of `yymmdd` is later than the certificate's `MMYY` (years 50 to 99 are 19xx). */
function isExpired(expiry: string, yymmdd: string): boolean {
  const year = (text: string): number => Number(text) + (Number(text) < 50 ? 2000 : 1900);
  const last = year(expiry.slice(2)) * 12 + Number(expiry.slice(0, 2));
  return year(yymmdd.slice(0, 2)) * 12 + Number(yymmdd.slice(2, 4)) > last;
}

/** True while the certificate's `MMYY` has not passed on `yymmdd`. */
export function checkExpiry(expiry: string, yymmdd: string): boolean {
  return !isExpired(expiry, yymmdd);
}

export interface CertificateChecks {
  /** PAN digits of the card. */
  readonly pan: string;
  /** Transaction date, `YYMMDD`. */
  readonly date: string;
}

/** EMV 4.4 Book 2 §6.3 (issuer certificate). The revocation list is the caller's: it needs RID, index and serial. */
export function recoverIssuerCertificate(
  parts: CertificateParts,
  caKey: RsaPublicKey,
  checks: CertificateChecks,
): Checked<{ readonly content: CertificateContent }> {
  const recovered = recover(ISSUER, parts, caKey, new Uint8Array(0));
  if (!recovered.ok) return recovered;
  const { subject, expiry } = recovered.content;
  if (subject.length < 3 || !checks.pan.startsWith(subject)) return { ok: false, reason: 'issuer-identifier' };
  return isExpired(expiry, checks.date) ? { ok: false, reason: 'expired' } : recovered;
}

/** EMV 4.4 Book 2 §6.4 (ICC certificate), over the static data to be authenticated. */
export function recoverIccCertificate(
  parts: CertificateParts & { readonly staticData: Uint8Array },
  issuerKey: RsaPublicKey,
  checks: CertificateChecks,
): Checked<{ readonly content: CertificateContent }> {
  const recovered = recover(ICC, parts, issuerKey, parts.staticData);
  if (!recovered.ok) return recovered;
  const { subject, expiry } = recovered.content;
  if (subject !== checks.pan) return { ok: false, reason: 'account-number' };
  return isExpired(expiry, checks.date) ? { ok: false, reason: 'expired' } : recovered;
}
