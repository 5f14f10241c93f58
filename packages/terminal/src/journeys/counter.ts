/**
 * A service counter's visit: with amount 0 and under the same transaction as a ride it supplies the entry a card lacks,
 * or writes the combined-ride state, as a repair or as a supplied beginning.
 */
import { MODE_CODE } from '@polycard/fares';
import type { RecordUpdate } from '../kernel/capp.ts';
import {
  checkRecordFlags,
  type Journey,
  type JourneyContext,
  lastChange,
  missedExit,
  NO_PLACE,
  type RecordImageBefore,
  STATUS_INSIDE,
} from './journey.ts';

const NO_CODE = '00';

export const counterVisit: Journey = {
  // a visit that says nothing clears the combined-ride state
  reads: ({ records }, { combinedRide, missingEntry }) => [
    ...(combinedRide !== undefined || missingEntry === undefined ? [records.combinedRide] : []),
    ...(missingEntry === undefined ? [] : [records.metro]),
  ],
  plan: (context, before) => {
    const { configuration, parameters, request } = context;
    const [combined, metro] = [before.get('combined-ride'), before.get('metro')];
    const updates: RecordUpdate[] = [];
    if (combined !== undefined) updates.push(combinedRideState(context, combined));
    if (metro !== undefined) updates.push(suppliedEntry(context, metro));
    const values = (metro ?? combined)!.values;
    const homeCity = String(values['homeCity']);
    return {
      amountFen: 0,
      homeCity,
      updates: () => updates,
      industry: {
        kind: 'counter',
        operatorCode: configuration.operatorCode,
        placeCode: configuration.placeCode,
        baseFen: 0,
        baseSource: 'none',
        classCode: String(values['cardClass'] ?? NO_CODE),
        serviceClassCode: NO_CODE,
        transferApplied: false,
        ...(combined === undefined ? {} : { combinedRideBefore: combined.bytes }),
        tariffVersion: parameters.version,
        ...(request.missingEntry === undefined
          ? {}
          : { entryPlaceCode: request.missingEntry.placeCode, entryTime: request.missingEntry.at }),
        homeCity,
        at: request.at,
      },
    };
  },
};

function combinedRideState({ configuration, parameters, request }: JourneyContext, { bytes }: RecordImageBefore) {
  const record = parameters.records.combinedRide;
  const state = request.combinedRide ?? 'none';
  return {
    record,
    bytes: record.codec.encode(
      state === 'none'
        ? { lastMode: NO_CODE, lastTime: '', legs: 0 }
        : { lastMode: MODE_CODE[state.mode], lastTime: state.at, lastOperator: configuration.operatorCode, legs: 1 },
      bytes,
    ),
  };
}

function suppliedEntry(context: JourneyContext, { bytes, values }: RecordImageBefore) {
  const { configuration, parameters, request } = context;
  checkRecordFlags('metro', values);
  missedExit(context, values);
  const record = parameters.records.metro;
  return {
    record,
    bytes: record.codec.encode(
      {
        status: STATUS_INSIDE,
        entryTime: request.missingEntry?.at ?? request.at,
        entryTerminal: configuration.terminalNo,
        entryStation: request.missingEntry?.placeCode ?? NO_PLACE,
        ...lastChange(record.codec, request.at, configuration.terminalNo),
        serviceClass: NO_CODE,
      },
      bytes,
    ),
  };
}
