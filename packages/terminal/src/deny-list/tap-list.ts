/** The deny list as a tap sees it: a look-up, the version that is stated in the upload, and where refusals are noted. */
import type { Denial, Freshness } from '@polycard/deny-list';

/** What came of a listed card that was held to the terminal. */
export type HitOutcome =
  /** Refused; the rule locks nothing, or the whole card is listed and only its issuer can block it. */
  | 'refused'
  /** Refused, and the listed application is locked on the card. */
  | 'locked'
  /** Refused; it was to be locked and the card would not. */
  | 'lock-refused'
  /** Refused; the card left while it was being locked. The next tap tells. */
  | 'lock-unknown';

export const HIT_OUTCOMES: readonly HitOutcome[] = ['refused', 'locked', 'lock-refused', 'lock-unknown'];

/** A listed card that was held to this terminal. */
export interface DenyListHit {
  /** The terminal's own number of it. */
  readonly hitNo: number;
  readonly pan: string;
  /** Local time YYYYMMDDhhmmss. */
  readonly at: string;
  readonly scope: string;
  readonly reason: string;
  readonly outcome: HitOutcome;
  readonly listVersion: number;
}

export interface TapDenyList {
  /** Version that is held; 0 while there is none. */
  readonly version: number;
  freshness(): Freshness;
  /** Why this card is refused for this application of the terminal; undefined when it is not listed. */
  find(pan: string, application: string): Denial | undefined;
  /** Durable when it returns. */
  note(hit: Omit<DenyListHit, 'hitNo' | 'listVersion'>): void;
}
