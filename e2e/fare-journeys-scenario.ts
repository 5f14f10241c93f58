/**
 * Journeys without end: the gate plans each on the bytes of a card's records, writes them back, and its industry data
 * travel as they travel in message field 57; clearing computes the fare again from what came. No card commands and no
 * cryptograms: `e2e/power-cut.test.ts` and the replay have those. What is compared is the fare, rule by rule.
 */
import { deflateSync } from 'node:zlib';
import { type Blueprint, cappApplications, type Tariff } from '@polycard/blueprint';
import { fromHex } from '@polycard/bytes';
import { type RandomSource, randomInteger, seededRandom } from '@polycard/crypto';
import type { Fare } from '@polycard/fares';
import { Region, readBlueprint } from '@polycard/platform';
import {
  encodeIndustryData,
  type IndustryData,
  ParameterCompiler,
  parseIndustryData,
  Refusal,
  type TapRequest,
  type TerminalConfiguration,
  type TerminalParameters,
} from '@polycard/terminal';
import { addSeconds } from '../apps/fleet/src/plan/local-time.ts';
import { industryJson } from '../apps/platform/src/gateway/sale-to-upload.ts';
import { recomputeFare } from '../apps/platform/src/modules/clearing/fare-check.ts';
import { busBoarding } from '../packages/terminal/src/journeys/bus.ts';
import type { Journey, RecordImageBefore } from '../packages/terminal/src/journeys/journey.ts';
import { metroEntry, metroExit } from '../packages/terminal/src/journeys/metro.ts';

export interface FareJourneyReport {
  readonly region: string;
  readonly journeys: number;
  readonly charged: number;
  /** How often each rule had a part in a fare. */
  readonly rules: ReadonlyMap<string, number>;
  readonly chargedFen: number;
  /** What is not as it must be, at most the first few of each kind. */
  readonly wrong: readonly string[];
}

export type FareJourneyPlant = 'clearing-ignores-transfer' | 'gate-forgets-cap' | 'steps-out-of-order';

const WRONG_SHOWN = 5;
const CARDS = 400;
const GUANGDONG = new URL('../blueprints/guangdong', import.meta.url).pathname;
const HUNAN = new URL('../blueprints/hunan', import.meta.url).pathname;

/** Regions whose rules together use everything the engine knows. */
export function fareRegions(): { readonly name: string; readonly blueprint: Blueprint }[] {
  const guangdong = readBlueprint(GUANGDONG);
  return [
    { name: 'guangdong', blueprint: guangdong },
    { name: 'hunan', blueprint: readBlueprint(HUNAN) },
    { name: 'every rule', blueprint: withEveryRule(guangdong) },
  ];
}

/** Guangdong with promotions of each kind and stacking, cumulation, caps of day and month, transfers between some operators. */
function withEveryRule(blueprint: Blueprint): Blueprint {
  const name = { en: 'For the proof', zh: '测试规则' };
  const operators = blueprint.parties.flatMap(({ kind, code }) => (kind === 'operator' ? [code] : []));
  const common: Partial<Tariff> = {
    cumulation: {
      ...{ id: 'monthly', name },
      bands: [
        { fromFen: 1500, percentOff: 15 },
        { fromFen: 6000, percentOff: 35 },
      ],
    },
    caps: { id: 'cap', name, dayFen: 1200, monthFen: 9000 },
    promotions: [
      {
        id: 'early',
        name,
        priority: 5,
        stacking: 'instead',
        when: { hours: [{ from: '0500', until: '0715' }] },
        rule: { kind: 'percent', percentOff: 33 },
      },
      {
        id: 'late',
        name,
        priority: 6,
        stacking: 'add',
        when: { hours: [{ from: '2200', until: '0100' }] },
        rule: { kind: 'deduct', deductFen: 70 },
      },
      {
        id: 'weekend',
        name,
        priority: 10,
        stacking: 'last',
        when: { weekdays: [6, 7], cardClasses: ['ordinary', 'student'] },
        rule: { kind: 'price', priceFen: 150 },
      },
      {
        id: 'operator',
        name,
        priority: 20,
        stacking: 'add',
        when: { operators: operators.slice(0, 2) },
        rule: { kind: 'percent', percentOff: 7 },
      },
      {
        id: 'autumn',
        name,
        priority: 30,
        stacking: 'add',
        when: { from: '20180910', until: '20180920' },
        rule: { kind: 'deduct', deductFen: 1 },
      },
    ],
  };
  return {
    ...blueprint,
    tariffs: blueprint.tariffs.map((tariff) => ({
      ...tariff,
      ...common,
      ...(tariff.transfer === undefined
        ? {}
        : {
            transfer: {
              ...tariff.transfer,
              legsMax: 3,
              operatorPairs: operators.flatMap((from, index) =>
                operators.filter((_, other) => (index + other) % 3 !== 0).map((to) => ({ from, to })),
              ),
            },
          }),
    })),
    applications: blueprint.applications.map((application) =>
      application.kind === 'capp' ? { ...application, files: application.files.map(withDayTotal) } : application,
    ),
  };
}

