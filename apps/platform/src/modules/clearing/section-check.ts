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
import { sql, type Transaction } from 'kysely';
import type { Region } from '../../region.ts';
import type { Tables } from '../../store/tables.ts';
import type { ReceivedTap } from './store.ts';
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

/** When the ride began that this tap ends or settles, local time YYYYMMDDhhmmss. */
export function beganAt({ kind, industry_data: industry }: Pick<ReceivedTap, 'kind' | 'industry_data'>) {
  return kind === 'alighting' ? industry.entryTime : industry.closedRide?.at;
}

/** A boarding as its own validator uploaded it. */
export interface UploadedBoarding {
  readonly stop: string;
  readonly markedFen: number;
}

export const boardingKey = (cardToken: string, at: string): string => `${cardToken}|${at}`;

/** Boardings that these taps end, as far as they were uploaded; by card and time. */
export async function readBoardings(
  transaction: Transaction<Tables>,
  taps: readonly ReceivedTap[],
): Promise<Map<string, UploadedBoarding>> {
  const cards = taps.filter((tap) => beganAt(tap) !== undefined).map(({ card_token }) => card_token);
  if (cards.length === 0) return new Map();
  const { rows } = await sql<{ card_token: string; at: string; place_code: string; industry_data: IndustryData }>`
    SELECT card_token, at, place_code, industry_data FROM tap
    WHERE card_token = ANY(${[...new Set(cards)]}::text[]) AND kind = 'boarding'
      AND industry_data->>'markedFen' IS NOT NULL AND cryptogram <> 'failed'`.execute(transaction);
  return new Map(
    rows.map(({ card_token, at, place_code, industry_data }) => [
      boardingKey(card_token, at.replace(/[-:T]/g, '')),
      { stop: place_code, markedFen: industry_data.markedFen! },
    ]),
  );
}

/**
 * The boarding as this tap states it is the one that was uploaded; one that has not come yet says nothing. Throws
 * `POLYCARD_CLEARING_OPERATION`.
 */
export function checkBoarding(tap: ReceivedTap, boardings: ReadonlyMap<string, UploadedBoarding>): void {
  const began = beganAt(tap);
  const uploaded = began === undefined ? undefined : boardings.get(boardingKey(tap.card_token, began));
  if (uploaded === undefined) return;
  const { closedRide, entryPlaceCode } = tap.industry_data;
  const stop = tap.kind === 'alighting' ? entryPlaceCode : closedRide?.boardingStop;
  if (stop !== uploaded.stop)
    throw wrong(`the ride is said to have begun at stop ${stop}, its boarding was uploaded from ${uploaded.stop}`);
  if (closedRide !== undefined && tap.kind !== 'alighting' && closedRide.markedFen !== uploaded.markedFen)
    throw wrong(
      `the ride is said to be marked with ${closedRide.markedFen} fen, its boarding with ${uploaded.markedFen}`,
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
