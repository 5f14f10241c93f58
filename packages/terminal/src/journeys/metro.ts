/** Metro: entry writes the record with amount 0; exit reads it, computes the fare, deducts, writes, appends the trip. */
import { type Fare, MODE_CODE } from '@polycard/fares';
import { refuse } from '../kernel/outcome.ts';
import { hasTransfer, journeyFare } from './fare.ts';
import {
  checkRecordFlags,
  type Journey,
  type JourneyContext,
  lastChange,
  missedExit,
  NO_PLACE,
  paidFigures,
  type RecordImageBefore,
  STATUS_INSIDE,
  STATUS_OUTSIDE,
} from './journey.ts';
import { combinedRideUpdate, tripUpdate } from './shared-records.ts';

const TRIP_EXIT = '02';

export const metroEntry: Journey = {
  reads: ({ records }) => [records.metro],
  plan: ({ configuration, parameters, request }, before) => {
    const { bytes, values } = before.get('metro')!;
    checkRecordFlags('metro', values);
    const isMissedExit = missedExit({ configuration, parameters, request }, values);
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
      amountFen: 0,
      homeCity: String(values['homeCity']),
      missedExit: isMissedExit,
      updates: () => [{ record, bytes: written }],
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
    if (metro.values['status'] !== STATUS_INSIDE) refuse('no-entry', 'the card has no open entry: see the counter');
    const fare = exitFare(context, metro, combined);
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
        entryPlaceCode: String(metro.values['entryStation']),
        entryTime: String(metro.values['entryTime']),
        homeCity,
        at: request.at,
      },
    };
  },
};

function exitFare(context: JourneyContext, metro: RecordImageBefore, combined: RecordImageBefore): Fare {
  const { configuration, parameters } = context;
  const station = (code: string): string | undefined =>
    code === NO_PLACE ? undefined : parameters.stationIdOfCode.get(code);
  const entryStation = station(String(metro.values['entryStation']));
  const exitStation = station(configuration.placeCode);
  return journeyFare(
    context,
    'metro',
    { own: metro, combinedRide: combined },
    {
      serviceClass: serviceClassOf(context, metro),
      ...(entryStation === undefined ? {} : { entryStation }),
      ...(exitStation === undefined ? {} : { exitStation }),
    },
  );
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
