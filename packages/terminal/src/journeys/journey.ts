/** What a journey adds to the kernel: which records it reads first, and what it charges and writes. */
import type {
  BusDirection,
  EndedCampaign,
  ModeOrder,
  OperatingMode,
  RecordCodec,
  RecordValues,
} from '@polycard/blueprint';
import { emergencyFor, type Fare, modesAt, type RepairCode } from '@polycard/fares';
import type { TerminalConfiguration, TerminalParameters, TerminalRecord } from '../configuration.ts';
import type { IndustryData } from '../industry-data.ts';
import type { RecordUpdate } from '../kernel/capp.ts';
import { refuse } from '../kernel/outcome.ts';

export interface TapRequest {
  readonly kind: 'entry' | 'exit' | 'boarding' | 'counter' | 'purchase';
  /** Local time YYYYMMDDhhmmss. */
  readonly at: string;
  readonly serviceClass?: string;
  /** Base fare stated to the terminal: every bus, and an exit whose entry is not known. */
  readonly declaredBaseFen?: number;
  /** Purchase: what is bought, in fen. */
  readonly amountFen?: number;
  /** Bus: what the driver set, in place of the route the validator was enrolled with. */
  readonly route?: string;
  /** Bus with fares by section: code of the stop, by the driver's console or the positioning. */
  readonly stop?: string;
  /** Bus: up or down; may be left out at a stop that one direction serves. */
  readonly bound?: BusDirection;
  /** Bus with fares by section: a door that only lets on or off; `both`, the default, goes by the card. */
  readonly door?: 'both' | 'on' | 'off';
  /** Counter: the combined-ride state to write, `none` to clear it. */
  readonly combinedRide?: { readonly mode: 'metro' | 'bus'; readonly at: string } | 'none';
  /** Counter: the entry a card lacks; place 0000 when nobody knows it, so that the exit gate must be told a base fare. */
  readonly missingEntry?: { readonly placeCode: string; readonly at: string };
  /** Counter: by reason code; what it costs goes off the card (01 over time, 02 paid in cash, 10 to 13 entries, 21 and 22 bus rides). */
  readonly repair?: Exclude<RepairCode, '03' | '14'>;
  /** Counter: a card that was torn at a gate says what became of it (reason 14); the visit changes nothing else. */
  readonly asksProof?: boolean;
}

export interface RecordImageBefore {
  readonly bytes: Uint8Array;
  readonly values: RecordValues;
}

export interface JourneyContext {
  readonly configuration: TerminalConfiguration;
  readonly parameters: TerminalParameters;
  readonly request: TapRequest;
  /** Mode orders of the whole network, as far back as they matter. */
  readonly modeOrders: readonly ModeOrder[];
  readonly endedCampaigns: readonly EndedCampaign[];
}

/** What the terminal does once it has seen the card's records. */
export interface JourneyPlan {
  readonly amountFen: number;
  readonly homeCity: string;
  readonly fare?: Fare;
  /** The card was still inside: its earlier ride has no exit. */
  readonly missedExit?: boolean;
  /** Less than this left after the tap, where the card says it (9F5D): it is refused. */
  readonly minimumBalanceFen?: number;
  /** Updates in order; `balanceAfterFen` is known from the GPO answer where the card gives it (9F5D). */
  readonly updates: (balanceAfterFen: number) => readonly RecordUpdate[];
  readonly industry: Omit<IndustryData, 'records' | 'tornOutcome'>;
}

export interface Journey {
  /** DF60; segment deduction unless given. `none` is a plain qPBOC purchase, which needs no extended files. */
  readonly cappIndicator?: number;
  /** Records read first where the card has them: a ride of another industry that this tap settles. */
  readonly looksAt?: (parameters: TerminalParameters) => readonly TerminalRecord[];
  /** Records read before GPO; the last one read must be among the updates, or the card refuses to commit (6974). */
  readonly reads: (parameters: TerminalParameters, request: TapRequest) => readonly TerminalRecord[];
  readonly plan: (context: JourneyContext, before: ReadonlyMap<string, RecordImageBefore>) => JourneyPlan;
}

/** Route of a bus: what the driver set, or what the validator was enrolled with. */
export function routeOf({ configuration, request }: JourneyContext): string | undefined {
  return request.route ?? configuration.route;
}

