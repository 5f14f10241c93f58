/**
 * Data groupings of the financial application from its specification (EMV CPS 1.1 data grouping; DGI numbers as publicly
 * described for PBOC cards, reference pboc.md §7): constants are the specification's, other values are given by name.
 */
import { bcdFromDigits, bcdFromNumber, encodeTlvs, fromHex, PolycardError } from '@polycard/bytes';
import type { FinancialApplication, FinancialData } from './schema/application.ts';
import type { DataElement } from './schema/field.ts';

/** Bytes as they are; text and numbers as the element's coding has them. Nothing: the element is left out if it may be. */
export type ElementValue = Uint8Array | string | number;
export type ElementValues = Readonly<Record<string, ElementValue | undefined>>;

export interface CardData {
  /** Every grouping of the specification, records first, in its order. */
  readonly dgis: readonly string[];
  /** Grouping of a record of a file, by the record's name. Throws `POLYCARD_BLUEPRINT_MISSING`. */
  dgiOf(record: string): string;
  /** Short file identifier of the file that holds a record. Throws `POLYCARD_BLUEPRINT_MISSING`. */
  sfiOf(record: string): number;
  /** Value of a data object that the specification fixes. Throws `POLYCARD_BLUEPRINT_MISSING`. */
  constant(name: string): Uint8Array;
  /** Content of a grouping. Throws `POLYCARD_CARD_DATA` naming the element that has no value or a wrong one. */
  grouping(dgi: string, values: ElementValues): Uint8Array;
}

type Element = DataElement & Partial<Pick<FinancialData, 'template'>>;

const RECORD_TEMPLATE = '70';

/** `withSm4`: for cards whose issuer keys are SM4. */
export function compileCardData(application: FinancialApplication, withSm4: boolean): CardData {
  const groupings = new Map<string, Element[]>();
  const places = new Map<string, { dgi: string; sfi: number }>();
  for (const { sfi, record } of application.files.flatMap(({ sfi, tlvRecords = [] }) =>
    tlvRecords.map((record) => ({ sfi, record })),
  )) {
    groupings.set(
      record.dgi,
      record.elements.map((element) => ({ ...element, template: RECORD_TEMPLATE })),
    );
    places.set(record.name, { dgi: record.dgi, sfi: Number.parseInt(sfi, 16) });
  }
  for (const element of application.data) {
    const known = groupings.get(element.dgi);
    if (known === undefined) groupings.set(element.dgi, [element]);
    else known.push(element);
  }
  const all = [...groupings.values()].flat();
  const lacks = (what: string): PolycardError =>
    new PolycardError('POLYCARD_BLUEPRINT_MISSING', `the application ${application.application} has no ${what}`, {
      where: application.application,
      expected: what,
    });
  const placeOf = (record: string) => places.get(record) ?? fail(lacks(`record ${record}`));
  const valuesOf = (dgi: string, values: ElementValues): (readonly [Element, Uint8Array])[] =>
    (groupings.get(dgi) ?? fail(lacks(`data grouping ${dgi}`))).flatMap((element) => {
      const value = elementBytes(element, values, withSm4, dgi);
      return value === undefined ? [] : [[element, value] as const];
    });
  return {
    dgis: [...groupings.keys()],
    dgiOf: (record) => placeOf(record).dgi,
    sfiOf: (record) => placeOf(record).sfi,
    constant(name) {
      const element = all.find((each) => each.name === name && each.constant !== undefined);
      return element === undefined ? fail(lacks(`constant ${name}`)) : constantOf(element, withSm4)!;
    },
    grouping: (dgi, values) => nested(valuesOf(dgi, values), 0),
  };
}

/** Elements in their order; those that are in the same template at this depth and follow each other are wrapped together. */
function nested(values: readonly (readonly [Element, Uint8Array])[], depth: number): Uint8Array {
  const parts: (readonly [tag: string, value: Uint8Array])[] = [];
  let index = 0;
  while (index < values.length) {
    const [element, value] = values[index]!;
    const template = templateAt(element, depth);
    if (template === undefined) {
      parts.push([element.tag, value]);
      index++;
      continue;
    }
    let end = index;
    while (end < values.length && templateAt(values[end]![0], depth) === template) end++;
    parts.push([template, nested(values.slice(index, end), depth + 1)]);
    index = end;
  }
  return encodeTlvs(parts);
}

function templateAt({ template }: Element, depth: number): string | undefined {
  return template?.split('/')[depth];
}

function constantOf({ constant, appendWithSm4 }: Element, withSm4: boolean): Uint8Array | undefined {
  if (constant === undefined) return undefined;
  return fromHex(withSm4 && appendWithSm4 !== undefined ? constant + appendWithSm4 : constant);
}

function elementBytes(element: Element, values: ElementValues, withSm4: boolean, dgi: string): Uint8Array | undefined {
  const fixed = constantOf(element, withSm4);
  if (fixed !== undefined) return fixed;
  const given = values[element.name];
  const where = `DGI ${dgi}, ${element.tag} ${element.name}`;
  if (given === undefined) {
    if (element.optional === true) return undefined;
    throw new PolycardError('POLYCARD_CARD_DATA', `the card has no value for ${element.tag} (${element.name})`, {
      where,
      expected: element.coding,
    });
  }
  const bytes = encoded(element, given, where);
  if (bytes.length > element.length) {
    throw new PolycardError('POLYCARD_CARD_DATA', `${element.tag} (${element.name}) has ${bytes.length} bytes`, {
      where,
      expected: `at most ${element.length}`,
    });
  }
  return bytes;
}

function encoded({ coding, length }: Element, value: ElementValue, where: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  try {
    switch (coding) {
      case 'bcd':
        return bcdFromNumber(Number(value), length);
      case 'digits':
        return bcdFromDigits(String(value), length);
      case 'uint':
        return fromHex(
          Number(value)
            .toString(16)
            .padStart(length * 2, '0'),
        );
      case 'ascii':
        return new TextEncoder().encode(String(value));
      default:
        return fromHex(String(value));
    }
  } catch (cause) {
    // the value may be an account number: it is not repeated
    throw new PolycardError('POLYCARD_CARD_DATA', `the value given does not fit ${coding}`, {
      where,
      expected: `${coding}, ${length} bytes`,
      cause,
    });
  }
}

function fail(error: PolycardError): never {
  throw error;
}
