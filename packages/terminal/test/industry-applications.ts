/** The file applications of Guangdong on a card: keys dispersed by their trees, files from their specification. */
import {
  compileRecord,
  describeFileApplications,
  type FileApplicationDescription,
  factorsFor,
  fileApplications,
  type RecordCodec,
} from '@polycard/blueprint';
import { type CardChannel, fromHex } from '@polycard/bytes';
import { type DataGrouping, personalise, VirtualCard } from '@polycard/card';
import { disperseAlong, seededRandom } from '@polycard/crypto';
import { industryFileGroupings } from '@polycard/emv';
import { IndustryClient, IndustryPsam, type UtilityCodecs } from '../src/index.ts';
import { blueprint, roots } from './region.ts';

const PERSONALISATION_KEY = fromHex('404142434445464748494A4B4C4D4E4F');
export const APPLICATION_SERIAL = '00004401000000012345';
export const INDUSTRY_PIN = '123456';
const METER = '00440100012345';

export const INDUSTRY_APPLICATIONS: readonly FileApplicationDescription[] = describeFileApplications(blueprint);

export function industryApplication(name: string): FileApplicationDescription {
  return INDUSTRY_APPLICATIONS.find(({ application }) => application === name)!;
}

const treeOf = (label: string) => blueprint.keys.find((tree) => tree.label === label)!;
const factors = (label: string) => {
  const { code } = blueprint.manifest.cities[0]!;
  const card = { applicationSerial: APPLICATION_SERIAL, homeCityCode: code, meterNumber: METER };
  return factorsFor(treeOf(label), blueprint.manifest, card);
};

/** A card's key (or a meter's, for keys that are not on the card) under its tree. */
export function industryKeyOf(label: string): Uint8Array {
  const { fixedPrefix, cardFactors } = factors(label);
  return disperseAlong(treeOf(label).algorithm, roots.get(label)!, [...fixedPrefix, ...cardFactors]);
}

export function codecOf(application: string, file: string): RecordCodec {
  const found = fileApplications(blueprint).find((each) => each.application === application);
  return compileRecord(found!.files.find(({ name }) => name === file)!.records[0]!);
}

export function industryGroupings(
  application: FileApplicationDescription,
  contents: ReadonlyMap<string, Uint8Array> = new Map(),
): DataGrouping[] {
  return industryFileGroupings(application, {
    serial: fromHex(APPLICATION_SERIAL),
    keys: new Map(application.keys.map(({ label, reference }) => [reference, industryKeyOf(label)])),
    ...(application.pin === undefined ? {} : { pin: INDUSTRY_PIN }),
    state: 'active',
    contents,
  });
}

export const INDUSTRY_MODULES = INDUSTRY_APPLICATIONS.map(({ aid }) => ({
  module: 'industry-files' as const,
  aid: fromHex(aid),
}));

/** Every file application of the blueprint, open; `contents` by application, then by file. */
export function regionalIndustryCard(
  contents: Readonly<Record<string, ReadonlyMap<string, Uint8Array>>> = {},
): VirtualCard {
  const card = new VirtualCard({
    random: seededRandom('industry of the region'),
    personalisationKey: PERSONALISATION_KEY,
    applications: INDUSTRY_MODULES,
  });
  for (const application of INDUSTRY_APPLICATIONS) {
    const groupings = industryGroupings(application, contents[application.application]);
    personalise(card, fromHex(application.aid), groupings, PERSONALISATION_KEY);
  }
  card.reset();
  return card;
}

/** A terminal of a role: the keys of these labels, dispersed to where the card comes in. */
export function industryTerminal(channel: CardChannel, name: string, labels: readonly string[]): IndustryClient {
  const application = industryApplication(name);
  const keys = labels.map((label) => {
    const { fixedPrefix, cardFactors } = factors(label);
    const { algorithm } = treeOf(label);
    const reference = application.keys.find((key) => key.label === label)!.reference;
    const key = disperseAlong(algorithm, roots.get(label)!, fixedPrefix);
    return { reference, version: 1, algorithm, key, cardFactors: () => cardFactors };
  });
  const psam = new IndustryPsam(keys, application.session);
  const client = new IndustryClient(channel, { application, psam, random: seededRandom(`terminal ${labels.join()}`) });
  client.select();
  return client;
}

export const utilityCodecs = (commodity: string): UtilityCodecs => ({
  account: codecOf(commodity, 'account'),
  order: codecOf(commodity, 'order'),
  writeBack: codecOf(commodity, 'write-back'),
  purchase: codecOf(commodity, 'purchases'),
});

export { METER };
