/**
 * docking.3: a tariff change on 1,000 terminals, canary first, at one instant while the platform is down; a faulty version
 * that stops at its canary; a roll-back. POLYCARD_TERMINALS=60 runs it smaller.
 */
import { ParameterDirectory } from '../../apps/platform/src/modules/parameters/directory.ts';
import { ParameterRegion, type TapSeen, type VersionAnswer } from '../../e2e/parameters-scenario.ts';
import { Findings, figure } from './item.ts';

const TERMINALS = 1000;
/** A planted fault shows on few terminals too. */
const TERMINALS_PLANTED = 30;
const CANARY_SHARE = 0.02;
const CANARY_AT = '2026-12-01T08:00:00';
const ALL_AT = '2026-12-01T10:00:00';
const FAULTY_AT = '2026-12-01T12:00:00';

export const ROLL_OUT_PLANTS = ['switch-at-download', 'cleared-under-newest', 'canary-ignored', 'faulty-not-watched'];

interface MetroTariff {
  baseFare: { startFen: number; sameStationFen: number };
  discounts: { id: string; rule: { percentOff?: number; tiers?: { percentOff: number }[] } }[];
}
type Content = VersionAnswer['content'];
const tariff = (content: Content, mode: string) => content.tariffs[`tariffs/${mode}.yaml`] as unknown as MetroTariff;

/** The metro starts at 2.50, bus tiers give one percent less. */
const dearer = (content: Content): void => {
  Object.assign(tariff(content, 'metro').baseFare, { startFen: 250, sameStationFen: 250 });
  for (const tier of tariff(content, 'bus').discounts[0]!.rule.tiers!) tier.percentOff -= 1;
};
/** Somebody typed fen for yuan: every rule is kept, and nobody who approved looked at the rehearsal. */
const mistyped = (content: Content): void => {
  Object.assign(tariff(content, 'metro').baseFare, { startFen: 25_00, sameStationFen: 25_00 });
};

export async function rollOut(plant: string | undefined): Promise<string[]> {
  const restore = plantInPlatform(plant);
  const asked = Number(process.env['POLYCARD_TERMINALS'] ?? TERMINALS);
  const count = plant === undefined ? asked : TERMINALS_PLANTED;
  const region = new ParameterRegion('docking.3');
  try {
    await region.open(count, Math.ceil(count / 9));
    if (plant === 'switch-at-download') switchAtDownload(region);
    return await new RollOut(region, plant).run();
  } finally {
    restore();
    await region.close();
  }
}

class RollOut {
  readonly #region: ParameterRegion;
  readonly #findings = new Findings();
  readonly #canarySites: number[];
  readonly #canary: ReadonlySet<string>;
  readonly #limits: object;

