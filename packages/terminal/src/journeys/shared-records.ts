/** Records that every mode writes: the combined ride and the trip list. */
import type { RecordUpdate } from '../kernel/capp.ts';
import type { JourneyContext, RecordImageBefore } from './journey.ts';

const LEGS_MAX = 255;

export function combinedRideUpdate(
  { configuration, parameters, request }: JourneyContext,
  before: RecordImageBefore,
  modeCode: string,
): RecordUpdate {
  const record = parameters.records.combinedRide;
  return {
    record,
    bytes: record.codec.encode(
      {
        lastMode: modeCode,
        lastTime: request.at,
        lastOperator: configuration.operatorCode,
        legs: Math.min(LEGS_MAX, Number(before.values['legs']) + 1),
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
      station: configuration.placeCode,
      operator: configuration.operatorCode,
      amount: trip.amountFen,
      balanceAfter: trip.balanceAfterFen,
      time: request.at,
      city: trip.homeCity,
      institution: configuration.operatorCode,
    }),
  };
}
