/**
 * The text an entry is hashed over: JSON in one form only. Keys in ASCII and sorted, no spaces, integers within 2^53,
 * well-formed strings with JSON's shortest escapes, so that `json.dumps(sort_keys=True, ensure_ascii=False,
 * separators=(',', ':'))` of Python and RFC 8785 give the same bytes. docs/reference/audit-format.md states it.
 */
import { PolycardError } from '@polycard/bytes';

export type Fact = null | boolean | number | string | readonly Fact[] | { readonly [key: string]: Fact };

const DEPTH_MAX = 12;

/** Throws `POLYCARD_AUDIT_FORMAT` naming the place for what has no such form: fractions, `undefined`, dates, other keys. */
export function canonicalText(value: unknown, where = '', depth = 0): string {
  if (depth > DEPTH_MAX) throw malformed(where, `at most ${DEPTH_MAX} levels`);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value.toWellFormed());
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw malformed(where, 'an integer below 2^53');
    return String(value === 0 ? 0 : value);
  }
  if (Array.isArray(value))
    return `[${value.map((item, index) => canonicalText(item, `${where}/${index}`, depth + 1)).join(',')}]`;
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
    throw malformed(where, 'null, true, false, an integer, a string, a list or an object');
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    if (!/^[\x20-\x7e]+$/.test(key)) throw malformed(`${where}/${key}`, 'a name in printable ASCII');
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined)
      members.push(`${JSON.stringify(key)}:${canonicalText(member, `${where}/${key}`, depth + 1)}`);
  }
  return `{${members.join(',')}}`;
}

const malformed = (where: string, expected: string): PolycardError =>
  new PolycardError('POLYCARD_AUDIT_FORMAT', `an audit entry cannot hold what stands at ${where || '/'}`, {
    where: where || '/',
    expected,
  });
