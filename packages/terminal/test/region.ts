/** Guangdong as a terminal gets it, under keys made for the tests: parameters, PSAM, configuration of each device. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  cappApplications,
  compileRecord,
  factorsFor,
  type KeyTree,
  loadBlueprint,
  type RecordCodec,
} from '@polycard/blueprint';
import { fromHex } from '@polycard/bytes';
import { disperseAlong, generateRsaKey, importRsaPrivate, rsaSignRaw, seededRandom } from '@polycard/crypto';
import { type CertificateSigner, openRsaPublicKey } from '@polycard/emv';
import { type CompiledTariff, compileNetwork, compileTariff } from '@polycard/fares';
import { Psam, type TerminalConfiguration, type TerminalParameters, type TerminalRecord } from '../src/index.ts';

const folder = fileURLToPath(new URL('../../../blueprints/guangdong/', import.meta.url));
export const blueprint = loadBlueprint(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => ({ path, text: readFileSync(folder + path, 'utf8') })),
);

const random = seededRandom('terminal-tests');
export const CA_INDEX = 'F0';
export const RID = 'A000000333';

/** A key pair and what signs with it. */
export interface SigningKey extends CertificateSigner {
  readonly modulus: Uint8Array;
  readonly parts: ReturnType<typeof generateRsaKey>;
}
function signingKey(modulusBytes: number): SigningKey {
  const parts = generateRsaKey(random, modulusBytes);
  const handle = importRsaPrivate(parts);
  return { modulusBytes, modulus: parts.modulus, parts, sign: (block) => rsaSignRaw(handle, block) };
}
export const caKey = signingKey(176);
export const issuerKey = signingKey(144);
export const cardKey = signingKey(128);
/** Root of each key tree. */
export const roots = new Map(blueprint.keys.map((tree) => [tree.label, random(16)]));

export interface RegionRecord extends TerminalRecord {
  readonly activationKey: string;
  readonly codec: RecordCodec;
}
export const files = cappApplications(blueprint).flatMap(({ files: extended }) => extended);
const records = new Map<string, RegionRecord>(
  files.flatMap((file) =>
    file.records.map((record) => [
      record.name,
      {
        sfi: Number.parseInt(file.sfi, 16),
        codec: compileRecord(record),
        managementKey: record.managementKey,
        activationKey: file.activationKey,
      },
    ]),
  ),
);
export const recordNamed = (name: string): RegionRecord => records.get(name)!;
export const recordNames = [...records.keys()];

const tree = (label: string): KeyTree => blueprint.keys.find((candidate) => candidate.label === label)!;

/** A card's key under a tree, from its root. */
export function keyOfCard(label: string, card: { pan: string; homeCityCode: string }): Uint8Array {
  const { fixedPrefix, cardFactors } = factorsFor(tree(label), blueprint.manifest, card);
  return disperseAlong(tree(label).algorithm, roots.get(label)!, [...fixedPrefix, ...cardFactors]);
}

export const psam = new Psam(
  blueprint.keys
    .filter(({ usage }) => usage === 'management')
    .map((keyTree) => ({
      label: keyTree.label,
      algorithm: keyTree.algorithm,
      key: disperseAlong(
        keyTree.algorithm,
        roots.get(keyTree.label)!,
        factorsFor(keyTree, blueprint.manifest, {}).fixedPrefix,
      ),
      cardFactors: (card) => factorsFor(keyTree, blueprint.manifest, card).cardFactors,
    })),
);

const network = compileNetwork(blueprint.networks[0]!);
const tariffs: Partial<Record<'metro' | 'bus', CompiledTariff>> = {};
for (const tariff of blueprint.tariffs)
  tariffs[tariff.mode] = compileTariff(tariff, tariff.mode === 'metro' ? network : undefined);

export const parameters: TerminalParameters = {
  version: '20180101',
  tariffs,
  operatorDiscounts: true,
  classIdOfCode: new Map(blueprint.cards.classes.map(({ code, id }) => [code, id])),
  stationIdOfCode: new Map(blueprint.networks[0]!.stations.map(({ code, id }) => [code, id])),
  records: {
    metro: recordNamed('metro'),
    bus: recordNamed('bus'),
    combinedRide: recordNamed('combined-ride'),
    trip: recordNamed('trip'),
  },
  caKeys: new Map([[RID + CA_INDEX, openRsaPublicKey(caKey.modulus, Uint8Array.of(3))]]),
};

const DEVICE = {
  merchantNo: '888888888880201',
  operatorCode: '0002',
  placeCode: '0000',
  ttq: fromHex('28000080'),
  capabilities: fromHex('0008C8'),
  terminalType: fromHex('26'),
  country: '156',
  currency: '156',
  retapWindowMs: 3_000,
  tornRecordMs: 10_000,
  tornRecordsMax: 3,
  journalMax: 100,
} as const;
export const ENTRY_GATE: TerminalConfiguration = {
  ...DEVICE,
  terminalNo: '10000001',
  mode: 'metro',
  placeCode: '0101',
};
export const EXIT_GATE: TerminalConfiguration = { ...DEVICE, terminalNo: '10000002', mode: 'metro', placeCode: '0115' };
export const BUS: TerminalConfiguration = { ...DEVICE, terminalNo: '10000003', mode: 'bus', route: '101' };
export const SHOP: TerminalConfiguration = { ...DEVICE, terminalNo: '10000005', mode: 'metro' };
export const COUNTER: TerminalConfiguration = { ...DEVICE, terminalNo: '10000004', mode: 'metro' };
