/** A section ride that stands open in a card's bus record: boarded, marked with what it costs at most, not tapped off. */
import type { BusDirection, RecordCodec, RecordValues } from '@polycard/blueprint';
import { toHex } from '@polycard/bytes';
import type { CompiledTariff, OpenRide } from '@polycard/fares';
import type { TerminalParameters } from '../configuration.ts';

/** Status of the bus record, as T-Union 2702 has it. */
export const STATUS_ON_BOARD = '01';
export const STATUS_PAID = '02';

const DIRECTION_CODE: Readonly<Record<BusDirection, string>> = { up: '01', down: '02' };

export interface BoardedRide extends OpenRide {
  /** Validator that took the boarding. */
  readonly terminalNo: string;
}

/** Whether any route of the tariff goes by section: without one no card has an open ride. */
export function hasSectionRoutes({ tariffs }: TerminalParameters): boolean {
  return [...(tariffs.bus?.routes.values() ?? [])].some(({ rule }) => rule.kind === 'section');
}

/** Undefined when the record has no ride open. */
export function openRideOf(
  codec: RecordCodec,
  values: RecordValues,
  tariff: CompiledTariff | undefined,
): BoardedRide | undefined {
  if (values['status'] !== STATUS_ON_BOARD || values['markedFare'] === undefined) return undefined;
  const lengthBytes = codec.field('route')?.length ?? 0;
  const bytes = String(values['route']);
  const route = [...(tariff?.routes.keys() ?? [])].find((id) => routeBytes(id, lengthBytes) === bytes);
  return {
    // a route this terminal does not know is named as the card writes it
    route: route ?? routeText(bytes),
    direction: values['direction'] === DIRECTION_CODE.down ? 'down' : 'up',
    boardingStop: String(values['stop']),
    at: String(values['boardingTime']),
    operatorCode: String(values['operator']),
    markedFen: Number(values['markedFare']),
    terminalNo: String(values['boardingTerminal']),
  };
}

/** The record's fields of a ride as it begins. */
export function boardedValues(codec: RecordCodec, ride: BoardedRide): RecordValues {
  return {
    status: STATUS_ON_BOARD,
    boardingTime: ride.at,
    boardingTerminal: ride.terminalNo,
    route: routeBytes(ride.route, codec.field('route')?.length ?? 0),
    operator: ride.operatorCode,
    direction: DIRECTION_CODE[ride.direction],
    stop: ride.boardingStop,
    markedFare: ride.markedFen,
  };
}

/** No ride is open any more; a record that knows no sections has nothing to take back. */
export function closedValues(codec: RecordCodec, stop: string): RecordValues {
  return codec.field('markedFare') === undefined
    ? { status: STATUS_PAID }
    : { status: STATUS_PAID, stop, markedFare: 0 };
}

/** As much of the route's name as the record holds, UTF-8, in hexadecimal. */
export function routeBytes(route: string, lengthBytes: number): string {
  const bytes = new Uint8Array(lengthBytes);
  new TextEncoder().encodeInto(route, bytes);
  return toHex(bytes);
}

const routeText = (hex: string): string => Buffer.from(hex, 'hex').toString('utf8').replaceAll('\0', '').trim();
