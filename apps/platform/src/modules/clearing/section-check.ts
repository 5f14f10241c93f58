/**
 * Rides by section and rides without tap-off, proved like any fare: a boarding must have marked the card with what the
 * route costs at most from there, and a ride it settles must be settled as the tariff says.
 */
import { PolycardError } from '@polycard/bytes';
import {
  boardingFare,
  type CompiledTariff,
  closeOpenRide,
  type Fare,
  markedFen,
  stopOf,
  withClosing,
} from '@polycard/fares';
import type { Region } from '../../region.ts';
import type { IndustryData } from './uploaded-tap.ts';

/** Whether the tap boarded a route by section: nothing is charged for it yet. */
export function isSectionBoarding(kind: string, { markedFen: marked }: IndustryData): boolean {
  return kind === 'boarding' && marked !== undefined;
}

/** What the boarding says and costs: nothing. Throws `POLYCARD_FARES_*` for a route or stop the version does not know. */
export function sectionBoarding(tariff: CompiledTariff, industry: IndustryData): Fare {
  const route = tariff.routes.get(industry.route ?? '');
  if (route === undefined || industry.direction === undefined)
    throw wrong(`route ${industry.route ?? '–'} is not charged by section under this version`);
  const stop = stopOf(route, industry.direction, industry.placeCode);
  return boardingFare(
    tariff,
    { route: route.id, markedFen: markedFen(route, industry.direction, industry.placeCode) },
    stop.name,
  );
}

/** Throws `POLYCARD_CLEARING_OPERATION` when the card was marked with another amount. */
export function checkMark(tariff: CompiledTariff, industry: IndustryData): void {
  const route = tariff.routes.get(industry.route ?? '');
  if (route === undefined || industry.direction === undefined) return;
  const expected = markedFen(route, industry.direction, industry.placeCode);
  if (industry.markedFen !== expected)
    throw wrong(
      `the card was marked with ${industry.markedFen ?? 0} fen, the route costs at most ${expected} from there`,
    );
}

/** The fare with the ride before it that had no tap-off. */
export function withClosedRide(
  region: Region,
  fare: Fare | undefined,
  ride: { readonly industry: IndustryData; readonly at: string; readonly cardClass: string },
): Fare | undefined {
  const { closedRide: closed, repair } = ride.industry;
  if (closed === undefined) return fare;
  const ruled = closeOpenRide(region.tariff('bus'), closed, ride);
  // at a counter people decide: 21 charges, 22 waives
  const isCounter = repair === '21' || repair === '22';
  const settlement = isCounter ? (repair === '21' ? 'charged' : 'waived') : ruled.settlement;
  if (closed.settlement !== settlement)
    throw wrong(`a ride without tap-off of ${closed.at} was ${closed.settlement}, by the tariff it is ${settlement}`);
  return withClosing(fare, { ...ruled, settlement });
}

/** The part of the tap's amount that is for the ride before it. */
export function closedFenOf({ closedRide }: IndustryData): number {
  return closedRide?.settlement === 'charged' ? closedRide.fareFen : 0;
}

const wrong = (message: string): PolycardError =>
  new PolycardError('POLYCARD_CLEARING_OPERATION', message, { where: 'F57' });
