/**
 * The fare engine: the same in gate, host and clearing. A fare is its explanation: base, then each rule with the amount
 * before and after it. Integer fen; rounding half up after each rule, as the tariff states.
 */
import type { BusNetwork, Discount, ServiceClass, Tariff } from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';
import type { OpenRide } from './missing-tap-off.ts';
import type { CompiledNetwork, PathLeg } from './network.ts';
import { afterPromotion, type Circumstances, cumulationPercent, leftBelowCaps, promotionsFor } from './promotions.ts';
import { routeBase } from './route-base.ts';
import { type CompiledRoutes, compileRoutes, type SectionRide } from './route-fares.ts';
import type { Transfer } from './transfer.ts';

export interface FareStep {
  readonly rule: string;
  readonly en: string;
  readonly zh: string;
  readonly beforeFen: number;
  readonly afterFen: number;
}

export interface Fare {
  readonly tariff: string;
  readonly version: string;
  readonly baseFen: number;
  /** `network`: known stations or stops, or the route's fare; `declared`: stated by the terminal; `default`: the tariff's own. */
  readonly baseSource: 'network' | 'declared' | 'default';
  readonly metres?: number;
  /** Lines ridden, for the split of revenue. */
  readonly legs?: readonly PathLeg[];
  readonly chargeFen: number;
  /** Part of `chargeFen` that is for an earlier ride without tap-off. */
  readonly closedFen?: number;
  readonly steps: readonly FareStep[];
}

export interface Ride extends Circumstances {
  readonly serviceClass: string;
  readonly operatorDiscounts: boolean;
  /** Stated by the terminal; goes before the network. In a class without discounts it holds the multiple already. */
  readonly declaredBaseFen?: number;
  readonly transfer?: Transfer;
  /** On a route with fares by section. */
  readonly section?: SectionRide;
  /** A section ride without tap-off: what the card was marked with is its base fare. */
  readonly marked?: Pick<OpenRide, 'route' | 'boardingStop' | 'at' | 'markedFen'>;
}

export interface CompiledTariff {
  readonly tariff: Tariff;
  readonly network: CompiledNetwork | undefined;
  readonly discountOf: ReadonlyMap<string, Discount>;
  readonly serviceClassOf: ReadonlyMap<string, ServiceClass>;
  readonly transferClasses: ReadonlySet<string>;
  /** Bus routes with a fare of their own. */
  readonly routes: CompiledRoutes;
}

export function compileTariff(
  tariff: Tariff,
  network?: CompiledNetwork,
  busNetworks: readonly BusNetwork[] = [],
): CompiledTariff {
  if (tariff.baseFare.kind === 'distance' && network === undefined) {
    throw new PolycardError(
      'POLYCARD_FARES_TARIFF',
      `tariff ${tariff.tariff} needs the network ${tariff.baseFare.network}`,
      { where: tariff.tariff },
    );
  }
  return {
    tariff,
    network,
    discountOf: new Map(
      tariff.discounts.flatMap((discount) => discount.cardClasses.map((id) => [id, discount] as const)),
    ),
    serviceClassOf: new Map(tariff.serviceClasses.map((serviceClass) => [serviceClass.id, serviceClass])),
    transferClasses: new Set(tariff.transfer?.cardClasses ?? []),
    routes: compileRoutes(tariff, busNetworks),
  };
}

/**
 * Base → service class → discount of the card class → promotions → cumulation → transfer deduction → caps. Throws
 * `POLYCARD_FARES_*`.
 */
export function computeFare(compiled: CompiledTariff, ride: Ride): Fare {
  const { tariff } = compiled;
  const serviceClass = compiled.serviceClassOf.get(ride.serviceClass);
  if (serviceClass === undefined) throw unknown('service class', ride.serviceClass, tariff.tariff);
  const base = routeBase(compiled, ride) ?? baseFare(compiled, ride);
  const steps: FareStep[] = [base.step];
  let amountFen = base.fen;
  const apply = (rule: string, en: string, zh: string, afterFen: number): void => {
    if (afterFen === amountFen) return;
    steps.push({ rule, en, zh, beforeFen: amountFen, afterFen });
    amountFen = afterFen;
  };
  if (serviceClass.multiple !== 1 && base.source !== 'declared') {
    const { en, zh } = serviceClass.name;
    apply(
      serviceClass.id,
      `${en}: ${serviceClass.multiple} times`,
      `${zh}：${serviceClass.multiple} 倍`,
      roundHalfUp(amountFen * serviceClass.multiple),
    );
  }
  if (serviceClass.discounts && ride.operatorDiscounts) {
    applyDiscounts(compiled, ride, () => amountFen, apply);
    const percent = cumulationPercent(tariff, ride);
    if (percent !== undefined) {
      const { id, name } = tariff.cumulation!;
      apply(id, name.en, name.zh, roundHalfUp((amountFen * (100 - percent)) / 100));
    }
    const rule = tariff.transfer;
    if (rule !== undefined && ride.transfer !== undefined && compiled.transferClasses.has(ride.cardClass)) {
      const minutes = ride.transfer.minutesSince;
      apply(
        rule.id,
        `${rule.name.en}, ${minutes} min after it`,
        `${rule.name.zh}（${minutes} 分钟内）`,
        Math.max(0, amountFen - rule.deductFen),
      );
    }
    const left = leftBelowCaps(tariff, ride);
    if (left !== undefined && left < amountFen)
      apply(tariff.caps!.id, tariff.caps!.name.en, tariff.caps!.name.zh, left);
  }
  return {
    tariff: tariff.tariff,
    version: tariff.version,
    baseFen: base.fen,
    baseSource: base.source,
    ...(base.metres === undefined ? {} : { metres: base.metres }),
    ...(base.legs === undefined ? {} : { legs: base.legs }),
    chargeFen: amountFen,
    steps,
  };
}

