/**
 * Applications of their own on a card (industry files): installed dormant, with the opening key alone, so that only an
 * activation brings the keys of the industry. Layout, access conditions and life cycle come from the specification.
 */
import {
  type CardProduct,
  compileRecord,
  describeFileApplications,
  type FileApplicationDescription,
  fileApplications,
} from '@polycard/blueprint';
import { fromHex, toHex } from '@polycard/bytes';
import { industryLayoutGroupings } from '@polycard/emv';
import type { EncipheredKey } from '@polycard/vault';
import type { Kysely, Transaction } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import type { Region } from '../../region.ts';
import { bulkInsert } from '../../store/bulk.ts';
import type { Tables } from '../../store/tables.ts';
import type { Dgi } from './card-data.ts';

const SERIAL_DIGITS = 20;

export interface PreparedApplication {
  readonly application: string;
  readonly aid: string;
  /** 20 digits: the city's code, then a number that this application gives once. */
  readonly serial: string;
  readonly dgis: readonly Dgi[];
}

export interface NumberedCard {
  readonly pan: string;
  readonly psn: string;
  readonly homeCityCode: string;
}

/** Applications whose opening key the vault has no algorithm for (SM4 in a token): cards are made without them. */
export async function applicationsWithoutKeys({
  region,
  vault,
}: Pick<PlatformContext, 'region' | 'vault'>): Promise<string[]> {
  const labels = new Set((await vault.list()).map(({ label }) => label));
  const { abilities } = vault.capabilities();
  const lacks = (algorithm: string): boolean =>
    abilities.some(({ name, supported }) => name === algorithm && !supported);
  const names = fileApplications(region.blueprint).map(({ application }) => application);
  return describeFileApplications(region.blueprint, names)
    .filter((description) => {
      const label = activationLabel(description);
      return !labels.has(label) && lacks(region.keyTree(label).algorithm);
    })
    .map(({ application }) => application);
}

/** For each card its applications in the order of the blueprint; opening keys enciphered for the zone. */
export async function prepareFileApplications(
  context: PlatformContext,
  zoneId: string,
  product: CardProduct,
  cards: readonly NumberedCard[],
): Promise<PreparedApplication[][]> {
  const { region, store, vault } = context;
  const result: PreparedApplication[][] = cards.map(() => []);
  const leftOut = await applicationsWithoutKeys(context);
  const applications = product.applications.filter((application) => !leftOut.includes(application));
  for (const description of describeFileApplications(region.blueprint, applications)) {
    const first = await reserveSerials(store.database, description.application, cards.length);
    const serials = cards.map(({ homeCityCode }, index) => serialOf(homeCityCode, first + index));
    const keys = await vault.issueOpeningKeys(
      activationLabel(description),
      zoneId,
      cards.map((card, index) =>
        region.factors(activationLabel(description), { ...card, applicationSerial: serials[index]! }),
      ),
    );
    cards.forEach((card, index) => {
      const [serial, key] = [serials[index]!, keys[index]!];
      const dgis = dgisOf(region, description, card, serial, key);
      result[index]!.push({ application: description.application, aid: description.aid, serial, dgis });
    });
  }
  return result;
}

export async function storeFileApplications(
  transaction: Transaction<Tables>,
  region: Region,
  cards: readonly { readonly token: string; readonly applications: readonly PreparedApplication[] }[],
): Promise<void> {
  const initial = new Map(
    fileApplications(region.blueprint).map(({ application, lifeCycle }) => [application, lifeCycle.initial]),
  );
  const rows = cards.flatMap(({ token, applications }) =>
    applications.map(({ application, serial }) => ({
      ...{ card_token: token, application, serial, state: initial.get(application) ?? '' },
    })),
  );
  if (rows.length === 0) return;
  const columns = ['card_token', 'application', 'serial', 'state'] as const;
  await bulkInsert(
    'card_application',
    columns.map((name) => ({ name, type: 'text' as const })),
    rows,
  ).execute(transaction);
}

function activationLabel({ keys, activationKey }: FileApplicationDescription): string {
  return keys.find(({ reference }) => reference === activationKey)!.label;
}

function serialOf(homeCityCode: string, number: number): string {
  return `${homeCityCode}${String(number).padStart(SERIAL_DIGITS - homeCityCode.length, '0')}`;
}

/** What is reserved is never given again, even if the cards are not made. */
async function reserveSerials(database: Kysely<Tables>, application: string, count: number): Promise<number> {
  const { last_serial } = await database
    .insertInto('application_serial')
    .values({ application, last_serial: count })
    .onConflict((conflict) =>
      conflict
        .column('application')
        .doUpdateSet((row) => ({ last_serial: row('application_serial.last_serial', '+', count) })),
    )
    .returning('last_serial')
    .executeTakeFirstOrThrow();
  return last_serial - count + 1;
}

function dgisOf(
  region: Region,
  description: FileApplicationDescription,
  card: NumberedCard,
  serial: string,
  key: EncipheredKey,
): Dgi[] {
  const contents = initialContents(region, description.application, {
    applicationSerial: serial,
    city: card.homeCityCode,
  });
  const layout = industryLayoutGroupings(
    description,
    { serial: fromHex(serial), contents },
    new Set([description.activationKey]),
  );
  return [
    ...layout.map(({ dgi, data }): Dgi => [dgi, toHex(data)]),
    ['8020', toHex(key.enciphered)],
    ['9020', toHex(key.checkValue)],
  ];
}

/** Fresh transparent files in which these fields, where a layout has them, hold what is known of the card. */
function initialContents(
  { blueprint }: Region,
  application: string,
  known: Readonly<Record<string, string>>,
): ReadonlyMap<string, Uint8Array> {
  const contents = new Map<string, Uint8Array>();
  for (const file of fileApplications(blueprint, [application]).flatMap(({ files }) => files)) {
    if (file.type !== 'transparent') continue;
    const codec = compileRecord(file.records[0]!);
    const values = Object.entries(known).filter(([name]) => codec.field(name) !== undefined);
    if (values.length === 0) continue;
    const bytes = codec.encode(Object.fromEntries(values), codec.initial());
    const whole = new Uint8Array(file.sizeBytes ?? bytes.length);
    whole.set(bytes);
    contents.set(file.name, whole);
  }
  return contents;
}
