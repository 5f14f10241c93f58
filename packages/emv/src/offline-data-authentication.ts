/**
 * Offline data authentication around the certificates: static data, signed static data (SDA), and the dynamic
 * signature of qPBOC (fDDA versions 00 and 01).
 *
 * EMV 4.4 Book 2 §5.1, §6.5; EMV 4.4 Book 3 §10.3 (static data); PBOC 3.0 Part 12 (fDDA) as publicly described.
 */
import { concat, PolycardError, parseTlv } from '@polycard/bytes';
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

function fddaTail(data: FddaTerminalData): Uint8Array[] {
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
