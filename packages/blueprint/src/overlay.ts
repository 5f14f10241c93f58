/**
 * A blueprint that extends another: its folder holds only what differs. The rule, the same at every depth:
 *
 * - objects merge by key; a key that is `null` is removed;
 * - lists whose items have names merge by them (`id`, `label`, `deviceNo`, `sfi`, `name`, `level` or `to`, the first that
 *   every item has): an item of the same name is merged into its parent's, an item with `remove: true` is removed, one
 *   of a new name is added at the end; a list that begins with the item `remove: all` takes nothing of its parent;
 * - every other value, a list without names too, is replaced;
 * - an object with `replace: true` takes nothing of its parent; at the top of a file that is the whole file;
 * - a file the parent lacks is added; `leaveOut` of blueprint.yaml names files of the parent that do not hold here.
 *
 * What comes out is held against the schemas like any other blueprint, and what is wrong is named where it was written.
 */
import { BlueprintError, type BlueprintFinding } from './findings.ts';
import { parseYaml } from './parse-yaml.ts';

export interface BlueprintFile {
  /** Relative to the blueprint's folder, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Where a value of a merged file was written. */
  readonly origin?: (pointer: string) => BlueprintPlace;
}

/** A place a person can go to: the file as seen from the blueprint's folder, and a JSON Pointer in it. */
export interface BlueprintPlace {
  readonly file: string;
  readonly path: string;
}

/** One folder of a chain of extensions. */
export interface BlueprintLayer {
  /** Before its file names in findings: empty for the blueprint asked for, e.g. `../guangdong/` for its parent. */
  readonly prefix: string;
  readonly files: readonly BlueprintFile[];
}

const MANIFEST = 'blueprint.yaml';
const NAMING_KEYS = ['id', 'label', 'deviceNo', 'sfi', 'name', 'level', 'to'] as const;
const DEPTH_MAX = 64;

type Traced =
  | { readonly kind: 'value'; readonly value: unknown; readonly at: BlueprintPlace }
  | { readonly kind: 'object'; readonly entries: ReadonlyMap<string, Traced>; readonly at: BlueprintPlace }
  | { readonly kind: 'list'; readonly items: readonly Traced[]; readonly at: BlueprintPlace };

/**
 * The folder, from the layer's own, of what it extends; a bare name is a folder beside it. Undefined when it extends
 * nothing. Throws BlueprintError when its blueprint.yaml is no YAML.
 */
export function extendedBlueprint({ prefix, files }: BlueprintLayer): string | undefined {
  const manifest = files.find(({ path }) => path === MANIFEST);
  if (manifest === undefined) return undefined;
  const findings: BlueprintFinding[] = [];
  const value = parseYaml({ path: prefix + MANIFEST, text: manifest.text }, findings);
  if (findings.length > 0) throw new BlueprintError(findings);
  const name = typeof value === 'object' && value !== null && 'extends' in value ? value.extends : undefined;
  if (typeof name !== 'string' || name === '') return undefined;
  return name.includes('/') || name === '..' ? name : `../${name}`;
}

/**
 * The files of a blueprint from the one that extends nothing to the one asked for. A single layer comes back as it is.
 * Throws BlueprintError when a file is no YAML, or an overlay removes what there is not.
 */
export function overlayFiles(layers: readonly BlueprintLayer[]): readonly BlueprintFile[] {
  const [base] = layers;
  if (base === undefined || layers.length === 1) return base?.files ?? [];
  const findings: BlueprintFinding[] = [];
  let merged = new Map<string, Traced>();
  for (const [index, layer] of layers.entries()) {
    const own = readLayer(layer, findings);
    merged = index === 0 ? own : mergeLayers(merged, own, findings);
  }
  if (findings.length > 0) throw new BlueprintError(findings);
  return [...merged].map(([path, file]) => ({
    path,
    text: `${JSON.stringify(plain(file), null, 1)}\n`,
    origin: (pointer) => placeOf(file, pointer),
  }));
}

function readLayer({ prefix, files }: BlueprintLayer, findings: BlueprintFinding[]): Map<string, Traced> {
  const read = new Map<string, Traced>();
  for (const file of files) {
    const at = { file: prefix + file.path, path: '' };
    const value = parseYaml({ path: at.file, text: file.text }, findings);
    if (value !== undefined) read.set(file.path, trace(value, at, findings, 0));
  }
  return read;
}

function trace(value: unknown, at: BlueprintPlace, findings: BlueprintFinding[], depth: number): Traced {
  if (depth > DEPTH_MAX) {
    findings.push({
      code: 'yaml-unreadable',
      ...at,
      expected: `at most ${DEPTH_MAX} levels`,
      found: 'more, or a value that holds itself',
    });
    return { kind: 'value', value: null, at };
  }
  const inside = (key: string | number, inner: unknown): Traced =>
    trace(inner, { file: at.file, path: `${at.path}/${escapeKey(String(key))}` }, findings, depth + 1);
  if (Array.isArray(value)) return { kind: 'list', items: value.map((item, index) => inside(index, item)), at };
  if (typeof value !== 'object' || value === null) return { kind: 'value', value, at };
  const entries = Object.entries(value).map(([key, inner]) => [key, inside(key, inner)] as const);
  return { kind: 'object', entries: new Map(entries), at };
}

