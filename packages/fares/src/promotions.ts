/** Promotions, monthly cumulation and caps: which apply to a ride, and what is left to pay after each. */
import type { Promotion, PromotionConditions, Tariff } from '@polycard/blueprint';

/** What a rule may look at. A circumstance the gate does not know makes conditions on it fail. */
export interface Circumstances {
  readonly cardClass: string;
  /** Local time of the tap that charges, YYYYMMDDhhmmss. */
  readonly at?: string;
  readonly entryStation?: string;
  readonly exitStation?: string;
  readonly route?: string;
  /** Operator's code of four digits. */
  readonly operator?: string;
  /** Paid this month and today in this mode before the ride, by the card's own record. */
  readonly monthTotalFen?: number;
  readonly dayTotalFen?: number;
  /** Promotions that had ended, as far as the terminal knew. */
  readonly endedCampaigns?: readonly string[];
}

export function applies(when: PromotionConditions, ride: Circumstances): boolean {
  const { at } = ride;
  const date = at?.slice(0, 8);
  const includes = <T>(list: readonly T[] | undefined, value: T | undefined): boolean =>
    list === undefined || (value !== undefined && list.includes(value));
  return (
    includes(when.cardClasses, ride.cardClass) &&
    (when.from === undefined || (date !== undefined && date >= when.from)) &&
    (when.until === undefined || (date !== undefined && date <= when.until)) &&
    includes(when.weekdays, at === undefined ? undefined : weekdayOf(at)) &&
    (when.hours === undefined || (at !== undefined && when.hours.some((span) => isWithin(span, at.slice(8, 12))))) &&
    (when.stations === undefined ||
      [ride.entryStation, ride.exitStation].some(
        (station) => station !== undefined && when.stations!.includes(station),
      )) &&
    includes(when.routes, ride.route) &&
    includes(when.operators, ride.operator)
  );
}

/** 1 Monday to 7 Sunday. */
export function weekdayOf(at: string): number {
  const day = new Date(
    Date.UTC(Number(at.slice(0, 4)), Number(at.slice(4, 6)) - 1, Number(at.slice(6, 8))),
  ).getUTCDay();
  return day === 0 ? 7 : day;
}

function isWithin({ from, until }: { readonly from: string; readonly until: string }, time: string): boolean {
  return from <= until ? time >= from && time < until : time >= from || time < until;
}

/** In order of priority; of equal priority in the order they stand. */
export function promotionsFor(tariff: Tariff, ride: Circumstances): Promotion[] {
  return (tariff.promotions ?? [])
    .filter(({ id, when }) => ride.endedCampaigns?.includes(id) !== true && applies(when, ride))
    .sort((a, b) => a.priority - b.priority);
}

/** What is left of an amount; never more than before. */
export function afterPromotion({ rule }: Promotion, fen: number, round: (fen: number) => number): number {
  switch (rule.kind) {
    case 'percent':
      return round((fen * (100 - rule.percentOff)) / 100);
    case 'deduct':
      return Math.max(0, fen - rule.deductFen);
    case 'price':
      return Math.min(fen, rule.priceFen);
  }
}

/** The band of the cumulation that this month's total has reached. */
export function cumulationPercent(tariff: Tariff, ride: Circumstances): number | undefined {
  const { cumulation } = tariff;
  const { monthTotalFen } = ride;
  if (cumulation === undefined || monthTotalFen === undefined) return undefined;
  if (cumulation.cardClasses !== undefined && !cumulation.cardClasses.includes(ride.cardClass)) return undefined;
  return cumulation.bands.filter((band) => band.fromFen <= monthTotalFen).at(-1)?.percentOff;
}

/** What a card may still pay today and this month; undefined without a cap. */
export function leftBelowCaps(tariff: Tariff, ride: Circumstances): number | undefined {
  const { caps } = tariff;
  if (caps === undefined || (caps.cardClasses !== undefined && !caps.cardClasses.includes(ride.cardClass)))
    return undefined;
  const left = [
    [caps.dayFen, ride.dayTotalFen],
    [caps.monthFen, ride.monthTotalFen],
  ].flatMap(([cap, total]) => (cap === undefined || total === undefined ? [] : [Math.max(0, cap - total)]));
  return left.length === 0 ? undefined : Math.min(...left);
}
