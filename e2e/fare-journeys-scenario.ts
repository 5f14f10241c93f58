/**
 * Journeys without end: the gate plans each on the bytes of a card's records, writes them back, and its industry data
 * travel as they travel in message field 57; clearing computes the fare again from what came. No card commands and no
 * cryptograms: `e2e/power-cut.test.ts` and the replay have those. What is compared is the fare, rule by rule.
 */
import { deflateSync } from 'node:zlib';
import { type Blueprint, cappApplications, type Tariff } from '@polycard/blueprint';
import { fromHex } from '@polycard/bytes';
import { type RandomSource, randomInteger, seededRandom } from '@polycard/crypto';
import type { CompiledRoute, Fare } from '@polycard/fares';
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
import { closingFare, recomputeFare } from '../apps/platform/src/modules/clearing/fare-check.ts';
import { busRide } from '../packages/terminal/src/journeys/bus.ts';
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

export type FareJourneyPlant =
  | 'clearing-ignores-transfer'
  | 'clearing-loses-boarding-stop'
  | 'gate-forgets-cap'
  | 'gate-forgets-open-ride'
  | 'steps-out-of-order';

const WRONG_SHOWN = 5;
const CARDS = 400;
const GUANGDONG = new URL('../blueprints/guangdong', import.meta.url).pathname;
const HUNAN = new URL('../blueprints/hunan', import.meta.url).pathname;

/** Regions whose rules together use everything the engine knows. */
export function fareRegions(): { readonly name: string; readonly blueprint: Blueprint }[] {
  const [guangdong, hunan] = [readBlueprint(GUANGDONG), readBlueprint(HUNAN)];
  return [
    { name: 'guangdong', blueprint: guangdong },
    { name: 'hunan', blueprint: hunan },
    { name: 'every rule', blueprint: withEveryRule(withSections(guangdong, hunan)) },
  ];
}

/** The section route of another region under the other switches of its rule, and a flat one beside it. */
function withSections(blueprint: Blueprint, from: Blueprint): Blueprint {
  const rules = from.tariffs.flatMap(({ routeFares = [] }) => routeFares);
  const routeFares = rules.map((rule) =>
    rule.kind === 'flat'
      ? rule
      : {
          ...rule,
          reversedOrder: 'sections' as const,
          missingTapOff: { settle: 'unpaid-list' as const, withinMinutes: 600, fare: 'discounted' as const },
        },
  );
  const flat = { kind: 'flat' as const, id: 'flat', name: { en: 'Flat', zh: '一票制' }, routes: ['M7'], fareFen: 250 };
  return {
    ...blueprint,
    busNetworks: from.busNetworks,
    tariffs: blueprint.tariffs.map((tariff) =>
      tariff.mode === 'bus' ? { ...tariff, routeFares: [...routeFares, flat] } : tariff,
    ),
  };
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
  const { manifest, cards, keys, tariffs, networks, busNetworks } = blueprint;
  const region = { manifest, classes: cards.classes, applications, keys, tariffs, networks, busNetworks };
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
  /** The boarding that waits for its tap-off, as it was uploaded. */
  open?: IndustryData | undefined;
}

interface FaredTap {
  readonly fare: Fare;
  readonly industry: IndustryData;
  readonly discounts: 'tariff' | 'none';
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
    for (const { fare, industry, discounts } of done) {
      chargedFen += fare.chargeFen;
      for (const { rule } of fare.steps) rules.set(rule, (rules.get(rule) ?? 0) + 1);
      const where = `journey ${journey} of ${name} at ${industry.at}`;
      followRide(rider, industry, wrong, where);
      checkFare(fare, clearingFare(region, industry, fare, discounts, options.plant), wrong, where);
    }
    // a boarding by section is of a ride that is charged later
    if (done.some(({ industry }) => industry.markedFen === undefined)) charged++;
  }
  return { region: name, journeys: options.journeys, charged, rules, chargedFen, wrong: wrong.list };
}

