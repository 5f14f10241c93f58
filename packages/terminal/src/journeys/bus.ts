/** Bus: one tap charges the route's fare, or the section the driver set, and writes bus record, combined ride and trip. */
import { toHex } from '@polycard/bytes';
import { MODE_CODE } from '@polycard/fares';
import { hasTransfer, journeyFare } from './fare.ts';
import { checkRecordFlags, type Journey, lastChange, paidFigures } from './journey.ts';
import { combinedRideUpdate, tripUpdate } from './shared-records.ts';

const STATUS_PAID = '02';
const TRIP_SINGLE = '05';

export const busBoarding: Journey = {
  reads: ({ records }) => [records.combinedRide, records.bus],
  plan: (context, before) => {
    const { configuration, parameters, request } = context;
    const bus = before.get('bus')!;
    const combined = before.get('combined-ride')!;
    checkRecordFlags('bus', bus.values);
    const serviceClass = parameters.tariffs.bus?.tariff.serviceClasses[0]?.id ?? '';
    const fare = journeyFare(context, 'bus', { own: bus, combinedRide: combined }, { serviceClass });
    const homeCity = String(bus.values['homeCity']);
    const record = parameters.records.bus;
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
              route: routeBytes(configuration.route ?? '', record.codec.field('route')?.length ?? 0),
              operator: configuration.operatorCode,
              ...lastChange(record.codec, request.at, configuration.terminalNo),
              amount: fare.chargeFen,
              ...paidFigures(bus.values, 'boardingTime', request.at, fare.chargeFen),
            },
            bus.bytes,
          ),
        },
        combinedRideUpdate(context, combined, 'bus'),
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
        transferApplied: hasTransfer(context, 'bus', fare),
        combinedRideBefore: combined.bytes,
        tariffVersion: parameters.version,
        homeCity,
        at: request.at,
        ...(configuration.route === undefined ? {} : { route: configuration.route }),
      },
    };
  },
};

/** As much of the route's name as the record holds, UTF-8. */
function routeBytes(route: string, lengthBytes: number): string {
  const bytes = new Uint8Array(lengthBytes);
  new TextEncoder().encodeInto(route, bytes);
  return toHex(bytes);
}
