/**
 * From records to a plan: one virtual card for each card number, one terminal for each device, one step for each
 * record. What the records do not say is inferred from what was charged (classes, transfer rights, coaches, operators
 * without discounts) or supplied and counted (entries before the slice began). Odd records are performed as an operator
 * would handle them, and named.
 */
import type { Blueprint, Mode } from '@polycard/blueprint';
import { type CompiledTariff, computeFare, inferClasses, stationResolver, transferOf } from '@polycard/fares';
import type { RecordFile, TapRecord } from '../records/tap-record.ts';
import { addSeconds, secondsOf } from './local-time.ts';
import type { CombinedRideState, ExpectedCharge, Plan, PlannedCard, PlannedTerminal, Step } from './plan.ts';

/** A supplied entry lies this long before its exit, a supplied counter visit this long before its ride. */
const SUPPLIED_ENTRY_SECONDS = 1200;
const SUPPLIED_COUNTER_SECONDS = 60;
const GRANTED_RIDE_SECONDS = 900;
/** Nobody is at two places of different stations or vehicles within this time. */
const TWO_PLACES_SECONDS = 30;
const PREFERENCE = ['ordinary', 'student', 'senior'];

export function planFromRecords(
  file: RecordFile,
  blueprint: Blueprint,
  tariffs: ReadonlyMap<Mode, CompiledTariff>,
): Plan {
  return new RecordPlanner(file, blueprint, tariffs).plan();
}

interface CardState {
  index: number;
  entry: { readonly station: string | undefined; readonly at: string } | undefined;
  combined: { readonly lastMode: string; readonly lastTime: string };
  last: { readonly at: string; readonly place: string } | undefined;
}

class RecordPlanner {
  readonly #file: RecordFile;
  readonly #blueprint: Blueprint;
  readonly #tariffs: ReadonlyMap<Mode, CompiledTariff>;
  readonly #ordered: readonly TapRecord[];
  readonly #terminals: PlannedTerminal[] = [];
  readonly #terminalOf = new Map<string, number>();
  readonly #steps: Step[] = [];
  readonly #odd: Record<string, number> = {};
  readonly #resolve: ReturnType<typeof stationResolver> | undefined;
  readonly #stationById: ReadonlyMap<string, { readonly code: string; readonly name: { readonly zh: string } }>;
  readonly #counter: number;
  #supplied = { entries: 0, combinedRides: 0 };
  #transfers = { rights: 0, granted: 0, withdrawn: 0 };
  /** Records do not say where a card is at home: where the metro they ride is. */
  readonly #homeCity: string;
  #baseFares = { computed: 0, matched: 0 };

