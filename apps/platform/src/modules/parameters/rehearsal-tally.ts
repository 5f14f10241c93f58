/** Adds up a rehearsal: rides one by one under the version in force and the new one. Pure. */
import type { Fare } from '@polycard/fares';
import type { Words } from '../api-types.ts';
import type { Rehearsal, RideExample, Tally } from './api.ts';
import { yuan } from './words.ts';

export interface RehearsedRide {
  readonly tapId: string;
  readonly at: string;
  readonly cardToken: string;
  readonly cardClass: string;
  readonly operatorId: string;
  readonly line: string;
  readonly chargedFen: number;
  readonly before: Fare | undefined;
  readonly after: Fare | undefined;
  /** Whether a cap of the new version takes effect. */
  readonly isCapped: boolean;
  /** Why one of them could not be computed. */
  readonly problem?: string;
  /** Revenue by operator. */
  readonly revenueBefore: ReadonlyMap<string, number>;
  readonly revenueAfter: ReadonlyMap<string, number>;
}

export interface TallyNames {
  readonly cardClass: (id: string) => Words;
  readonly operator: (id: string) => Words;
}

const EXAMPLES_MAX = 8;
const LINES_MAX = 50;
const DIFFERENCES_MAX = 40;
/** A ride that changes by so much is odd, whatever the rest does. */
const LARGE_CHANGE_PERCENT = 50;
const LARGE_CHANGE_FEN = 100;

const ODD: Readonly<Record<string, Words>> = {
  'not-computed': { en: 'The new version cannot price it', zh: '新版本无法计价' },
  'not-computed-before': { en: 'The version in force cannot price it', zh: '现行版本无法计价' },
  'charged-otherwise': {
    en: 'The gate charged something else than the version in force gives',
    zh: '当时扣款与现行版本不同',
  },
  'large-change': {
    en: `Changes by more than ${LARGE_CHANGE_PERCENT} % and ${yuan(LARGE_CHANGE_FEN)}`,
    zh: `变化超过 ${LARGE_CHANGE_PERCENT}% 且超过 ${yuan(LARGE_CHANGE_FEN)}`,
  },
  'free-now': { en: 'Costs nothing any more', zh: '变为免费' },
  'free-before': { en: 'Cost nothing until now', zh: '此前免费，现收费' },
  negative: { en: 'Would cost less than nothing', zh: '票价为负' },
  capped: { en: 'Reaches a cap', zh: '触及封顶' },
};

type Result = NonNullable<Rehearsal['result']>;
type MutableTally = { -readonly [K in keyof Tally]: Tally[K] };

export class RehearsalTally {
  readonly #names: TallyNames;
  readonly #cards = new Set<string>();
  readonly #byClass = new Map<string, MutableTally>();
  readonly #byLine = new Map<string, MutableTally>();
  readonly #byOperator = new Map<string, MutableTally>();
  readonly #revenueBefore = new Map<string, number>();
  readonly #revenueAfter = new Map<string, number>();
  readonly #differences = new Map<number, number>();
  readonly #odd = new Map<string, { rides: number; examples: RideExample[] }>();
  readonly #examples = new Map<string, { size: number; example: RideExample }>();
  readonly #all: MutableTally = newTally('', { en: '', zh: '' });
  #notComputed = 0;
  #days: [from: string, until: string] | undefined;

  constructor(names: TallyNames) {
    this.#names = names;
  }

