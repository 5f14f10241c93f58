/**
 * Facts on which the public sources differ or keep silent, as named switches. The default is the reading of the
 * clause as publicly described; where the recorded independent card departs from it, the departure can be switched on.
 */
import type { Algorithm } from '@polycard/crypto';
import type { IddMacPadding } from '@polycard/emv';

export interface PbocSwitches {
  /** Padding of the issuer discretionary data MAC in 9F10; three implementations do three things. */
  readonly iddMacPadding: IddMacPadding;
  /** UPDATE CAPP DATA CACHE with wrong P2 bits: as READ CAPP DATA (6A86), or 6A82 as recorded. */
  readonly updateBadP2: 0x6a86 | 0x6a82;
  /** UPDATE CAPP DATA CACHE with a record longer than stored; a certification script expects 6700. */
  readonly updateTooLong: 0x6a84 | 0x6700;
  /** UPDATE CAPP DATA CACHE with a record shorter than stored. */
  readonly updateTooShort: 0x6a80 | 0x6a84 | 0x6700;
  /** A short record for the cyclic file: its slot is filled up with zeros, or the command refused as too short. */
  readonly shortCyclicRecord: 'zero-fill' | 'refuse';
  /** APPEND RECORD longer than the personalised maximum record length: refused, or accepted as recorded. */
  readonly appendBeyondMaximum: 'refuse' | 'accept';
  /** READ RECORD with P1 = 00 on the cyclic file: the newest, as a certification script expects, or 6A83 as recorded. */
  readonly cyclicRecordZero: 'newest' | 'refuse';
  /** GET DATA 9F79 and 9F5D between GET PROCESSING OPTIONS and the commit: what is stored, or the reduced value as recorded. */
  readonly balanceBeforeCommit: 'stored' | 'working';
  /**
   * Algorithm of the MACs of READ CAPP DATA and UPDATE CAPP DATA CACHE: of the keys the file was opened with (3DES where
   * P1 of APPEND RECORD was 00), or one for all. Two test libraries use 3DES even with SM4 cards.
   */
  readonly cappMacAlgorithm: 'as-opened' | Algorithm;
  /** APPEND RECORD on a card with SM4 opening keys: P1 = 01 and SM4, or as if they were 3DES keys. */
  readonly appendAlgorithm: 'as-opened' | '3DES';
  /** PIN exceeded earlier and ADA byte 2 b3 set: the application is blocked and GENERATE AC refused as recorded, or an AAC given. */
  readonly pinExceededBlock: 'no-answer' | 'aac';
  /** VERIFY with P2 = 88 and GET CHALLENGE: when the CVM list names an enciphered PIN, or never. */
  readonly encipheredPin: 'when-personalised' | 'never';
  /** DGI 8010: a block with control byte 2n where it is one and bare digits otherwise, or always bare digits as recorded. */
  readonly personalisedPin: 'either' | 'digits';
  /** A load above 9F77 counted with open pre-authorisations: 6976 as recorded, or 6A80 as the quoted clause says. */
  readonly loadBeyondLimitWithPreAuthorisation: 0x6976 | 0x6a80;
  /** SELECT of a locked application on contact: FCI by GET RESPONSE as recorded (T=0), or with 6283 at once. */
  readonly lockedFciOnContact: 'get-response' | 'at-once';
  /**
   * REPLACE RECORD KEY, our extension: accepted, or 6D00 as a card without it. On, because nothing else knows the command
   * and a region that rotates its management keys needs it.
   */
  readonly recordKeyReplacement: 'accept' | 'refuse';
  /** Room of the update cache, its entries counted with five bytes each beside the record. */
  readonly updateCacheBytes: number;
  /** Personalised without a size, a variable extended file may grow to this. */
  readonly unlimitedFileBytes: number;
}

export const SWITCHES_AS_PUBLICLY_DESCRIBED: PbocSwitches = {
  iddMacPadding: 'filled-block',
  updateBadP2: 0x6a86,
  updateTooLong: 0x6a84,
  updateTooShort: 0x6a80,
  shortCyclicRecord: 'zero-fill',
  appendBeyondMaximum: 'refuse',
  cyclicRecordZero: 'newest',
  balanceBeforeCommit: 'stored',
  cappMacAlgorithm: 'as-opened',
  appendAlgorithm: 'as-opened',
  pinExceededBlock: 'no-answer',
  encipheredPin: 'when-personalised',
  personalisedPin: 'either',
  loadBeyondLimitWithPreAuthorisation: 0x6976,
  lockedFciOnContact: 'get-response',
  recordKeyReplacement: 'accept',
  updateCacheBytes: 512,
  unlimitedFileBytes: 4096,
};
