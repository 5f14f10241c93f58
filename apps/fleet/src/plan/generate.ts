/**
 * A made-up morning of a blueprint's region, for when there are no records: the same seed makes the same taps. Cards
 * travel by metro and bus, some change between them within the transfer window; nothing is taken from real people.
 */
import type { Blueprint } from '@polycard/blueprint';
import { type RandomSource, randomInteger, seededRandom } from '@polycard/crypto';
import { layOutSite, type MetroStation, type Site } from './generated-site.ts';
import { addSeconds } from './local-time.ts';
import type { Plan, PlannedCard, Step } from './plan.ts';

const TAPS_PER_CARD = 3;
const DAY_SECONDS = 4 * 3600;
const METRO_PERCENT = 62;
const BUS_AFTER_METRO_PERCENT = 20;
const METRO_AFTER_BUS_PERCENT = 25;
/** Of bus rides where there are routes by section; of those, without a tap-off. */
const SECTION_PERCENT = 30;
const MISSING_TAP_OFF_PERCENT = 12;
const RIDE_SECONDS_MAX = 3000;
/** Of every hundred cards so many are of the blueprint's first class; the others share the rest. */
const FIRST_CLASS_PERCENT = 80;

type Tap = Omit<Step, 'card' | 'record'>;

export function generatePlan(
  blueprint: Blueprint,
  options: { readonly taps: number; readonly seed: string; readonly from: string },
): Plan {
  const random = seededRandom(`generate:${options.seed}`);
  const site = layOutSite(blueprint);
  const cards: PlannedCard[] = [];
  const steps: Step[] = [];
  const count = Math.max(1, Math.round(options.taps / TAPS_PER_CARD));
  for (let card = 0; card < count; card++) cards.push(makeCard(blueprint, random));
  const freeAt = new Array<string>(count).fill(options.from);

  while (steps.length < options.taps) {
    const card = randomInteger(random, count);
    const start = addSeconds(options.from, randomInteger(random, DAY_SECONDS));
    if (start < freeAt[card]!) continue;
    const hasBuses = site.buses.length + site.sectionBuses.length > 0;
    const byMetro = !hasBuses || (site.stations.length > 0 && randomInteger(random, 100) < METRO_PERCENT);
    const journey = byMetro ? metroJourney(site, start, random) : busJourney(site, start, random);
    const taps = journey.slice(0, options.taps - steps.length);
    for (const tap of taps) steps.push({ ...tap, card });
    freeAt[card] = addSeconds(taps.at(-1)!.at, 60);
  }
  const ordered = steps
    .map((step, index) => ({ step, index }))
    .sort((a, b) => (a.step.at === b.step.at ? a.index - b.index : a.step.at < b.step.at ? -1 : 1))
    .map(({ step }, record) => ({ ...step, record }));
  const distances = ordered.filter((step) => step.kind === 'exit' && step.declaredBaseFen === undefined).length;
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
    baseFares: { computed: distances, matched: distances },
    supplied: { entries: 0, combinedRides: 0 },
    enrolled: { operators: 0, terminals: site.terminals.length, places: 0 },
    odd: {},
  };
}

function pick<T>(random: RandomSource, items: readonly T[]): T {
  return items[randomInteger(random, items.length)]!;
}

function makeCard(blueprint: Blueprint, random: RandomSource): PlannedCard {
  const { products } = blueprint.cards;
  const classes = blueprint.cards.classes
    .map(({ id }) => products.filter((product) => product.cardClass === id))
    .filter((issued) => issued.length > 0);
  const [first = products, ...others] = classes;
  const isFirst = randomInteger(random, 100) < FIRST_CLASS_PERCENT || others.length === 0;
  const product = pick(random, isFirst ? first : pick(random, others));
  return { product: product.id, homeCity: pick(random, blueprint.manifest.cities).code, classes: {} };
}

function metroRide(site: Site, start: string, secondsMax: number, random: RandomSource): Tap[] {
  const from: MetroStation = pick(random, site.stations);
  const to = pick(
    random,
    site.stations.filter((station) => station.part === from.part),
  );
  const exitAt = addSeconds(start, 300 + randomInteger(random, secondsMax));
  return [
    { terminal: from.entryGate, at: start, kind: 'entry' },
    {
      terminal: to.exitGate,
      at: exitAt,
      kind: 'exit',
      ...(site.metroFareFen === undefined ? {} : { declaredBaseFen: site.metroFareFen }),
    },
  ];
}

function metroJourney(site: Site, start: string, random: RandomSource): Tap[] {
  const taps = metroRide(site, start, 2700, random);
  if (site.buses.length === 0 || randomInteger(random, 100) >= BUS_AFTER_METRO_PERCENT) return taps;
  return [...taps, boarding(site, addSeconds(taps[1]!.at, 120 + randomInteger(random, 1800)), random)];
}

/** On at a stop, off further along; one rider in eight forgets, and the next tap of the card settles it. */
function sectionRide({ sectionBuses }: Site, start: string, random: RandomSource): Tap[] {
  const { terminal, ways } = pick(random, sectionBuses);
  const { bound, stops } = pick(random, ways);
  const on = randomInteger(random, stops.length - 1);
  const off = on + 1 + randomInteger(random, stops.length - on - 1);
  const boarded: Tap = { terminal, at: start, kind: 'boarding', stop: stops[on]!, bound };
  if (randomInteger(random, 100) < MISSING_TAP_OFF_PERCENT) return [boarded];
  const at = addSeconds(start, 120 + randomInteger(random, RIDE_SECONDS_MAX));
  return [boarded, { ...boarded, at, stop: stops[off]! }];
}

function busJourney(site: Site, start: string, random: RandomSource): Tap[] {
  const isBySection =
    site.sectionBuses.length > 0 && (site.buses.length === 0 || randomInteger(random, 100) < SECTION_PERCENT);
  if (isBySection) return sectionRide(site, start, random);
  const first = boarding(site, start, random);
  if (site.stations.length === 0 || randomInteger(random, 100) >= METRO_AFTER_BUS_PERCENT) return [first];
  const entryAt = addSeconds(start, 600 + randomInteger(random, 1200));
  return [first, ...metroRide(site, entryAt, 2400, random)];
}

function boarding(site: Site, at: string, random: RandomSource): Tap {
  return {
    terminal: pick(random, site.buses),
    at,
    kind: 'boarding',
    declaredBaseFen: pick(random, site.busFaresFen),
  };
}
