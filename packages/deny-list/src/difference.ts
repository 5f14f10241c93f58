/** What changed between two contents, by segment: serials added and serials removed. */
import { type ListContent, ordered, type Segment } from './content.ts';

export interface ContentDifference {
  readonly added: ListContent;
  readonly removed: ListContent;
}

export function differenceOf(before: ListContent, after: ListContent): ContentDifference {
  return { added: minus(after, before), removed: minus(before, after) };
}

/** `base` with a difference applied. Undefined when it does not fit: something added is there already, something removed is not. */
export function apply(base: ListContent, { added, removed }: ContentDifference): ListContent | undefined {
  const keys = new Set([...base.keys(), ...added.keys()]);
  const segments: [string, Segment][] = [];
  for (const key of removed.keys()) if (!base.has(key)) return undefined;
  for (const key of keys) {
    const old = base.get(key);
    const plus = added.get(key);
    const less = removed.get(key);
    if (plus === undefined && less === undefined) {
      segments.push([key, old!]);
      continue;
    }
    const serials = merged(old?.serials ?? NONE, plus?.serials ?? NONE, less?.serials ?? NONE);
    if (serials === undefined) return undefined;
    if (serials.length > 0) segments.push([key, { name: (old ?? plus)!.name, serials }]);
  }
  return ordered(segments);
}

const NONE = new Float64Array(0);

function minus(a: ListContent, b: ListContent): ListContent {
  const segments: [string, Segment][] = [];
  for (const [key, segment] of a) {
    const other = b.get(key)?.serials ?? NONE;
    const left = new Float64Array(segment.serials.length);
    let length = 0;
    let at = 0;
    for (const serial of segment.serials) {
      while (at < other.length && other[at]! < serial) at++;
      if (other[at] !== serial) left[length++] = serial;
    }
    if (length > 0) segments.push([key, { name: segment.name, serials: left.slice(0, length) }]);
  }
  return ordered(segments);
}

function merged(old: Float64Array, plus: Float64Array, less: Float64Array): Float64Array | undefined {
  const length = old.length + plus.length - less.length;
  if (length < 0) return undefined;
  const out = new Float64Array(old.length + plus.length);
  let count = 0;
  let [atPlus, atLess] = [0, 0];
  for (const serial of old) {
    while (atPlus < plus.length && plus[atPlus]! < serial) out[count++] = plus[atPlus++]!;
    if (plus[atPlus] === serial) return undefined;
    if (less[atLess] === serial) atLess++;
    else out[count++] = serial;
  }
  while (atPlus < plus.length) out[count++] = plus[atPlus++]!;
  return atLess === less.length && count === length ? out.slice(0, count) : undefined;
}