export const NO_PLACE = '0000';
/** Of a class or service class that no record states. */
export const NO_CODE = '00';

/** Status of the metro record. */
export const STATUS_INSIDE = '01';
export const STATUS_OUTSIDE = '02';
/** Inside, its fare settled at a counter: out within the minutes of the repair. */
export const STATUS_PAID_INSIDE = '03';

/** Modes ordered for this terminal's station now. */
export function modesHere({ configuration, request, modeOrders }: JourneyContext): OperatingMode[] {
  return modesAt(modeOrders, configuration.placeCode, request.at);
}

export const isUsable = (values: RecordValues): boolean => values['valid'] === '01' && values['lock'] === '00';

/** The three flags a gate looks at before it uses a record. */
export function checkRecordFlags(name: string, values: RecordValues): void {
  if (values['valid'] !== '01') refuse('record-invalid', `record ${name} is not valid`);
  if (values['lock'] !== '00') refuse('record-locked', `record ${name} is locked`);
}

/** A card that is inside and comes in again missed an exit; whether it is let in is the operator's rule. */
export function missedExit(context: JourneyContext, metro: RecordValues): boolean {
  const isInside = metro['status'] === STATUS_INSIDE || metro['status'] === STATUS_PAID_INSIDE;
  if (
    isInside &&
    context.configuration.missedExit === 'refuse' &&
    !modesHere(context).includes('order-waived') &&
    releasedBy(context, metro) === undefined
  )
    refuse('already-inside', 'the card has an open entry: see the counter');
  return isInside;
}

/** The emergency or failure under which this card left without a trace. */
export function releasedBy(
  { parameters, request, modeOrders }: JourneyContext,
  metro: RecordValues,
  days: 'gate' | 'counter' = 'gate',
): ModeOrder | undefined {
  if (metro['status'] !== STATUS_INSIDE) return undefined;
  const entry = { place: String(metro['entryStation']), at: String(metro['entryTime']) };
  return emergencyFor(modeOrders, entry, request.at, parameters.tariffs.metro?.tariff.operation, days);
}

/** Last change of a record, for layouts that keep it: short ones do without. */
export function lastChange(codec: RecordCodec, lastTime: string, lastTerminal: string): RecordValues {
  return {
    ...(codec.field('lastTime') === undefined ? {} : { lastTime }),
    ...(codec.field('lastTerminal') === undefined ? {} : { lastTerminal }),
  };
}

/** What the card has paid in this mode before this ride; the day only where the record keeps it. */
export function paidSoFar(
  values: RecordValues,
  lastCharge: 'exitTime' | 'boardingTime',
  at: string,
): { monthTotalFen: number; dayTotalFen?: number } {
  const last = String(values[lastCharge]);
  const since = (digits: number, total: string): number =>
    last.slice(0, digits) === at.slice(0, digits) ? Number(values[total]) : 0;
  return {
    monthTotalFen: since(6, 'monthTotal'),
    ...(values['dayTotal'] === undefined ? {} : { dayTotalFen: since(8, 'dayTotal') }),
  };
}

/** Figures of the record as a ride begins that is charged later: those of an earlier month or day start again. */
export function carriedFigures(
  values: RecordValues,
  lastCharge: 'exitTime' | 'boardingTime',
  at: string,
): RecordValues {
  const { monthCount, ...totals } = paidFigures(values, lastCharge, at, 0);
  return { ...totals, monthCount: Number(monthCount) - 1 };
}

/** Totals start again with the first charge of a new month or day; `lastCharge` is the time of the one before. */
export function paidFigures(
  values: RecordValues,
  lastCharge: 'exitTime' | 'boardingTime',
  at: string,
  chargeFen: number,
): RecordValues {
  const before = paidSoFar(values, lastCharge, at);
  const isSameMonth = String(values[lastCharge]).slice(0, 6) === at.slice(0, 6);
  return {
    monthTotal: before.monthTotalFen + chargeFen,
    monthCount: (isSameMonth ? Number(values['monthCount']) : 0) + 1,
    ...(before.dayTotalFen === undefined ? {} : { dayTotal: before.dayTotalFen + chargeFen }),
  };
}
