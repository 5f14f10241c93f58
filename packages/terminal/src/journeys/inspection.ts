/**
 * An inspector's reading of a card, without a transaction: whether the rider is validly inside, or paid on this bus. Only
 * READ CAPP DATA; the card's money and counters stay as they are.
 */
import type { CardChannel } from '@polycard/bytes';
import { minutesBetween } from '@polycard/fares';
import type { TerminalConfiguration, TerminalParameters } from '../configuration.ts';
import { readCappRecord } from '../kernel/capp.ts';
import { CardSession, type Exchange, isCardLost } from '../kernel/exchange.ts';
import { fromCard, Refusal } from '../kernel/outcome.ts';
import { selectApplication } from '../kernel/select.ts';
import { NO_PLACE, STATUS_INSIDE, STATUS_PAID_INSIDE } from './journey.ts';
import { STATUS_ON_BOARD, STATUS_PAID } from './open-ride.ts';

/** A boarding older than this is not of the bus the inspector stands in. */
const BOARDING_MINUTES = 120;

export type InspectionVerdict =
  | 'valid'
  | 'settled-inside'
  | 'not-inside'
  | 'over-time'
  | 'not-on-this-bus'
  | 'card-invalid'
  | 'unreadable';

export interface Inspection {
  readonly verdict: InspectionVerdict;
  readonly detail: string;
  /** What a rider without a valid entry is asked for, where the tariff says it. */
  readonly penaltyFen?: number;
  readonly entry?: { readonly placeCode: string; readonly at: string; readonly minutesAgo: number };
  readonly boarding?: { readonly terminalNo: string; readonly at: string; readonly minutesAgo: number };
  readonly exchanges: readonly Exchange[];
}

export function inspectCard(
  channel: CardChannel,
  configuration: Pick<TerminalConfiguration, 'mode'>,
  parameters: TerminalParameters,
  request: {
    readonly at: string /** Validators of the bus the inspector is in. */;
    readonly validators?: readonly string[];
  },
): Inspection {
  const session = new CardSession(channel, () => 0);
  const { exchanges } = session;
  try {
    selectApplication(session);
    const found =
      configuration.mode === 'metro' ? metro(session, parameters, request.at) : bus(session, parameters, request);
    return { ...found, ...penalty(parameters, found.verdict), exchanges };
  } catch (error) {
    if (error instanceof Refusal || isCardLost(error))
      return { verdict: 'unreadable', detail: (error as Error).message, exchanges };
    throw error;
  }
}

type Found = Omit<Inspection, 'exchanges' | 'penaltyFen'>;

function metro(session: CardSession, { records, tariffs }: TerminalParameters, at: string): Found {
  const bytes = readCappRecord(session, records.metro);
  const values = fromCard(() => records.metro.codec.decode(bytes));
  if (values['valid'] !== '01' || values['lock'] !== '00')
    return { verdict: 'card-invalid', detail: 'the metro record is not valid or is locked' };
  const [status, since] = [String(values['status']), String(values['entryTime'])];
  if (status !== STATUS_INSIDE && status !== STATUS_PAID_INSIDE)
    return { verdict: 'not-inside', detail: 'the card has no open entry' };
  const minutesAgo = minutesBetween(since, at);
  const entry = { placeCode: String(values['entryStation']), at: since, minutesAgo };
  const limit = tariffs.metro?.tariff.operation?.maxStayMinutes;
  if (limit !== undefined && minutesAgo > limit)
    return { verdict: 'over-time', detail: `inside for ${minutesAgo} min, allowed are ${limit}`, entry };
  return status === STATUS_PAID_INSIDE
    ? { verdict: 'settled-inside', detail: `settled at a counter ${minutesAgo} min ago`, entry }
    : { verdict: 'valid', detail: `in for ${minutesAgo} min`, entry };
}

function bus(
  session: CardSession,
  { records }: TerminalParameters,
  { at, validators }: { readonly at: string; readonly validators?: readonly string[] },
): Found {
  const bytes = readCappRecord(session, records.bus);
  const values = fromCard(() => records.bus.codec.decode(bytes));
  if (values['valid'] !== '01' || values['lock'] !== '00')
    return { verdict: 'card-invalid', detail: 'the bus record is not valid or is locked' };
  const [terminalNo, since] = [String(values['boardingTerminal']), String(values['boardingTime'])];
  const minutesAgo = minutesBetween(since, at);
  const boarding = { terminalNo, at: since, minutesAgo };
  const { status, stop = NO_PLACE } = values;
  if (status === STATUS_PAID && stop !== NO_PLACE)
    return { verdict: 'not-on-this-bus', detail: `tapped off at stop ${stop}`, boarding };
  const isHere = validators === undefined || validators.includes(terminalNo);
  return minutesAgo >= 0 && minutesAgo <= BOARDING_MINUTES && isHere
    ? {
        verdict: 'valid',
        detail: `${status === STATUS_ON_BOARD ? 'boarded' : 'paid'} ${minutesAgo} min ago at ${terminalNo}`,
        boarding,
      }
    : { verdict: 'not-on-this-bus', detail: 'the card did not pay on this bus', ...(since === '' ? {} : { boarding }) };
}

function penalty({ tariffs }: TerminalParameters, verdict: InspectionVerdict): { penaltyFen?: number } {
  const penaltyFen = tariffs.metro?.tariff.operation?.penaltyFen;
  return penaltyFen === undefined || verdict === 'valid' || verdict === 'settled-inside' ? {} : { penaltyFen };
}
