/**
 * A bus with fares by section (分段), by segment deduction (DF60 = 01): the boarding writes an open ride with amount 0,
 * the tap-off charges. Which of the two a tap is the card says, unless the door says it.
 */
import type { BusDirection } from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';
import {
  boardingFare,
  type CompiledRoute,
  MODE_CODE,
  markedFen,
  minutesBetween,
  ruleOf,
  secondsBetween,
  stopOf,
  withClosing,
} from '@polycard/fares';
import { refuse } from '../kernel/outcome.ts';
import { endedHere, hasTransfer, journeyFare } from './fare.ts';
import {
  carriedFigures,
  type JourneyContext,
  type JourneyPlan,
  lastChange,
  paidFigures,
  type RecordImageBefore,
} from './journey.ts';
import { settleOpenRide } from './missing-tap-off.ts';
import { type BoardedRide, boardedValues, closedValues, openRideOf, routeBytes, STATUS_PAID } from './open-ride.ts';
import { combinedRideUpdate, tripUpdate } from './shared-records.ts';

const TRIP_EXIT = '02';
const SERVICE_CLASS = '00';

interface SectionTap {
  readonly route: CompiledRoute;
  readonly direction: BusDirection;
  readonly stop: string;
}

export function sectionTap(
  context: JourneyContext,
  route: CompiledRoute,
  bus: RecordImageBefore,
  combined: RecordImageBefore,
): JourneyPlan {
  const { configuration, parameters, request } = context;
  const { codec } = parameters.records.bus;
  const tap = whereIs(context, route);
  const open = openRideOf(codec, bus.values, parameters.tariffs.bus);
  refuseSecondTap(context, tap, bus, open);
  const door = request.door ?? 'both';
  if (open !== undefined && door !== 'on' && isItsTapOff(open, tap, request.at, configuration.terminalNo))
    return tapOff(context, tap, open, bus, combined);
  if (door === 'off') {
    const what = open === undefined ? 'has no boarding' : `boarded route ${open.route}, direction ${open.direction}`;
    return refuse('no-boarding', `the card ${what}: this door only lets out`);
  }
  return tapOn(context, tap, bus);
}

/** The stop the driver's console or the positioning says. */
function whereIs({ request }: JourneyContext, route: CompiledRoute): SectionTap {
  const { stop } = request;
  if (stop === undefined)
    return refuse('stop-unknown', `route ${route.id} is charged by section: the validator must be told its stop`);
  const serving = [...route.stopsOf].filter(([, stops]) => stops.some(({ code }) => code === stop)).map(([id]) => id);
  const direction = request.bound ?? (serving.length === 1 ? serving[0] : undefined);
  if (direction === undefined)
    return refuse(
      'stop-unknown',
      serving.length === 0
        ? `route ${route.id} has no stop ${stop}`
        : `route ${route.id} stops at ${stop} both ways: the validator must be told its direction`,
    );
  try {
    stopOf(route, direction, stop);
  } catch (error) {
    if (error instanceof PolycardError) return refuse('stop-unknown', error.message);
    throw error;
  }
  return { route, direction, stop };
}

/** A card held to the validator twice: it is told so, and nothing changes. */
function refuseSecondTap(
  { parameters, request }: JourneyContext,
  { route, stop }: SectionTap,
  { values }: RecordImageBefore,
  open: BoardedRide | undefined,
): void {
  const { codec } = parameters.records.bus;
  const isHere = values['stop'] === stop && values['route'] === routeBytes(route.id, codec.field('route')?.length ?? 0);
  if (!isHere || (open === undefined && values['status'] !== STATUS_PAID)) return;
  const seconds = secondsBetween(open?.at ?? String(values['lastTime']), request.at);
  if (seconds >= 0 && seconds <= ruleOf(route).graceSeconds)
    refuse('already-tapped', `the card tapped ${open === undefined ? 'off' : 'on'} here ${seconds} s ago`);
}

function isItsTapOff(open: BoardedRide, { route, direction }: SectionTap, at: string, terminalNo: string): boolean {
  const { tapOff: where, maxRideMinutes } = ruleOf(route);
  const minutes = minutesBetween(open.at, at);
  return (
    open.route === route.id &&
    open.direction === direction &&
    minutes >= 0 &&
    minutes <= maxRideMinutes &&
    (where === 'route' || open.terminalNo === terminalNo)
  );
}

