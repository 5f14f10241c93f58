/**
 * The tap that meets an open section ride and is not its tap-off settles it in its own commit: it charges what the card
 * was marked with, or leaves it to the unpaid list, as the tariff's rule says (reference industries.md §5.5, A10).
 */
import type { RecordValues } from '@polycard/blueprint';
import { type Closing, closeOpenRide, MODE_CODE } from '@polycard/fares';
import type { ClosedRide } from '../industry-data.ts';
import type { RecordUpdate } from '../kernel/capp.ts';
import { type JourneyContext, lastChange, paidFigures, type RecordImageBefore } from './journey.ts';
import { type BoardedRide, closedValues, openRideOf } from './open-ride.ts';
import { tripUpdate } from './shared-records.ts';

const TRIP_MADE_UP = '07';

export interface SettledRide {
  readonly open: BoardedRide;
  readonly closing: Closing;
  /** Part of this tap's amount that is for the ride before. */
  readonly chargeFen: number;
  /** For field 57. */
  readonly closedRide: ClosedRide;
  /** What the settled ride changes in the bus record, and its values then. */
  readonly change: RecordValues;
  readonly values: RecordValues;
  readonly trip: (balanceAfterFen: number) => RecordUpdate[];
}

/** The bus record of a tap that is no bus ride itself. */
export function settledBusRecord(
  { configuration, parameters, request }: JourneyContext,
  { change }: SettledRide,
  { bytes }: RecordImageBefore,
): RecordUpdate {
  const record = parameters.records.bus;
  const last = lastChange(record.codec, request.at, configuration.terminalNo);
  return { record, bytes: record.codec.encode({ ...change, ...last }, bytes) };
}

/** Undefined when no ride is open on the card. A counter says how it is settled, a gate leaves that to the tariff. */
export function settleOpenRide(
  context: JourneyContext,
  bus: RecordImageBefore | undefined,
  atCounter?: 'charged' | 'waived',
): SettledRide | undefined {
  const { parameters, request } = context;
  const tariff = parameters.tariffs.bus;
  const { codec } = parameters.records.bus;
  const open = bus === undefined ? undefined : openRideOf(codec, bus.values, tariff);
  if (bus === undefined || open === undefined || tariff === undefined) return undefined;
  const cardClass = parameters.classIdOfCode.get(String(bus.values['cardClass'])) ?? '';
  const ruled = closeOpenRide(tariff, open, { at: request.at, cardClass });
  const closing = atCounter === undefined ? ruled : { ...ruled, settlement: atCounter };
  const chargeFen = closing.settlement === 'charged' ? closing.fare.chargeFen : 0;
  const figures = chargeFen === 0 ? {} : paidFigures(bus.values, 'boardingTime', open.at, chargeFen);
  const change = { ...closedValues(codec, open.boardingStop), amount: chargeFen, ...figures };
  const { terminalNo: _terminalNo, ...ride } = open;
  return {
    ...{ open, closing, chargeFen },
    closedRide: { ...ride, settlement: closing.settlement, fareFen: closing.fare.chargeFen },
    change,
    values: { ...bus.values, ...change },
    trip: (balanceAfterFen) =>
      chargeFen === 0
        ? []
        : [
            tripUpdate(context, {
              ...{ type: TRIP_MADE_UP, industry: MODE_CODE.bus, amountFen: chargeFen, balanceAfterFen },
              homeCity: String(bus.values['homeCity']),
            }),
          ],
  };
}
