/**
 * Offline data authentication around the certificates: static data, signed static data (SDA), and the dynamic
 * signature of qPBOC (fDDA versions 00 and 01).
 *
 * EMV 4.4 Book 2 §5.1, §6.5; EMV 4.4 Book 3 §10.3 (static data); PBOC 3.0 Part 12 (fDDA) as publicly described.
 */
import { concat, equalBytes, PolycardError, parseTlv } from '@polycard/bytes';
import { sha1 } from '@polycard/crypto';
import { type CertificateSigner, type Checked, type RsaPublicKey, recoverSigned } from './certificates.ts';

/** A record that takes part in offline data authentication, in the order of the AFL. */
export interface AuthenticatedRecord {
  readonly sfi: number;
  readonly bytes: Uint8Array;
}

/**
 * Static data to be authenticated (EMV 4.4 Book 3 §10.3): records of SFI 1-10 without tag 70 and its length, others
 * whole; then the AIP when the tag list 9F4A (which may name only 82) is present.
 */
export function staticDataToBeAuthenticated(records: readonly AuthenticatedRecord[], aip?: Uint8Array): Uint8Array {
  const parts = records.map(({ sfi, bytes }) => {
    if (sfi > 10) return bytes;
    const template = parseTlv(bytes, `record of SFI ${sfi}`)[0];
    if (template?.tag !== '70') {
      throw new PolycardError('POLYCARD_EMV_STATIC_DATA', `a record of SFI ${sfi} has no template 70`, { where: '70' });
    }
    return template.value;
  });
  return concat(...parts, aip ?? new Uint8Array(0));
}

const FORMAT_SDA = 0x03;
const FORMAT_DYNAMIC = 0x05;
const HASH_SHA1 = 0x01;
const OVERHEAD_BYTES = 22; // header, hash, trailer

function signedBlock(signer: CertificateSigner, head: Uint8Array, tail: readonly Uint8Array[]): Uint8Array {
  const body = new Uint8Array(signer.modulusBytes - OVERHEAD_BYTES).fill(0xbb);
  body.set(head);
  return signer.sign(concat(Uint8Array.of(0x6a), body, sha1(body, ...tail), Uint8Array.of(0xbc)));
}

/** Tag 93: data authentication code (2 bytes) and the static data under the issuer key. */
export function buildSignedStaticData(
  signer: CertificateSigner,
  dataAuthenticationCode: Uint8Array,
  staticData: Uint8Array,
): Uint8Array {
  return signedBlock(signer, concat(Uint8Array.of(FORMAT_SDA, HASH_SHA1), dataAuthenticationCode), [staticData]);
}

export function verifySignedStaticData(
  issuerKey: RsaPublicKey,
  signature: Uint8Array,
  staticData: Uint8Array,
): Checked<{ readonly dataAuthenticationCode: Uint8Array }> {
  const signed = recoverSigned(issuerKey, signature, FORMAT_SDA, [staticData]);
  if (!signed.ok) return signed;
  if (signed.body[1] !== HASH_SHA1) return { ok: false, reason: 'algorithm' };
  return { ok: true, dataAuthenticationCode: signed.body.slice(2, 4) };
}

/** What the terminal and the card both know and the fDDA signature binds. */
export interface FddaTerminalData {
  /** 9F37, 4 bytes. */
  readonly unpredictableNumber: Uint8Array;
  /**
   * Present for version 01 (TTQ byte 4 b8 and a PBOC 3.0 card): amount 9F02 (6), currency 5F2A (2) and the card
   * authentication related data 9F69 (8). Absent for version 00.
   */
  readonly version01?: {
    readonly amount: Uint8Array;
    readonly currency: Uint8Array;
    readonly cardAuthenticationData: Uint8Array;
  };
}

/** What an fDDA signature is over beside the card's own data. */
export function fddaTail(data: FddaTerminalData): Uint8Array[] {
  if (data.version01 === undefined) return [data.unpredictableNumber];
  const { amount, currency, cardAuthenticationData } = data.version01;
  return [data.unpredictableNumber, amount, currency, cardAuthenticationData];
}

/** Tag 9F4B of qPBOC: the ICC dynamic number is the ATC. */
export function buildFddaSignature(signer: CertificateSigner, atc: number, data: FddaTerminalData): Uint8Array {
  const head = Uint8Array.of(FORMAT_DYNAMIC, HASH_SHA1, 0x03, 0x02, atc >> 8, atc & 0xff);
  return signedBlock(signer, head, fddaTail(data));
}

