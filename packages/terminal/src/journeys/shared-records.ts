/** Records that every mode writes: the combined ride and the trip list. */
import type { Mode } from '@polycard/blueprint';
import { combinedRideOf, MODE_CODE, transferOf } from '@polycard/fares';
import type { RecordUpdate } from '../kernel/capp.ts';
import type { JourneyContext, RecordImageBefore } from './journey.ts';

const LEGS_MAX = 255;

/** `beganAt`: when the ride began, where that is not this tap; whether it was a transfer goes by that. */
export function combinedRideUpdate(
  { configuration, parameters, request }: JourneyContext,
  before: RecordImageBefore,
  mode: Mode,
  beganAt: string = request.at,
): RecordUpdate {
  const record = parameters.records.combinedRide;
  const tariff = parameters.tariffs[mode];
  const combined = combinedRideOf(before.values);
  // legs count the rides that hang together by transfers; a ride that is no transfer begins again
  const isTransfer =
    tariff !== undefined && transferOf(tariff, combined, beganAt, configuration.operatorCode) !== undefined;
  return {
    record,
    bytes: record.codec.encode(
      {
        lastMode: MODE_CODE[mode],
        lastTime: request.at,
        lastOperator: configuration.operatorCode,
        legs: isTransfer ? Math.min(LEGS_MAX, combined.legs! + 1) : 1,
      },
      before.bytes,
    ),
  };
}

export function tripUpdate(
  { configuration, parameters, request }: JourneyContext,
  trip: {
    readonly type: string;
    readonly industry: string;
    readonly amountFen: number;
    readonly balanceAfterFen: number;
    readonly homeCity: string;
  },
): RecordUpdate {
  const record = parameters.records.trip;
  return {
    record,
    bytes: record.codec.encode({
      type: trip.type,
      terminal: configuration.terminalNo,
      industry: trip.industry,
      station: request.stop ?? configuration.placeCode,
      operator: configuration.operatorCode,
      amount: trip.amountFen,
      balanceAfter: trip.balanceAfterFen,
      time: request.at,
      city: trip.homeCity,
      institution: configuration.operatorCode,
    }),
  };
}