type ExtendedFile = ReturnType<typeof cappApplications>[number]['files'][number];

/** A record that counts the month also counts the day, in the first four bytes it keeps in reserve. */
function withDayTotal(file: ExtendedFile): ExtendedFile {
  return {
    ...file,
    records: file.records.map((record) => {
      const reserved = record.fields.find(({ name, length }) => name === 'reserved' && length >= 5);
      if (reserved === undefined || !record.fields.some(({ name }) => name === 'monthTotal')) return record;
      return {
        ...record,
        fields: [
          ...record.fields.filter((field) => field !== reserved),
          {
            name: 'dayTotal',
            title: { en: 'Charged today', zh: '当日累计金额' },
            offset: reserved.offset,
            length: 4,
            coding: 'uint',
            unit: 'fen',
          },
          { ...reserved, offset: reserved.offset + 4, length: reserved.length - 4 },
        ],
      };
    }),
  };
}

/** Terminals' parameters as they would be downloaded. */
function parametersOf(blueprint: Blueprint, version: string, discounts: 'tariff' | 'none'): TerminalParameters {
  const applications = cappApplications(blueprint);
  const packed = (value: unknown): Uint8Array => deflateSync(JSON.stringify(value));
  const { manifest, cards, keys, tariffs, networks } = blueprint;
  const region = { manifest, classes: cards.classes, applications, keys, tariffs, networks };
  return new ParameterCompiler().compile(
    { version, bytes: packed(region) },
    { version: discounts, bytes: packed({ profile: blueprint.terminals.profiles[0], discounts }) },
    { version: 'none', bytes: packed([]) },
  );
}

interface Rider {
  readonly records: Map<string, Uint8Array>;
  now: string;
  isInside: boolean;
}

interface Gate {
  readonly configuration: TerminalConfiguration;
  readonly parameters: TerminalParameters;
}

export function runFareJourneys(
  { name, blueprint }: { readonly name: string; readonly blueprint: Blueprint },
  options: { readonly journeys: number; readonly seed: string; readonly plant?: FareJourneyPlant | undefined },
): FareJourneyReport {
  const random = seededRandom(`fare journeys ${name} ${options.seed}`);
  const region = new Region(blueprint);
  const rides = new Rides(region, blueprint, random);
  const riders = Array.from({ length: CARDS }, () => rides.newRider());
  const wrong = new Wrong();
  const rules = new Map<string, number>();
  let charged = 0;
  let chargedFen = 0;
  for (let journey = 0; journey < options.journeys; journey++) {
    const rider = riders[randomInteger(random, CARDS)]!;
    const done = rides.ride(rider, options.plant);
    if (done === undefined) continue;
    const { fare, industry, kind, discounts } = done;
    charged++;
    chargedFen += fare.chargeFen;
    for (const { rule } of fare.steps) rules.set(rule, (rules.get(rule) ?? 0) + 1);
    const facts = { kind, at: industry.at, operatorDiscounts: discounts === 'tariff', chargedFen: fare.chargeFen };
    const uploaded = industryJson(parseIndustryData(encodeIndustryData(industry)));
    const forClearing =
      options.plant === 'clearing-ignores-transfer' ? { ...uploaded, combinedRideBefore: undefined } : uploaded;
    const again = recomputeFare(region, { ...facts, industry: forClearing as typeof uploaded });
    checkFare(fare, again, wrong, `journey ${journey} of ${name} at ${industry.at}`);
  }
  return { region: name, journeys: options.journeys, charged, rules, chargedFen, wrong: wrong.list };
}

