/**
 * A made-up morning of a blueprint's region, for when there are no records: the same seed makes the same taps. Cards
 * travel by metro and bus, some change between them within the transfer window; nothing is taken from real people.
 */
import type { Blueprint, Network, Party } from '@polycard/blueprint';
import { type RandomSource, randomInteger, seededRandom } from '@polycard/crypto';
import { addSeconds } from './local-time.ts';
import type { Plan, PlannedCard, PlannedOperator, PlannedTerminal, Step } from './plan.ts';

const TAPS_PER_CARD = 3;
const DAY_SECONDS = 4 * 3600;
const CLASS_SHARES = [
  ['ordinary', 80],
  ['student', 12],
  ['senior', 8],
] as const;
const BUS_FARES_FEN = [100, 200, 200, 200, 250, 300, 400, 500];

interface Journey {
  readonly taps: readonly Omit<Step, 'card' | 'record'>[];
}

export function generatePlan(
  blueprint: Blueprint,
  options: { readonly taps: number; readonly seed: string; readonly from: string },
): Plan {
  const random = seededRandom(`generate:${options.seed}`);
  const pick = <T>(items: readonly T[]): T => items[randomInteger(random, items.length)]!;
  const site = layOut(blueprint);
  const cards: PlannedCard[] = [];
  const steps: Step[] = [];
  const count = Math.max(1, Math.round(options.taps / TAPS_PER_CARD));
  for (let card = 0; card < count; card++) cards.push(makeCard(blueprint, random));
  const freeAt = new Array<string>(count).fill(options.from);

  while (steps.length < options.taps) {
    const card = randomInteger(random, count);
    const start = addSeconds(options.from, randomInteger(random, DAY_SECONDS));
    if (start < freeAt[card]!) continue;
    const journey =
      site.metro.length > 1 && randomInteger(random, 100) < 62
        ? metroJourney(site, start, pick, random)
        : busJourney(site, start, pick, random);
    const taps = journey.taps.slice(0, options.taps - steps.length);
    for (const tap of taps) steps.push({ ...tap, card });
    freeAt[card] = addSeconds(taps.at(-1)!.at, 60);
  }
  const ordered = steps
    .map((step, index) => ({ step, index }))
    .sort((a, b) => (a.step.at === b.step.at ? a.index - b.index : a.step.at < b.step.at ? -1 : 1))
    .map(({ step }, record) => ({ ...step, record }));
  return {
    operators: site.operators,
    terminals: site.terminals,
    cards,
    steps: ordered,
    expected: [],
    records: ordered.length,
    unreadable: [],
    inferred: {
      classes: {},
      transferRights: 0,
      transferGranted: 0,
      transferWithdrawn: 0,
      operatorsWithoutDiscount: 0,
      coachRides: 0,
      unexplained: 0,
    },
    baseFares: {
      computed: ordered.filter((step) => step.kind === 'exit').length,
      matched: ordered.filter((step) => step.kind === 'exit').length,
    },
    supplied: { entries: 0, combinedRides: 0 },
    enrolled: { operators: 0, terminals: site.terminals.length, places: 0 },
    odd: {},
  };
}

interface Site {
  readonly operators: readonly PlannedOperator[];
  readonly terminals: readonly PlannedTerminal[];
  /** Entry gate of each station by index into `terminals`; its exit gate is the next one. */
  readonly metro: readonly number[];
  readonly buses: readonly number[];
}

