/** F57.FF32: a section ride that had no tap-off, as the tap that met it settled it. */
import type { BusDirection } from '@polycard/blueprint';
import {
  bcdFromDigits,
  bcdFromNumber,
  digitsFromBcd,
  encodeTlvs,
  numberFromBcd,
  PolycardError,
  parseTlv,
} from '@polycard/bytes';
import type { OpenRide } from '@polycard/fares';

export interface ClosedRide extends OpenRide {
  /** `waived`: a counter closed it without charge. */
  readonly settlement: 'charged' | 'unpaid' | 'waived';
  /** What it costs, whether or not this tap charged it. */
  readonly fareFen: number;
}

const DIRECTIONS: readonly BusDirection[] = ['up', 'down'];
const SETTLEMENTS: readonly ClosedRide['settlement'][] = ['charged', 'unpaid', 'waived'];

export function encodeClosedRide(ride: ClosedRide): Uint8Array {
  return encodeTlvs([
    ['DF02', bcdFromDigits(ride.operatorCode, 2)],
    ['DF03', bcdFromDigits(ride.boardingStop, 2)],
    ['DF0F', bcdFromDigits(ride.at, 7)],
    ['DF13', new TextEncoder().encode(ride.route)],
    ['DF30', encodeDirection(ride.direction)],
    ['DF31', bcdFromNumber(ride.markedFen, 6)],
    ['DF33', Uint8Array.of(SETTLEMENTS.indexOf(ride.settlement) + 1)],
    ['DF34', bcdFromNumber(ride.fareFen, 6)],
  ]);
}

/** Throws `POLYCARD_TERMINAL_INDUSTRY_DATA` naming the object that is missing or wrong. */
export function parseClosedRide(bytes: Uint8Array): ClosedRide {
  const nodes = parseTlv(bytes, 'F57.FF32');
  const value = (tag: string, lengthBytes?: number): Uint8Array => {
    const found = nodes.find((node) => node.tag === tag)?.value;
    if (found === undefined || (lengthBytes !== undefined && found.length !== lengthBytes))
      throw wrong(`FF32.${tag}`, `has ${found?.length ?? 0} bytes`, `${lengthBytes ?? 'some'} bytes`);
    return found;
  };
  const settlement = SETTLEMENTS[value('DF33', 1)[0]! - 1];
  if (settlement === undefined) throw wrong('FF32.DF33', 'has an unknown value', '01 to 03');
  return {
    operatorCode: digitsFromBcd(value('DF02', 2)),
    boardingStop: digitsFromBcd(value('DF03', 2)),
    at: digitsFromBcd(value('DF0F', 7)),
    route: new TextDecoder().decode(value('DF13')),
    direction: parseDirection(value('DF30', 1), 'F57.FF32.DF30'),
    markedFen: numberFromBcd(value('DF31', 6)),
    settlement,
    fareFen: numberFromBcd(value('DF34', 6)),
  };
}

export const encodeDirection = (direction: BusDirection): Uint8Array =>
  Uint8Array.of(DIRECTIONS.indexOf(direction) + 1);

export function parseDirection(value: Uint8Array, where: string): BusDirection {
  const found = DIRECTIONS[value[0]! - 1];
  if (found === undefined) throw wrong(where.replace(/^F57\./, ''), 'has an unknown value', '01 up or 02 down');
  return found;
}

const wrong = (tag: string, what: string, expected: string): PolycardError =>
  new PolycardError('POLYCARD_TERMINAL_INDUSTRY_DATA', `F57.${tag} ${what}, expected ${expected}`, {
    where: `F57.${tag}`,
    expected,
  });
