/**
 * Application cryptograms (TC, ARQC, AAC) of cryptogram versions 01 and 17, and the issuer's answer (ARPC).
 *
 * PBOC 3.0 Part 5 Annex D and Part 7 as publicly described. Checked by published vectors (test/vectors).
 */
import { concat, PolycardError, xor } from '@polycard/bytes';
import { type Algorithm, ecbMode, encryptBlocks, macOf } from '@polycard/crypto';

export const CVN_01 = 0x01;
/** Version 17 is written 11h by every card seen; one host reads it as 17h, so that is tolerated. */
export const CVN_17 = 0x11;
const CVN_17_AS_WRITTEN_BY_SOME = 0x17;

/** Values as they go in, all packed as in their data objects. */
export interface CryptogramData {
  /** 9F02, 6 bytes. */
  readonly amountAuthorised: Uint8Array;
  /** 9F03, 6 bytes. */
  readonly amountOther: Uint8Array;
  /** 9F1A, 2 bytes. */
  readonly terminalCountry: Uint8Array;
  /** 95, 5 bytes. */
  readonly tvr: Uint8Array;
  /** 5F2A, 2 bytes. */
  readonly currency: Uint8Array;
  /** 9A, 3 bytes. */
  readonly date: Uint8Array;
  /** 9C, 1 byte. */
  readonly transactionType: Uint8Array;
  /** 9F37, 4 bytes. */
  readonly unpredictableNumber: Uint8Array;
  /** 82, 2 bytes. */
  readonly aip: Uint8Array;
  /** 9F36. */
  readonly atc: number;
  /** CVR without its length byte, 3 bytes. */
  readonly cvr: Uint8Array;
}

const INPUT_LENGTHS: readonly (readonly [Exclude<keyof CryptogramData, 'atc'>, number])[] = [
  ['amountAuthorised', 6],
  ['amountOther', 6],
  ['terminalCountry', 2],
  ['tvr', 5],
  ['currency', 2],
  ['date', 3],
  ['transactionType', 1],
  ['unpredictableNumber', 4],
  ['aip', 2],
  ['cvr', 3],
];

/** The 37 bytes (version 01) or 13 bytes (version 17) under the cryptogram. */
export function buildCryptogramInput(cvn: number, data: CryptogramData): Uint8Array {
  for (const [field, lengthBytes] of INPUT_LENGTHS) {
    if (data[field].length !== lengthBytes) {
      throw new PolycardError(
        'POLYCARD_EMV_CRYPTOGRAM_INPUT',
        `${field} has ${data[field].length} bytes, expected ${lengthBytes}`,
        { where: field },
      );
    }
  }
  const atc = Uint8Array.of(data.atc >> 8, data.atc & 0xff);
  if (cvn === CVN_01) {
    return concat(
      data.amountAuthorised,
      data.amountOther,
      data.terminalCountry,
      data.tvr,
      data.currency,
      data.date,
      data.transactionType,
      data.unpredictableNumber,
      data.aip,
      atc,
      Uint8Array.of(0x03),
      data.cvr,
    );
  }
  if (cvn === CVN_17 || cvn === CVN_17_AS_WRITTEN_BY_SOME) {
    return concat(data.amountAuthorised, data.unpredictableNumber, atc, data.cvr.subarray(0, 1));
  }
  throw new PolycardError('POLYCARD_EMV_CVN', `cryptogram version ${cvn.toString(16)} is not known`, {
    where: '9F10',
    expected: '01 or 11',
  });
}

/** 8 bytes: ALG3 under SK-AC, or the first half of the last SM4 CBC-MAC block. */
export function computeApplicationCryptogram(algorithm: Algorithm, skAc: Uint8Array, input: Uint8Array): Uint8Array {
  return macOf(algorithm, skAc, input);
}

/** ARPC method 1: the cryptogram with the response code (2 bytes) over its front, one encryption under SK-AC. */
export function computeArpc(algorithm: Algorithm, skAc: Uint8Array, ac: Uint8Array, arc: Uint8Array): Uint8Array {
  const block = xor(ac, arc);
  const input = algorithm === '3DES' ? block : concat(block, new Uint8Array(8));
  return encryptBlocks(ecbMode(algorithm), skAc, input).slice(0, 8);
}
