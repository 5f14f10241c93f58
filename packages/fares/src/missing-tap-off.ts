/**
 * A section ride without a tap-off: who settles it and what it costs, the same at the tap that meets it and in clearing.
 * The amount comes from the card, which was marked at boarding: the tariff may have changed since.
 */
import type { BusDirection, MissingTapOff } from '@polycard/blueprint';
import { type CompiledTariff, computeFare, type Fare, type FareStep } from './fare.ts';
import { ruleOf } from './route-fares.ts';
import { minutesBetween } from './transfer.ts';

/** What the card says of the ride that is open. */
export interface OpenRide {
  readonly route: string;
  readonly direction: BusDirection;
  /** Stop code, 4 digits. */
  readonly boardingStop: string;
  /** Local time YYYYMMDDhhmmss. */
  readonly at: string;
  readonly operatorCode: string;
  readonly markedFen: number;
}

export interface Closing {
  /** `waived`: a counter closed it without charge. */
  readonly settlement: 'charged' | 'unpaid' | 'waived';
  readonly fare: Fare;
}

/** Of a route that the tariff does not name any more. */
const OTHERWISE: MissingTapOff = { settle: 'next-tap', withinMinutes: 1440, fare: 'full' };

export function closeOpenRide(
  compiled: CompiledTariff,
  open: OpenRide,
  next: { readonly at: string; readonly cardClass: string },
): Closing {
  const route = compiled.routes.get(open.route);
  const rule = route?.rule.kind === 'section' ? ruleOf(route).missingTapOff : OTHERWISE;
  const minutes = minutesBetween(open.at, next.at);
  const isInTime = minutes >= 0 && minutes <= rule.withinMinutes;
  return {
    settlement: rule.settle === 'next-tap' && isInTime ? 'charged' : 'unpaid',
    // a ride nobody saw the end of gets the discount of its class at most: no time, no transfer, no totals
    fare: computeFare(compiled, {
      serviceClass: compiled.tariff.serviceClasses[0]!.id,
      cardClass: next.cardClass,
      operatorDiscounts: rule.fare === 'discounted',
      marked: open,
    }),
  };
}

/** The fare of a tap that also settles a ride before it: one explanation, the new ride first. */
export function withClosing(fare: Fare | undefined, { settlement, fare: closing }: Closing): Fare {
  const before = fare?.chargeFen ?? 0;
  const owed: FareStep[] =
    settlement === 'charged'
      ? closing.steps.map((step) => ({
          ...step,
          beforeFen: before + step.beforeFen,
          afterFen: before + step.afterFen,
        }))
      : [
          {
            rule: `${settlement}-ride`,
            en: `${closing.steps[0]!.en}: ${settlement === 'unpaid' ? 'not charged here, owed' : 'waived'}`,
            zh: `${closing.steps[0]!.zh}：${settlement === 'unpaid' ? '本次未扣，列入欠费' : '免收'}`,
            ...{ beforeFen: before, afterFen: before },
          },
        ];
  const closedFen = settlement === 'charged' ? closing.chargeFen : 0;
  return {
    ...(fare ?? closing),
    baseFen: (fare?.baseFen ?? 0) + (settlement === 'charged' ? closing.baseFen : 0),
    chargeFen: before + closedFen,
    closedFen,
    steps: [...(fare?.steps ?? []), ...owed],
  };
}

/** What a boarding on a section route says: nothing is charged, and at most how much will be. */
export function boardingFare(
  { tariff }: CompiledTariff,
  { route, markedFen }: Pick<OpenRide, 'route' | 'markedFen'>,
  stop: { readonly en: string; readonly zh: string },
): Fare {
  const yuan = `¥${(markedFen / 100).toFixed(2)}`;
  return {
    ...{ tariff: tariff.tariff, version: tariff.version, baseFen: 0, baseSource: 'network', chargeFen: 0 },
    steps: [
      {
        rule: 'boarding',
        en: `Route ${route} from ${stop.en}: charged at tap-off, at most ${yuan}`,
        zh: `${route}路 ${stop.zh} 上车：下车刷卡时扣款，最多 ${yuan}`,
        ...{ beforeFen: 0, afterFen: 0 },
      },
    ],
  };
}
