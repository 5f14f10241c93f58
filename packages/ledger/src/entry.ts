/**
 * Double entry. An entry is a set of postings that sum to zero; it is never changed, only reversed by another entry.
 * Positive amounts are credits (the party is owed), negative ones debits (the party owes). Integer fen throughout.
 */
import { PolycardError } from '@polycard/bytes';

export interface Posting {
  /** `issuer:lingnan-bank:float`, `operator:shenzhen-metro:revenue`, `platform:guangdong-platform:fees` … */
  readonly account: string;
  readonly partyId: string;
  readonly amountFen: number;
  /** What the posting is for: `fare`, or the fee rule's id. Debits and credits of one purpose balance. */
  readonly what: string;
}

export interface Entry {
  readonly id: string;
  /** YYYY-MM-DD. */
  readonly businessDate: string;
  readonly postings: readonly Posting[];
}

/** Throws `POLYCARD_LEDGER_UNBALANCED` unless amounts are integers and sum to zero, for each purpose and altogether. */
export function makeEntry(id: string, businessDate: string, postings: readonly Posting[]): Entry {
  const sums = new Map<string, number>();
  for (const posting of postings) {
    if (!Number.isSafeInteger(posting.amountFen)) {
      throw new PolycardError(
        'POLYCARD_LEDGER_AMOUNT',
        `entry ${id} posts ${posting.amountFen} to ${posting.account}`,
        {
          where: posting.account,
          expected: 'a whole number of fen',
        },
      );
    }
    sums.set(posting.what, (sums.get(posting.what) ?? 0) + posting.amountFen);
  }
  for (const [what, sum] of sums) {
    if (sum !== 0) {
      throw new PolycardError('POLYCARD_LEDGER_UNBALANCED', `entry ${id} is off by ${sum} fen in ${what}`, {
        where: what,
        expected: 'a sum of 0',
      });
    }
  }
  return { id, businessDate, postings: postings.filter((posting) => posting.amountFen !== 0) };
}

/** The entry that takes another back. */
export function reverseEntry(entry: Entry, id: string, businessDate: string): Entry {
  return makeEntry(
    id,
    businessDate,
    entry.postings.map((posting) => ({ ...posting, amountFen: -posting.amountFen || 0 })),
  );
}