/** Both fares are one fare; it is between nothing and the undiscounted one; each rule starts where the last one ended. */
function checkFare(gate: Fare, clearing: Fare, wrong: Wrong, where: string): void {
  if (gate.chargeFen !== clearing.chargeFen)
    wrong.add('charge', `${where}: the gate charged ${gate.chargeFen}, clearing computes ${clearing.chargeFen}`);
  else if (JSON.stringify(gate.steps) !== JSON.stringify(clearing.steps))
    wrong.add('steps', `${where}: ${gate.steps.map(({ rule }) => rule)} ≠ ${clearing.steps.map(({ rule }) => rule)}`);
  if (!Number.isSafeInteger(gate.chargeFen) || gate.chargeFen < 0)
    wrong.add('negative', `${where}: a fare of ${gate.chargeFen} fen`);
  let fen = 0;
  let undiscounted = gate.baseFen;
  for (const [index, step] of gate.steps.entries()) {
    if (step.beforeFen !== fen) wrong.add('chain', `${where}: ${step.rule} starts at ${step.beforeFen}, not ${fen}`);
    fen = step.afterFen;
    // the base and a class of several times the base come first; all that follows takes away
    if (index === 0 || step.afterFen > step.beforeFen) undiscounted = Math.max(undiscounted, step.afterFen);
    if (index > 1 && step.afterFen > step.beforeFen) wrong.add('dearer', `${where}: ${step.rule} adds to the fare`);
  }
  if (fen !== gate.chargeFen) wrong.add('chain', `${where}: the steps end at ${fen}, the fare is ${gate.chargeFen}`);
  if (gate.chargeFen > undiscounted)
    wrong.add('above', `${where}: ${gate.chargeFen} is above the undiscounted ${undiscounted}`);
}

class Wrong {
  readonly list: string[] = [];
  readonly #counts = new Map<string, number>();

  add(kind: string, text: string): void {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count <= WRONG_SHOWN) this.list.push(text);
  }
}

/** What the riders do: places, times, classes and modes by chance, days going by. */
class Rides {
  readonly #region: Region;
  readonly #blueprint: Blueprint;
  readonly #random: RandomSource;
  readonly #parameters: Readonly<Record<'tariff' | 'none', TerminalParameters>>;
  readonly #stations: readonly string[];
  readonly #operators: Readonly<Record<'metro' | 'bus', readonly { code: string; discounts: 'tariff' | 'none' }[]>>;

