/** A small region for end-to-end tests: a real platform on the embedded database, real cards and signed-in terminals. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '@polycard/crypto';
import {
  enrolSite,
  type FleetTerminal,
  type GatewayAddress,
  type IssuedCard,
  issueCards,
  type Plan,
  PlatformApi,
  SiteRecordKeys,
  type Zone,
} from '@polycard/fleet';
import { type RunningPlatform, readBlueprint, startPlatform } from '@polycard/platform';

export const GUANGDONG = fileURLToPath(new URL('../blueprints/guangdong', import.meta.url));
const FLEET_PASSWORD = 'end-to-end';

export interface SmallSite {
  readonly platform: RunningPlatform;
  /** Signed in for the terminals; `bureau` for the cards. */
  readonly api: PlatformApi;
  readonly bureau: PlatformApi;
  /** Entry gate, exit gate of another station, bus, counter. */
  readonly terminals: readonly FleetTerminal[];
  readonly cards: IssuedCard[];
  readonly zone: Zone;
  readonly cardZone: Zone;
  /** What its terminals ask for cards' next record keys. */
  readonly recordKeys: SiteRecordKeys;
  close(): Promise<void>;
}

/** Terminals and cards at a platform that somebody else started. */
export type JoinedSite = Omit<SmallSite, 'platform' | 'close'>;

/** Terminals of a small site by index. */
export const ENTRY_GATE = 0;
export const EXIT_GATE = 1;
export const BUS = 2;
export const COUNTER = 3;

const PLAN: Pick<Plan, 'operators' | 'terminals'> = {
  operators: [
    { name: 'shenzhen-metro', mode: 'metro', discounts: 'tariff' },
    { name: 'shenzhen-bus', mode: 'bus', discounts: 'tariff' },
  ],
  terminals: [
    { deviceNo: '700101101', profile: 'metro-gate', operator: 'shenzhen-metro', place: { code: '0101', name: '罗湖' } },
    {
      deviceNo: '700115201',
      profile: 'metro-gate',
      operator: 'shenzhen-metro',
      place: { code: '0115', name: '世界之窗' },
    },
    { deviceNo: '800301001', profile: 'bus-validator', operator: 'shenzhen-bus', route: '101' },
    { deviceNo: '990000001', profile: 'service-counter', operator: 'shenzhen-metro' },
  ],
};

export interface SiteRegion {
  readonly blueprint: string;
  /** As in Guangdong unless it says otherwise. */
  readonly plan?: Pick<Plan, 'operators' | 'terminals'>;
  readonly card?: { readonly product: string; readonly homeCity: string };
}

export async function openSmallSite(options: {
  readonly cards: number;
  readonly seed: string;
  readonly monotonicUs?: () => number;
  /** For the windows of torn taps. */
  readonly nowMs?: () => number;
  readonly consoleDirectory?: string;
  /** PostgreSQL instead of the embedded database. */
  readonly databaseUrl?: string;
  /** Data to keep after `close`; otherwise they are removed. */
  readonly directory?: string;
  /** Another region with terminals and cards of its own. */
  readonly region?: SiteRegion;
}): Promise<SmallSite> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'polycard-e2e-'));
  const platform = await startPlatform({
    ...{
      dataDirectory: directory,
      blueprintDirectory: options.region?.blueprint ?? GUANGDONG,
      host: '127.0.0.1',
      port: 0,
      gatewayPort: 0,
    },
    ...{
      version: 'test',
      logLevel: 'silent',
      simulationSeed: options.seed,
      consoleDirectory: options.consoleDirectory,
      databaseUrl: options.databaseUrl,
    },
  });
  await platform.setFleetPassword(FLEET_PASSWORD);
  const joined = await joinPlatform(platform.url, () => platform.gateway, FLEET_PASSWORD, options);
  return {
    platform,
    ...joined,
    close: async () => {
      await platform.close();
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Enrols the small site's terminals and issues its cards at any running platform. */
export async function joinPlatform(
  url: string,
  gateway: () => GatewayAddress,
  password: string,
  options: {
    readonly cards: number;
    readonly seed: string;
    readonly monotonicUs?: () => number;
    readonly nowMs?: () => number;
    /** How long a lost or silent line is tried again; a minute unless given. */
    readonly patienceMs?: number;
    readonly region?: SiteRegion;
    /** Three digits before every device number, so that several sites fit one platform. */
    readonly devicePrefix?: string;
  },
): Promise<JoinedSite> {
  const random = seededRandom(options.seed);
  const api = new PlatformApi(url);
  await api.signIn('fleet', password);
  const bureau = new PlatformApi(url);
  await bureau.signIn('fleet-bureau', password);
  const zone = await api.openZone('e2e', 'terminals', random);
  const cardZone = await bureau.openZone('e2e', 'cards', random);
  const plan = {
    operators: (options.region?.plan ?? PLAN).operators,
    terminals: (options.region?.plan ?? PLAN).terminals.map((terminal) => ({
      ...terminal,
      deviceNo: `${options.devicePrefix ?? ''}${terminal.deviceNo}`,
    })),
    cards: Array.from({ length: options.cards }, () => ({
      ...(options.region?.card ?? { product: 'ordinary-lingnan', homeCity: '5840' }),
      classes: {},
    })),
  } as unknown as Plan;
  const recordKeys = new SiteRecordKeys(bureau);
  const settings = {
    gateway,
    patienceMs: options.patienceMs ?? 60_000,
    dependencies: {
      random,
      monotonicUs: options.monotonicUs ?? (() => Number(process.hrtime.bigint() / 1000n)),
      nowMs: options.nowMs ?? (() => Date.now()),
      recordKeys,
    },
  };
  const { terminals } = await enrolSite(api, zone, plan, settings, () => undefined);
  const cards = await issueCards(
    bureau,
    cardZone,
    plan,
    random,
    readBlueprint(options.region?.blueprint ?? GUANGDONG).cards.profile.cardRsaBits,
    () => undefined,
  );
  return { api, bureau, terminals, cards, zone, cardZone, recordKeys };
}
