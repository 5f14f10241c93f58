/**
 * A tariff change on many terminals: drafted, checked, rehearsed, approved, rolled out to a canary, then to all, at their
 * instants and offline; a faulty one that stops at the canary; a roll-back. A real platform, real TCP lines, real cards;
 * only the clock is simulated.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import {
  enrolSite,
  type FleetTerminal,
  type IssuedCard,
  inParallel,
  issueCards,
  type Plan,
  PlatformApi,
} from '@polycard/fleet';
import { type RunningPlatform, readBlueprint, startPlatform } from '@polycard/platform';
import type { TapOutcome, TapRequest } from '@polycard/terminal';
import { GUANGDONG } from './small-site.ts';

const UTC_OFFSET_MS = 8 * 3600_000;
const CLEARING_PATIENCE_MS = 300_000;
/** A thousand terminals begin their day together, on whatever machine this is. */
const PATIENCE_MS = 600_000;
export const SCENARIO_PASSWORD = 'parameters-scenario';
const BUS_FEN = 200;
/** Two gates at a station stand beside one bus. */
const TERMINALS_PER_SITE = 3;

export interface VersionAnswer {
  readonly version: string;
  readonly state: string;
  readonly headline: { readonly en: string };
  readonly content: { tariffs: Record<string, never>; cardClasses: unknown[]; terminals: Record<string, unknown> };
  readonly problems: readonly { code: string; file: string; path: string; reason: string; remedy: string }[];
  readonly changes: readonly { path: string; words: { en: string; zh: string } }[];
  readonly rehearsal?: {
    state: string;
    result?: {
      rides: number;
      more: number;
      less: number;
      same: number;
      beforeFen: number;
      afterFen: number;
      notComputed: number;
    };
  };
  readonly stages: readonly {
    stage: number;
    name: string;
    terminals: number;
    taken: number;
    using: number;
    effectiveAt?: string;
  }[];
  readonly canary?: {
    verdict: string;
    rides: number;
    terminals: number;
    measures: { limit: string; found: number; holds: boolean }[];
  };
  readonly events: readonly { who: string; what: string; detail: { why?: string } }[];
}

export interface TapSeen {
  readonly terminalNo: string;
  readonly at: string;
  readonly version: string;
  readonly chargedFen: number;
}

export interface ParameterRegionOptions {
  readonly consoleDirectory?: string;
  /** PostgreSQL instead of the embedded database. */
  readonly databaseUrl?: string;
}

export class ParameterRegion {
  readonly directory = mkdtempSync(join(tmpdir(), 'polycard-parameters-'));
  readonly seed: string;
  /** Local time of everybody, `YYYY-MM-DDThh:mm:ss`. */
  now = '2026-12-01T05:00:00';
  platform!: RunningPlatform;
  terminals: readonly FleetTerminal[] = [];
  cards: IssuedCard[] = [];
  /** Every accepted ride, as the terminal charged it. */
  readonly rides: TapSeen[] = [];
  /** Every accepted entry. */
  readonly entries: TapSeen[] = [];
  readonly refused: string[] = [];
  readonly #sessions = new Map<string, PlatformApi>();

  readonly #options: ParameterRegionOptions;

  constructor(seed: string, options: ParameterRegionOptions = {}) {
    this.seed = seed;
    this.#options = options;
  }

  async open(terminalCount: number, cardCount: number): Promise<void> {
    await this.start();
    const random = seededRandom(this.seed);
    const api = await this.as('fleet', 'fleet');
    const zone = await api.openZone('parameters', 'terminals', random);
    const bureau = await this.as('fleet-bureau', 'fleet-bureau');
    const cardZone = await bureau.openZone('parameters', 'cards', random);
    const plan = planOf(terminalCount, cardCount);
    const dependencies = {
      random,
      monotonicUs: () => Number(process.hrtime.bigint() / 1000n),
      nowMs: () => Date.now(),
    };
    const settings = { gateway: () => this.platform.gateway, patienceMs: PATIENCE_MS, dependencies };
    this.terminals = (await enrolSite(api, zone, plan, settings, () => undefined)).terminals;
    const { cardRsaBits } = readBlueprint(GUANGDONG).cards.profile;
    this.cards = await issueCards(bureau, cardZone, plan, random, cardRsaBits, () => undefined);
  }

