/** Loads a blueprint from (path, text) pairs: YAML, schema validation, references between files. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { TSchema } from 'typebox';
import type { Blueprint } from './blueprint.ts';
import { BlueprintError, type BlueprintFinding } from './findings.ts';
import { FILE_SCHEMAS, schemaFor } from './json-schemas.ts';
import type { BlueprintFile } from './overlay.ts';
import { parseYaml } from './parse-yaml.ts';
import { checkReferences } from './references.ts';
import type { Application } from './schema/application.ts';
import type { Cards } from './schema/cards.ts';
import type { Duties } from './schema/duties.ts';
import type { Keys } from './schema/keys.ts';
import type { Settlement, Terminals } from './schema/operation.ts';
import type { Manifest } from './schema/region.ts';
import type { Network, Tariff } from './schema/tariff.ts';

const REQUIRED = ['blueprint.yaml', 'parties.yaml', 'keys.yaml', 'cards.yaml', 'terminals.yaml', 'settlement.yaml'];

// the schemas are our own: no check of them against their meta-schema, and plain code, which compiles twice as fast
const ajv = new Ajv2020({
  allErrors: true,
  strict: false,
  meta: false,
  validateSchema: false,
  code: { optimize: false },
});
const validators = new Map<string, ValidateFunction>();

/** Throws BlueprintError with every finding: file, path inside it, expectation. Of a merged file, where it was written. */
export function loadBlueprint(files: readonly BlueprintFile[]): Blueprint {
  try {
    return loadMerged(files);
  } catch (error) {
    if (!(error instanceof BlueprintError)) throw error;
    throw new BlueprintError(error.findings.map((finding) => whereWritten(finding, files)));
  }
}

function whereWritten(finding: BlueprintFinding, files: readonly BlueprintFile[]): BlueprintFinding {
  const origin = files.find((file) => file.path === finding.file)?.origin;
  return origin === undefined ? finding : { ...finding, ...origin(finding.path) };
}

function loadMerged(files: readonly BlueprintFile[]): Blueprint {
  const findings: BlueprintFinding[] = [];
  const values = new Map<string, unknown>();
  for (const required of REQUIRED) {
    if (!files.some((file) => file.path === required))
      findings.push({ file: required, path: '', expected: 'the file', found: 'nothing' });
  }
  for (const file of files) {
    const kind = FILE_SCHEMAS.find(({ pattern }) => pattern.test(file.path));
    if (kind === undefined) {
      const expected =
        'blueprint, parties, keys, cards, terminals, settlement, duties, applications/*, tariffs/* or networks/*';
      findings.push({ file: file.path, path: '', expected, found: 'a file of another name' });
      continue;
    }
    const read = readFile(file, kind);
    findings.push(...read.findings);
    if (read.findings.length === 0) values.set(file.path, read.value);
  }
  if (findings.length > 0) throw new BlueprintError(findings);
  const all = <T>(folder: string): T[] =>
    [...values].filter(([path]) => path.startsWith(`${folder}/`)).map(([, value]) => value as T);
  const blueprint: Blueprint = {
    manifest: values.get('blueprint.yaml') as Manifest,
    parties: (values.get('parties.yaml') as { parties: Blueprint['parties'] }).parties,
    custodians: (values.get('keys.yaml') as Keys).custodians,
    keys: (values.get('keys.yaml') as Keys).trees,
    cards: values.get('cards.yaml') as Cards,
    applications: all<Application>('applications'),
    tariffs: all<Tariff>('tariffs'),
    networks: all<Network>('networks'),
    terminals: values.get('terminals.yaml') as Terminals,
    settlement: values.get('settlement.yaml') as Settlement,
    ...(values.has('duties.yaml') ? { duties: values.get('duties.yaml') as Duties } : {}),
  };
  const pathOf = new Map([...values].map(([path, value]) => [value, path]));
  const references = checkReferences(blueprint, (part) => pathOf.get(part) ?? '');
  if (references.length > 0) throw new BlueprintError(references);
  return deepFreeze(blueprint);
}

interface ReadFile {
  readonly value: unknown;
  readonly findings: readonly BlueprintFinding[];
}

/** Reading is most of the work of loading: a file that is loaded again with others is read once. */
const filesRead = new WeakMap<BlueprintFile, ReadFile>();

function readFile(file: BlueprintFile, { name, schema }: (typeof FILE_SCHEMAS)[number]): ReadFile {
  const known = filesRead.get(file);
  if (known !== undefined) return known;
  const findings: BlueprintFinding[] = [];
  const value = file.origin === undefined ? parseYaml(file, findings) : parseMerged(file, findings);
  if (value !== undefined) validate(...schemaFor(name, schema, value), file.path, value, findings);
  const read = { value, findings };
  filesRead.set(file, read);
  return read;
}

/** What an overlay was merged to is JSON, which is read a hundred times faster than YAML. */
function parseMerged(file: BlueprintFile, findings: BlueprintFinding[]): unknown {
  try {
    return JSON.parse(file.text);
  } catch {
    return parseYaml(file, findings); // someone wrote over it
  }
}

function validate(name: string, schema: TSchema, file: string, value: unknown, findings: BlueprintFinding[]): void {
  let validator = validators.get(name);
  if (validator === undefined) {
    validator = ajv.compile(schema);
    validators.set(name, validator);
  }
  if (validator(value)) return;
  const errors = validator.errors ?? [];
  // a failed union reports each branch and itself: the deepest places say most
  const depth = Math.max(...errors.map((error) => error.instancePath.split('/').length));
  const telling = errors.filter(
    (error) => error.keyword !== 'anyOf' || errors.length === 1 || error.instancePath.split('/').length === depth,
  );
  for (const error of telling.slice(0, 20)) findings.push(findingOf(file, error, value));
}

function findingOf(file: string, error: ErrorObject, root: unknown): BlueprintFinding {
  const found = at(root, error.instancePath);
  if (error.keyword === 'required') {
    return {
      file,
      path: error.instancePath,
      expected: `the property ${error.params['missingProperty']}`,
      found: 'no such property',
    };
  }
  if (error.keyword === 'additionalProperties') {
    return {
      file,
      path: error.instancePath,
      expected: 'only known properties',
      found: `the property ${error.params['additionalProperty']}`,
    };
  }
  const expected =
    error.keyword === 'const'
      ? JSON.stringify(error.params['allowedValue'])
      : error.keyword === 'anyOf'
        ? 'one of the allowed forms'
        : (error.message ?? error.keyword).replace(/^must /, 'to ');
  return { file, path: error.instancePath, expected, found: shown(found) };
}

/** Values as people read them; a list or an object by its size, since an alias may make it hold itself. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return `an object (${Object.keys(value).slice(0, 5).join(', ')})`;
  return JSON.stringify(value)?.slice(0, 80) ?? 'nothing';
}

function at(root: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (value, key) => (value as Record<string, unknown> | undefined)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')],
      root,
    );
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