  constructor(region: ParameterRegion, plant: string | undefined) {
    this.#region = region;
    const sites = Math.max(1, Math.round(region.sites.length * CANARY_SHARE));
    this.#canarySites = region.sites.slice(0, sites);
    this.#canary = new Set(region.numbersOf(region.terminalsOf(this.#canarySites)));
    this.#limits = {
      ridesMin: 6,
      beyondRehearsalPercentMax: 40,
      ...(plant === 'faulty-not-watched' ? { changePercentMax: 1e6, beyondRehearsalPercentMax: 1e6 } : {}),
    };
  }

  async run(): Promise<string[]> {
    const region = this.#region;
    figure('terminals, real lines', region.terminals.length);
    figure('of them canary', this.#canary.size);
    region.ride('2026-12-01T06:30:00');
    region.now = '2026-12-01T06:40:00';
    await region.upload();
    const good = await this.#changeTakesEffect();
    await this.#faultyStops(good);
    await this.#goesBack(good);
    const { refused } = region;
    this.#findings.equal(refused.slice(0, 5), [], `${refused.length} taps were refused`);
    await this.#sumsAgree();
    return this.#findings.list;
  }

  async #changeTakesEffect(): Promise<string> {
    const region = this.#region;
    const { version, rehearsal } = await region.approved('metro starts at 2.50', dearer, this.#plan(CANARY_AT, ALL_AT));
    const rehearsed = rehearsal?.result;
    figure('rehearsed: rides, of them dearer, cheaper', `${rehearsed?.rides}, ${rehearsed?.more}, ${rehearsed?.less}`);
    await this.#canarySwitches(version);
    await region.act(version, 'stages', { why: 'the canary is good', stage: 1 });
    await region.talk();
    const told = await region.version(version);
    figure('keep it as next before the instant', told.stages[0]!.taken + told.stages[1]!.taken);
    this.#findings.equal(told.stages[1]!.taken, told.stages[1]!.terminals, 'terminals that keep it as next');
    await this.#allSwitch(version);
    await region.until('in force', async () =>
      (await region.version(version)).state === 'in-force' ? true : undefined,
    );
    return version;
  }

  async #canarySwitches(version: string): Promise<void> {
    const region = this.#region;
    region.now = '2026-12-01T07:00:00';
    await region.act(version, 'rollout', { why: 'as approved' });
    await region.talk();
    const rides = this.#ridesOf(() => {
      region.ride('2026-12-01T07:59:59');
      region.ride(CANARY_AT);
      for (const minute of ['10', '20', '30']) region.ride(`2026-12-01T08:${minute}:00`, this.#canarySites);
    });
    const wrong = rides.filter(
      (ride) => (ride.version === version) !== (this.#canary.has(ride.terminalNo) && ride.at >= CANARY_AT),
    );
    this.#noneWrong(wrong, 'only the canary, from its instant on');
    region.now = '2026-12-01T08:40:00';
    await this.#cleared();
    const canary = (await region.version(version)).canary;
    figure('canary judged', `${canary?.verdict}, ${canary?.rides} rides`);
    this.#findings.equal(canary?.verdict, 'good', 'the canary of the good version');
  }

  /** The platform is down when the instant comes: nobody tells the terminals. */
  async #allSwitch(version: string): Promise<void> {
    const region = this.#region;
    const before = await region.version(version);
    await region.platform.close();
    region.entries.length = 0;
    const rides = this.#ridesOf(() => {
      region.ride('2026-12-01T09:59:59');
      region.ride(ALL_AT);
    });
    region.now = '2026-12-01T09:59:00';
    await region.start();
    const after = await region.version(version);
    this.#findings.equal(after.state, before.state, 'state of the version after a restart');
    this.#findings.equal(after.stages, before.stages, 'stages after a restart');
    region.now = '2026-12-01T10:05:00';
    const others = [...rides, ...region.entries].filter(({ terminalNo }) => !this.#canary.has(terminalNo));
    const at = (time: string, used: boolean): number =>
      new Set(
        others.filter((ride) => ride.at === time && (ride.version === version) === used).map((ride) => ride.terminalNo),
      ).size;
    const tapping = new Set(others.map(({ terminalNo }) => terminalNo)).size;
    figure('terminals outside the canary that took cards', tapping);
    figure('still the old tariff at 09:59:59', at('2026-12-01T09:59:59', false));
    figure('the new tariff at 10:00:00', at(ALL_AT, true));
    this.#findings.equal(at('2026-12-01T09:59:59', false), tapping, 'terminals with the old tariff a second before');
    this.#findings.equal(at(ALL_AT, true), tapping, 'terminals with the new tariff at the instant');
    await this.#cleared();
  }

  async #faultyStops(good: string): Promise<void> {
    const region = this.#region;
    region.now = '2026-12-01T11:00:00';
    const { version } = await region.approved('mistyped', mistyped, this.#plan(FAULTY_AT, '2026-12-01T14:00:00'));
    await region.act(version, 'rollout', { why: 'as approved' });
    await region.talk();
    const rides = this.#ridesOf(() => {
      region.ride('2026-12-01T11:59:59');
      region.ride(FAULTY_AT);
      for (const minute of ['10', '20', '30']) region.ride(`2026-12-01T12:${minute}:00`, this.#canarySites);
    });
    const outside = rides.filter((ride) => ride.version === version && !this.#canary.has(ride.terminalNo));
    this.#noneWrong(outside, 'the faulty version outside the canary');
    region.now = '2026-12-01T12:40:00';
    await this.#cleared();
    const seen = await region
      .until(
        'the stop',
        async () => {
          const found = await region.version(version);
          return found.state === 'rolling-out' ? undefined : found;
        },
        STOP_PATIENCE_MS,
      )
      .catch(() => region.version(version));
    const stop = seen.events.find(({ what }) => what === 'parameters.stopped');
    figure('faulty version', `${seen.state} by ${stop?.who ?? 'nobody'}: ${stop?.detail.why ?? '–'}`);
    this.#findings.equal([seen.state, stop?.who], ['stopped', 'platform'], 'the faulty version');
    this.#findings.equal(seen.stages[1]?.taken, 0, 'terminals outside the canary that downloaded it');
    await region.talk();
    const later = this.#ridesOf(() => region.ride('2026-12-01T12:50:00'));
    this.#noneWrong(
      later.filter((ride) => ride.version !== good),
      'after the stop every terminal computes with the good version',
    );
    region.now = '2026-12-01T12:55:00';
    await this.#cleared();
  }

  async #goesBack(good: string): Promise<void> {
    const region = this.#region;
    region.now = '2026-12-01T13:00:00';
    await region.act(good, 'rollback', { why: 'the board changed its mind' });
    await region.talk();
    const rides = this.#ridesOf(() => region.ride('2026-12-01T13:10:00'));
    this.#noneWrong(
      rides.filter((ride) => ride.version === good),
      'after the roll-back nobody computes with it',
    );
    figure('rides under the version before, after the roll-back', rides.filter((ride) => ride.version !== good).length);
    region.now = '2026-12-01T13:20:00';
    await this.#cleared();
  }

  /** What a terminal charged is what clearing computes under the version of the tap, and no version is out of place. */
  async #cleared(): Promise<void> {
    const region = this.#region;
    await region.upload();
    this.#findings.equal(await region.exceptions(), {}, `exceptions at ${region.now}`);
  }

  async #sumsAgree(): Promise<void> {
    const operator = await this.#region.as('operator', 'operator');
    const { fares } = await operator.get<{ fares: { charged: number; agreed: number } }>('/api/clearing');
    figure('rides cleared, fare as the gate charged it', `${fares.charged}, ${fares.agreed}`);
    this.#findings.equal(
      [fares.charged, fares.agreed],
      [this.#region.rides.length, this.#region.rides.length],
      'rides',
    );
  }

  #plan(canaryAt: string, allAt: string) {
    const canary = { name: 'canary', terminals: [...this.#canary], effectiveAt: canaryAt };
    return { effectiveAt: allAt, stages: [canary, { name: 'all others' }], limits: this.#limits };
  }

  #ridesOf(work: () => void): TapSeen[] {
    const first = this.#region.rides.length;
    work();
    return this.#region.rides.slice(first);
  }

  #noneWrong(wrong: readonly TapSeen[], what: string): void {
    this.#findings.expect(
      wrong.length === 0,
      `${what}: ${wrong.length} taps otherwise, e.g. ${JSON.stringify(wrong[0])}`,
    );
  }
}

const STOP_PATIENCE_MS = 20_000;

function switchAtDownload(region: ParameterRegion): void {
  for (const { nextVersion } of region.terminals) {
    const ordinary = nextVersion.beforeTap.bind(nextVersion);
    nextVersion.beforeTap = (terminal, request) => {
      ordinary(terminal, request);
      if (terminal.next !== undefined) terminal.next = { ...terminal.next, from: '' };
    };
  }
}

/** Breaks the platform's directory; gives what mends it. */
function plantInPlatform(plant: string | undefined): () => void {
  const { regionOf, rowsFor } = ParameterDirectory.prototype;
  if (plant === 'cleared-under-newest')
    ParameterDirectory.prototype.regionOf = function (this: ParameterDirectory) {
      return regionOf.call(this, this.schedule.at(-1)!.version);
    };
  if (plant === 'canary-ignored')
    ParameterDirectory.prototype.rowsFor = function (this: ParameterDirectory) {
      return this.schedule;
    };
  return () => Object.assign(ParameterDirectory.prototype, { regionOf, rowsFor });
}
