/** Which schema each file of a blueprint is held against; the loader and the editors read the same table. */
import Type, { type TSchema } from 'typebox';
import { overlaySchema } from './overlay-schema.ts';
import { APPLICATION_KINDS, Application } from './schema/application.ts';
import { BusNetwork } from './schema/bus-network.ts';
import { Cards } from './schema/cards.ts';
import { DenyLists } from './schema/deny-list.ts';
import { Duties } from './schema/duties.ts';
import { Keys } from './schema/keys.ts';
import { Settlement, Terminals } from './schema/operation.ts';
import { Manifest, Parties } from './schema/region.ts';
import { Network, Tariff } from './schema/tariff.ts';

/** By the file's place in the blueprint's folder. */
export const FILE_SCHEMAS: readonly { readonly pattern: RegExp; readonly name: string; readonly schema: TSchema }[] = [
  { pattern: /^blueprint\.yaml$/, name: 'blueprint', schema: Manifest },
  { pattern: /^parties\.yaml$/, name: 'parties', schema: Parties },
  { pattern: /^keys\.yaml$/, name: 'keys', schema: Keys },
  { pattern: /^cards\.yaml$/, name: 'cards', schema: Cards },
  { pattern: /^terminals\.yaml$/, name: 'terminals', schema: Terminals },
  { pattern: /^duties\.yaml$/, name: 'duties', schema: Duties },
  { pattern: /^deny-lists\.yaml$/, name: 'deny-lists', schema: DenyLists },
  { pattern: /^settlement\.yaml$/, name: 'settlement', schema: Settlement },
  { pattern: /^applications\/[^/]+\.yaml$/, name: 'application', schema: Application },
  { pattern: /^tariffs\/[^/]+\.yaml$/, name: 'tariff', schema: Tariff },
  { pattern: /^networks\/[^/]+\.yaml$/, name: 'network', schema: Network },
  { pattern: /^bus-networks\/[^/]+\.yaml$/, name: 'bus-network', schema: BusNetwork },
];

/**
 * The schema of one file's value: of a union the member that `kind` names, so that what is wrong is said of the place
 * and not of the union.
 */
export function schemaFor(name: string, schema: TSchema, value: unknown): readonly [name: string, schema: TSchema] {
  if (name !== 'application' || typeof value !== 'object' || value === null) return [name, schema];
  const kind = (value as Record<string, unknown>)['kind'];
  const known = Object.entries(APPLICATION_KINDS).find(([id]) => id === kind);
  return known === undefined ? ['application-kind', APPLICATION_KIND] : [`application-${known[0]}`, known[1]];
}

const APPLICATION_KIND = Type.Object({
  kind: Type.Union(Object.keys(APPLICATION_KINDS).map((kind) => Type.Literal(kind))),
});

/**
 * A JSON Schema (2020-12) for each kind of file, for the first line of a YAML file: `$schema=../schema/<fileName>`; of a
 * blueprint that extends another `$schema=../schema/overlay/<name>.schema.json`.
 */
export function blueprintSchemas(): {
  readonly fileName: string;
  readonly schema: Readonly<Record<string, unknown>>;
}[] {
  const $schema = 'https://json-schema.org/draft/2020-12/schema';
  return FILE_SCHEMAS.flatMap(({ name, schema }) => [
    { fileName: `${name}.schema.json`, schema: { $schema, title: `Polycard blueprint: ${name}`, ...schema } },
    {
      fileName: `overlay/${name}.schema.json`,
      schema: {
        $schema,
        title: `Polycard blueprint that extends another: ${name}`,
        ...overlaySchema(name, schema as unknown as Readonly<Record<string, unknown>>),
      },
    },
  ]);
}
