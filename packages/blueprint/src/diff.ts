/** What changed from one edition of a blueprint to the next, and what each change asks of cards and terminals in use. */
import type { Blueprint } from './blueprint.ts';

/** From the least to the most that has to be done. */
export const VERDICTS = ['keep-working', 'parameter-download', 'issuer-script', 'new-card'] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface BlueprintChange {
  readonly kind: 'added' | 'removed' | 'changed';
  /** Names from the outside in, e.g. `applications/metro/files/15/records/metro/fields/amount/length`. */
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
  readonly verdict: Verdict;
}

const NAMING_KEYS = [
  'id',
  'label',
  'application',
  'tariff',
  'network',
  'deviceNo',
  'sfi',
  'tag',
  'name',
  'level',
] as const;

/** In the order of the paths. The verdict of the whole is the gravest of its changes. */
export function diffBlueprints(
  before: Blueprint,
  after: Blueprint,
): { readonly changes: readonly BlueprintChange[]; readonly verdict: Verdict } {
  const changes: BlueprintChange[] = [];
  compare('', before, after, changes);
  const verdict = VERDICTS.findLast((candidate) => changes.some((change) => change.verdict === candidate));
  return { changes, verdict: verdict ?? 'keep-working' };
}

function compare(path: string, before: unknown, after: unknown, into: BlueprintChange[]): void {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  const [from, to] = [byName(before), byName(after)];
  if (from === undefined || to === undefined) {
    into.push({ kind: 'changed', path, from: before, to: after, verdict: verdictOf(path, 'changed') });
    return;
  }
  for (const key of new Set([...from.keys(), ...to.keys()])) {
    const place = path === '' ? key : `${path}/${key}`;
    if (!from.has(key)) into.push({ kind: 'added', path: place, to: to.get(key), verdict: verdictOf(place, 'added') });
    else if (!to.has(key))
      into.push({ kind: 'removed', path: place, from: from.get(key), verdict: verdictOf(place, 'removed') });
    else compare(place, from.get(key), to.get(key), into);
  }
}

/** Objects by key, lists whose items have names by these; undefined for what has no parts to compare by name. */
function byName(value: unknown): Map<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  for (const key of NAMING_KEYS) {
    const names = value.map((item: unknown) =>
      typeof item === 'object' && item !== null ? (item as Record<string, unknown>)[key] : undefined,
    );
    if (names.length > 0 && names.every((name) => typeof name === 'string') && new Set(names).size === names.length)
      return new Map(value.map((item, index) => [names[index] as string, item]));
  }
  return undefined;
}

type Kind = BlueprintChange['kind'];
/** The first that fits decides; what nothing says keeps working. */
const DECISIONS: readonly (readonly [path: RegExp, verdict: Verdict, kinds?: readonly Kind[]])[] = [
  [/\/(title|name|clause|source|version|values|bits|unit|personal|provider|custodian)(\/|$)/, 'keep-working'],
  [/^applications\/[^/]+\/(files\/[^/]+\/records\/[^/]+\/)fields\/[^/]+$/, 'parameter-download', ['added', 'removed']],
  [/^applications\/[^/]+\/files\/1[5-9A-E]\/records\/[^/]+$/, 'issuer-script', ['added']],
  [/^applications\/[^/]+\/cardClasses(\/|$)/, 'parameter-download'],
  [/^applications\/[^/]+\/(memoryBytes|industry)$/, 'keep-working'],
  [/^applications\/pboc\/data\/[^/]+\/constant$/, 'issuer-script'],
  [/^applications\/[^/]+$/, 'keep-working', ['removed']],
  [/^applications\//, 'new-card'],
  [/^keys\/[^/]+$/, 'keep-working', ['added', 'removed']],
  [/^keys\//, 'new-card'],
  [/^cards\/products\/[^/]+\/electronicCash(\/|$)/, 'issuer-script'],
  [/^cards\/products\/[^/]+$/, 'keep-working'],
  [/^cards\/products\/[^/]+\/(applications|chip|issuer|cardClass)/, 'new-card'],
  [/^cards\/classes\/[^/]+$/, 'parameter-download'],
  [/^cards\/(profile|classes)\//, 'new-card'],
  [/^manifest\/region\/(code|currency|country)$/, 'new-card'],
  [/^manifest\/cities\/[^/]+\/(code|gb2260)$/, 'new-card'],
  [/^(manifest|tariffs|networks|busNetworks|terminals)(\/|$)/, 'parameter-download'],
  [/^parties\/[^/]+\/issuer\//, 'new-card'],
];

function verdictOf(path: string, kind: Kind): Verdict {
  const decision = DECISIONS.find(([pattern, , kinds]) => pattern.test(path) && (kinds?.includes(kind) ?? true));
  return decision?.[1] ?? 'keep-working';
}
