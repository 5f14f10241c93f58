/** One card, issued by a throw-away platform in memory of this command, for looking at. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cappApplications, fileApplications } from '@polycard/blueprint';
import {
  type AsyncCardChannel,
  findTlv,
  fromHex,
  numberFromBcd,
  parseResponse,
  parseTlv,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { type RandomSource, seededRandom } from '@polycard/crypto';
import { encodeReadCapp } from '@polycard/emv';
import { Bureau, openApplications, type PlannedCard, PlatformApi, type PreparedCard, type Zone } from '@polycard/fleet';
import type { CaKeyEntry, RunningPlatform } from '@polycard/platform';
import { readBlueprint } from '@polycard/platform/blueprint-files';
import { Region } from '@polycard/platform/region';
import { productOf } from './card-product.ts';
import { VERSION } from './paths.ts';

export interface CardFacts {
  readonly product: string;
  readonly productName: { readonly en: string; readonly zh: string };
  readonly panMasked: string;
  readonly token: string;
  readonly balanceFen: number;
  readonly records: readonly {
    readonly sfi: string;
    readonly title: { readonly en: string; readonly zh: string };
    readonly values: Record<string, string | number>;
  }[];
}

export interface DemoOptions {
  readonly blueprint: string;
  readonly seed: string;
}

export interface DemoCardOptions extends DemoOptions {
  /** The first of the blueprint unless given. */
  readonly product?: string;
}

interface BureauContext {
  readonly api: PlatformApi;
  readonly planned: PlannedCard;
  readonly zone: Zone;
  readonly random: RandomSource;
}

/** A bureau at a platform that lives as long as `use`, with the one card it is about. */
async function withBureau<T>(
  options: DemoCardOptions,
  use: (bureau: Bureau, context: BureauContext) => Promise<T>,
): Promise<T> {
  const blueprint = readBlueprint(options.blueprint);
  const product = productOf(blueprint, options.product);
  return withThrowAwayPlatform(options, async (platform) => {
    await platform.setFleetPassword(options.seed);
    const api = new PlatformApi(platform.url);
    await api.signIn('fleet-bureau', options.seed);
    const random = seededRandom(`card:${options.seed}`);
    const zone = await api.openZone('bench', 'cards', random);
    const bureau = new Bureau(api, zone, random, blueprint.cards.profile.cardRsaBits);
    const planned = { product: product.id, homeCity: blueprint.manifest.cities[0]!.code, classes: {} };
    return use(bureau, { api, planned, zone, random });
  });
}

/** What a bureau writes on a card of `product`, the key its secret groupings are under, and the counter that opens it. */
export interface PreparedDemoCard {
  readonly card: PreparedCard;
  readonly zoneKey: Uint8Array;
  /** Brings the keys of its industry applications, while the card is there. */
  readonly open: (channel: AsyncCardChannel) => Promise<void>;
}

/** The platform lives as long as `use`. */
export function withPreparedDemoCard<T>(
  options: DemoCardOptions,
  use: (prepared: PreparedDemoCard) => Promise<T>,
): Promise<T> {
  return withBureau(options, async (bureau, { api, planned, zone }) => {
    const [card] = await bureau.prepare([planned]);
    const open = (channel: AsyncCardChannel) => openApplications(api, channel, card!.token, card!.applications);
    return use({ card: card!, zoneKey: zone.key, open });
  });
}

export async function issueDemoCard(options: DemoCardOptions): Promise<{ card: VirtualCard; facts: CardFacts }> {
  const blueprint = readBlueprint(options.blueprint);
  const product = productOf(blueprint, options.product);
  return withBureau(options, async (bureau, { api, planned, random }) => {
    const [issued] = await bureau.issue([planned], () => undefined);
    const card = VirtualCard.restore(issued!.snapshot, { random });
    const applications = fileApplications(blueprint, product.applications);
    await openApplications(
      api,
      card,
      issued!.token,
      applications.map(({ application, aid }) => ({ application, aid: fromHex(aid) })),
    );
    card.reset();
    return {
      card,
      facts: {
        product: product.id,
        productName: product.name,
        panMasked: issued!.panMasked,
        token: issued!.token,
        ...readCard(card, new Region(blueprint)),
      },
    };
  });
}

/** The certification authority keys that vouch for demo cards of this seed. */
export async function demoCaKeys(options: DemoOptions): Promise<readonly CaKeyEntry[]> {
  const directory = mkdtempSync(join(tmpdir(), 'polycard-keys-'));
  try {
    const { simulatedCaKeys } = await import('@polycard/platform');
    return await simulatedCaKeys({
      ...{ blueprintDirectory: options.blueprint, simulationSeed: options.seed, dataDirectory: directory },
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function withThrowAwayPlatform<T>(
  options: DemoOptions,
  use: (platform: RunningPlatform) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'polycard-card-'));
  try {
    // most of the project: read only by who needs a card of our own
    const { startPlatform } = await import('@polycard/platform');
    const platform = await startPlatform({
      ...{ dataDirectory: directory, blueprintDirectory: options.blueprint, host: '127.0.0.1', port: 0 },
      ...{ gatewayPort: 0, version: VERSION, logLevel: 'error', simulationSeed: options.seed },
    });
    try {
      return await use(platform);
    } finally {
      await platform.close();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function readCard(card: VirtualCard, region: Region): Pick<CardFacts, 'balanceFen' | 'records'> {
  const send = (command: Uint8Array): Uint8Array | undefined => {
    const { data, sw } = parseResponse(card.transmit(command));
    return sw === SW_9000_SUCCESS ? data : undefined;
  };
  const aid = Buffer.from(region.blueprint.cards.profile.aid, 'hex');
  send(Uint8Array.from([0x00, 0xa4, 0x04, 0x00, aid.length, ...aid, 0x00]));
  const balance = send(Uint8Array.from([0x80, 0xca, 0x9f, 0x79, 0x00]));
  const records = cappApplications(region.blueprint).flatMap((application) =>
    application.files.flatMap((file) =>
      file.records.flatMap((record) => {
        const compiled = region.records.get(record.name)!;
        const id = compiled.codec.recordId;
        const bytes =
          id === undefined
            ? send(Uint8Array.from([0x00, 0xb2, 0x01, (compiled.sfi << 3) | 4, 0x00]))
            : send(encodeReadCapp({ sfi: compiled.sfi, id: (id[0]! << 8) | id[1]! }));
        return bytes === undefined
          ? []
          : [{ sfi: file.sfi, title: record.title, values: compiled.codec.decode(bytes) }];
      }),
    ),
  );
  const value = balance === undefined ? undefined : findTlv(parseTlv(balance), '9F79');
  return { balanceFen: value === undefined ? 0 : numberFromBcd(value), records };
}
