/** What is denied: a card as a whole or one industry application on it, why, and whether a terminal may lock it on the spot. */
import { PolycardError } from '@polycard/bytes';

/** Identifier of a reason of the region's blueprint (`lost`, `arrears` …): the list carries it, the blueprint names it. */
export type DenyReason = string;

/** `card`, or the identifier of one application of the blueprint (`metro`, `bus` …). */
export type DenyScope = string;
export const WHOLE_CARD: DenyScope = 'card';

export interface DenyEntry {
  /** Card number, 8 to 19 digits. */
  readonly cardNo: string;
  readonly scope: DenyScope;
  readonly reason: DenyReason;
  /** The rule lets the terminal block the card or the application at the tap that is refused. */
  readonly lockOnSight: boolean;
}

/** One entry for each card and scope; a change of reason is a removal and an addition. */
export const entryKey = ({ cardNo, scope }: Pick<DenyEntry, 'cardNo' | 'scope'>): string => `${cardNo}/${scope}`;

const IDENTIFIER = /^[a-z][a-z0-9-]{0,30}$/;

export const isIdentifier = (text: string): boolean => IDENTIFIER.test(text);

/** Throws `POLYCARD_DENY_LIST_ENTRY` naming the part that is wrong; never the whole card number. */
export function checkEntry(entry: DenyEntry): void {
  const wrong = (where: string, expected: string): PolycardError =>
    new PolycardError(
      'POLYCARD_DENY_LIST_ENTRY',
      `deny-list entry of a card ending ${entry.cardNo.slice(-4)}: ${where}: expected ${expected}`,
      { where, expected },
    );
  if (!/^\d{8,19}$/.test(entry.cardNo)) throw wrong('cardNo', '8 to 19 digits');
  if (!isIdentifier(entry.scope)) throw wrong('scope', '"card" or the identifier of an application');
  if (!isIdentifier(entry.reason)) throw wrong('reason', 'the identifier of a reason');
}