/** Clearing's fare of a tap, from its industry data as they come out of message field 57. */
function clearingFare(
  region: Region,
  industry: IndustryData,
  fare: Fare,
  discounts: 'tariff' | 'none',
  plant: FareJourneyPlant | undefined,
): Fare {
  const whole = industryJson(parseIndustryData(encodeIndustryData(industry)));
  const { combinedRideBefore: _transfer, ...without } = whole;
  const { kind, at } = industry;
  const uploaded =
    plant === 'clearing-ignores-transfer'
      ? without
      : plant === 'clearing-loses-boarding-stop' && kind === 'alighting'
        ? { ...whole, entryPlaceCode: whole.placeCode }
        : whole;
  if (kind !== 'exit' && kind !== 'boarding' && kind !== 'alighting') return closingFare(region, uploaded, at) ?? fare;
  return recomputeFare(region, {
    ...{ kind, at, operatorDiscounts: discounts === 'tariff', chargedFen: fare.chargeFen, industry: uploaded },
  });
}

/** Nobody rides unrecorded: a boarding ends with its tap-off, or with a tap that settles what the card was marked with. */
function followRide(rider: Rider, industry: IndustryData, wrong: Wrong, where: string): void {
  const { kind, closedRide, entryTime, entryPlaceCode, markedFen } = industry;
  const { open } = rider;
  if (kind === 'exit') return;
  const isItsTapOff = kind === 'alighting' && open?.at === entryTime && open?.placeCode === entryPlaceCode;
  const isSettled =
    closedRide !== undefined &&
    open?.at === closedRide.at &&
    open.placeCode === closedRide.boardingStop &&
    open.markedFen === closedRide.markedFen &&
    closedRide.fareFen <= closedRide.markedFen;
  if (open !== undefined && !isItsTapOff && !isSettled)
    wrong.add('unrecorded', `${where}: the ride boarded at ${open.at} has no end`);
  if (open === undefined && (kind === 'alighting' || closedRide !== undefined))
    wrong.add('twice', `${where}: a ride ends that did not begin, or ended before`);
  rider.open = markedFen === undefined ? undefined : industry;
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
  let undiscounted = 0;
  const closing = gate.steps.findIndex(({ rule }) => rule === 'missing-tap-off');
  for (const [index, step] of gate.steps.entries()) {
    if (step.beforeFen !== fen) wrong.add('chain', `${where}: ${step.rule} starts at ${step.beforeFen}, not ${fen}`);
    fen = step.afterFen;
    // the base and a class of several times the base come first; all that follows takes away, but for an earlier ride
    if (step.afterFen <= step.beforeFen) continue;
    undiscounted += step.afterFen - step.beforeFen;
    if (index > 1 && index !== closing) wrong.add('dearer', `${where}: ${step.rule} adds to the fare`);
  }
  if ((gate.closedFen ?? 0) > 0 !== closing >= 0)
    wrong.add('closing', `${where}: ${gate.closedFen ?? 0} fen of an earlier ride, explained at step ${closing}`);
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
  /** Charged by section. */
  readonly #routes: readonly CompiledRoute[];
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
    this.#routes = [...(region.tariffs.get('bus')?.routes.values() ?? [])].filter(({ stopsOf }) => stopsOf.size > 0);
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

  /** One journey: its taps that have a fare; none after a refusal. */
  ride(rider: Rider, plant: FareJourneyPlant | undefined): FaredTap[] {
    // short waits make transfers, long ones other days and months
    rider.now = addSeconds(
      rider.now,
      this.#chance(5) ? randomInteger(this.#random, 400_000) : 60 + randomInteger(this.#random, 5_400),
    );
    if (this.#routes.length > 0 && this.#chance(4)) return this.#sectionRide(rider, plant);
    const isMetro = this.#stations.length > 1 && this.#chance(2);
    if (!isMetro) {
      const operator = this.#one(this.#operators.bus);
      const fen = this.#chance(8) ? 0 : 50 * (1 + randomInteger(this.#random, 20));
      const route = `M${randomInteger(this.#random, 40)}`;
      const isRuled = this.#region.tariff('bus').routes.has(route);
      const stated = isRuled ? {} : { declaredBaseFen: fen };
      const request = { kind: 'boarding', at: rider.now, route, ...stated } as const;
      return this.#charged(rider, busRide, request, operator, '0000', plant);
    }
    const operator = this.#one(this.#operators.metro);
    const serviceClasses = this.#region.tariff('metro').tariff.serviceClasses;
    const serviceClass = this.#chance(6) ? this.#one(serviceClasses).id : undefined;
    const coach = serviceClass === undefined ? {} : { serviceClass };
    const from = this.#one(this.#stations);
    const to = this.#chance(12) ? from : this.#one(this.#stations);
    const unknown = this.#chance(20);
    const entry = { kind: 'entry', at: rider.now, ...coach } as const;
    const entered = this.#tap(rider, metroEntry, entry, operator, unknown ? '0000' : from);
    if (entered === undefined) return [];
    const closed = entered.fare === undefined ? [] : this.#planted(entered, entered.fare, operator, plant);
    rider.now = addSeconds(rider.now, 120 + randomInteger(this.#random, 7_000));
    const declared =
      unknown || this.#chance(15) ? { declaredBaseFen: 100 * (1 + randomInteger(this.#random, 12)) } : {};
    const request = { kind: 'exit', at: rider.now, ...coach, ...declared } as const;
    return [...closed, ...this.#charged(rider, metroExit, request, operator, to, plant)];
  }

  /** On at one stop and off at a later one, now and then at one before it, and sometimes without a tap-off. */
  #sectionRide(rider: Rider, plant: FareJourneyPlant | undefined): FaredTap[] {
    const operator = this.#one(this.#operators.bus);
    const route = this.#one(this.#routes);
    const [bound, stops] = this.#one([...route.stopsOf]);
    const tap = (index: number): FaredTap[] => {
      const { code } = stops[index]!;
      const request = { kind: 'boarding', at: rider.now, route: route.id, stop: code, bound } as const;
      return this.#charged(rider, busRide, request, operator, '0000', plant);
    };
    const [one, other] = [randomInteger(this.#random, stops.length), randomInteger(this.#random, stops.length)];
    const isReversed = this.#chance(10);
    const boarded = tap(isReversed ? Math.max(one, other) : Math.min(one, other));
    if (boarded.length === 0 || boarded[0]!.industry.kind === 'alighting' || this.#chance(6)) return boarded;
    rider.now = addSeconds(rider.now, 60 + randomInteger(this.#random, 5_000));
    if (plant === 'gate-forgets-open-ride') this.#forget(rider);
    return [...boarded, ...tap(isReversed ? Math.min(one, other) : Math.max(one, other))];
  }

  /** What a gate would leave that loses the mark of an open ride. */
  #forget(rider: Rider): void {
    const { codec } = this.#region.records.get('bus')!;
    rider.records.set('bus', codec.encode({ markedFare: 0, direction: '02' }, rider.records.get('bus')!));
  }

  #charged(
    rider: Rider,
    journey: Journey,
    request: TapRequest & { readonly kind: 'exit' | 'boarding' },
    operator: { readonly code: string; readonly discounts: 'tariff' | 'none' },
    placeCode: string,
    plant: FareJourneyPlant | undefined,
  ): FaredTap[] {
    const done = this.#tap(rider, journey, request, operator, placeCode);
    return done?.fare === undefined ? [] : this.#planted(done, done.fare, operator, plant);
  }

  #planted(
    { industry }: { readonly industry: IndustryData },
    fare: Fare,
    { discounts }: { readonly discounts: 'tariff' | 'none' },
    plant: FareJourneyPlant | undefined,
  ): FaredTap[] {
    const capped = fare.steps.at(-1);
    const isCapped = plant === 'gate-forgets-cap' && capped?.rule.includes('cap') === true;
    const planted: Fare = isCapped
      ? { ...fare, chargeFen: capped.beforeFen, steps: fare.steps.slice(0, -1) }
      : plant === 'steps-out-of-order' && fare.steps.length > 2
        ? { ...fare, steps: [fare.steps[0]!, ...fare.steps.slice(1).reverse()] }
        : fare;
    return [{ fare: planted, industry, discounts }];
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
      [...(journey.looksAt?.(parameters) ?? []), ...journey.reads(parameters, request)].map(({ codec }) => {
        const bytes = rider.records.get(codec.name)!;
        return [codec.name, { bytes, values: codec.decode(bytes) }];
      }),
    );
    try {
      const plan = journey.plan({ configuration, parameters, request, modeOrders: [], endedCampaigns: [] }, before);
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
