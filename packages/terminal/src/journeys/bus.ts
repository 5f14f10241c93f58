/** Bus: one tap charges the route's fare, or the section the driver set, and writes bus record, combined ride and trip. */
import { PolycardError, toHex } from '@polycard/bytes';
import { computeFare, type Fare, MODE_CODE, transferOf } from '@polycard/fares';
import { refuse } from '../kernel/outcome.ts';
import {
  checkRecordFlags,
  type Journey,
  type JourneyContext,
  monthFigures,
  type RecordImageBefore,
} from './journey.ts';
import { combinedRideUpdate, tripUpdate } from './shared-records.ts';

const STATUS_PAID = '02';
const TRIP_SINGLE = '05';
const ROUTE_BYTES = 8;

export const busBoarding: Journey = {
  reads: ({ records }) => [records.combinedRide, records.bus],
  plan: (context, before) => {
    const { configuration, parameters, request } = context;
    const bus = before.get('bus')!;
    const combined = before.get('combined-ride')!;
    checkRecordFlags('bus', bus.values);
    const fare = boardingFare(context, bus, combined);
    const homeCity = String(bus.values['homeCity']);
    const record = parameters.records.bus;
    const transferRule = parameters.tariffs.bus?.tariff.transfer?.id;
    return {
      amountFen: fare.chargeFen,
      homeCity,
      fare,
      updates: (balanceAfterFen) => [
        {
          record,
          bytes: record.codec.encode(
            {
              status: STATUS_PAID,
              boardingTime: request.at,
              boardingTerminal: configuration.terminalNo,
              route: routeBytes(configuration.route ?? ''),
              operator: configuration.operatorCode,
              lastTime: request.at,
              lastTerminal: configuration.terminalNo,
              amount: fare.chargeFen,
              ...monthFigures(bus.values, request.at, fare.chargeFen),
            },
            bus.bytes,
          ),
        },
        combinedRideUpdate(context, combined, MODE_CODE.bus),
        tripUpdate(context, {
          type: TRIP_SINGLE,
          industry: MODE_CODE.bus,
          amountFen: fare.chargeFen,
          balanceAfterFen,
          homeCity,
        }),
      ],
      industry: {
        kind: 'boarding',
        operatorCode: configuration.operatorCode,
        placeCode: configuration.placeCode,
        baseFen: fare.baseFen,
        baseSource: 'declared',
        classCode: String(bus.values['cardClass']),
        serviceClassCode: '00',
        transferApplied: fare.steps.some((step) => step.rule === transferRule),
        combinedRideBefore: combined.bytes,
        tariffVersion: parameters.version,
        homeCity,
        at: request.at,
        ...(configuration.route === undefined ? {} : { route: configuration.route }),
      },
    };
  },
};

function boardingFare(
  { parameters, request }: JourneyContext,
  bus: RecordImageBefore,
  combined: RecordImageBefore,
): Fare {
  const tariff = parameters.tariffs.bus;
  if (tariff === undefined) return refuse('fare-unknown', 'the terminal has no bus tariff');
  const transfer = transferOf(
    tariff,
    { lastMode: String(combined.values['lastMode']), lastTime: String(combined.values['lastTime']) },
    request.at,
  );
  try {
    return computeFare(tariff, {
      cardClass: parameters.classIdOfCode.get(String(bus.values['cardClass'])) ?? '',
      serviceClass: tariff.tariff.serviceClasses[0]!.id,
      operatorDiscounts: parameters.operatorDiscounts,
      ...(request.declaredBaseFen === undefined ? {} : { declaredBaseFen: request.declaredBaseFen }),
      ...(transfer === undefined ? {} : { transfer }),
    });
  } catch (error) {
    if (error instanceof PolycardError) return refuse('fare-unknown', error.message);
    throw error;
  }
}

/** As much of the route's name as the record holds, UTF-8. */
function routeBytes(route: string): string {
  const bytes = new Uint8Array(ROUTE_BYTES);
  new TextEncoder().encodeInto(route, bytes);
  return toHex(bytes);
}