  constructor(file: RecordFile, blueprint: Blueprint, tariffs: ReadonlyMap<Mode, CompiledTariff>) {
    this.#file = file;
    this.#blueprint = blueprint;
    this.#tariffs = tariffs;
    // in time order; at the same second an entry comes before what follows it
    const rank = { entry: 0, boarding: 1, exit: 2 };
    this.#ordered = [...file.records].sort((a, b) =>
      a.at === b.at ? rank[a.kind] - rank[b.kind] || a.line - b.line : a.at < b.at ? -1 : 1,
    );
    const network = blueprint.networks[0];
    this.#resolve = network === undefined ? undefined : stationResolver(network);
    this.#stationById = new Map(network?.stations.map((station) => [station.id, station]));
    const counter = blueprint.terminals.profiles.find((profile) => profile.roles.includes('counter'));
    const owner = blueprint.parties.find((party) => party.kind === 'operator' && party.mode === 'metro');
    const { cities } = blueprint.manifest;
    this.#homeCity = (cities.find((city) => city.id === owner?.city) ?? cities[0]!).code;
    this.#counter = this.#terminals.length;
    this.#terminals.push({
      deviceNo: '990000001',
      profile: counter?.id ?? 'service-counter',
      operator: owner?.id ?? '',
    });
  }

  plan(): Plan {
    const rides = this.#ordered.filter((record) => record.kind !== 'entry');
    const inference = inferClasses(
      rides.map((record) => ({
        card: record.cardNo,
        mode: modeOf(record),
        operator: record.company,
        baseFen: record.baseFen,
        chargedFen: record.chargedFen,
      })),
      this.#tariffs,
      PREFERENCE.filter((id) => this.#blueprint.cards.classes.some((cardClass) => cardClass.id === id)),
    );
    const explained = new Map(rides.map((record, index) => [record, inference.rides[index]!]));
    const cards: PlannedCard[] = [];
    const states = new Map<string, CardState>();
    const expected: ExpectedCharge[] = [];
    this.#ordered.forEach((record, index) => {
      let state = states.get(record.cardNo);
      if (state === undefined) {
        state = { index: cards.length, entry: undefined, combined: { lastMode: '00', lastTime: '' }, last: undefined };
        states.set(record.cardNo, state);
        cards.push(
          this.#card(
            cards.length,
            inference.classes.get(`${record.cardNo}|metro`),
            inference.classes.get(`${record.cardNo}|bus`),
          ),
        );
      }
      expected.push({
        line: record.line,
        chargedFen: record.chargedFen,
        isRide: record.kind !== 'entry' || record.chargedFen !== 0,
      });
      this.#nameOddities(record, state);
      if (record.kind === 'entry') this.#entry(record, index, state);
      else this.#ride(record, index, state, explained.get(record)!);
    });
    return {
      operators: this.#operators(inference.operatorsWithoutDiscount),
      terminals: this.#terminals,
      cards,
      steps: this.#steps,
      expected,
      records: this.#file.records.length + this.#file.unreadable.length,
      unreadable: this.#file.unreadable.map(({ line, field, reason }) => ({ line, reason: `${field} ${reason}` })),
      inferred: {
        classes: countBy([...inference.classes].map(([key, cardClass]) => `${key.split('|')[1]}:${cardClass}`)),
        transferRights: this.#transfers.rights,
        transferGranted: this.#transfers.granted,
        transferWithdrawn: this.#transfers.withdrawn,
        operatorsWithoutDiscount: inference.operatorsWithoutDiscount.size,
        coachRides: inference.rides.filter((ride) => this.#isCoach(ride.serviceClass)).length,
        unexplained: inference.rides.filter((ride) => !ride.explained).length,
      },
      baseFares: this.#baseFares,
      supplied: this.#supplied,
      enrolled: {
        operators: 0,
        terminals: this.#terminals.length,
        places: new Set(
          this.#terminals.flatMap((terminal) =>
            terminal.place !== undefined && terminal.place.code === undefined ? [terminal.place.name] : [],
          ),
        ).size,
      },
      odd: this.#odd,
    };
  }

  #entry(record: TapRecord, index: number, state: CardState): void {
    if (state.entry !== undefined) this.#count('entry-while-inside');
    const station = this.#station(record);
    this.#steps.push({
      card: state.index,
      terminal: this.#terminal(record),
      at: record.at,
      kind: 'entry',
      record: index,
    });
    state.entry = { station, at: record.at };
  }

  #ride(record: TapRecord, index: number, state: CardState, ride: { serviceClass: string; transfer: boolean }): void {
    const mode = modeOf(record);
    const tariff = this.#tariffs.get(mode)!;
    if (ride.transfer) this.#transfers.rights++;
    this.#settleTransferRight(record, state, tariff, ride.transfer);
    const step: Step = {
      card: state.index,
      terminal: this.#terminal(record),
      at: record.at,
      kind: record.kind,
      record: index,
    };
    const serviceClass =
      ride.serviceClass === tariff.tariff.serviceClasses[0]!.id ? {} : { serviceClass: ride.serviceClass };
    if (record.kind === 'boarding') {
      this.#steps.push({ ...step, declaredBaseFen: record.baseFen });
    } else {
      if (state.entry === undefined) this.#supplyEntry(record, state);
      const base = this.#networkBase(state.entry!.station, this.#station(record), ride.serviceClass, tariff);
      // where network and record differ, the record's base is declared to the gate: the difference is reported, not hidden
      const agrees = base !== undefined && base === record.baseFen;
      if (base !== undefined) {
        this.#baseFares.computed++;
        if (agrees) this.#baseFares.matched++;
      }
      this.#steps.push({ ...step, ...serviceClass, ...(agrees ? {} : { declaredBaseFen: record.baseFen }) });
      state.entry = undefined;
    }
    state.combined = { lastMode: mode === 'metro' ? '01' : '02', lastTime: record.at };
  }

  /** Makes the card's combined-ride record say what was inferred, by a counter visit where it would say otherwise. */
  #settleTransferRight(record: TapRecord, state: CardState, tariff: CompiledTariff, wanted: boolean): void {
    const natural = transferOf(tariff, state.combined, record.at) !== undefined;
    if (natural === wanted) return;
    const fromMode = tariff.tariff.transfer?.fromModes[0];
    if (fromMode === undefined) return;
    const combinedRide: CombinedRideState = wanted
      ? { mode: fromMode, at: addSeconds(record.at, -GRANTED_RIDE_SECONDS) }
      : 'none';
    if (wanted) this.#transfers.granted++;
    else this.#transfers.withdrawn++;
    this.#supplied.combinedRides++;
    this.#steps.push({
      card: state.index,
      terminal: this.#counter,
      at: addSeconds(record.at, -SUPPLIED_COUNTER_SECONDS),
      kind: 'counter',
      combinedRide,
    });
  }

  #supplyEntry(record: TapRecord, state: CardState): void {
    this.#supplied.entries++;
    const at = addSeconds(record.at, -SUPPLIED_ENTRY_SECONDS);
    this.#steps.push({ card: state.index, terminal: this.#suppliedGate(record), at, kind: 'entry', supplied: true });
    state.entry = { station: undefined, at };
  }

  /** Base fare by network and tariff, the coach's multiple included; undefined when a station is not known. */
  #networkBase(
    entryStation: string | undefined,
    exitStation: string | undefined,
    serviceClass: string,
    tariff: CompiledTariff,
  ): number | undefined {
    if (entryStation === undefined || exitStation === undefined) return undefined;
    const rule = tariff.serviceClassOf.get(serviceClass)!;
    const fare = computeFare(tariff, {
      cardClass: '',
      serviceClass,
      operatorDiscounts: false,
      entryStation,
      exitStation,
    });
    return rule.discounts ? fare.baseFen : Math.round(fare.baseFen * rule.multiple);
  }

  #card(index: number, metroClass: string | undefined, busClass: string | undefined): PlannedCard {
    const cardClass = metroClass ?? busClass ?? PREFERENCE[0]!;
    const products = this.#blueprint.cards.products.filter((product) => product.cardClass === cardClass);
    const product = products[index % Math.max(1, products.length)] ?? this.#blueprint.cards.products[0]!;
    return {
      product: product.id,
      homeCity: this.#homeCity,
      classes: {
        ...(metroClass === undefined ? {} : { metro: metroClass }),
        ...(busClass === undefined ? {} : { bus: busClass }),
      },
    };
  }

  #terminal(record: TapRecord): number {
    const known = this.#terminalOf.get(record.deviceNo);
    if (known !== undefined) return known;
    const isMetro = record.kind !== 'boarding';
    const profile = this.#blueprint.terminals.profiles.find((candidate) =>
      candidate.roles.includes(isMetro ? 'metro-exit' : 'bus'),
    );
    const index = this.#terminals.length;
    this.#terminals.push({
      deviceNo: record.deviceNo,
      profile: profile?.id ?? '',
      operator: record.company === '' ? 'unknown-operator' : record.company,
      ...(isMetro ? { place: this.#place(record) } : { route: record.place }),
      ...(record.vehicle === '' ? {} : { vehicle: record.vehicle }),
    });
    this.#terminalOf.set(record.deviceNo, index);
    return index;
  }

  /** The gate of supplied entries: one for each operator, at no station. */
  #suppliedGate(record: TapRecord): number {
    const name = `supplied:${record.company}`;
    const known = this.#terminalOf.get(name);
    if (known !== undefined) return known;
    const profile = this.#blueprint.terminals.profiles.find((candidate) => candidate.roles.includes('metro-entry'));
    const index = this.#terminals.length;
    this.#terminals.push({
      deviceNo: `98${String(index).padStart(7, '0')}`,
      profile: profile?.id ?? '',
      operator: record.company === '' ? 'unknown-operator' : record.company,
    });
    this.#terminalOf.set(name, index);
    return index;
  }

  #place(record: TapRecord): NonNullable<PlannedTerminal['place']> {
    const station = this.#station(record);
    const known = station === undefined ? undefined : this.#stationById.get(station);
    if (known !== undefined) return { code: known.code, name: known.name.zh };
    return { name: isUnnamed(record.place) ? `unknown (${record.deviceNo.slice(0, 6)})` : record.place };
  }

  #station(record: TapRecord): string | undefined {
    return this.#resolve?.(record.place, record.deviceNo).station;
  }

  #operators(withoutDiscount: ReadonlySet<string>): Plan['operators'] {
    const operators = new Map<string, Plan['operators'][number]>();
    for (const record of this.#ordered) {
      const name = record.company === '' ? 'unknown-operator' : record.company;
      if (!operators.has(name))
        operators.set(name, {
          name,
          mode: modeOf(record),
          discounts: withoutDiscount.has(record.company) ? 'none' : 'tariff',
        });
    }
    const counterOwner = this.#terminals[this.#counter]!.operator;
    if (!operators.has(counterOwner))
      operators.set(counterOwner, { name: counterOwner, mode: 'metro', discounts: 'tariff' });
    return [...operators.values()];
  }

  #nameOddities(record: TapRecord, state: CardState): void {
    if (record.vehicle === '') this.#count('missing-vehicle-number');
    if (record.company === '') this.#count('missing-company');
    if (record.kind !== 'boarding' && this.#resolve !== undefined) {
      const { how } = this.#resolve(record.place, record.deviceNo);
      if (isUnnamed(record.place)) this.#count('missing-station-name');
      else if (how === 'terminal') this.#count('damaged-station-name');
      else if (how === 'unknown') this.#count('unknown-station');
    }
    if (record.kind === 'exit' && state.entry === undefined) this.#count('exit-without-entry');
    if (record.kind === 'entry' && record.chargedFen !== 0) this.#count('entry-with-charge');
    const place = record.kind === 'boarding' ? record.deviceNo : (this.#station(record) ?? record.deviceNo);
    if (
      state.last !== undefined &&
      state.last.place !== place &&
      secondsOf(record.at) - secondsOf(state.last.at) < TWO_PLACES_SECONDS
    ) {
      this.#count('card-in-two-places');
    }
    state.last = { at: record.at, place };
  }

  #isCoach(serviceClass: string): boolean {
    return [...this.#tariffs.values()].some((tariff) => tariff.serviceClassOf.get(serviceClass)?.discounts === false);
  }

  #count(name: string): void {
    this.#odd[name] = (this.#odd[name] ?? 0) + 1;
  }
}

const modeOf = (record: TapRecord): Mode => (record.kind === 'boarding' ? 'bus' : 'metro');
const isUnnamed = (place: string): boolean => place === '' || place === '-';

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