  async close(): Promise<void> {
    await this.platform.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Stopped and started again on the same data; lines are opened anew. */
  async restart(): Promise<void> {
    await this.platform.close();
    await this.start();
  }

  async start(): Promise<void> {
    this.platform = await startPlatform({
      ...{ dataDirectory: this.directory, blueprintDirectory: GUANGDONG, host: '127.0.0.1', port: 0, gatewayPort: 0 },
      ...{ version: 'test', logLevel: 'error', simulationSeed: this.seed, ...this.#options },
      now: () => new Date(Date.parse(`${this.now}Z`) - UTC_OFFSET_MS),
    });
  }

  async as(name: string, role: string): Promise<PlatformApi> {
    // a session lasts half a day of the simulated clock
    const key = `${this.platform.url} ${name} ${this.now.slice(0, 13)}`;
    let api = this.#sessions.get(key);
    if (api === undefined) {
      await this.platform.setPassword(name, role, SCENARIO_PASSWORD);
      api = new PlatformApi(this.platform.url);
      await api.signIn(name, SCENARIO_PASSWORD);
      this.#sessions.set(key, api);
    }
    return api;
  }

  async version(name: string): Promise<VersionAnswer> {
    return (await this.as('operator', 'operator')).get(`/api/parameters/versions/${name}`);
  }

  async act(version: string, act: string, body: object): Promise<VersionAnswer> {
    return (await this.as('operator', 'operator')).post(`/api/parameters/versions/${version}/${act}`, body);
  }

  /** Drafts a version, checks it, rehearses it and has it approved by a second person. */
  async approved(
    title: string,
    change: (content: VersionAnswer['content']) => void,
    plan: { effectiveAt: string; stages: object[]; limits?: object },
  ): Promise<VersionAnswer> {
    const { version } = await this.drafted(title, change);
    const checked = await this.act(version, 'check', {});
    if (checked.state !== 'checked') throw new Error(`${version}: ${JSON.stringify(checked.problems)}`);
    await this.rehearsed(version);
    const id = `proposal-${version}`;
    await this.act(version, 'proposal', { id, why: 'as decided by the board', plan });
    const supervisor = await this.as('you-jia', 'supervisor');
    await supervisor.post(`/api/approvals/${id}/decisions`, { verdict: 'approved', why: 'seen' });
    return this.version(version);
  }

  async drafted(title: string, change: (content: VersionAnswer['content']) => void): Promise<VersionAnswer> {
    const operator = await this.as('operator', 'operator');
    const id = `draft-${title.replace(/\W/g, '-')}`;
    const draft = await operator.post<VersionAnswer>('/api/parameters/versions', { id, title });
    const { content } = await this.version(draft.version);
    change(content);
    return operator.put(`/api/parameters/versions/${draft.version}`, { content });
  }

  async rehearsed(version: string): Promise<VersionAnswer> {
    await this.act(version, 'rehearsal', {});
    return this.until(`the rehearsal of ${version}`, async () => {
      const found = await this.version(version);
      return found.rehearsal?.state === 'done' ? found : undefined;
    });
  }

  /** Waits for what the platform does by itself. */
  async until<T>(what: string, look: () => Promise<T | undefined>, patienceMs = CLEARING_PATIENCE_MS): Promise<T> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`waited for ${what} in vain`);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  }

  /** Terminals talk to the host: sign-in, newer parameters, the next version. */
  async talk(which: readonly number[] = this.terminals.keys().toArray()): Promise<void> {
    await inParallel(which, 64, (index) => this.terminals[index]!.talk());
  }

  /** One ride at each of these terminals' sites, in and out within this second, offline; a site is two gates and a bus. */
  ride(at: string, sites: readonly number[] = this.sites, busFen = BUS_FEN): void {
    for (const site of sites) {
      const [entry, exit, bus] = [0, 1, 2].map((part) => site * TERMINALS_PER_SITE + part) as [number, number, number];
      const card = site % this.cards.length;
      if (exit < this.terminals.length) {
        this.#tap(entry, card, { kind: 'entry', at });
        this.#tap(exit, card, { kind: 'exit', at });
      }
      if (bus < this.terminals.length) this.#tap(bus, card, { kind: 'boarding', at, declaredBaseFen: busFen });
    }
  }

