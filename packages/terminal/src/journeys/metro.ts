/** Metro: entry writes the record with amount 0, or what a bus ride without tap-off costs; exit reads it, computes the fare, deducts, writes, appends the trip. */
import type { OperatingMode } from '@polycard/blueprint';
import { assumedEntry, type Fare, isOvertime, MODE_CODE, operatedFare, withClosing } from '@polycard/fares';
import { refuse } from '../kernel/outcome.ts';
import { endedHere, hasTransfer, journeyFare } from './fare.ts';
import {
  checkRecordFlags,
  isUsable,
  type Journey,
  type JourneyContext,
  lastChange,
  missedExit,
  modesHere,
  NO_PLACE,
  paidFigures,
  type RecordImageBefore,
  releasedBy,
  STATUS_INSIDE,
  STATUS_OUTSIDE,
  STATUS_PAID_INSIDE,
} from './journey.ts';
import { settledBusRecord, settleOpenRide } from './missing-tap-off.ts';
import { hasSectionRoutes } from './open-ride.ts';
import { combinedRideUpdate, tripUpdate } from './shared-records.ts';

const TRIP_EXIT = '02';

export const metroEntry: Journey = {
  looksAt: (parameters) => (hasSectionRoutes(parameters) ? [parameters.records.bus] : []),
  reads: ({ records }) => [records.metro],
  plan: (context, before) => {
    const { configuration, parameters, request } = context;
    const { bytes, values } = before.get('metro')!;
    checkRecordFlags('metro', values);
    const isMissedExit = missedExit(context, values);
    const released = releasedBy(context, values);
    const bus = before.get('bus');
    // a bus record that is locked or not valid is left as it is: no terminal uses it
    const settled = bus !== undefined && isUsable(bus.values) ? settleOpenRide(context, bus) : undefined;
    const fare = settled === undefined ? undefined : withClosing(undefined, settled.closing);
    const tariff = parameters.tariffs.metro;
    const serviceClass = serviceClassCode(tariff, request.serviceClass);
    const record = parameters.records.metro;
    const written = record.codec.encode(
      {
        status: STATUS_INSIDE,
        entryTime: request.at,
        entryTerminal: configuration.terminalNo,
        entryStation: configuration.placeCode,
        ...lastChange(record.codec, request.at, configuration.terminalNo),
        serviceClass,
      },
      bytes,
    );
    return {
      amountFen: fare?.chargeFen ?? 0,
      ...(fare === undefined ? {} : { fare }),
      homeCity: String(values['homeCity']),
      missedExit: isMissedExit,
      updates: (balanceAfterFen) => [
        { record, bytes: written },
        ...(settled === undefined ? [] : [settledBusRecord(context, settled, bus!), ...settled.trip(balanceAfterFen)]),
      ],
      industry: {
        kind: 'entry',
        operatorCode: configuration.operatorCode,
        placeCode: configuration.placeCode,
        baseFen: 0,
        baseSource: 'none',
        classCode: String(values['cardClass']),
        serviceClassCode: serviceClass,
        transferApplied: false,
        tariffVersion: parameters.version,
        homeCity: String(values['homeCity']),
        at: request.at,
        ...stated(context),
        ...(released === undefined ? {} : { releasedBy: released.id }),
        ...(settled === undefined ? {} : { closedRide: settled.closedRide }),
      },
    };
  },
};

export const metroExit: Journey = {
  // the combined-ride record first: the record read last is the one the card insists on seeing updated
  reads: ({ records }) => [records.combinedRide, records.metro],
  plan: (context, before) => {
    const { configuration, parameters, request } = context;
    const metro = before.get('metro')!;
    const combined = before.get('combined-ride')!;
    checkRecordFlags('metro', metro.values);
    const entry = openEntry(context, metro);
    const fare = exitFare(context, metro, combined, entry);
    const homeCity = String(metro.values['homeCity']);
    const record = parameters.records.metro;
    return {
      amountFen: fare.chargeFen,
      homeCity,
      fare,
      updates: (balanceAfterFen) => [
        {
          record,
          bytes: record.codec.encode(
            {
              status: STATUS_OUTSIDE,
              exitTime: request.at,
              exitTerminal: configuration.terminalNo,
              exitStation: configuration.placeCode,
              ...lastChange(record.codec, request.at, configuration.terminalNo),
              amount: fare.chargeFen,
              serviceClass: serviceClassCode(parameters.tariffs.metro, serviceClassOf(context, metro)),
              ...paidFigures(metro.values, 'exitTime', request.at, fare.chargeFen),
            },
            metro.bytes,
          ),
        },
        combinedRideUpdate(context, combined, 'metro'),
        tripUpdate(context, {
          type: TRIP_EXIT,
          industry: MODE_CODE.metro,
          amountFen: fare.chargeFen,
          balanceAfterFen,
          homeCity,
        }),
      ],
      industry: {
        kind: 'exit',
        operatorCode: configuration.operatorCode,
        placeCode: configuration.placeCode,
        baseFen: fare.baseFen,
        baseSource: fare.baseSource === 'network' ? 'network' : 'declared',
        classCode: String(metro.values['cardClass']),
        serviceClassCode: serviceClassCode(parameters.tariffs.metro, serviceClassOf(context, metro)),
        transferApplied: hasTransfer(context, 'metro', fare),
        combinedRideBefore: combined.bytes,
        tariffVersion: parameters.version,
        ...(entry.placeCode === undefined ? {} : { entryPlaceCode: entry.placeCode }),
        ...(entry.at === undefined ? {} : { entryTime: entry.at }),
        homeCity,
        at: request.at,
        ...stated(context),
        ...endedHere(context, 'metro'),
        ...(entry.kind === 'recorded' ? {} : { entryKind: entry.kind }),
      },
    };
  },
};

