/**
 * A torn boarding by section: the card was marked or not, and the next tap that meets the mark tells. Nothing was charged
 * for it, so no balance does.
 */
import { secondsBetween } from '@polycard/fares';
import type { TapEvidence, TornVerdict } from './torn-resolution.ts';

/**
 * `later` are the known taps of the card after it, oldest first; `stated` what the card itself said on one of them.
 * Somebody who was torn at one bus and took another at once is charged there for the first: that goes back.
 */
export function resolveTornBoarding(
  torn: TapEvidence,
  later: readonly TapEvidence[],
  stated: 'committed' | 'not-committed' | undefined,
  elsewhereSeconds: number,
): TornVerdict | undefined {
  if (stated === 'not-committed') return { outcome: 'not-committed', by: 'proof' };
  const next = later.find(meetsMark);
  if (next === undefined) return stated === undefined ? undefined : { outcome: 'committed', by: 'proof' };
  const { closedRide } = next;
  const isTappedOff = next.kind === 'alighting' && isOf(torn, next.entryTime, next.entryPlaceCode);
  const isClosed = closedRide !== undefined && isOf(torn, closedRide.at, closedRide.boardingStop);
  if (!isTappedOff && !isClosed)
    return stated === undefined ? { outcome: 'not-committed', by: 'record' } : { outcome: 'committed', by: 'proof' };
  const isElsewhere = next.terminalNo !== torn.terminalNo && secondsBetween(torn.at, next.at) <= elsewhereSeconds;
  return isClosed && closedRide.settlement === 'charged' && isElsewhere
    ? { outcome: 'refund-due', by: 'record', refundFen: closedRide.fareFen }
    : { outcome: 'committed', by: 'record' };
}

/** A tap-off that charged nothing: the ride it ended is settled by a later tap, or it is not. */
export function resolveFreeAlighting(torn: TapEvidence, later: readonly TapEvidence[]): TornVerdict | undefined {
  const next = later.find(meetsMark);
  if (next === undefined) return undefined;
  const { closedRide } = next;
  const isStillOpen =
    (next.kind === 'alighting' && next.entryTime === torn.entryTime) || closedRide?.at === torn.entryTime;
  return isStillOpen ? { outcome: 'not-committed', by: 'record' } : { outcome: 'committed', by: 'record' };
}

/** Taps that look at the bus record: they settle an open ride, or show that there was none. */
const meetsMark = ({ kind, closedRide }: TapEvidence): boolean =>
  kind === 'boarding' || kind === 'alighting' || kind === 'entry' || closedRide !== undefined;

const isOf = (torn: TapEvidence, at: string | undefined, stop: string | undefined): boolean =>
  at === torn.at && stop === torn.placeCode;
