/** How old a list may be, and who answers for a listed card that was let through. */

export interface FreshnessRule {
  /** A terminal warns from here on. */
  readonly warnAfterSeconds: number;
  /** A terminal takes no card any more from here on; absent: it goes on and says so in its uploads. */
  readonly refuseAfterSeconds?: number;
}

export type Freshness = 'fresh' | 'stale' | 'expired';

export function freshnessOf(issuedAt: number, nowSeconds: number, rule: FreshnessRule): Freshness {
  const ageSeconds = nowSeconds - issuedAt;
  if (rule.refuseAfterSeconds !== undefined && ageSeconds >= rule.refuseAfterSeconds) return 'expired';
  return ageSeconds >= rule.warnAfterSeconds ? 'stale' : 'fresh';
}

/**
 * Who bears a ride of a listed card: the card's issuer while its listing had not been published, or not long enough for
 * a terminal to fetch it; the operator when the terminal should have had the version that lists the card.
 */
export function liableParty(ride: {
  /** Version the terminal stated in its upload. */
  readonly heldVersion: number;
  /** First version that lists the card, and when it was published. */
  readonly listedInVersion: number;
  readonly listedAt: number;
  readonly tappedAt: number;
  /** Time an operator has to bring a version to its terminals. */
  readonly graceSeconds: number;
}): 'issuer' | 'operator' {
  if (ride.heldVersion >= ride.listedInVersion) return 'operator';
  return ride.tappedAt - ride.listedAt >= ride.graceSeconds ? 'operator' : 'issuer';
}
