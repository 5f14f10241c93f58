/**
 * Operating modes of a metro (reference industries.md §5.1 to §5.3): what a mode makes of a ride, the same in gate, host
 * and clearing. Mode orders are the history of the whole network as the centre gave it out.
 */
import type { MetroOperation, ModeOrder, OperatingMode } from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';
import type { CompiledTariff, Fare } from './fare.ts';
import { minutesBetween } from './transfer.ts';

/** Bits of the mode word, bit 0 first; the same order as the blueprint's list. */
const BITS: readonly OperatingMode[] = [
  'train-failure',
  'order-waived',
  'time-waived',
  'date-waived',
  'fare-waived',
  'emergency',
  'closed',
  'test',
];

/** Rules where the tariff states none (reference §5.3). */
const ASSUMED_ENTRY_MINUTES = 240;
const EMERGENCY_GRACE_DAYS = 7;
const EMERGENCY_LOOK_BACK_MINUTES = 240;
const EMERGENCY_REPAIR_DAYS = 30;
const REPAIR_MINUTES = 20;
const FREE_CLEAR_MINUTES = 20;
const DAY_MINUTES = 1440;

export function modeWord(modes: readonly OperatingMode[]): number {
  return modes.reduce((word, mode) => word | (1 << BITS.indexOf(mode)), 0);
}

/** Throws `POLYCARD_FARES_MODE` for bits that are no mode. */
export function modesOfWord(word: number): OperatingMode[] {
  if (word >> BITS.length !== 0)
    throw new PolycardError('POLYCARD_FARES_MODE', `mode word ${word.toString(16)} has bits that are no mode`);
  return BITS.filter((_mode, bit) => (word >> bit) & 1);
}

/** Why these modes cannot stand together at one station; undefined when they can. */
export function modeConflict(modes: readonly OperatingMode[]): string | undefined {
  const waivers: readonly OperatingMode[] = ['order-waived', 'time-waived', 'date-waived', 'fare-waived'];
  const failure: readonly OperatingMode[] = ['train-failure', 'time-waived', 'date-waived'];
  const isWithin = (allowed: readonly OperatingMode[]): boolean => modes.every((mode) => allowed.includes(mode));
  if (modes.length <= 1 || isWithin(waivers) || isWithin(failure)) return undefined;
  return `${modes.join(', ')} cannot stand together: waivers go with each other, train failure with time or date waived, the others alone`;
}

/** Modes of a station at a local time. */
export function modesAt(orders: readonly ModeOrder[], place: string, at: string): OperatingMode[] {
  const there = orders.filter(
    (order) => order.place === place && order.from <= at && (order.to === undefined || at < order.to),
  );
  return BITS.filter((mode) => there.some(({ modes }) => modes.includes(mode)));
}

/** Whether a place had a mode at some time within the minutes before. */
function hadMode(order: ModeOrder, mode: OperatingMode, at: string, minutes: number): boolean {
  if (!order.modes.includes(mode) || order.from > at) return false;
  return order.to === undefined || order.to > at || minutesBetween(order.to, at) <= minutes;
}

/**
 * Where a card without an entry is taken to have come in: the one station that waived the order lately. `none`: several
 * did, so the base fare holds; undefined: no station did, and the card is refused.
 */
export function assumedEntry(
  orders: readonly ModeOrder[],
  at: string,
  rules: MetroOperation | undefined,
): { readonly place: string } | 'none' | undefined {
  const minutes = rules?.assumedEntryMinutes ?? ASSUMED_ENTRY_MINUTES;
  const places = [
    ...new Set(orders.filter((order) => hadMode(order, 'order-waived', at, minutes)).map(({ place }) => place)),
  ];
  if (places.length === 0) return undefined;
  return places.length === 1 ? { place: places[0]! } : 'none';
}

/** How long before and after a release or failure it explains cards that are inside, as the tariff states or we assume. */
export function emergencyTerms(rules: MetroOperation | undefined) {
  return {
    lookBackMinutes: rules?.emergencyLookBackMinutes ?? EMERGENCY_LOOK_BACK_MINUTES,
    graceDays: rules?.emergencyGraceDays ?? EMERGENCY_GRACE_DAYS,
    repairDays: rules?.emergencyRepairDays ?? EMERGENCY_REPAIR_DAYS,
  };
}

