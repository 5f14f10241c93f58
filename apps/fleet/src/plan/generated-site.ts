/** The terminals of a made-up day: whatever the blueprint has, a gate pair at every other station, vehicles of every bus company. */
import type { Blueprint, Network, Party, Tariff, TerminalProfile, TerminalRole } from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';
import type { PlannedOperator, PlannedTerminal } from './plan.ts';

export interface MetroStation {
  /** Indexes into `terminals`. */
  readonly entryGate: number;
  readonly exitGate: number;
  /** Stations of one part of the network are reachable from each other. */
  readonly part: string;
}

export interface SectionBus {
  readonly terminal: number;
  readonly ways: readonly { readonly bound: 'up' | 'down'; readonly stops: readonly string[] }[];
}

export interface Site {
  readonly operators: readonly PlannedOperator[];
  readonly terminals: readonly PlannedTerminal[];
  readonly stations: readonly MetroStation[];
  readonly buses: readonly number[];
  /** Vehicles of routes with fares by section, with the stops of each direction in order of travel. */
  readonly sectionBuses: readonly SectionBus[];
  /** Fares a bus validator states. */
  readonly busFaresFen: readonly number[];
  /** Fare an exit gate states where the tariff has no distances. */
  readonly metroFareFen: number | undefined;
}

const VEHICLES_PER_COMPANY = 12;
/** Fares of routes and sections, as multiples of the tariff's usual fare. */
const BUS_FARE_MULTIPLES = [0.5, 1, 1, 1, 1.25, 1.5, 2, 2.5];
const FARE_STEP_FEN = 50;

/** Throws `POLYCARD_FLEET_GENERATE` when nobody could ride anything there. */
export function layOutSite(blueprint: Blueprint): Site {
  const terminals: PlannedTerminal[] = [];
  const stations = layOutStations(blueprint, terminals);
  const vehicles = layOutBuses(blueprint, terminals);
  const waysOf = sectionRoutes(blueprint);
  const isSection = (terminal: number): boolean => waysOf.has(terminals[terminal]!.route ?? '');
  const buses = vehicles.filter((terminal) => !isSection(terminal));
  if (stations.length < 2 && vehicles.length === 0) {
    throw new PolycardError('POLYCARD_FLEET_GENERATE', 'the blueprint has neither a metro to ride nor a bus', {
      where: 'networks, parties.yaml',
      expected: 'a metro operator with lines, or a bus operator, and a terminal profile and a tariff of that mode',
    });
  }
  return {
    operators: blueprint.parties.flatMap((party) =>
      party.kind === 'operator' && party.mode !== undefined
        ? [{ name: party.id, mode: party.mode, discounts: party.discounts ?? 'tariff' }]
        : [],
    ),
    terminals,
    stations: stations.length < 2 ? [] : stations,
    buses,
    sectionBuses: vehicles
      .filter(isSection)
      .map((terminal) => ({ terminal, ways: waysOf.get(terminals[terminal]!.route!)! })),
    busFaresFen: busFares(tariffOf(blueprint, 'bus')),
    metroFareFen: declaredFare(tariffOf(blueprint, 'metro')),
  };
}

function layOutStations(blueprint: Blueprint, terminals: PlannedTerminal[]): MetroStation[] {
  const baseFare = tariffOf(blueprint, 'metro')?.baseFare;
  const gate = profileFor(blueprint, 'metro-entry', 'metro-exit');
  if (baseFare === undefined || gate === undefined) return [];
  const networks = blueprint.networks.filter(
    ({ network }) => baseFare.kind !== 'distance' || baseFare.network === network,
  );
  return networks.flatMap((network) => {
    const parts = connectedParts(network);
    return network.stations.flatMap((station): MetroStation[] => {
      const operator = operatorAt(blueprint.parties, network, station.id);
      const part = parts.get(station.id);
      if (operator === undefined || part === undefined) return [];
      const place = { code: station.code, name: station.name.zh };
      const known = blueprint.terminals.terminals.filter(
        (terminal) => terminal.station === station.id && terminal.profile === gate.id,
      );
      const [entryGate, exitGate] = ['101', '201'].map((suffix, position) => {
        const { deviceNo, operator: runBy } = known[position] ?? {
          deviceNo: `70${station.code}${suffix}`,
          operator: operator.id,
        };
        return terminals.push({ deviceNo, profile: gate.id, operator: runBy, place }) - 1;
      });
      return [{ entryGate: entryGate!, exitGate: exitGate!, part }];
    });
  });
}

