/** Postings of a load: a counter took cash and owes it to the issuer, whose float grows by what is now on the card. */
import { PolycardError } from '@polycard/bytes';
import { type Entry, makeEntry } from './entry.ts';

export interface CashLoad {
  readonly entryId: string;
  readonly businessDate: string;
  readonly amountFen: number;
  readonly issuerId: string;
  /** Operator of the counter. */
  readonly operatorId: string;
}

export const LOAD = 'load';

/** Throws `POLYCARD_LEDGER_AMOUNT` for an amount that cannot be. */
export function postCashLoad({ entryId, businessDate, amountFen, issuerId, operatorId }: CashLoad): Entry {
  if (!Number.isSafeInteger(amountFen) || amountFen <= 0) {
    throw new PolycardError('POLYCARD_LEDGER_AMOUNT', `entry ${entryId} loads ${amountFen}`, {
      where: 'amountFen',
      expected: 'a whole number of fen from 1',
    });
  }
  return makeEntry(entryId, businessDate, [
    { account: `operator:${operatorId}:load-cash`, partyId: operatorId, amountFen: -amountFen, what: LOAD },
    { account: `issuer:${issuerId}:float`, partyId: issuerId, amountFen, what: LOAD },
  ]);
}
