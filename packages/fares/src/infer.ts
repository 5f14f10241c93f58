/**
 * What charged amounts tell about cards and operators: a class for each card and mode, a transfer right for each ride,
 * operators without discounts, rides in a coach without discounts. Nothing else is inferred, and a ride that no rule
 * explains stays unexplained without changing how others are explained.
 */
import type { Mode } from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';
import { type CompiledTariff, computeFare } from './fare.ts';

export interface ChargedRide {
  readonly card: string;
  readonly mode: Mode;
  readonly operator: string;
  readonly baseFen: number;
  readonly chargedFen: number;
}

export interface ExplainedRide {
  readonly cardClass: string;
  readonly serviceClass: string;
  readonly transfer: boolean;
  readonly explained: boolean;
}

export interface Inference {
  /** In the order of the rides given. */
  readonly rides: readonly ExplainedRide[];
  /** By `card|mode`. */
  readonly classes: ReadonlyMap<string, string>;
  readonly operatorsWithoutDiscount: ReadonlySet<string>;
}

interface Reading {
  readonly cardClass: string;
  readonly serviceClass: string;
  readonly transfer: boolean;
}

/**
 * `classes` in order of preference where amounts do not decide (ordinary, student, senior). Throws
 * `POLYCARD_FARES_TARIFF` for a ride of a mode without tariff.
 */
export function inferClasses(
  rides: readonly ChargedRide[],
  tariffs: ReadonlyMap<Mode, CompiledTariff>,
  classes: readonly string[],
): Inference {
  const operatorsWithoutDiscount = withoutDiscount(rides, tariffs, classes);
  const byCard = Map.groupBy(
    rides.map((ride, index) => ({ ride, index })),
    ({ ride }) => `${ride.card}|${ride.mode}`,
  );
  const explained = new Array<ExplainedRide>(rides.length);
  const classOf = new Map<string, string>();
  for (const [key, group] of byCard) {
    const tariff = tariffOf(group[0]!.ride, tariffs);
    let best = { cardClass: classes[0]!, count: -1, readings: [] as (Reading | undefined)[] };
    for (const cardClass of classes) {
      const readings = group.map(({ ride }) =>
        explain(ride, tariff, cardClass, !operatorsWithoutDiscount.has(ride.operator)),
      );
      const count = readings.filter((reading) => reading !== undefined).length;
      if (count > best.count) best = { cardClass, count, readings };
    }
    classOf.set(key, best.cardClass);
    group.forEach(({ index }, position) => {
      const reading = best.readings[position];
      explained[index] =
        reading === undefined
          ? {
              cardClass: best.cardClass,
              serviceClass: tariff.tariff.serviceClasses[0]!.id,
              transfer: false,
              explained: false,
            }
          : { ...reading, explained: true };
    });
  }
  return { rides: explained, classes: classOf, operatorsWithoutDiscount };
}

/** The first reading that gives the charged amount: without transfer, with it, then a coach without discounts. */
function explain(
  ride: ChargedRide,
  tariff: CompiledTariff,
  cardClass: string,
  operatorDiscounts: boolean,
): Reading | undefined {
  if (!isPossible(ride, tariff)) return undefined;
  const standard = tariff.tariff.serviceClasses[0]!;
  const charge = (serviceClass: string, transfer: boolean): number =>
    computeFare(tariff, {
      cardClass,
      serviceClass,
      operatorDiscounts,
      declaredBaseFen: ride.baseFen,
      ...(transfer ? { transfer: { fromMode: ride.mode, minutesSince: 0 } } : {}),
    }).chargeFen;
  if (charge(standard.id, false) === ride.chargedFen) return { cardClass, serviceClass: standard.id, transfer: false };
  if (charge(standard.id, true) === ride.chargedFen) return { cardClass, serviceClass: standard.id, transfer: true };
  const coach = tariff.tariff.serviceClasses.find((candidate) => !candidate.discounts);
  if (coach !== undefined && ride.baseFen > 0 && ride.chargedFen === ride.baseFen) {
    return { cardClass, serviceClass: coach.id, transfer: false };
  }
  return undefined;
}

function tariffOf({ mode }: ChargedRide, tariffs: ReadonlyMap<Mode, CompiledTariff>): CompiledTariff {
  const tariff = tariffs.get(mode);
  if (tariff === undefined)
    throw new PolycardError('POLYCARD_FARES_TARIFF', `there is no tariff for ${mode}`, { where: mode });
  return tariff;
}

/** A damaged amount is a ride that nothing explains; it must not keep the others from being explained. */
function isPossible({ baseFen, chargedFen }: ChargedRide, { tariff }: CompiledTariff): boolean {
  const maximumFen = tariff.baseFare.kind === 'declared' ? tariff.baseFare.maximumFen : Number.MAX_SAFE_INTEGER;
  return Number.isSafeInteger(baseFen) && baseFen >= 0 && baseFen <= maximumFen && Number.isSafeInteger(chargedFen);
}

/** Operators of modes without a coach class whose rides are mostly explained by no discount, and by nothing else. */
function withoutDiscount(
  rides: readonly ChargedRide[],
  tariffs: ReadonlyMap<Mode, CompiledTariff>,
  classes: readonly string[],
): Set<string> {
  const balance = new Map<string, number>();
  for (const ride of rides) {
    const tariff = tariffOf(ride, tariffs);
    if (tariff.tariff.serviceClasses.some((serviceClass) => !serviceClass.discounts)) continue;
    const isUndiscounted = ride.chargedFen === ride.baseFen && isPossible(ride, tariff);
    const isDiscounted = classes.some((cardClass) => explain(ride, tariff, cardClass, true) !== undefined);
    if (isUndiscounted === isDiscounted) continue; // explained by both or by neither: says nothing
    balance.set(ride.operator, (balance.get(ride.operator) ?? 0) + (isUndiscounted ? 1 : -1));
  }
  return new Set([...balance].filter(([, count]) => count > 0).map(([operator]) => operator));
}
