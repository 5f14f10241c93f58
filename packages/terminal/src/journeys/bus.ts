/** Bus: one tap charges the route's fare, or what the driver set, and writes bus record, combined ride and trip. */
import { MODE_CODE, withClosing } from '@polycard/fares';
import { sectionTap } from './bus-section.ts';
import { endedHere, hasTransfer, journeyFare } from './fare.ts';
import { checkRecordFlags, type Journey, lastChange, paidFigures, routeOf } from './journey.ts';
import { settleOpenRide } from './missing-tap-off.ts';
import { closedValues, routeBytes } from './open-ride.ts';
import { combinedRideUpdate, tripUpdate } from './shared-records.ts';

const TRIP_SINGLE = '05';

export const busRide: Journey = {
  reads: ({ records }) => [records.combinedRide, records.bus],
  plan: (context, before) => {
    const { configuration, parameters, request } = context;
    const bus = before.get('bus')!;
    const combined = before.get('combined-ride')!;
    checkRecordFlags('bus', bus.values);
    const route = routeOf(context);
    const ruled = route === undefined ? undefined : parameters.tariffs.bus?.routes.get(route);
    if (ruled?.rule.kind === 'section') return sectionTap(context, ruled, bus, combined);
    const settled = settleOpenRide(context, bus);
    const own = settled === undefined ? bus : { ...bus, values: settled.values };
    const serviceClass = parameters.tariffs.bus?.tariff.serviceClasses[0]?.id ?? '';
    const ride = journeyFare(context, 'bus', { own, combinedRide: combined }, { serviceClass });
    const fare = settled === undefined ? ride : withClosing(ride, settled.closing);
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
              ...closedValues(record.codec, configuration.placeCode),
              boardingTime: request.at,
              boardingTerminal: configuration.terminalNo,
              route: routeBytes(route ?? '', record.codec.field('route')?.length ?? 0),
              operator: configuration.operatorCode,
              ...lastChange(record.codec, request.at, configuration.terminalNo),
              amount: ride.chargeFen,
              ...paidFigures(own.values, 'boardingTime', request.at, ride.chargeFen),
            },
            bus.bytes,
          ),
        },
        combinedRideUpdate(context, combined, 'bus'),
        ...(settled?.trip(balanceAfterFen + ride.chargeFen) ?? []),
        tripUpdate(context, {
          type: TRIP_SINGLE,
          industry: MODE_CODE.bus,
          amountFen: ride.chargeFen,
          balanceAfterFen,
          homeCity,
        }),
      ],
      industry: {
        kind: 'boarding',
        operatorCode: configuration.operatorCode,
        placeCode: configuration.placeCode,
        baseFen: ride.baseFen,
        baseSource: ride.baseSource === 'network' ? 'network' : 'declared',
        classCode: String(bus.values['cardClass']),
        serviceClassCode: '00',
        transferApplied: hasTransfer(context, 'bus', ride),
        combinedRideBefore: combined.bytes,
        tariffVersion: parameters.version,
        homeCity,
        at: request.at,
        ...endedHere(context, 'bus'),
        ...(route === undefined ? {} : { route }),
        ...(settled === undefined ? {} : { closedRide: settled.closedRide }),
      },
    };
  },
};