/** A gate pair at every station of the blueprint's networks, and a few vehicles for every bus company. */
function layOut(blueprint: Blueprint): Site {
  const operators: PlannedOperator[] = [];
  const terminals: PlannedTerminal[] = [];
  const metro: number[] = [];
  const buses: number[] = [];
  const gate = blueprint.terminals.profiles.find((profile) => profile.mode === 'metro');
  const validator = blueprint.terminals.profiles.find((profile) => profile.mode === 'bus');
  for (const party of blueprint.parties) {
    if (party.kind === 'operator' && party.mode !== undefined)
      operators.push({ name: party.id, mode: party.mode, discounts: party.discounts ?? 'tariff' });
  }
  if (gate !== undefined) {
    for (const network of blueprint.networks) {
      for (const station of network.stations) {
        const operator = operatorOf(blueprint.parties, network, station.id);
        if (operator === undefined) continue;
        metro.push(terminals.length);
        const place = { code: station.code, name: station.name.zh };
        terminals.push({ deviceNo: `70${station.code}101`, profile: gate.id, operator: operator.id, place });
        terminals.push({ deviceNo: `70${station.code}201`, profile: gate.id, operator: operator.id, place });
      }
    }
  }
  if (validator !== undefined) {
    for (const party of blueprint.parties.filter(
      (candidate) => candidate.kind === 'operator' && candidate.mode === 'bus',
    )) {
      for (let vehicle = 1; vehicle <= 12; vehicle++) {
        buses.push(terminals.length);
        terminals.push({
          deviceNo: `80${party.code}${String(vehicle).padStart(3, '0')}`,
          profile: validator.id,
          operator: party.id,
          route: `${100 + vehicle}`,
          vehicle: `${party.code}-${vehicle}`,
        });
      }
    }
  }
  return { operators, terminals, metro, buses };
}

function operatorOf(parties: readonly Party[], network: Network, station: string): Party | undefined {
  const lines = network.lines.filter((line) => line.stations.includes(station)).map((line) => line.id);
  return parties.find((party) => party.kind === 'operator' && lines.some((line) => party.lines?.includes(line)));
}

function makeCard(blueprint: Blueprint, random: RandomSource): PlannedCard {
  let roll = randomInteger(random, 100);
  let cardClass: string = CLASS_SHARES[0][0];
  for (const [name, share] of CLASS_SHARES) {
    if (roll < share) {
      cardClass = name;
      break;
    }
    roll -= share;
  }
  const products = blueprint.cards.products.filter((product) => product.cardClass === cardClass);
  const product = products[randomInteger(random, Math.max(1, products.length))] ?? blueprint.cards.products[0]!;
  const { cities } = blueprint.manifest;
  return { product: product.id, homeCity: cities[randomInteger(random, cities.length)]!.code, classes: {} };
}

type Pick = <T>(items: readonly T[]) => T;

function metroJourney(site: Site, start: string, pick: Pick, random: RandomSource): Journey {
  const from = pick(site.metro);
  const to = pick(site.metro);
  const exitAt = addSeconds(start, 300 + randomInteger(random, 2700));
  const taps: Journey['taps'][number][] = [
    { terminal: from, at: start, kind: 'entry' },
    { terminal: to + 1, at: exitAt, kind: 'exit' },
  ];
  if (site.buses.length > 0 && randomInteger(random, 100) < 20) {
    taps.push(boarding(site, addSeconds(exitAt, 120 + randomInteger(random, 1800)), pick));
  }
  return { taps };
}

function busJourney(site: Site, start: string, pick: Pick, random: RandomSource): Journey {
  if (site.buses.length === 0) return metroJourney(site, start, pick, random);
  const first = boarding(site, start, pick);
  if (randomInteger(random, 100) >= 25 || site.metro.length < 2) return { taps: [first] };
  const entryAt = addSeconds(start, 600 + randomInteger(random, 1200));
  return {
    taps: [
      first,
      { terminal: pick(site.metro), at: entryAt, kind: 'entry' },
      { terminal: pick(site.metro) + 1, at: addSeconds(entryAt, 300 + randomInteger(random, 2400)), kind: 'exit' },
    ],
  };
}

function boarding(site: Site, at: string, pick: Pick): Journey['taps'][number] {
  return { terminal: pick(site.buses), at, kind: 'boarding', declaredBaseFen: pick(BUS_FARES_FEN) };
}
