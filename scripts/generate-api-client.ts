/**
 * Types of the console's client, from the platform's OpenAPI document: a file for each of its tags. Shapes have the
 * names that the platform's own modules give them, and are written once. json-schema-to-typescript does the
 * schemas (it needs no TypeScript compiler API, which TypeScript 7 has not); this file only lays them out the way
 * openapi-fetch reads them.
 */
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPlatform } from '@polycard/platform';
import { compile } from 'json-schema-to-typescript';

const FOLDER = fileURLToPath(new URL('../apps/console/src/generated/', import.meta.url));
const MODULES = fileURLToPath(new URL('../apps/platform/src/modules/', import.meta.url));
const BLUEPRINT = fileURLToPath(new URL('../blueprints/guangdong', import.meta.url));
const METHODS = ['get', 'put', 'post', 'delete'] as const;
const BANNER = "// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.";
/** Shapes that belong to no tag. */
const COMMON = 'shapes';

interface Operation {
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: object }> };
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: object }> }>;
}
type Document = { readonly paths: Record<string, Record<string, Operation>> };
type Schema = Readonly<Record<string, unknown>>;

async function readDocument(): Promise<Document> {
  const directory = mkdtempSync(join(tmpdir(), 'polycard-openapi-'));
  const platform = await startPlatform({
    ...{ dataDirectory: directory, blueprintDirectory: BLUEPRINT, host: '127.0.0.1', port: 0, gatewayPort: 0 },
    ...{ version: '0', logLevel: 'error', simulationSeed: 'openapi' },
  });
  try {
    return (await (await fetch(`${platform.url}/api/openapi.json`)).json()) as Document;
  } finally {
    await platform.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The same schema, however it is written: keys in order, a constant as the document has it. */
function canonical(schema: unknown): string {
  return JSON.stringify(schema, (key, value: unknown) => {
    if (key === '~kind' || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const { const: constant, ...rest } = value as Record<string, unknown>;
    const whole = constant === undefined ? rest : { ...rest, enum: [constant] };
    return Object.fromEntries(Object.entries(whole).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

interface NamedShape {
  readonly name: string;
  readonly module: string;
}

/** Shapes that the platform's modules export, by their content; two of one name are told apart by their modules. */
async function namedShapes(): Promise<ReadonlyMap<string, NamedShape>> {
  const names = new Map<string, NamedShape>();
  const taken = new Set<string>();
  for (const path of ['api-types.ts', ...globSync('*/api.ts', { cwd: MODULES }).sort()]) {
    const exported = (await import(join(MODULES, path))) as Record<string, unknown>;
    for (const [name, schema] of Object.entries(exported)) {
      const { type, anyOf } = (schema ?? {}) as Schema;
      const key = canonical(schema);
      if ((type !== 'object' && anyOf === undefined) || names.has(key)) continue;
      const [module] = path.split('/') as [string];
      const whole = taken.has(name) ? typeName(`${module}-${name}`) : name;
      taken.add(whole);
      names.set(key, { name: whole, module });
    }
  }
  return names;
}

/** `deny-lists` → `DenyLists` */
function typeName(text: string): string {
  return text.replace(/(^|-)(\w)/g, (_whole, _dash, letter: string) => letter.toUpperCase());
}

/** Takes shapes with a name out of schemas and puts a reference there. */
class SharedShapes {
  readonly definitions: Record<string, object> = {};
  /** By the name of the shape. */
  readonly modules = new Map<string, string>();
  readonly #named: ReadonlyMap<string, NamedShape>;

  constructor(named: ReadonlyMap<string, NamedShape>) {
    this.#named = named;
  }

  lift<T>(schema: T): T {
    if (Array.isArray(schema)) return schema.map((part) => this.lift(part)) as T;
    if (typeof schema !== 'object' || schema === null) return schema;
    const named = this.#named.get(canonical(schema));
    const inside = Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, this.lift(part)]));
    if (named === undefined) return inside as T;
    const { name, module } = named;
    this.definitions[name] = { ...inside, title: name };
    this.modules.set(name, module);
    return { $ref: `#/definitions/${name}` } as T;
  }
}

function objectOf(parameters: Operation['parameters'], place: string): object | undefined {
  const own = (parameters ?? []).filter((parameter) => parameter.in === place);
  if (own.length === 0) return undefined;
  return {
    type: 'object',
    properties: Object.fromEntries(own.map((parameter) => [parameter.name, parameter.schema])),
    required: own.filter((parameter) => parameter.required === true).map((parameter) => parameter.name),
    additionalProperties: false,
  };
}

interface TagTypes {
  /** Names of the operations' types. */
  readonly types: Set<string>;
  /** Rows of the interface that openapi-fetch reads, by path. */
  readonly paths: Map<string, string[]>;
}

/** Files of `src/generated` by name, as text; a test compares them with the committed ones. */
export async function generateApiClient(): Promise<ReadonlyMap<string, string>> {
  const document = await readDocument();
  const shapes = new SharedShapes(await namedShapes());
  const definitions: Record<string, object> = {};
  const tags = new Map<string, TagTypes>();
  for (const [path, operations] of Object.entries(document.paths).sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const method of METHODS) {
      const operation = operations[method];
      if (operation?.operationId === undefined) continue;
      const tag = operation.tags?.[0] ?? 'other';
      const { types, paths } = tags.get(tag) ?? { types: new Set(), paths: new Map<string, string[]>() };
      tags.set(tag, { types, paths });
      const name = operation.operationId[0]!.toUpperCase() + operation.operationId.slice(1);
      const define = (suffix: string, schema: object | undefined): string | undefined => {
        if (schema === undefined) return undefined;
        types.add(name + suffix);
        definitions[name + suffix] = schema;
        return name + suffix;
      };
      const query = define('Query', objectOf(operation.parameters, 'query'));
      const pathParameters = define('Path', objectOf(operation.parameters, 'path'));
      const body = define('Body', operation.requestBody?.content['application/json']?.schema);
      const answer = define('Answer', operation.responses['200']?.content?.['application/json']?.schema);
      const parameters = `{ query?: ${query ?? 'never'}; header?: never; path${pathParameters === undefined ? '?: never' : `: ${pathParameters}`}; cookie?: never }`;
      const responses = `{ 200: { headers: Record<string, unknown>; content: { 'application/json': ${answer ?? 'never'} } } }`;
      const request =
        body === undefined ? 'requestBody?: never' : `requestBody: { content: { 'application/json': ${body} } }`;
      const row = `    ${method}: { parameters: ${parameters}; ${request}; responses: ${responses} };`;
      paths.set(path, [...(paths.get(path) ?? []), row]);
    }
  }
  const blocks = await compiledTypes(definitions, shapes);
  return laidOut(blocks, tags, shapes.modules);
}

/** Each exported type as text, by its name. */
async function compiledTypes(
  definitions: Readonly<Record<string, object>>,
  shapes: SharedShapes,
): Promise<ReadonlyMap<string, string>> {
  const aliases = new Map<string, string>();
  const properties: Record<string, object> = {};
  for (const [name, schema] of Object.entries(definitions)) {
    const lifted = shapes.lift(schema) as Schema;
    if (typeof lifted['$ref'] === 'string') aliases.set(name, lifted['$ref'].split('/').at(-1)!);
    else properties[name] = { ...lifted, title: name };
  }
  const root = {
    title: 'Api',
    type: 'object',
    properties,
    definitions: shapes.definitions,
    additionalProperties: false,
  };
  const text = await compile(root as never, 'Api', {
    bannerComment: '',
    format: true,
    additionalProperties: false,
    unreachableDefinitions: true,
  });
  // where a definition was found first says nothing to who reads it
  const told = text.replace(/ \*\n \* This interface was referenced by .*\n \* via the `definition` .*\n/g, '');
  const plain = told.replace(
    /\/\*\*\n \* This interface was referenced by .*\n \* via the `definition` .*\n \*\/\n/g,
    '',
  );
  const blocks = new Map<string, string>();
  let pending = '';
  // a type begins with its comment, if it has one, or with its own line
  for (const block of plain.split(/^(?=\/\*\*|export )/m)) {
    const name = /^export (?:type|interface) (\w+)/m.exec(block)?.[1];
    if (name === undefined) pending += block;
    else {
      blocks.set(name, pending + block);
      pending = '';
    }
  }
  for (const [name, target] of aliases) blocks.set(name, `export type ${name} = ${target};\n`);
  return blocks;
}

function laidOut(
  blocks: ReadonlyMap<string, string>,
  tags: ReadonlyMap<string, TagTypes>,
  modules: ReadonlyMap<string, string>,
): Map<string, string> {
  const homeOf = new Map<string, string>();
  for (const name of blocks.keys()) {
    const module = modules.get(name) ?? COMMON;
    if (name !== 'Api') homeOf.set(name, tags.has(module) ? module : COMMON);
  }
  for (const [tag, { types }] of tags) for (const name of types) homeOf.set(name, tag);
  const files = new Map<string, string>();
  for (const home of new Set([COMMON, ...tags.keys()])) {
    const names = [...blocks.keys()].filter((name) => homeOf.get(name) === home);
    const types = names.map((name) => blocks.get(name)).join('');
    files.set(`${home}.ts`, [BANNER, ...importsOf(types, home, homeOf), types, pathsOf(home, tags)].join('\n'));
  }
  const names = [...tags.keys()].sort();
  const interfaces = names.map((tag) => `${typeName(tag)}Paths`);
  files.set(
    'api.ts',
    [
      BANNER,
      ...names.map((tag) => `import type { ${typeName(tag)}Paths } from './${tag}.ts';`),
      '',
      ...[...names, COMMON].map((name) => `export type * from './${name}.ts';`),
      '',
      `export interface paths\n  extends ${interfaces.join(',\n    ')} {}`,
      '',
    ].join('\n'),
  );
  return files;
}

function importsOf(text: string, home: string, homeOf: ReadonlyMap<string, string>): string[] {
  const words = new Set(text.match(/\b[A-Z]\w*\b/g));
  const used = [...homeOf].filter(([name, where]) => where !== home && words.has(name));
  const byHome = Map.groupBy(used, ([, where]) => where);
  return [...byHome]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([where, names]) =>
        `import type { ${names
          .map(([name]) => name)
          .sort()
          .join(', ')} } from './${where}.ts';`,
    );
}

/** Rows of the interface that openapi-fetch reads. */
function pathsOf(home: string, tags: ReadonlyMap<string, TagTypes>): string {
  const paths = tags.get(home)?.paths;
  if (paths === undefined) return '';
  const rows = [...paths].map(([path, methods]) => `  '${path}': {\n${methods.join('\n')}\n  };`);
  return `export interface ${typeName(home)}Paths {\n${rows.join('\n')}\n}\n`;
}

export async function run(): Promise<void> {
  const files = await generateApiClient();
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(FOLDER, name), text);
}
