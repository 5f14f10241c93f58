/** The right to a transfer, from the card's combined-ride record and the time of the ride. Pure arithmetic on local times. */
import type { Mode, Tariff } from '@polycard/blueprint';

/** What the combined-ride record says: mode code 00 none, 01 metro, 02 bus; local time YYYYMMDDhhmmss or empty. */
export interface CombinedRide {
  readonly lastMode: string;
  readonly lastTime: string;
  /** Operator's code, and how many rides hang together by transfers; for tariffs that limit them. */
  readonly lastOperator?: string;
  readonly legs?: number;
}

export interface Transfer {
  readonly fromMode: Mode;
  readonly minutesSince: number;
}

const MODE_OF_CODE: Readonly<Record<string, Mode>> = { '01': 'metro', '02': 'bus' };
export const MODE_CODE: Readonly<Record<Mode, string>> = { metro: '01', bus: '02' };

/** From the values of the combined-ride record. */
export function combinedRideOf(values: Readonly<Record<string, string | number>>): CombinedRide {
  return {
    lastMode: String(values['lastMode']),
    lastTime: String(values['lastTime']),
    lastOperator: String(values['lastOperator']),
    legs: Number(values['legs']),
  };
}

/** The transfer this ride may claim, whether or not the card's class gets it; undefined when there is none. */
export function transferOf(
  compiled: { readonly tariff: Tariff },
  ride: CombinedRide,
  at: string,
  operator?: string,
): Transfer | undefined {
  const rule = compiled.tariff.transfer;
  const fromMode = MODE_OF_CODE[ride.lastMode];
  if (rule === undefined || fromMode === undefined || !rule.fromModes.includes(fromMode)) return undefined;
  const pairs = rule.operatorPairs;
  if (pairs !== undefined && !pairs.some(({ from, to }) => from === ride.lastOperator && to === operator))
    return undefined;
  // the next ride would be one more than the card has behind it
  if (rule.legsMax !== undefined && (ride.legs ?? 0) + 1 > rule.legsMax) return undefined;
  // seconds decide what came first: minutes rounded up make the minute before the ride a zero
  if (!(epochSeconds(at) >= epochSeconds(ride.lastTime))) return undefined;
  const minutesSince = minutesBetween(ride.lastTime, at);
  if (!(minutesSince <= rule.windowMinutes)) return undefined;
  return { fromMode, minutesSince };
}

/** Whole minutes from one local time to another, rounded up; NaN when one is malformed. */
export function minutesBetween(from: string, to: string): number {
  return Math.ceil((epochSeconds(to) - epochSeconds(from)) / 60);
}

/** Seconds from one local time to another; NaN when one is malformed. */
export function secondsBetween(from: string, to: string): number {
  return epochSeconds(to) - epochSeconds(from);
}

function epochSeconds(time: string): number {
  if (!/^\d{14}$/.test(time)) return Number.NaN;
  const part = (start: number, length = 2): number => Number(time.slice(start, start + length));
  const [day, hour, minute, second] = [part(6), part(8), part(10), part(12)];
  const date = new Date(Date.UTC(part(0, 4), part(4) - 1, day, hour, minute, second));
  // Date.UTC carries over what does not exist, 30 February to March: such a time is malformed
  const isCarried = date.getUTCDate() !== day || date.getUTCMonth() !== part(4) - 1;
  return isCarried || hour > 23 || minute > 59 || second > 59 ? Number.NaN : date.getTime() / 1000;
}