/** The class discount, or a promotion in its place where that is cheaper, then the promotions that add to it. */
function applyDiscounts(
  { tariff, discountOf }: CompiledTariff,
  ride: Ride,
  amountFen: () => number,
  apply: (rule: string, en: string, zh: string, afterFen: number) => void,
): void {
  const discount = discountOf.get(ride.cardClass);
  // a ride nobody saw the end of gets the discount of its class at most
  const promotions = ride.marked === undefined ? promotionsFor(tariff, ride) : [];
  const ownFen = discount === undefined ? amountFen() : discounted(discount, amountFen());
  const instead = promotions
    .filter(({ stacking }) => stacking === 'instead')
    .map((promotion) => ({ promotion, fen: afterPromotion(promotion, amountFen(), roundHalfUp) }))
    .sort((a, b) => a.fen - b.fen)[0];
  if (instead !== undefined && instead.fen < ownFen) {
    const { id, name } = instead.promotion;
    apply(id, name.en, name.zh, instead.fen);
  } else if (discount !== undefined) {
    apply(discount.id, discount.name.en, discount.name.zh, ownFen);
  }
  for (const promotion of promotions) {
    if (promotion.stacking === 'instead') continue;
    apply(promotion.id, promotion.name.en, promotion.name.zh, afterPromotion(promotion, amountFen(), roundHalfUp));
    if (promotion.stacking === 'last') break;
  }
}

export interface Base {
  readonly fen: number;
  readonly source: Fare['baseSource'];
  readonly step: FareStep;
  readonly metres?: number;
  readonly legs?: readonly PathLeg[];
}

function baseFare({ tariff, network }: CompiledTariff, ride: Ride): Base {
  const { baseFare: rule } = tariff;
  const isKnownJourney = ride.entryStation !== undefined && ride.exitStation !== undefined && network !== undefined;
  const path = isKnownJourney ? network.shortestPath(ride.entryStation!, ride.exitStation!) : undefined;
  const route = path === undefined ? {} : { metres: path.metres, legs: path.legs };
  if (ride.declaredBaseFen !== undefined) {
    const fen = ride.declaredBaseFen;
    if (!Number.isSafeInteger(fen) || fen < 0 || (rule.kind === 'declared' && fen > rule.maximumFen)) {
      throw new PolycardError('POLYCARD_FARES_BASE', `a declared base fare of ${fen} fen is not possible`, {
        where: 'declaredBaseFen',
        expected: rule.kind === 'declared' ? `0 to ${rule.maximumFen}` : 'a whole number of fen from 0',
      });
    }
    return {
      fen,
      source: 'declared',
      step: base('Base fare as stated by the terminal', '终端申报基准票价', fen),
      ...route,
    };
  }
  if (rule.kind === 'declared') {
    return {
      fen: rule.defaultFen,
      source: 'default',
      step: base('Base fare of the tariff', '票价表基准票价', rule.defaultFen),
    };
  }
  if (path === undefined) {
    throw new PolycardError('POLYCARD_FARES_BASE', 'entry or exit station is not known and no base fare was declared', {
      expected: 'both stations, or a declared base fare',
    });
  }
  const isSameStation = ride.entryStation === ride.exitStation;
  const fen = isSameStation ? rule.sameStationFen : distanceFare(rule, path.metres);
  const kilometres = (path.metres / 1000).toFixed(1);
  const step = isSameStation
    ? base('Same station', '同站进出', fen)
    : base(`Distance ${kilometres} km`, `里程 ${kilometres} 公里`, fen);
  return { fen, source: 'network', step, ...route };
}

export const base = (en: string, zh: string, fen: number): FareStep => ({
  rule: 'base',
  en,
  zh,
  beforeFen: 0,
  afterFen: fen,
});

function distanceFare(rule: Extract<Tariff['baseFare'], { kind: 'distance' }>, metres: number): number {
  let fen = rule.startFen;
  let reached = rule.startMetres;
  for (const band of rule.bands) {
    if (metres <= reached) break;
    const end = Math.min(metres, band.uptoMetres ?? Number.POSITIVE_INFINITY);
    fen += Math.ceil((end - reached) / band.stepMetres) * band.stepFen;
    reached = end;
  }
  return fen;
}

function discounted({ rule }: Discount, fen: number): number {
  if (rule.kind === 'percent') return roundHalfUp((fen * (100 - rule.percentOff)) / 100);
  let total = 0;
  let from = 0;
  for (const tier of rule.tiers) {
    const upto = Math.min(fen, tier.uptoFen ?? Number.POSITIVE_INFINITY);
    if (upto > from) total += ((upto - from) * (100 - tier.percentOff)) / 100;
    from = Math.max(from, upto);
  }
  return roundHalfUp(total);
}

/** Half up at the third decimal and beyond: products of integers and percentages are exact to 1e-9. */
function roundHalfUp(fen: number): number {
  return Math.floor(fen + 0.5 + 1e-9);
}

function unknown(what: string, id: string, where: string): PolycardError {
  return new PolycardError('POLYCARD_FARES_CLASS', `tariff ${where} knows no ${what} ${id}`, {
    where,
    expected: `a ${what} of the tariff`,
  });
}
