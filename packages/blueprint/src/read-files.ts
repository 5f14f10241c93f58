/** The files of a blueprint as values: YAML, then the schema of each file's kind. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { TSchema } from 'typebox';
import type { Blueprint } from './blueprint.ts';
import type { BlueprintFinding } from './findings.ts';
import { FILE_SCHEMAS, schemaFor } from './json-schemas.ts';
import type { BlueprintFile } from './overlay.ts';
import { parseYaml } from './parse-yaml.ts';
import type { RuleCode } from './rules/rules.ts';
import type { DenyLists } from './schema/deny-list.ts';
import type { Duties } from './schema/duties.ts';
import type { Keys } from './schema/keys.ts';

const REQUIRED = ['blueprint.yaml', 'parties.yaml', 'keys.yaml', 'cards.yaml', 'terminals.yaml', 'settlement.yaml'];
const FINDINGS_PER_FILE_MAX = 20;

// the schemas are our own: no check of them against their meta-schema, and plain code, which compiles twice as fast
const ajv = new Ajv2020({
  allErrors: true,
  strict: false,
  meta: false,
  validateSchema: false,
  code: { optimize: false },
});
const validators = new Map<string, ValidateFunction>();

export interface FilesRead {
  readonly findings: readonly BlueprintFinding[];
  /** As far as there is one: parts whose file is missing or no YAML are absent, others may lack what findings name. */
  readonly blueprint: Partial<Blueprint>;
  fileOf(part: object): string;
}

export function readFiles(files: readonly BlueprintFile[]): FilesRead {
  const findings: BlueprintFinding[] = [];
  const values = new Map<string, unknown>();
  for (const required of REQUIRED) {
    if (!files.some((file) => file.path === required))
      findings.push({ code: 'file-missing', file: required, path: '', expected: 'the file', found: 'nothing' });
  }
  for (const file of files) {
    const kind = FILE_SCHEMAS.find(({ pattern }) => pattern.test(file.path));
    if (kind === undefined) {
      const expected =
        'blueprint, parties, keys, cards, terminals, settlement, duties, deny-lists, applications/*, tariffs/*, networks/* or bus-networks/*';
      findings.push({ code: 'file-unknown', file: file.path, path: '', expected, found: 'a file of another name' });
      continue;
    }
    const read = readFile(file, kind);
    findings.push(...read.findings);
    if (typeof read.value === 'object' && read.value !== null) values.set(file.path, read.value);
  }
  const fileOfPart = new Map([...values].map(([path, value]) => [value, path]));
  return { findings, blueprint: assemble(values), fileOf: (part) => fileOfPart.get(part) ?? '' };
}

function assemble(values: ReadonlyMap<string, unknown>): Partial<Blueprint> {
  const one = <T>(path: string): T | undefined => values.get(path) as T | undefined;
  const all = <T>(folder: string): T[] =>
    [...values].filter(([path]) => path.startsWith(`${folder}/`)).map(([, value]) => value as T);
  return {
    manifest: one('blueprint.yaml'),
    parties: one<{ parties: Blueprint['parties'] }>('parties.yaml')?.parties,
    custodians: one<Keys>('keys.yaml')?.custodians,
    keys: one<Keys>('keys.yaml')?.trees,
    cards: one('cards.yaml'),
    applications: all('applications'),
    tariffs: all('tariffs'),
    networks: all('networks'),
    busNetworks: all('bus-networks'),
    terminals: one('terminals.yaml'),
    settlement: one('settlement.yaml'),
    ...(values.has('duties.yaml') ? { duties: one<Duties>('duties.yaml') } : {}),
    ...(values.has('deny-lists.yaml') ? { denyLists: one<DenyLists>('deny-lists.yaml') } : {}),
  } as Partial<Blueprint>;
}

interface FileRead {
  readonly value: unknown;
  readonly findings: readonly BlueprintFinding[];
}

