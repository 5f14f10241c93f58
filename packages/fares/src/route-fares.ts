/**
 * Fares of bus routes: flat, or by the sections (分段) between tap-on and tap-off. A rider who does not tap off owes what
 * the card was marked with at boarding: the most the ride could still cost from there (reference industries.md §5.5).
 */
import type { BusDirection, BusNetwork, RouteFare, SectionFare, Tariff } from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';

export interface BusStop {
  readonly id: string;
  readonly code: string;
  readonly name: { readonly en: string; readonly zh: string };
  readonly section: number;
}

export interface CompiledRoute {
  readonly id: string;
  readonly rule: RouteFare;
  /** In order of travel; none where the fare is flat. */
  readonly stopsOf: ReadonlyMap<BusDirection, readonly BusStop[]>;
}

/** By the route's identifier; a route without a rule is not in it. */
export type CompiledRoutes = ReadonlyMap<string, CompiledRoute>;

export function compileRoutes({ routeFares = [], tariff }: Tariff, networks: readonly BusNetwork[]): CompiledRoutes {
  return new Map(
    routeFares.flatMap((rule) =>
      rule.routes.map((id): [string, CompiledRoute] => [
        id,
        { id, rule, stopsOf: rule.kind === 'section' ? stopsOf(rule, id, networks, tariff) : new Map() },
      ]),
    ),
  );
}

function stopsOf(
  rule: SectionFare,
  id: string,
  networks: readonly BusNetwork[],
  tariff: string,
): ReadonlyMap<BusDirection, readonly BusStop[]> {
  const network = networks.find((candidate) => candidate.network === rule.network);
  const route = network?.routes.find((candidate) => candidate.id === id);
  if (network === undefined || route === undefined)
    throw new PolycardError('POLYCARD_FARES_TARIFF', `tariff ${tariff} needs route ${id} of ${rule.network}`, {
      where: `${tariff}.${rule.id}`,
    });
  const stops = new Map(network.stops.map((stop) => [stop.id, stop]));
  return new Map(
    route.directions.map((direction) => [
      direction.id,
      direction.stops.map(({ stop, section }) => ({ ...stops.get(stop)!, section })),
    ]),
  );
}

/** A ride of a section route, as far as it has gone. */
export interface SectionRide {
  readonly direction: BusDirection;
  /** Stop codes. */
  readonly boardingStop: string;
  readonly alightingStop: string;
}

export interface SectionPrice {
  readonly fen: number;
  /** How many sections the ride touches; none where the marked amount stands for them. */
  readonly sections?: number;
  readonly from: BusStop;
  readonly to: BusStop;
}

/** Throws `POLYCARD_FARES_STOP` when the route does not stop there in this direction. */
export function stopOf({ id, stopsOf: stops }: CompiledRoute, direction: BusDirection, code: string): BusStop {
  const found = stops.get(direction)?.find((stop) => stop.code === code);
  if (found !== undefined) return found;
  throw new PolycardError('POLYCARD_FARES_STOP', `route ${id} has no stop ${code} in direction ${direction}`, {
    where: code,
    expected:
      stops
        .get(direction)
        ?.map((stop) => stop.code)
        .join(', ') ?? `one of ${[...stops.keys()].join(', ')}`,
  });
}

/** What a ride from this stop costs at most: to the end of the route. */
export function markedFen(route: CompiledRoute, direction: BusDirection, boardingStop: string): number {
  const from = stopOf(route, direction, boardingStop);
  const last = route.stopsOf.get(direction)!.at(-1)!;
  return fareOfSections(ruleOf(route), last.section - from.section + 1);
}

export function sectionPrice(route: CompiledRoute, ride: SectionRide): SectionPrice {
  const rule = ruleOf(route);
  const [from, to] = [
    stopOf(route, ride.direction, ride.boardingStop),
    stopOf(route, ride.direction, ride.alightingStop),
  ];
  const stops = route.stopsOf.get(ride.direction)!;
  const isReversed = stops.indexOf(to) < stops.indexOf(from);
  if (isReversed && rule.reversedOrder === 'maximum')
    return { fen: markedFen(route, ride.direction, ride.boardingStop), from, to };
  const sections = Math.abs(to.section - from.section) + 1;
  return { fen: fareOfSections(rule, sections), sections, from, to };
}

/** The rule of a section route. Throws `POLYCARD_FARES_TARIFF` for another. */
export function ruleOf({ id, rule }: CompiledRoute): SectionFare {
  if (rule.kind === 'section') return rule;
  throw new PolycardError('POLYCARD_FARES_TARIFF', `route ${id} has a flat fare`, { where: id });
}

/** The last fare of the list holds for longer rides too. */
const fareOfSections = ({ sectionFaresFen }: SectionFare, sections: number): number =>
  sectionFaresFen[Math.min(sections, sectionFaresFen.length) - 1]!;
