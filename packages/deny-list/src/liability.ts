/**
 * Who answers for a ride of a listed card that was let through. It follows the list version that the terminal had at the
 * tap, not the one that was current: a terminal can refuse only what its list names.
 */

export interface ListedRide {
  /** Version the terminal stated in its upload, or one it had acknowledged before the tap; 0 when it had none. */
  readonly heldVersion: number;
  /** First version that lists the card. */
  readonly listedInVersion: number;
  /** When that version was published, seconds since 1970. */
  readonly listedAt: number;
  /** First version without the card, and when it was published. */
  readonly removedInVersion?: number;
  readonly removedAt?: number;
  readonly tappedAt: number;
  /** Time an operator has to bring a version to its terminals. */
  readonly graceSeconds: number;
}

/**
 * `held-and-accepted`: the terminal's list named the card. `list-too-old`: it should have had the version by then.
 * `in-distribution`: the version was out, but not for so long that the terminal had to have it.
 */
export type LiabilityGround = 'held-and-accepted' | 'list-too-old' | 'in-distribution';

export interface Liability {
  readonly party: 'operator' | 'issuer';
  readonly ground: LiabilityGround;
}

/** Undefined where the card was not listed for this ride: before its listing, or after its removal. */
export function liabilityOf(ride: ListedRide): Liability | undefined {
  const { heldVersion, listedInVersion, removedInVersion } = ride;
  if (removedInVersion !== undefined && heldVersion >= removedInVersion) return undefined;
  if (heldVersion >= listedInVersion) return { party: 'operator', ground: 'held-and-accepted' };
  if (ride.tappedAt < ride.listedAt) return undefined;
  if (ride.removedAt !== undefined && ride.tappedAt >= ride.removedAt) return undefined;
  return ride.tappedAt - ride.listedAt >= ride.graceSeconds
    ? { party: 'operator', ground: 'list-too-old' }
    : { party: 'issuer', ground: 'in-distribution' };
}