/** Gives the ATC the card signed; the terminal compares it with 9F36. */
export function verifyFddaSignature(
  iccKey: RsaPublicKey,
  signature: Uint8Array,
  data: FddaTerminalData,
): Checked<{ readonly atc: number }> {
  const signed = recoverSigned(iccKey, signature, FORMAT_DYNAMIC, fddaTail(data));
  if (!signed.ok) return signed;
  const body = signed.body;
  if (body[1] !== HASH_SHA1) return { ok: false, reason: 'algorithm' };
  if (body[2] !== 0x03 || body[3] !== 0x02) return { ok: false, reason: 'recovered-format' };
  return { ok: true, atc: (body[4]! << 8) | body[5]! };
}

/** Tag 9F4B of INTERNAL AUTHENTICATE (EMV 4.4 Book 2 §6.5.2), over the values of the DDOL; the number is the ATC. */
export function buildDdaSignature(signer: CertificateSigner, atc: number, ddolData: Uint8Array): Uint8Array {
  const head = Uint8Array.of(FORMAT_DYNAMIC, HASH_SHA1, 0x03, 0x02, atc >> 8, atc & 0xff);
  return signedBlock(signer, head, [ddolData]);
}

/** Gives the ICC dynamic number (9F4C) the card signed. */
export function verifyDdaSignature(
  iccKey: RsaPublicKey,
  signature: Uint8Array,
  ddolData: Uint8Array,
): Checked<{ readonly dynamicNumber: Uint8Array }> {
  const signed = recoverSigned(iccKey, signature, FORMAT_DYNAMIC, [ddolData]);
  if (!signed.ok) return signed;
  const { body } = signed;
  if (body[1] !== HASH_SHA1) return { ok: false, reason: 'algorithm' };
  const length = body[3] ?? 0;
  if (length < 2 || length > 8 || body[2]! < length + 1) return { ok: false, reason: 'recovered-format' };
  return { ok: true, dynamicNumber: body.slice(4, 4 + length) };
}

/** What a combined signature binds beside the unpredictable number (EMV 4.4 Book 2 §6.6). */
export interface CdaInput {
  /** 9F37 of the data object list of this GENERATE AC, 4 bytes. */
  readonly unpredictableNumber: Uint8Array;
  /** Values of the PDOL, of CDOL1 and, for the second GENERATE AC, of CDOL2, one after another. */
  readonly transactionData: readonly Uint8Array[];
  /** Objects of the answer except 9F4B, in their order, tags and lengths included. */
  readonly responseObjects: readonly Uint8Array[];
}

const CDA_DYNAMIC_BYTES = 0x20;

/** Tag 9F4B of GENERATE AC: `20‖02‖ATC‖CID‖AC‖hash` and the hash over it. */
export function buildCdaSignature(
  signer: CertificateSigner,
  facts: { readonly atc: number; readonly cid: number; readonly ac: Uint8Array },
  input: CdaInput,
): Uint8Array {
  const { atc, cid, ac } = facts;
  const head = concat(
    Uint8Array.of(FORMAT_DYNAMIC, HASH_SHA1, CDA_DYNAMIC_BYTES, 0x02, atc >> 8, atc & 0xff, cid),
    ac,
    sha1(...input.transactionData, ...input.responseObjects),
  );
  return signedBlock(signer, head, [input.unpredictableNumber]);
}

/** Gives what the card signed; the terminal compares CID and AC with the answer, or takes them from here. */
export function verifyCdaSignature(
  iccKey: RsaPublicKey,
  signature: Uint8Array,
  input: CdaInput,
): Checked<{ readonly dynamicNumber: Uint8Array; readonly cid: number; readonly ac: Uint8Array }> {
  const signed = recoverSigned(iccKey, signature, FORMAT_DYNAMIC, [input.unpredictableNumber]);
  if (!signed.ok) return signed;
  const { body } = signed;
  if (body[1] !== HASH_SHA1) return { ok: false, reason: 'algorithm' };
  const numberBytes = body[3] ?? 0;
  if (numberBytes < 2 || numberBytes > 8 || body[2] !== numberBytes + 30) {
    return { ok: false, reason: 'recovered-format' };
  }
  const at = 4 + numberBytes;
  const hash = sha1(...input.transactionData, ...input.responseObjects);
  if (!equalBytes(hash, body.subarray(at + 9, at + 29))) return { ok: false, reason: 'hash' };
  return { ok: true, dynamicNumber: body.slice(4, at), cid: body[at]!, ac: body.slice(at + 1, at + 9) };
}