/** Reading is most of the work of loading: a file that is loaded again with others is read once. */
const filesRead = new WeakMap<BlueprintFile, FileRead>();

function readFile(file: BlueprintFile, { name, schema }: (typeof FILE_SCHEMAS)[number]): FileRead {
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
  const telling = withoutUnionNoise(errors);
  const said = new Set<string>();
  for (const error of telling) {
    const finding = findingOf(file, error, value);
    const key = `${finding.code} ${finding.path} ${finding.expected}`;
    if (said.has(key) || said.size >= FINDINGS_PER_FILE_MAX) continue;
    said.add(key);
    findings.push(finding);
  }
}

/**
 * A failed union reports itself and what each of its members misses. The member that was meant is the one whose
 * constants and types fit: its errors are told; of a union of which none or several fit, only the union is.
 */
function withoutUnionNoise(errors: readonly ErrorObject[]): ErrorObject[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf');
  const dropped = new Set<ErrorObject>();
  for (const union of unions) {
    const inside = errors.filter(({ schemaPath }) => schemaPath.startsWith(`${union.schemaPath}/`));
    const own = inside.filter(({ instancePath }) => instancePath.startsWith(union.instancePath));
    const members = Map.groupBy(own, ({ schemaPath }) => schemaPath.slice(union.schemaPath.length + 1).split('/')[0]!);
    const meant = [...members].filter(([, list]) => !list.some((error) => isForeign(error, union.instancePath)));
    for (const error of own) if (meant.length !== 1 || !meant[0]![1].includes(error)) dropped.add(error);
    if (meant.length === 1) dropped.add(union);
  }
  return errors.filter((error) => !dropped.has(error));
}

/** A constant or type that says the member of the union was not meant: at the value itself or at its `kind`. */
function isForeign({ keyword, instancePath }: ErrorObject, at: string): boolean {
  if (keyword === 'type') return instancePath === at;
  return keyword === 'const' && (instancePath === at || instancePath === `${at}/kind`);
}

function findingOf(file: string, error: ErrorObject, root: unknown): BlueprintFinding {
  const path = error.instancePath;
  const found = at(root, path);
  if (error.keyword === 'required') {
    const missing = String(error.params['missingProperty']);
    const code =
      missing === 'en' || missing === 'zh'
        ? 'title-missing'
        : missing === 'custodian'
          ? 'key-unowned'
          : missing === 'title' || missing === 'name'
            ? titleOrProperty(path)
            : 'property-missing';
    return { code, file, path, expected: `the property ${missing}`, found: 'no such property' };
  }
  if (error.keyword === 'additionalProperties') {
    const unknown = `the property ${error.params['additionalProperty']}`;
    return { code: 'property-unknown', file, path, expected: 'only known properties', found: unknown };
  }
  const expected =
    error.keyword === 'const'
      ? JSON.stringify(error.params['allowedValue'])
      : error.keyword === 'anyOf'
        ? 'one of the allowed forms'
        : (error.message ?? error.keyword).replace(/^must /, 'to ');
  return { code: codeOf(path, error.keyword, found), file, path, expected, found: shown(found) };
}

const titleOrProperty = (path: string): RuleCode =>
  /\/fields\/\d+$/.test(path) ? 'title-missing' : 'property-missing';

/** The rule a value of the wrong form breaks, by the place it stands at. */
function codeOf(path: string, keyword: string, found: unknown): RuleCode {
  const last = path.split('/').at(-1)!;
  if (last === 'sfi') return 'sfi-range';
  if (last === 'aid') return 'aid-form';
  if (last === 'coding') return 'coding-unknown';
  if (last === 'custodian') return 'key-unowned';
  if ((last === 'en' || last === 'zh') && (found === '' || found === null)) return 'title-missing';
  if (keyword === 'minimum' && typeof found === 'number' && found < 0) {
    return /(Fen|perMille|percent|percentOff)(\/\d+)?$/.test(path) ? 'amount-negative' : 'value-form';
  }
  return 'value-form';
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