function layOutBuses(blueprint: Blueprint, terminals: PlannedTerminal[]): number[] {
  const validator = profileFor(blueprint, 'bus');
  if (validator === undefined || declaredFare(tariffOf(blueprint, 'bus')) === undefined) return [];
  const companies = blueprint.parties.filter((party) => party.kind === 'operator' && party.mode === 'bus');
  return companies.flatMap((party) => {
    const known = blueprint.terminals.terminals.filter(
      (terminal) => terminal.operator === party.id && terminal.profile === validator.id,
    );
    return Array.from({ length: VEHICLES_PER_COMPANY }, (_, position) => {
      const number = position + 1;
      const vehicle = known[position];
      return (
        terminals.push({
          deviceNo: vehicle?.deviceNo ?? `80${party.code}${String(number).padStart(3, '0')}`,
          profile: validator.id,
          operator: party.id,
          route: vehicle?.route ?? `${100 + number}`,
          vehicle: vehicle?.vehicle ?? `${party.code}-${number}`,
        }) - 1
      );
    });
  });
}

/** Routes that the bus tariff charges by section. */
function sectionRoutes(blueprint: Blueprint): Map<string, SectionBus['ways']> {
  const rules = (tariffOf(blueprint, 'bus')?.routeFares ?? []).filter(({ kind }) => kind === 'section');
  return new Map(
    blueprint.busNetworks.flatMap(({ routes, stops }) =>
      routes
        .filter(({ id }) => rules.some((rule) => rule.routes.includes(id)))
        .map(({ id, directions }) => [
          id,
          directions.map((way) => ({
            bound: way.id,
            stops: way.stops.map(({ stop }) => stops.find((candidate) => candidate.id === stop)!.code),
          })),
        ]),
    ),
  );
}

function tariffOf(blueprint: Blueprint, mode: Tariff['mode']): Tariff | undefined {
  return blueprint.tariffs.find((tariff) => tariff.mode === mode);
}

function profileFor(blueprint: Blueprint, ...roles: TerminalRole[]): TerminalProfile | undefined {
  return blueprint.terminals.profiles.find((profile) => roles.every((role) => profile.roles.includes(role)));
}

/** The usual fare of a tariff whose fares are stated to the terminal; undefined where they come from distances. */
function declaredFare(tariff: Tariff | undefined): number | undefined {
  return tariff?.baseFare.kind === 'declared' ? tariff.baseFare.defaultFen : undefined;
}

function busFares(tariff: Tariff | undefined): number[] {
  if (tariff?.baseFare.kind !== 'declared') return [];
  const { defaultFen, maximumFen } = tariff.baseFare;
  const rounded = (fen: number): number => Math.round(fen / FARE_STEP_FEN) * FARE_STEP_FEN;
  return BUS_FARE_MULTIPLES.map((multiple) => Math.min(maximumFen, rounded(defaultFen * multiple)));
}

function operatorAt(parties: readonly Party[], network: Network, station: string): Party | undefined {
  const lines = network.lines.filter((line) => line.stations.includes(station)).map((line) => line.id);
  return parties.find((party) => party.kind === 'operator' && lines.some((line) => party.lines?.includes(line)));
}

/** By station, a name of the part of the network it belongs to: lines that share stations hang together. */
function connectedParts(network: Network): Map<string, string> {
  const partOf = new Map<string, string>();
  for (const { id, stations } of network.lines) {
    const joined = new Set(stations.map((station) => partOf.get(station)));
    for (const [station, part] of partOf) if (joined.has(part)) partOf.set(station, id);
    for (const station of stations) partOf.set(station, id);
  }
  return partOf;
}
