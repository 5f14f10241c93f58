/** Checks of tariffs and networks: amounts that every ride can be priced with, names that lead to one thing only. */
import type { Blueprint } from './blueprint.ts';
import { checkRouteFares } from './bus-network-checks.ts';
import { checkFareRules } from './fare-rule-checks.ts';
import type { FileFindings } from './findings.ts';
import { checkPromotions } from './promotion-checks.ts';
import type { Network, Tariff } from './schema/tariff.ts';

export function checkTariff(tariff: Tariff, blueprint: Blueprint, findings: FileFindings): void {
  const classes = blueprint.cards.classes.map((cardClass) => cardClass.id);
  const { baseFare } = tariff;
  if (baseFare.kind === 'distance') {
    const networks = blueprint.networks.map((network) => network.network);
    findings.oneOf('tariff-network-unknown', '/baseFare/network', baseFare.network, networks, 'a network');
    checkSteps(
      baseFare.bands.map((band) => band.uptoMetres),
      { from: baseFare.startMetres, path: '/baseFare/bands', key: 'uptoMetres' },
      findings,
    );
  } else if (baseFare.defaultFen > baseFare.maximumFen) {
    findings.add(
      'tariff-default-fare',
      '/baseFare/defaultFen',
      `at most the maximum ${baseFare.maximumFen}`,
      baseFare.defaultFen,
    );
  }
  findings.unique(
    'service-class-collision',
    tariff.serviceClasses.map(({ id }, index) => [`/serviceClasses/${index}/id`, id]),
    'a service class',
  );
  findings.unique(
    'service-class-collision',
    tariff.serviceClasses.map(({ code }, index) => [`/serviceClasses/${index}/code`, code]),
    'a service class code',
  );
  findings.unique(
    'discount-collision',
    tariff.discounts.map(({ id }, index) => [`/discounts/${index}/id`, id]),
    'a discount id',
  );
  tariff.discounts.forEach(({ cardClasses, rule }, index) => {
    cardClasses.forEach((id, position) => {
      findings.oneOf('class-unknown', `/discounts/${index}/cardClasses/${position}`, id, classes, 'a card class');
    });
    if (rule.kind === 'tiers') {
      checkSteps(
        rule.tiers.map((tier) => tier.uptoFen),
        { from: 0, path: `/discounts/${index}/rule/tiers`, key: 'uptoFen' },
        findings,
      );
    }
  });
  findings.unique(
    'class-in-two-discounts',
    tariff.discounts.flatMap(({ cardClasses }, index) =>
      cardClasses.map((id, position) => [`/discounts/${index}/cardClasses/${position}`, id] as const),
    ),
    'a card class, in one discount',
  );
  tariff.transfer?.cardClasses.forEach((id, index) => {
    findings.oneOf('class-unknown', `/transfer/cardClasses/${index}`, id, classes, 'a card class');
  });
  checkPromotions(tariff, blueprint, findings);
  checkFareRules(tariff, blueprint, findings);
  checkRouteFares(tariff, blueprint, findings);
}

/** Bands and tiers rise, and the last is open: beyond a closed one a ride would cost nothing more, silently. */
function checkSteps(
  ends: readonly (number | undefined)[],
  { from, path, key }: { readonly from: number; readonly path: string; readonly key: string },
  findings: FileFindings,
): void {
  let reached = from;
  ends.forEach((end, index) => {
    const isLast = index === ends.length - 1;
    if (end === undefined) {
      if (!isLast) findings.add('tariff-gap', `${path}/${index}`, `${key}, since another follows`, 'none');
      return;
    }
    if (isLast) findings.add('tariff-gap', `${path}/${index}/${key}`, `no ${key} in the last one`, end);
    if (end <= reached) findings.add('tariff-gap', `${path}/${index}/${key}`, `more than ${reached}`, end);
    reached = Math.max(reached, end);
  });
}

export function checkNetwork(network: Network, findings: FileFindings): void {
  const { lines, stations } = network;
  const known = new Set(stations.map((station) => station.id));
  const served = new Set(lines.flatMap((line) => line.stations));
  for (const key of ['id', 'code'] as const) {
    findings.unique(
      'network-collision',
      stations.map((station, index) => [`/stations/${index}/${key}`, station[key]]),
      `a station ${key}`,
    );
    findings.unique(
      'network-collision',
      lines.map((line, index) => [`/lines/${index}/${key}`, line[key]]),
      `a line ${key}`,
    );
  }
  findings.unique(
    'network-collision',
    stations.flatMap(({ terminalPrefixes }, index) =>
      (terminalPrefixes ?? []).map(
        (prefix, position) => [`/stations/${index}/terminalPrefixes/${position}`, prefix] as const,
      ),
    ),
    'a terminal prefix',
  );
  stations.forEach(({ id }, index) => {
    if (!served.has(id)) findings.add('station-unserved', `/stations/${index}/id`, 'a station that a line serves', id);
  });
  lines.forEach((line, index) => {
    const path = `/lines/${index}/stations`;
    line.stations.forEach((id, position) => {
      findings.oneOf('station-unknown', `${path}/${position}`, id, known, 'a station');
    });
    findings.unique(
      'network-collision',
      line.stations.map((id, position) => [`${path}/${position}`, id]),
      'a station of the line',
    );
    const ends = 2 * (network.tailTrackMetres ?? 0);
    if (ends >= line.lengthMetres)
      findings.add(
        'network-length',
        `/lines/${index}/lengthMetres`,
        `more than the tail tracks at both ends, ${ends}`,
        line.lengthMetres,
      );
    checkPlaces(network, index, findings);
  });
}

/** Neighbours at one point leave no distance to scale. */
function checkPlaces({ lines, stations }: Network, index: number, findings: FileFindings): void {
  const places = lines[index]!.stations.map((id) => stations.find((station) => station.id === id));
  places.slice(1).forEach((place, position) => {
    const before = places[position];
    if (place === undefined || before === undefined || place === before) return;
    if (place.longitude === before.longitude && place.latitude === before.latitude)
      findings.add(
        'network-coordinates',
        `/lines/${index}/stations/${position + 1}`,
        'coordinates unlike those of its neighbour',
        place.id,
      );
  });
}
