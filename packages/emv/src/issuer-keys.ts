/**
 * Card keys from issuer master keys, and session keys from card keys.
 *
 * EMV 4.4 Book 2 Annex A1.4.1 (option A) and PBOC 3.0 Part 7 as publicly described. No parity adjustment: DES ignores
 * it, and PBOC's PIN change block is the one place where the raw key bytes would show the difference.
 */
import { complement, concat, fromHex, PolycardError } from '@polycard/bytes';
import { type Algorithm, disperse, disperseMany, ecbMode, encryptBlocks } from '@polycard/crypto';

/** Account number as digits and sequence number as two digits; a card without one uses 00. */
export interface CardAccount {
  readonly pan: string;
  readonly psn?: string;
}

/** Y: the rightmost 16 digits of PAN‖PSN, packed (option A; option B is not used by PBOC issuers). */
export function optionAFactor({ pan, psn = '00' }: CardAccount): Uint8Array {
  if (!/^\d{10,19}$/.test(pan) || !/^\d{2}$/.test(psn)) {
    throw new PolycardError('POLYCARD_EMV_ACCOUNT', 'a PAN has 10 to 19 digits and a PSN two', { where: 'pan' });
  }
  return fromHex(`${pan}${psn}`.slice(-16).padStart(16, '0'));
}

/** Card key (UDK): 3DES_IMK(Y)‖3DES_IMK(~Y), or SM4_IMK(Y‖~Y). */
export function deriveCardKey(algorithm: Algorithm, imk: Uint8Array, account: CardAccount): Uint8Array {
  return disperse(algorithm, imk, optionAFactor(account));
}

/** Card keys of many cards under one issuer master key in one cipher call, in the order given. */
export function deriveCardKeys(algorithm: Algorithm, imk: Uint8Array, accounts: readonly CardAccount[]): Uint8Array[] {
  return disperseMany(algorithm, imk, accounts.map(optionAFactor));
}

/** Blocks 00‥00‖ATC and 00‥00‖~ATC: what both session key halves are made from. */
export function sessionKeyInput(atc: number): Uint8Array {
  const low = Uint8Array.of(atc >> 8, atc & 0xff);
  return concat(new Uint8Array(6), low, new Uint8Array(6), complement(low));
}

/** Session key of one transaction; the same rule for the AC, MAC and ENC card keys. `atc` is 0 to FFFF. */
export function deriveSessionKey(algorithm: Algorithm, cardKey: Uint8Array, atc: number): Uint8Array {
  return encryptBlocks(ecbMode(algorithm), cardKey, sessionKeyInput(atc));
}
