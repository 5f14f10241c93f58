/**
 * A service counter's visit: with amount 0 and under the same transaction as a ride it supplies the entry a card lacks,
 * or writes the combined-ride state, as a repair or as a supplied beginning. Codes 21 and 22 close a bus ride without
 * tap-off.
 */
import { type Fare, isFreshEntry, MODE_CODE, type RepairCode, repairFare, withClosing } from '@polycard/fares';
import type { RecordUpdate } from '../kernel/capp.ts';
import { refuse } from '../kernel/outcome.ts';
import {
  checkRecordFlags,
  type Journey,
  type JourneyContext,
  lastChange,
  missedExit,
  NO_CODE,
  NO_PLACE,
  type RecordImageBefore,
  releasedBy,
  STATUS_INSIDE,
  STATUS_OUTSIDE,
  STATUS_PAID_INSIDE,
  type TapRequest,
} from './journey.ts';

import { type SettledRide, settledBusRecord, settleOpenRide } from './missing-tap-off.ts';

export const counterVisit: Journey = {
  // a visit that says nothing clears the combined-ride state
  reads: ({ records }, { combinedRide, ...request }) => [
    ...(combinedRide !== undefined || !(touchesMetro(request) || isBusRepair(request.repair))
      ? [records.combinedRide]
      : []),
    ...(touchesMetro(request) ? [records.metro] : []),
    ...(isBusRepair(request.repair) ? [records.bus] : []),
  ],
  plan: (context, before) => {
    const { configuration, parameters, request } = context;
    const [combined, metro, bus] = [before.get('combined-ride'), before.get('metro'), before.get('bus')];
    const updates: RecordUpdate[] = [];
    if (combined !== undefined) updates.push(combinedRideState(context, combined));
    if (metro !== undefined) updates.push(metroUpdate(context, metro));
    const settled = bus === undefined ? undefined : settledRide(context, bus);
    if (settled !== undefined) updates.push(settledBusRecord(context, settled, bus!));
    const fare = settled === undefined ? repairCharge(context) : withClosing(undefined, settled.closing);
    const values = (bus ?? metro ?? combined)!.values;
    const homeCity = String(values['homeCity']);
    return {
      amountFen: fare?.chargeFen ?? 0,
      ...(fare === undefined ? {} : { fare }),
      homeCity,
      updates: (balanceAfterFen) => [...updates, ...(settled?.trip(balanceAfterFen) ?? [])],
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
        ...(request.repair === undefined ? {} : { repair: request.repair }),
        ...(settled === undefined ? {} : { closedRide: settled.closedRide }),
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

const isBusRepair = (code: TapRequest['repair']): boolean => code === '21' || code === '22';

function settledRide(context: JourneyContext, bus: RecordImageBefore): SettledRide {
  checkRecordFlags('bus', bus.values);
  const settlement = context.request.repair === '22' ? 'waived' : 'charged';
  return (
    settleOpenRide(context, bus, settlement) ??
    refuse('not-repairable', 'the card has no open bus ride: there is nothing to repair')
  );
}

const touchesMetro = ({ missingEntry, asksProof, repair }: Omit<TapRequest, 'combinedRide'>): boolean =>
  missingEntry !== undefined || asksProof === true || (repair !== undefined && !isBusRepair(repair));

function metroUpdate(context: JourneyContext, metro: RecordImageBefore): RecordUpdate {
  const { missingEntry, repair } = context.request;
  if (missingEntry !== undefined) return suppliedEntry(context, metro);
  return repair === undefined ? unchanged(context, metro) : repaired(context, metro, repair);
}

function repairCharge({ parameters, request }: JourneyContext): Fare | undefined {
  if (request.repair === undefined) return undefined;
  const tariff = parameters.tariffs.metro;
  if (tariff === undefined) return refuse('fare-unknown', 'the terminal has no metro tariff');
  return repairFare(tariff, request.repair);
}

/** Codes 01 and 02 are for people inside, 10 to 13 for cards whose entry was never closed (reference §5.2). */
function repaired(context: JourneyContext, metro: RecordImageBefore, code: RepairCode): RecordUpdate {
  const { configuration, parameters, request } = context;
  const { bytes, values } = metro;
  checkRecordFlags('metro', values);
  if (values['status'] !== STATUS_INSIDE)
    refuse('not-repairable', 'the card has no open entry: there is nothing to repair');
  const rules = parameters.tariffs.metro?.tariff.operation;
  if (code === '10' && !isFreshEntry(rules, String(values['entryTime']), request.at))
    refuse('not-repairable', 'the entry is too old to be cleared without charge: code 12');
  if (code === '13' && releasedBy(context, values, 'counter') === undefined)
    refuse('not-repairable', 'no emergency release explains this entry');
  const record = parameters.records.metro;
  const isInside = code === '01' || code === '02';
  const change = isInside
    ? {
        status: STATUS_PAID_INSIDE,
        entryTime: request.at,
        entryTerminal: configuration.terminalNo,
        entryStation: configuration.placeCode,
      }
    : { status: STATUS_OUTSIDE };
  return {
    record,
    bytes: record.codec.encode({ ...change, ...lastChange(record.codec, request.at, configuration.terminalNo) }, bytes),
  };
}

/** The record as it is, with its last change: the card wants to see what was read last updated. */
function unchanged({ configuration, parameters, request }: JourneyContext, { bytes }: RecordImageBefore) {
  const record = parameters.records.metro;
  return { record, bytes: record.codec.encode(lastChange(record.codec, request.at, configuration.terminalNo), bytes) };
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
