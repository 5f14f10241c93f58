/** How much memory applications take on a card; the figures beside the data are this project's own card's. */
import type { Blueprint } from './blueprint.ts';
import type { Application, CappApplication, FileApplication, FinancialApplication } from './schema/application.ts';
import type { CardProduct } from './schema/cards.ts';
import type { DataElement } from './schema/field.ts';

const APPLICATION_BYTES = 96;
const FILE_BYTES = 16;
const KEY_BYTES = 20;
const PIN_BYTES = 16;
/** Tag, length and index of a data object. */
const ELEMENT_BYTES = 4;

/** Bytes of data, headers, keys and PIN; code apart. */
export function memoryNeeded(application: Application): number {
  switch (application.kind) {
    case 'capp':
      return APPLICATION_BYTES + cappBytes(application);
    case 'files':
      return APPLICATION_BYTES + fileBytes(application);
    case 'financial':
      return APPLICATION_BYTES + financialBytes(application);
  }
}

/** What every card of the product needs: the financial application and those it carries, as each says. */
export function productMemory({ applications }: Blueprint, product: CardProduct): number {
  return applications
    .filter(({ kind, application }) => kind === 'financial' || product.applications.includes(application))
    .reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
}

function cappBytes({ files }: CappApplication): number {
  return files.reduce((sum, file) => {
    const records = file.records.reduce((bytes, { lengthBytes }) => bytes + lengthBytes, 0);
    const data = file.type === 'cyclic' ? (file.recordsMax ?? 0) * records : Math.max(file.sizeBytes ?? 0, records);
    return sum + FILE_BYTES + data + KEY_BYTES * (1 + file.records.length);
  }, 0);
}

function fileBytes({ files, keys, pin }: FileApplication): number {
  const data = files.reduce((sum, file) => {
    const layout = file.records[0]?.lengthBytes ?? 0;
    const size = file.type === 'transparent' ? (file.sizeBytes ?? layout) : layout * (file.recordsMax ?? 1);
    return sum + FILE_BYTES + size;
  }, 0);
  const onCard = keys.filter(({ reference }) => reference !== undefined).length;
  return data + onCard * KEY_BYTES + (pin === undefined ? 0 : PIN_BYTES);
}

function financialBytes({ files, data, keys, pin }: FinancialApplication): number {
  const elements = (list: readonly DataElement[]): number =>
    list.reduce((sum, { length }) => sum + ELEMENT_BYTES + length, 0);
  const inFiles = files.reduce((sum, file) => {
    const logs = (file.records?.[0]?.lengthBytes ?? 0) * (file.recordsMax ?? 0);
    const records = (file.tlvRecords ?? []).reduce(
      (bytes, record) => bytes + FILE_BYTES + elements(record.elements),
      0,
    );
    return sum + FILE_BYTES + logs + records;
  }, 0);
  return inFiles + elements(data) + keys.length * KEY_BYTES + (pin === undefined ? 0 : PIN_BYTES);
}
