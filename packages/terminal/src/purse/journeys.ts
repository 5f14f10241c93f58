/**
 * What a tap of a T-Union purse writes and costs: metro entry (amount 0) and exit into record 2701, a one-price bus into
 * the trip list alone (reference pboc.md §4.2, §6.4, §6.5).
 */
import { PURSE_METRO, PURSE_TRIP, type PurseRecord, readPurseRecord, writePurseRecord } from '@polycard/emv';
import { fromCard, refuse } from '../kernel/outcome.ts';

/** Who takes the tap, in the codes of the records. */
export interface PursePlace {
  /** 4 digits. */
  readonly city: string;
  /** 16 digits. */
  readonly institution: string;
  /** 4 digits each. */
  readonly operator: string;
  readonly line: string;
  /** Up to 4 digits; the metro record holds it in eight bytes. */
  readonly station: string;
  /** 16 digits. */
  readonly device: string;
  /** Two hex digits: 01 metro, 02 bus. */
  readonly industry: string;
}

/** The ride as the entry gate wrote it. */
export interface PurseRide {
  readonly entryCity: string;
  readonly entryStation: string;
  /** YYYYMMDDhhmmss. */
  readonly entryTime: string;
}

export interface PurseTapRequest {
  readonly kind: 'entry' | 'exit' | 'boarding';
  /** Local time, YYYYMMDDhhmmss. */
  readonly at: string;
  /** Fare of a ride that ends here, or of a boarding (without a ride). An entry costs nothing. */
  readonly fareFen?: (ride: PurseRide | undefined) => number;
}

export interface PursePlan {
  readonly amountFen: number;
  /** The card was still inside: its earlier ride has no exit. */
  readonly missedExit: boolean;
  /** Whole records for the DEBIT to write. */
  readonly updates: (
    balanceAfterFen: number,
  ) => readonly { readonly record: PurseRecord; readonly bytes: Uint8Array }[];
}

const INSIDE: readonly string[] = ['01', '03'];
const TRIP_TYPE = { entry: '03', exit: '04', boarding: '06' } as const;

function tripRecord(
  place: PursePlace,
  request: PurseTapRequest,
  amountFen: number,
  balanceAfterFen: number,
): Uint8Array {
  return writePurseRecord(PURSE_TRIP, {
    type: TRIP_TYPE[request.kind],
    terminal: place.device,
    industry: place.industry,
    line: place.line,
    station: place.station,
    operator: place.operator,
    amount: amountFen,
    balanceAfter: balanceAfterFen,
    at: request.at,
    city: place.city,
    institution: place.institution,
  });
}

function usableRide(before: Uint8Array): Record<string, number | string> {
  const values = fromCard(() => readPurseRecord(PURSE_METRO, before));
  if (values['valid'] !== '01') refuse('record-invalid', 'the metro record is not valid');
  if (values['lock'] === '01') refuse('record-locked', 'the metro record is locked');
  return values;
}

/** `before` is record 2701 as read; a boarding does without. */
export function planPurseTap(place: PursePlace, request: PurseTapRequest, before: Uint8Array | undefined): PursePlan {
  const trip = (amountFen: number) => (balanceAfterFen: number) => ({
    record: PURSE_TRIP,
    bytes: tripRecord(place, request, amountFen, balanceAfterFen),
  });
  if (before === undefined || request.kind === 'boarding') {
    const amountFen = request.fareFen?.(undefined) ?? refuse('fare-unknown', 'a boarding needs its fare');
    return { amountFen, missedExit: false, updates: (after) => [trip(amountFen)(after)] };
  }
  const ride = usableRide(before);
  const isInside = INSIDE.includes(String(ride['status']));
  if (request.kind === 'entry') {
    const { city: inCity, institution: inInstitution, device: inDevice } = place;
    const entered = { status: '01', inCity, inInstitution, inStation: place.station, inDevice, inTime: request.at };
    const bytes = writePurseRecord(PURSE_METRO, { ...entered, maximumFare: 0 }, before);
    const updates = (after: number) => [{ record: PURSE_METRO, bytes }, trip(0)(after)];
    return { amountFen: 0, missedExit: isInside, updates };
  }
  if (!isInside) refuse('no-entry', 'the card has not entered');
  const amountFen =
    request.fareFen?.({
      entryCity: String(ride['inCity']),
      entryStation: String(ride['inStation']).replace(/^0+(?=\d{4})/, ''),
      entryTime: String(ride['inTime']),
    }) ?? refuse('fare-unknown', 'an exit needs its fare');
  const { city: outCity, institution: outInstitution, device: outDevice } = place;
  const left = { status: '02', outCity, outInstitution, outStation: place.station, outDevice, outTime: request.at };
  const bytes = writePurseRecord(PURSE_METRO, left, before);
  return { amountFen, missedExit: false, updates: (after) => [{ record: PURSE_METRO, bytes }, trip(amountFen)(after)] };
}
