/** Checks of bus routes and of the fares by route: stops that exist, sections in order of travel, fares every ride finds. */
import { type Blueprint, cappApplications } from './blueprint.ts';
import type { FileFindings } from './findings.ts';
import type { BusNetwork, RouteFare } from './schema/bus-network.ts';
import type { Tariff } from './schema/tariff.ts';

export function checkBusNetwork(network: BusNetwork, blueprint: Blueprint, findings: FileFindings): void {
  const { stops, routes } = network;
  const known = new Set(stops.map(({ id }) => id));
  const operators = blueprint.parties.flatMap(({ kind, mode, id }) =>
    kind === 'operator' && mode === 'bus' ? id : [],
  );
  const stations = new Set(blueprint.networks.flatMap((metro) => metro.stations.map(({ code }) => code)));
  for (const key of ['id', 'code'] as const)
    findings.unique(
      'network-collision',
      stops.map((stop, index) => [`/stops/${index}/${key}`, stop[key]]),
      `a stop ${key}`,
    );
  const otherStops = blueprint.busNetworks.filter((other) => other !== network).flatMap((other) => other.stops);
  const served = new Set(
    routes.flatMap(({ directions }) => directions.flatMap((way) => way.stops.map(({ stop }) => stop))),
  );
  for (const [index, { id, code }] of stops.entries()) {
    if (stations.has(code) || otherStops.some((stop) => stop.code === code))
      findings.add('network-collision', `/stops/${index}/code`, 'a code that no station and no other stop has', code);
    if (!served.has(id)) findings.add('stop-unserved', `/stops/${index}/id`, 'a stop that a route serves', id);
  }
  findings.unique(
    'network-collision',
    routes.map(({ id }, index) => [`/routes/${index}/id`, id]),
    'a route',
  );
  for (const [index, { operator, directions }] of routes.entries()) {
    findings.oneOf('route-operator', `/routes/${index}/operator`, operator, operators, 'a bus operator');
    findings.unique(
      'network-collision',
      directions.map(({ id }, position) => [`/routes/${index}/directions/${position}/id`, id]),
      'a direction',
    );
    for (const [position, { stops: way }] of directions.entries()) {
      const path = `/routes/${index}/directions/${position}/stops`;
      for (const [at, { stop }] of way.entries())
        findings.oneOf('stop-unknown', `${path}/${at}/stop`, stop, known, 'a stop of the network');
      findings.unique(
        'network-collision',
        way.map(({ stop }, at) => [`${path}/${at}/stop`, stop]),
        'a stop of the direction',
      );
      checkSections(way, path, findings);
    }
  }
}

/** Sections begin with 1 and go up by one or stay: what a ride costs is how many of them it touches. */
function checkSections(
  way: BusNetwork['routes'][number]['directions'][number]['stops'],
  path: string,
  findings: FileFindings,
): void {
  let before = 0;
  for (const [at, { section }] of way.entries()) {
    const isNext = section === before + 1 || (at > 0 && section === before);
    if (!isNext)
      findings.add(
        'section-order',
        `${path}/${at}/section`,
        at === 0 ? 'section 1 at the first stop' : `section ${before} or ${before + 1}`,
        section,
      );
    before = section;
  }
}

const RECORD_FIELDS = ['status', 'route', 'direction', 'stop', 'markedFare', 'boardingTime', 'lastTime'] as const;

export function checkRouteFares({ mode, routeFares = [] }: Tariff, blueprint: Blueprint, findings: FileFindings): void {
  if (mode !== 'bus' && routeFares.length > 0)
    findings.add(
      'fare-rule-unreachable',
      '/routeFares',
      'no fares by route: a metro ride has no route',
      routeFares.length,
    );
  findings.unique(
    'discount-collision',
    routeFares.map(({ id }, index) => [`/routeFares/${index}/id`, id]),
    'an id of a fare by route',
  );
  findings.unique(
    'fare-rules-overlap',
    routeFares.flatMap(({ routes }, index) =>
      routes.map((route, position) => [`/routeFares/${index}/routes/${position}`, route] as const),
    ),
    'a route, in one rule,',
  );
  for (const [index, rule] of routeFares.entries()) {
    const path = `/routeFares/${index}`;
    if (rule.kind === 'section') checkSectionFare(rule, path, blueprint, findings);
    checkRecord(rule, path, blueprint, findings);
  }
}

function checkSectionFare(
  rule: Extract<RouteFare, { kind: 'section' }>,
  path: string,
  { busNetworks }: Blueprint,
  findings: FileFindings,
): void {
  const names = busNetworks.map(({ network }) => network);
  findings.oneOf('tariff-network-unknown', `${path}/network`, rule.network, names, 'a network of buses');
  const network = busNetworks.find((candidate) => candidate.network === rule.network);
  if (network === undefined) return;
  const routes = network.routes.map(({ id }) => id);
  for (const [position, route] of rule.routes.entries())
    findings.oneOf('route-unknown', `${path}/routes/${position}`, route, routes, 'a route of the network');
  const longest = Math.max(
    0,
    ...network.routes
      .filter(({ id }) => rule.routes.includes(id))
      .flatMap(({ directions }) => directions.map(({ stops }) => stops.at(-1)!.section)),
  );
  for (const [index, fareFen] of rule.sectionFaresFen.entries()) {
    const before = rule.sectionFaresFen[index - 1] ?? 0;
    if (fareFen < before)
      findings.add(
        'fare-non-monotone',
        `${path}/sectionFaresFen/${index}`,
        `at least ${before}: more sections cost no less`,
        fareFen,
      );
    if (longest > 0 && index >= longest)
      findings.add(
        'fare-rule-unreachable',
        `${path}/sectionFaresFen/${index}`,
        `at most ${longest} fares, as many as the longest route has sections`,
        `a fare of ${index + 1} sections`,
      );
  }
  const { missingTapOff, maxRideMinutes } = rule;
  if (missingTapOff.settle === 'next-tap' && missingTapOff.withinMinutes <= maxRideMinutes)
    findings.add(
      'fare-rule-unreachable',
      `${path}/missingTapOff/withinMinutes`,
      `more than the ${maxRideMinutes} minutes a ride may last`,
      missingTapOff.withinMinutes,
    );
}

/** What the bus record must keep of an open ride, and have room for. */
function checkRecord(rule: RouteFare, path: string, blueprint: Blueprint, findings: FileFindings): void {
  const records = cappApplications(blueprint).flatMap(({ files }) => files.flatMap((file) => file.records));
  const fields = new Map(records.find(({ name }) => name === 'bus')?.fields.map((field) => [field.name, field]) ?? []);
  const routeBytes = fields.get('route')?.length ?? 0;
  for (const [position, route] of rule.routes.entries()) {
    if (new TextEncoder().encode(route).length > routeBytes)
      findings.add(
        'section-record',
        `${path}/routes/${position}`,
        `at most ${routeBytes} bytes of the bus record`,
        route,
      );
  }
  if (rule.kind !== 'section') return;
  const missing = RECORD_FIELDS.filter((name) => !fields.has(name));
  if (missing.length > 0)
    findings.add('section-record', path, 'a bus record that can keep an open ride', `no field ${missing.join(', ')}`);
  const most = 2 ** (8 * (fields.get('markedFare')?.length ?? 0)) - 1;
  for (const [index, fareFen] of rule.sectionFaresFen.entries()) {
    if (missing.length === 0 && fareFen > most)
      findings.add(
        'section-record',
        `${path}/sectionFaresFen/${index}`,
        `at most ${most}, what the record can mark`,
        fareFen,
      );
  }
}
