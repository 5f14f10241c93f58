/** What is denied: a card as a whole or one industry application on it, why, and whether a terminal may lock it on the spot. */
import { PolycardError } from '@polycard/bytes';

/** Reasons in the order of their codes on the wire (`reasonCode`). */
export const DENY_REASONS = [
  'lost',
  'stolen',
  'counterfeit',
  'account-closed',
  'debt',
  'fraud-suspected',
  'replaced',
  'withdrawn-by-issuer',
  'application-closed',
] as const;
export type DenyReason = (typeof DENY_REASONS)[number];

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

const SCOPE = /^[a-z][a-z0-9-]{0,30}$/;

/** Throws `POLYCARD_DENY_LIST_ENTRY` naming the part that is wrong; never the whole card number. */
export function checkEntry(entry: DenyEntry): void {
  const wrong = (where: string, expected: string): PolycardError =>
    new PolycardError(
      'POLYCARD_DENY_LIST_ENTRY',
      `deny-list entry of a card ending ${entry.cardNo.slice(-4)}: ${where}: expected ${expected}`,
      { where, expected },
    );
  if (!/^\d{8,19}$/.test(entry.cardNo)) throw wrong('cardNo', '8 to 19 digits');
  if (!SCOPE.test(entry.scope)) throw wrong('scope', '"card" or the identifier of an application');
  if (!DENY_REASONS.includes(entry.reason)) throw wrong('reason', `one of ${DENY_REASONS.join(', ')}`);
}