  constructor(region: Region, blueprint: Blueprint, random: RandomSource) {
    this.#region = region;
    this.#blueprint = blueprint;
    this.#random = random;
    const version = region.version;
    this.#parameters = {
      tariff: parametersOf(blueprint, version, 'tariff'),
      none: parametersOf(blueprint, version, 'none'),
    };
    const metroNetwork = region.tariffs.get('metro')?.network;
    this.#stations = blueprint.networks.flatMap(({ stations }) =>
      stations.filter(({ id }) => metroNetwork?.hasStation(id) === true).map(({ code }) => code),
    );
    const operatorsOf = (mode: 'metro' | 'bus') =>
      blueprint.parties.flatMap((party) =>
        party.kind === 'operator' && party.mode === mode
          ? [{ code: party.code, discounts: party.discounts ?? ('tariff' as const) }]
          : [],
      );
    this.#operators = { metro: operatorsOf('metro'), bus: operatorsOf('bus') };
  }

  newRider(): Rider {
    const { classes } = this.#blueprint.cards;
    const cardClass = classes[randomInteger(this.#random, classes.length)]!.code;
    const homeCity = this.#blueprint.manifest.cities[0]!.code;
    const records = new Map<string, Uint8Array>();
    for (const { codec, type } of this.#region.records.values()) {
      const values: Record<string, string> = {};
      if (codec.field('cardClass') !== undefined) values['cardClass'] = cardClass;
      if (codec.field('homeCity') !== undefined) values['homeCity'] = homeCity;
      records.set(codec.name, type === 'cyclic' ? codec.initial() : codec.encode(values, codec.initial()));
    }
    const now = addSeconds('20180901050000', randomInteger(this.#random, 86_400));
    return { records, now, isInside: false };
  }

  /** One journey; undefined where nothing is charged: a bus that no class may ride, a refusal. */
  ride(rider: Rider, plant: FareJourneyPlant | undefined) {
    // short waits make transfers, long ones other days and months
    rider.now = addSeconds(
      rider.now,
      this.#chance(5) ? randomInteger(this.#random, 400_000) : 60 + randomInteger(this.#random, 5_400),
    );
    const isMetro = this.#stations.length > 1 && this.#chance(2);
    if (!isMetro) {
      const operator = this.#one(this.#operators.bus);
      const fen = this.#chance(8) ? 0 : 50 * (1 + randomInteger(this.#random, 20));
      const request = { kind: 'boarding', at: rider.now, declaredBaseFen: fen } as const;
      return this.#charged(rider, busBoarding, request, operator, '0000', plant);
    }
    const operator = this.#one(this.#operators.metro);
    const serviceClasses = this.#region.tariff('metro').tariff.serviceClasses;
    const serviceClass = this.#chance(6) ? this.#one(serviceClasses).id : undefined;
    const coach = serviceClass === undefined ? {} : { serviceClass };
    const from = this.#one(this.#stations);
    const to = this.#chance(12) ? from : this.#one(this.#stations);
    const unknown = this.#chance(20);
    const entered = this.#tap(
      rider,
      metroEntry,
      { kind: 'entry', at: rider.now, ...coach },
      operator,
      unknown ? '0000' : from,
    );
    if (entered === undefined) return undefined;
    rider.now = addSeconds(rider.now, 120 + randomInteger(this.#random, 7_000));
    const declared =
      unknown || this.#chance(15) ? { declaredBaseFen: 100 * (1 + randomInteger(this.#random, 12)) } : {};
    const request = { kind: 'exit', at: rider.now, ...coach, ...declared } as const;
    return this.#charged(rider, metroExit, request, operator, to, plant);
  }

  #charged(
    rider: Rider,
    journey: Journey,
    request: TapRequest & { readonly kind: 'exit' | 'boarding' },
    operator: { readonly code: string; readonly discounts: 'tariff' | 'none' },
    placeCode: string,
    plant: FareJourneyPlant | undefined,
  ) {
    const done = this.#tap(rider, journey, request, operator, placeCode);
    if (done?.fare === undefined) return undefined;
    const { fare } = done;
    const capped = fare.steps.at(-1);
    const isCapped = plant === 'gate-forgets-cap' && capped?.rule.includes('cap') === true;
    const planted: Fare = isCapped
      ? { ...fare, chargeFen: capped.beforeFen, steps: fare.steps.slice(0, -1) }
      : plant === 'steps-out-of-order' && fare.steps.length > 2
        ? { ...fare, steps: [fare.steps[0]!, ...fare.steps.slice(1).reverse()] }
        : fare;
    return { fare: planted, industry: done.industry, kind: request.kind, discounts: operator.discounts };
  }

  /** The gate's own planning on the records' bytes, and the bytes it writes. */
  #tap(
    rider: Rider,
    journey: Journey,
    request: TapRequest,
    operator: { readonly code: string; readonly discounts: 'tariff' | 'none' },
    placeCode: string,
  ): { readonly fare: Fare | undefined; readonly industry: IndustryData } | undefined {
    const { configuration, parameters } = this.#gate(request, operator, placeCode);
    const before = new Map<string, RecordImageBefore>(
      journey.reads(parameters, request).map(({ codec }) => {
        const bytes = rider.records.get(codec.name)!;
        return [codec.name, { bytes, values: codec.decode(bytes) }];
      }),
    );
    try {
      const plan = journey.plan({ configuration, parameters, request, modeOrders: [] }, before);
      const updates = plan.updates(0);
      for (const { record, bytes } of updates) rider.records.set(record.codec.name, bytes);
      const records = updates.map(({ record, bytes }) => ({ sfi: record.sfi, bytes }));
      return { fare: plan.fare, industry: { ...plan.industry, records, tornOutcome: 'normal' } };
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }

  #gate(
    request: TapRequest,
    operator: { readonly code: string; readonly discounts: 'tariff' | 'none' },
    placeCode: string,
  ): Gate {
    const mode = request.kind === 'boarding' ? 'bus' : 'metro';
    return {
      parameters: this.#parameters[operator.discounts],
      configuration: {
        ...{ terminalNo: '10000001', merchantNo: '888888888880201', mode, operatorCode: operator.code, placeCode },
        ...(mode === 'bus' ? { route: `M${randomInteger(this.#random, 40)}` } : {}),
        ...{ ttq: fromHex('28000080'), capabilities: fromHex('0008C8'), terminalType: fromHex('26') },
        ...{ country: '156', currency: '156', tornRecordMs: 10_000, tornRecordsMax: 3, journalMax: 100 },
      },
    };
  }

  #chance(oneOf: number): boolean {
    return randomInteger(this.#random, oneOf) === 0;
  }

  #one<T>(list: readonly T[]): T {
    return list[randomInteger(this.#random, list.length)]!;
  }
}