function mergeLayers(
  parent: ReadonlyMap<string, Traced>,
  child: ReadonlyMap<string, Traced>,
  findings: BlueprintFinding[],
): Map<string, Traced> {
  const merged = new Map(parent);
  const manifest = child.get(MANIFEST);
  for (const { value, at } of leftOut(manifest)) {
    if (!merged.delete(String(value)))
      findings.push({
        code: 'overlay-removes-nothing',
        ...at,
        expected: `a file of the blueprint it extends`,
        found: String(value),
      });
  }
  for (const [path, file] of child) {
    const before = merged.get(path);
    const own = path === MANIFEST ? without(file, 'leaveOut') : file;
    merged.set(path, before === undefined ? added(own, findings) : merge(before, own, findings));
  }
  return merged;
}

function leftOut(manifest: Traced | undefined): { value: unknown; at: BlueprintPlace }[] {
  const list = manifest?.kind === 'object' ? manifest.entries.get('leaveOut') : undefined;
  if (list === undefined) return [];
  const items = list.kind === 'list' ? list.items : [list];
  return items.map((item) => ({ value: plain(item), at: item.at }));
}

function without(file: Traced, key: string): Traced {
  if (file.kind !== 'object') return file;
  return { ...file, entries: new Map([...file.entries].filter(([name]) => name !== key)) };
}

function merge(parent: Traced, child: Traced, findings: BlueprintFinding[]): Traced {
  if (parent.kind === 'object' && child.kind === 'object' && !isMarked(child, 'replace')) {
    const entries = new Map(parent.entries);
    for (const [key, own] of child.entries) {
      const before = entries.get(key);
      if (own.kind === 'value' && own.value === null) {
        if (!entries.delete(key)) findings.push(nothingToRemove(own.at, key));
      } else entries.set(key, before === undefined ? added(own, findings) : merge(before, own, findings));
    }
    return { kind: 'object', entries, at: child.at };
  }
  if (parent.kind === 'list' && child.kind === 'list') return mergeLists(parent, child, findings);
  return added(child, findings);
}

function mergeLists(
  parent: Extract<Traced, { kind: 'list' }>,
  child: Extract<Traced, { kind: 'list' }>,
  findings: BlueprintFinding[],
): Traced {
  const key = NAMING_KEYS.find((candidate) => areNamed(parent.items, candidate));
  if (key === undefined || parent.items.length === 0 || isRemoveAll(child.items[0])) return added(child, findings);
  const items = new Map(parent.items.map((item) => [nameOf(item, key)!, item]));
  const seen = new Set<string>();
  for (const item of child.items) {
    const name = nameOf(item, key);
    if (name === undefined || seen.has(name)) {
      const found = name === undefined ? 'an item without one' : `${name} a second time`;
      findings.push({
        code: 'overlay-item-unnamed',
        ...item.at,
        expected: `a ${key} of its own, by which the items of this list merge`,
        found,
      });
      continue;
    }
    seen.add(name);
    const before = items.get(name);
    if (isMarked(item, 'remove')) {
      if (!items.delete(name)) findings.push(nothingToRemove(item.at, name));
    } else items.set(name, before === undefined ? added(item, findings) : merge(before, item, findings));
  }
  return { kind: 'list', items: [...items.values()], at: child.at };
}

/** A value with no parent: only the marks of the overlay go. */
function added(own: Traced, findings: BlueprintFinding[]): Traced {
  if (own.kind === 'value') return own;
  if (own.kind === 'list') {
    const items = isRemoveAll(own.items[0]) ? own.items.slice(1) : own.items;
    return { ...own, items: items.map((item) => added(item, findings)) };
  }
  if (isMarked(own, 'remove')) findings.push(nothingToRemove(own.at, 'this'));
  const entries = [...own.entries].filter(([key]) => key !== 'replace' || !isMarked(own, 'replace'));
  return { ...own, entries: new Map(entries.map(([key, inner]) => [key, added(inner, findings)])) };
}

const isMarked = (item: Traced, mark: 'remove' | 'replace'): boolean => entryOf(item, mark) === true;
const isRemoveAll = (item: Traced | undefined): boolean => item !== undefined && entryOf(item, 'remove') === 'all';

function entryOf(item: Traced, key: string): unknown {
  const entry = item.kind === 'object' ? item.entries.get(key) : undefined;
  return entry?.kind === 'value' ? entry.value : undefined;
}

function nameOf(item: Traced, key: string): string | undefined {
  const name = entryOf(item, key);
  return typeof name === 'string' ? name : undefined;
}

function areNamed(items: readonly Traced[], key: string): boolean {
  const names = items.map((item) => nameOf(item, key));
  return names.every((name) => name !== undefined) && new Set(names).size === names.length;
}

function nothingToRemove(at: BlueprintPlace, what: string): BlueprintFinding {
  return {
    code: 'overlay-removes-nothing',
    ...at,
    expected: 'something of the blueprint it extends to remove',
    found: `${what}, which that lacks`,
  };
}

function plain(traced: Traced): unknown {
  if (traced.kind === 'value') return traced.value;
  if (traced.kind === 'list') return traced.items.map(plain);
  return Object.fromEntries([...traced.entries].map(([key, inner]) => [key, plain(inner)]));
}

/** Where the value at a pointer of the merged file was written, or the nearest value around it. */
function placeOf(file: Traced, pointer: string): BlueprintPlace {
  let here = file;
  const keys = pointer.split('/').slice(1);
  for (const [index, key] of keys.entries()) {
    const inner = here.kind === 'list' ? here.items[Number(key)] : entryAt(here, key);
    if (inner === undefined) {
      const rest = keys.slice(index).map((name) => `/${name}`);
      return { file: here.at.file, path: here.at.path + rest.join('') };
    }
    here = inner;
  }
  return here.at;
}

function entryAt(node: Traced, key: string): Traced | undefined {
  return node.kind === 'object' ? node.entries.get(key.replaceAll('~1', '/').replaceAll('~0', '~')) : undefined;
}

const escapeKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