  get sites(): number[] {
    return Array.from({ length: Math.ceil(this.terminals.length / TERMINALS_PER_SITE) }, (_, site) => site);
  }

  terminalsOf(sites: readonly number[]): number[] {
    return sites
      .flatMap((site) => [0, 1, 2].map((part) => site * TERMINALS_PER_SITE + part))
      .filter((index) => index < this.terminals.length);
  }

  numbersOf(indexes: readonly number[]): string[] {
    return indexes.map((index) => this.terminals[index]!.enrolled.terminalNo);
  }

  #tap(terminal: number, card: number, request: TapRequest): TapOutcome {
    const issued = this.cards[card]!;
    const channel = VirtualCard.restore(issued.snapshot, {
      random: seededRandom(`${card}|${request.at}|${request.kind}`),
    });
    const at = request.at.replace(/\D/g, '');
    const outcome = this.terminals[terminal]!.tap(channel, { ...request, at });
    this.cards[card] = { ...issued, snapshot: channel.snapshot() };
    if (outcome.result !== 'accepted') {
      this.refused.push(
        `${request.kind} at ${request.at}: ${outcome.result === 'refused' ? `${outcome.reason}, ${outcome.detail}` : 'torn'}`,
      );
    } else {
      (request.kind === 'entry' ? this.entries : this.rides).push({
        terminalNo: this.terminals[terminal]!.enrolled.terminalNo,
        at: request.at,
        version: outcome.entry.industry.tariffVersion,
        chargedFen: outcome.entry.amountFen,
      });
    }
    return outcome;
  }

  /** Uploads what every terminal holds and waits until it is cleared. */
  async upload(): Promise<void> {
    const holding = this.terminals.filter(({ terminal }) => (terminal?.journal.entries.length ?? 0) > 0);
    await inParallel(holding, 64, (terminal) => terminal.upload());
    const api = await this.as('operator', 'operator');
    await this.until('clearing', async () => {
      const { taps } = await api.get<{ taps: { received: number } }>('/api/clearing');
      return taps.received === 0 ? true : undefined;
    });
  }

  async exceptions(): Promise<Record<string, number>> {
    return (await (await this.as('operator', 'operator')).get<{ exceptions: Record<string, number> }>('/api/clearing'))
      .exceptions;
  }
}

function planOf(terminalCount: number, cardCount: number): Plan {
  const blueprint = readBlueprint(GUANGDONG);
  const line = blueprint.networks[0]!.lines[0]!;
  const stations = line.stations.map((id) => blueprint.networks[0]!.stations.find((station) => station.id === id)!);
  const terminals = Array.from({ length: terminalCount }, (_, index) => {
    const site = Math.floor(index / TERMINALS_PER_SITE);
    const part = index % TERMINALS_PER_SITE;
    if (part === 2) {
      const route = String(101 + (site % 40));
      return {
        deviceNo: `81${String(index).padStart(7, '0')}`,
        profile: 'bus-validator',
        operator: 'shenzhen-bus',
        route,
      };
    }
    const station = stations[(site * 2 + part * 7) % stations.length]!;
    const place = { code: station.code, name: station.name.zh };
    return {
      deviceNo: `71${String(index).padStart(7, '0')}`,
      profile: 'metro-gate',
      operator: 'shenzhen-metro',
      place,
    };
  });
  const products = ['ordinary-lingnan', 'student-lingnan', 'ordinary-pearl-river'];
  return {
    operators: [
      { name: 'shenzhen-metro', mode: 'metro', discounts: 'tariff' },
      { name: 'shenzhen-bus', mode: 'bus', discounts: 'tariff' },
    ],
    terminals,
    cards: Array.from({ length: cardCount }, (_, index) => ({
      ...{ product: products[index % products.length], homeCity: '5840', classes: {} },
    })),
  } as unknown as Plan;
}
