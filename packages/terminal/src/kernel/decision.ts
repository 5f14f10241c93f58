/**
 * The terminal's decision after GET PROCESSING OPTIONS: only an offline approval (TC, read from the CVR in 9F10) of a
 * card that is neither expired nor listed goes on to be written (PBOC 3.0 Part 12, as publicly described). Whether the
 * card proved itself is decided later, since the signature's data (9F69) come with the record that commits.
 */
import { numberFromBcd } from '@polycard/bytes';
import type { Transaction } from './initiate.ts';
import { fromCard, refuse } from './outcome.ts';

export interface DecisionRequest {
  readonly amountFen: number;
  /** Local time YYYYMMDDhhmmss. */
  readonly at: string;
  /** The operator waives dates today: an expired card is taken. */
  readonly isDateWaived?: boolean;
}

/** Ends the tap with a refusal unless the card may pay. */
export function decide(transaction: Transaction, request: DecisionRequest): void {
  const { cryptogramKind, expiry, cardData } = transaction;
  if (cryptogramKind !== 'TC') {
    const available = availableFen(cardData);
    const isShort = cryptogramKind !== undefined && (available === undefined || available < request.amountFen);
    refuse(
      isShort ? 'insufficient-balance' : 'declined',
      `the card did not approve offline (${cryptogramKind ?? 'no decision'})`,
    );
  }
  if (request.isDateWaived !== true && expiry !== '' && expiry < request.at.slice(2, 6))
    refuse('expired', 'the card has expired');
}

/** 9F5D: what may still be spent offline, after this transaction when it was approved; undefined when the card is silent. */
export function availableFen(cardData: ReadonlyMap<string, Uint8Array>): number | undefined {
  const value = cardData.get('9F5D');
  return value === undefined ? undefined : fromCard(() => numberFromBcd(value));
}