/** Nothing is charged but what an earlier ride without tap-off still costs. */
function tapOn(context: JourneyContext, tap: SectionTap, bus: RecordImageBefore): JourneyPlan {
  const { configuration, parameters, request } = context;
  const { route, direction, stop } = tap;
  const record = parameters.records.bus;
  const tariff = parameters.tariffs.bus!;
  const rule = ruleOf(route);
  const marked = markedFen(route, direction, stop);
  const settled = settleOpenRide(context, bus);
  const boarding = boardingFare(tariff, { route: route.id, markedFen: marked }, stopOf(route, direction, stop).name);
  const fare = settled === undefined ? boarding : withClosing(boarding, settled.closing);
  const homeCity = String(bus.values['homeCity']);
  return {
    amountFen: fare.chargeFen,
    homeCity,
    fare,
    ...(rule.minimumBalanceFen === undefined ? {} : { minimumBalanceFen: rule.minimumBalanceFen }),
    updates: (balanceAfterFen) => [
      {
        record,
        bytes: record.codec.encode(
          {
            ...boardedValues(record.codec, {
              ...{ route: route.id, direction, boardingStop: stop, at: request.at, markedFen: marked },
              ...{ operatorCode: configuration.operatorCode, terminalNo: configuration.terminalNo },
            }),
            ...lastChange(record.codec, request.at, configuration.terminalNo),
            amount: 0,
            ...carriedFigures(settled?.values ?? bus.values, 'boardingTime', request.at),
          },
          bus.bytes,
        ),
      },
      ...(settled?.trip(balanceAfterFen) ?? []),
    ],
    industry: {
      kind: 'boarding',
      operatorCode: configuration.operatorCode,
      placeCode: stop,
      baseFen: 0,
      baseSource: 'none',
      classCode: String(bus.values['cardClass']),
      serviceClassCode: SERVICE_CLASS,
      transferApplied: false,
      tariffVersion: parameters.version,
      homeCity,
      at: request.at,
      route: route.id,
      direction,
      markedFen: marked,
      ...(settled === undefined ? {} : { closedRide: settled.closedRide }),
    },
  };
}

function tapOff(
  context: JourneyContext,
  { route, direction, stop }: SectionTap,
  open: BoardedRide,
  bus: RecordImageBefore,
  combined: RecordImageBefore,
): JourneyPlan {
  const { configuration, parameters, request } = context;
  const record = parameters.records.bus;
  const serviceClass = parameters.tariffs.bus!.tariff.serviceClasses[0]!.id;
  const section = { direction, boardingStop: open.boardingStop, alightingStop: stop };
  // a ride belongs to the day and month of its boarding, and the transfer was made when it began
  const fare = journeyFare(context, 'bus', { own: bus, combinedRide: combined }, { serviceClass, section }, open.at);
  const homeCity = String(bus.values['homeCity']);
  return {
    amountFen: fare.chargeFen,
    homeCity,
    fare,
    updates: (balanceAfterFen) => [
      {
        record,
        bytes: record.codec.encode(
          {
            ...closedValues(record.codec, stop),
            ...lastChange(record.codec, request.at, configuration.terminalNo),
            amount: fare.chargeFen,
            ...paidFigures(bus.values, 'boardingTime', open.at, fare.chargeFen),
          },
          bus.bytes,
        ),
      },
      combinedRideUpdate(context, combined, 'bus', open.at),
      tripUpdate(context, {
        type: TRIP_EXIT,
        industry: MODE_CODE.bus,
        amountFen: fare.chargeFen,
        balanceAfterFen,
        homeCity,
      }),
    ],
    industry: {
      kind: 'alighting',
      operatorCode: configuration.operatorCode,
      placeCode: stop,
      baseFen: fare.baseFen,
      baseSource: 'network',
      classCode: String(bus.values['cardClass']),
      serviceClassCode: SERVICE_CLASS,
      transferApplied: hasTransfer(context, 'bus', fare),
      combinedRideBefore: combined.bytes,
      tariffVersion: parameters.version,
      entryPlaceCode: open.boardingStop,
      entryTime: open.at,
      homeCity,
      at: request.at,
      ...endedHere(context, 'bus'),
      route: route.id,
      direction,
    },
  };
}
