/** A service counter's visit: writes the combined-ride state with amount 0, as a repair or as a supplied beginning. */
import { MODE_CODE } from '@polycard/fares';
import type { Journey } from './journey.ts';

export const counterVisit: Journey = {
  reads: ({ records }) => [records.combinedRide],
  plan: ({ configuration, parameters, request }, before) => {
    const { bytes, values } = before.get('combined-ride')!;
    const record = parameters.records.combinedRide;
    const state = request.combinedRide ?? 'none';
    const written = record.codec.encode(
      state === 'none'
        ? { lastMode: '00', lastTime: '', legs: 0 }
        : { lastMode: MODE_CODE[state.mode], lastTime: state.at, lastOperator: configuration.operatorCode, legs: 1 },
      bytes,
    );
    const homeCity = String(values['homeCity']);
    return {
      amountFen: 0,
      homeCity,
      updates: () => [{ record, bytes: written }],
      industry: {
        kind: 'counter',
        operatorCode: configuration.operatorCode,
        placeCode: configuration.placeCode,
        baseFen: 0,
        baseSource: 'none',
        classCode: '00',
        serviceClassCode: '00',
        transferApplied: false,
        combinedRideBefore: bytes,
        tariffVersion: parameters.version,
        homeCity,
        at: request.at,
      },
    };
  },
};