  add(ride: RehearsedRide): void {
    this.#cards.add(ride.cardToken);
    const day = ride.at.slice(0, 10);
    this.#days = this.#days === undefined ? [day, day] : [min(this.#days[0], day), max(this.#days[1], day)];
    const { before, after } = ride;
    if (before === undefined || after === undefined) {
      this.#notComputed++;
      this.#addOdd(after === undefined ? 'not-computed' : 'not-computed-before', ride);
      return;
    }
    const [beforeFen, afterFen] = [before.chargeFen, after.chargeFen];
    const tallies = [
      this.#all,
      tallyOf(this.#byClass, ride.cardClass, this.#names.cardClass(ride.cardClass)),
      tallyOf(this.#byLine, ride.line, { en: ride.line, zh: ride.line }),
      tallyOf(this.#byOperator, ride.operatorId, this.#names.operator(ride.operatorId)),
    ];
    for (const tally of tallies) {
      tally.rides++;
      tally.beforeFen += beforeFen;
      tally.afterFen += afterFen;
      if (afterFen > beforeFen) tally.more++;
      else if (afterFen < beforeFen) tally.less++;
      else tally.same++;
    }
    for (const [operator, fen] of ride.revenueBefore) addTo(this.#revenueBefore, operator, fen);
    for (const [operator, fen] of ride.revenueAfter) addTo(this.#revenueAfter, operator, fen);
    addTo(this.#differences, afterFen - beforeFen, 1);
    this.#judge(ride, before, after);
  }

  result(): Result {
    const operators = new Set([...this.#revenueBefore.keys(), ...this.#revenueAfter.keys()]);
    const byRides = (a: Tally, b: Tally): number => b.rides - a.rides;
    const { rides, more, less, same, beforeFen, afterFen } = this.#all;
    return {
      ...{ rides: rides + this.#notComputed, cards: this.#cards.size, more, less, same },
      ...{ notComputed: this.#notComputed, beforeFen, afterFen },
      ...(this.#days === undefined ? {} : { from: this.#days[0], until: this.#days[1] }),
      byClass: [...this.#byClass.values()].sort(byRides),
      byLine: [...this.#byLine.values()].sort(byRides).slice(0, LINES_MAX),
      byOperator: [...this.#byOperator.values()].sort(byRides),
      revenue: [...operators].sort().map((operator) => ({
        ...{ operator, name: this.#names.operator(operator) },
        beforeFen: this.#revenueBefore.get(operator) ?? 0,
        afterFen: this.#revenueAfter.get(operator) ?? 0,
      })),
      differences: [...this.#differences]
        .sort((a, b) => b[1] - a[1])
        .slice(0, DIFFERENCES_MAX)
        .sort((a, b) => a[0] - b[0])
        .map(([differenceFen, count]) => ({ differenceFen, rides: count })),
      odd: Object.entries(ODD).flatMap(([kind, name]) => {
        const found = this.#odd.get(kind);
        return found === undefined ? [] : [{ kind, name, ...found }];
      }),
      examples: [...this.#examples.values()].sort((a, b) => b.size - a.size).map(({ example }) => example),
    };
  }

  #judge(ride: RehearsedRide, before: Fare, after: Fare): void {
    const change = after.chargeFen - before.chargeFen;
    if (before.chargeFen !== ride.chargedFen) this.#addOdd('charged-otherwise', ride);
    if (before.chargeFen > 0 && after.chargeFen === 0) this.#addOdd('free-now', ride);
    if (before.chargeFen === 0 && after.chargeFen > 0) this.#addOdd('free-before', ride);
    const isLarge =
      Math.abs(change) * 100 > before.chargeFen * LARGE_CHANGE_PERCENT && Math.abs(change) > LARGE_CHANGE_FEN;
    if (before.chargeFen > 0 && isLarge) this.#addOdd('large-change', ride);
    if (after.chargeFen < 0) this.#addOdd('negative', ride);
    if (ride.isCapped) this.#addOdd('capped', ride);
    if (change === 0) return;
    // of each kind of change (class, rules that differ) the largest is shown
    const key = `${ride.cardClass}|${Math.sign(change)}|${after.steps.map(({ rule }) => rule).join()}`;
    const known = this.#examples.get(key);
    const size = Math.abs(change);
    if ((known === undefined && this.#examples.size < EXAMPLES_MAX * 3) || (known !== undefined && size > known.size))
      this.#examples.set(key, { size, example: exampleOf(ride) });
  }

  #addOdd(kind: string, ride: RehearsedRide): void {
    const odd = this.#odd.get(kind) ?? { rides: 0, examples: [] };
    odd.rides++;
    if (odd.examples.length < EXAMPLES_MAX) odd.examples.push(exampleOf(ride));
    this.#odd.set(kind, odd);
  }
}

function exampleOf({ tapId, at, cardClass, before, after, problem }: RehearsedRide): RideExample {
  const steps = (fare: Fare | undefined, language: 'en' | 'zh'): string =>
    fare === undefined
      ? (problem ?? '–')
      : fare.steps.map((step) => `${step[language]} ${yuan(step.afterFen)}`).join(', ');
  return {
    ...{ tapId, at, cardClass },
    ...(before === undefined ? {} : { beforeFen: before.chargeFen }),
    ...(after === undefined ? {} : { afterFen: after.chargeFen }),
    words: {
      en: `before: ${steps(before, 'en')}; after: ${steps(after, 'en')}`,
      zh: `之前：${steps(before, 'zh')}；之后：${steps(after, 'zh')}`,
    },
  };
}

const min = (a: string, b: string): string => (a < b ? a : b);
const max = (a: string, b: string): string => (a > b ? a : b);
const newTally = (key: string, name: Words): MutableTally => ({
  ...{ key, name, rides: 0, more: 0, less: 0, same: 0, beforeFen: 0, afterFen: 0 },
});

function tallyOf(tallies: Map<string, MutableTally>, key: string, name: Words): MutableTally {
  let tally = tallies.get(key);
  if (tally === undefined) {
    tally = newTally(key, name);
    tallies.set(key, tally);
  }
  return tally;
}

function addTo<K>(sums: Map<K, number>, key: K, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}