/** Where and when the rider came in, as far as the card and the orders of the network say. */
interface OpenEntry {
  /** `assumed`: no entry on the card, and the order was waived; `paid-inside`: settled at a counter. */
  readonly kind: 'recorded' | 'assumed' | 'paid-inside';
  readonly placeCode?: string;
  readonly at?: string;
}

function openEntry(context: JourneyContext, { values }: RecordImageBefore): OpenEntry {
  const { parameters, request, modeOrders } = context;
  const status = values['status'];
  if (status === STATUS_INSIDE || status === STATUS_PAID_INSIDE) {
    return {
      kind: status === STATUS_INSIDE ? 'recorded' : 'paid-inside',
      placeCode: String(values['entryStation']),
      at: String(values['entryTime']),
    };
  }
  const assumed = assumedEntry(modeOrders, request.at, parameters.tariffs.metro?.tariff.operation);
  if (assumed === undefined) return refuse('no-entry', 'the card has no open entry: see the counter');
  return assumed === 'none' ? { kind: 'assumed' } : { kind: 'assumed', placeCode: assumed.place };
}

/** Modes go with the tap, so that clearing computes the same fare and asks who ordered them. */
function stated(context: JourneyContext): { modes?: OperatingMode[] } {
  const modes = modesHere(context);
  return modes.length === 0 ? {} : { modes };
}

function exitFare(
  context: JourneyContext,
  metro: RecordImageBefore,
  combined: RecordImageBefore,
  entry: OpenEntry,
): Fare {
  const { configuration, parameters, request } = context;
  const tariff = parameters.tariffs.metro?.tariff;
  const ride = {
    modes: modesHere(context),
    at: request.at,
    ...(entry.at === undefined ? {} : { entryAt: entry.at }),
    isSameStation: entry.placeCode === configuration.placeCode,
    isPaidInside: entry.kind === 'paid-inside',
  };
  if (isOvertime(tariff?.operation, ride)) refuse('overtime', 'too long inside: see the counter');
  const station = (code: string): string | undefined =>
    code === NO_PLACE ? undefined : parameters.stationIdOfCode.get(code);
  const entryStation = entry.placeCode === undefined ? undefined : station(entry.placeCode);
  const exitStation = station(configuration.placeCode);
  // several stations waived the order, or the trip was settled inside: the base fare stands for the trip
  const isBase = entry.kind === 'paid-inside' || (entry.kind === 'assumed' && entryStation === undefined);
  const declared = isBase && tariff?.baseFare.kind === 'distance' ? { declaredBaseFen: tariff.baseFare.startFen } : {};
  const fare = journeyFare(
    { ...context, request: { ...request, ...declared } },
    'metro',
    { own: metro, combinedRide: combined },
    {
      serviceClass: serviceClassOf(context, metro),
      ...(entryStation === undefined ? {} : { entryStation }),
      ...(exitStation === undefined ? {} : { exitStation }),
    },
  );
  return operatedFare(fare, tariff?.operation, ride);
}

/** The coach gate says its class; otherwise the class the card went in with. */
function serviceClassOf({ parameters, request }: JourneyContext, metro: RecordImageBefore): string {
  if (request.serviceClass !== undefined) return request.serviceClass;
  const classes = parameters.tariffs.metro?.tariff.serviceClasses ?? [];
  return (classes.find((candidate) => candidate.code === metro.values['serviceClass']) ?? classes[0])?.id ?? '';
}

function serviceClassCode(tariff: JourneyContext['parameters']['tariffs']['metro'], id: string | undefined): string {
  return tariff?.tariff.serviceClasses.find((candidate) => candidate.id === id)?.code ?? '00';
}
