/**
 * Facts of the electronic purse on which the public sources differ or keep silent, as named switches; the default is
 * the reading of the reference (pboc.md §4, §9 C6 to C9).
 */
export interface PurseSwitches {
  /** Type code of a CAPP purchase in MAC1, TAC and log: 09 in five sources, 0A in a comment of one (C7). */
  readonly cappTypeCode: number;
  /** Number GET TRANSACTION PROVE asks with: the counter after the debit (four terminals), before it (one applet), or both (C8). */
  readonly proofNumber: 'after' | 'before' | 'either';
  /** What GET BALANCE P1 selects, first ticket; the second ticket starts at 06. Order of a laboratory's list, 02 and 04 inferred. */
  readonly balanceSelections: readonly BalanceSelection[];
  /** Actual balance of a purse in overdraft: never below zero, or the signed number. */
  readonly actualBalance: 'floor-zero' | 'signed';
  /** ED balance only after the PIN. */
  readonly depositBalanceNeedsPin: boolean;
  /** Command without its INITIALIZE, or an UPDATE outside a CAPP purchase. */
  readonly outOfSequence: 0x6901 | 0x6985;
  /** A load above the balance cap. */
  readonly loadBeyondCap: 0x6985 | 0x6a80;
  /** UPDATE CAPP DATA CACHE with a record longer or shorter than the file's. */
  readonly updateTooLong: 0x6a84 | 0x6700;
  readonly updateTooShort: 0x6a80 | 0x6700;
  /** Room for cached updates, five bytes counted beside each record. */
  readonly updateCacheBytes: number;
  /** READ RECORD with P1 = 00 on a cyclic file (C6). */
  readonly cyclicRecordZero: 'newest' | 'refuse';
  /** SELECT of a temporarily blocked application: 6283 with its FCI, or 6A81. */
  readonly blockedSelect: 0x6283 | 0x6a81;
  /** Input of the MAC of RELOAD PIN (C9). */
  readonly reloadPinMacInput: 'pin' | 'header-and-pin';
  /** PIN UNBLOCK carries a PIN: it must be the card's, or it becomes the card's. */
  readonly unblockPin: 'must-match' | 'sets-pin';
  /** Failed APPLICATION UNBLOCK or PIN UNBLOCK commands in a row until the application is permanently blocked. */
  readonly unblockFailuresMax: number;
}

export type BalanceSelection = 'available' | 'overdraft-limit' | 'overdraft-used' | 'actual' | 'cap';

export const PURSE_SWITCHES_AS_PUBLICLY_DESCRIBED: PurseSwitches = {
  cappTypeCode: 0x09,
  proofNumber: 'after',
  balanceSelections: ['available', 'overdraft-limit', 'overdraft-used', 'actual', 'cap'],
  actualBalance: 'floor-zero',
  depositBalanceNeedsPin: true,
  outOfSequence: 0x6901,
  loadBeyondCap: 0x6985,
  updateTooLong: 0x6a84,
  updateTooShort: 0x6a80,
  updateCacheBytes: 512,
  cyclicRecordZero: 'newest',
  blockedSelect: 0x6283,
  reloadPinMacInput: 'pin',
  unblockPin: 'must-match',
  unblockFailuresMax: 3,
};