/** The release or failure that explains why a card is still inside, while its days of grace last. */
export function emergencyFor(
  orders: readonly ModeOrder[],
  entry: { readonly place: string; readonly at: string },
  now: string,
  rules: MetroOperation | undefined,
  days: 'gate' | 'counter' = 'gate',
): ModeOrder | undefined {
  const terms = emergencyTerms(rules);
  const graceDays = days === 'gate' ? terms.graceDays : terms.repairDays;
  return orders.find(
    (order) =>
      (order.modes.includes('emergency') || order.modes.includes('train-failure')) &&
      order.place === entry.place &&
      (entry.at >= order.from || minutesBetween(entry.at, order.from) <= terms.lookBackMinutes) &&
      (order.to === undefined || (entry.at <= order.to && minutesBetween(order.to, now) <= graceDays * DAY_MINUTES)),
  );
}

export interface OperatedRide {
  readonly modes: readonly OperatingMode[];
  readonly entryAt?: string;
  readonly at: string;
  readonly isSameStation: boolean;
  /** The fare was settled at a counter inside: the exit only has to be in time. */
  readonly isPaidInside: boolean;
}

/** Whether the exit gate sends the card to the counter: too long inside, or too long after its repair. */
export function isOvertime(rules: MetroOperation | undefined, ride: OperatedRide): boolean {
  if (ride.entryAt === undefined || ride.modes.includes('time-waived') || isFree(ride.modes)) return false;
  const minutes = minutesBetween(ride.entryAt, ride.at);
  if (ride.isPaidInside) return minutes > (rules?.repairMinutes ?? REPAIR_MINUTES);
  return rules?.maxStayMinutes !== undefined && minutes > rules.maxStayMinutes;
}

function isFree(modes: readonly OperatingMode[]): boolean {
  return modes.includes('train-failure') || modes.includes('fare-waived');
}

/** The fare as the modes leave it: a step with its reason where they change it. */
export function operatedFare(fare: Fare, rules: MetroOperation | undefined, ride: OperatedRide): Fare {
  const free = (rule: string, en: string, zh: string): Fare => ({
    ...fare,
    chargeFen: 0,
    steps: [...fare.steps, { rule, en, zh, beforeFen: fare.chargeFen, afterFen: 0 }],
  });
  if (ride.modes.includes('train-failure'))
    return free('train-failure', 'Train failure: no fare', '列车故障：免收车费');
  if (ride.modes.includes('fare-waived')) return free('fare-waived', 'Fare waived by order', '车费免检：免收车费');
  if (ride.isPaidInside) return free('paid-inside', 'Settled at a counter inside', '已在付费区补票');
  const freeMinutes = rules?.sameStationFreeMinutes ?? 0;
  if (
    ride.isSameStation &&
    ride.entryAt !== undefined &&
    freeMinutes > 0 &&
    minutesBetween(ride.entryAt, ride.at) <= freeMinutes
  )
    return free('same-station', `Out at the same station within ${freeMinutes} min`, `${freeMinutes} 分钟内同站进出`);
  return fare;
}

/**
 * Repairs at a counter by their code (reference §5.2); 21 and 22 are of a bus ride without tap-off, charged (reason 0x21
 * of §5.5) or waived (ours).
 */
export const REPAIR_CODES = ['01', '02', '03', '10', '11', '12', '13', '14', '21', '22'] as const;
export type RepairCode = (typeof REPAIR_CODES)[number];

/** What a repair costs on the card. Throws `POLYCARD_FARES_TARIFF` when the tariff does not say. */
export function repairFare({ tariff }: CompiledTariff, code: RepairCode): Fare {
  const { baseFare, operation } = tariff;
  const base = baseFare.kind === 'distance' ? baseFare.startFen : baseFare.defaultFen;
  const priced = (chargeFen: number, en: string, zh: string): Fare => ({
    ...{
      tariff: tariff.tariff,
      version: tariff.version,
      baseFen: chargeFen,
      baseSource: 'default' as const,
      chargeFen,
    },
    steps: [{ rule: `repair-${code}`, en, zh, beforeFen: chargeFen, afterFen: chargeFen }],
  });
  switch (code) {
    case '01': {
      const { maximumFareFen } = operation ?? {};
      if (maximumFareFen === undefined)
        throw new PolycardError('POLYCARD_FARES_TARIFF', `tariff ${tariff.tariff} states no highest fare`, {
          where: 'operation.maximumFareFen',
        });
      return priced(maximumFareFen, 'Over time: the highest single fare', '超时补票：全网最高单程票价');
    }
    case '11':
      return priced(base, 'Entry of an earlier day without exit: base fare', '往日有进无出：补收起步价');
    case '12':
      return priced(base, 'Entered and did not ride: base fare', '进站未乘车超时：补收起步价');
    default:
      return priced(0, 'Repaired without charge', '免费更新');
  }
}

/** Whether a fresh entry is cleared without charge. */
export function isFreshEntry(rules: MetroOperation | undefined, entryAt: string, at: string): boolean {
  return minutesBetween(entryAt, at) <= (rules?.freeClearMinutes ?? FREE_CLEAR_MINUTES);
}
