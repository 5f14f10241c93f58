/** Access conditions taken apart: alternatives, each a list of terms that must all hold. */
import { PolycardError } from '@polycard/bytes';

export type AccessTerm =
  | { readonly kind: 'free' | 'never' | 'pin' }
  | { readonly kind: 'auth' | 'mutual' | 'mac' | 'enc'; readonly key: string };

/** It holds when every term of one alternative holds. */
export interface AccessRule {
  readonly anyOf: readonly (readonly AccessTerm[])[];
}

/** Throws `POLYCARD_ACCESS_CONDITION` for text the schema of access conditions does not allow. */
export function parseAccessCondition(text: string): AccessRule {
  return { anyOf: text.split(' or ').map((part) => part.split(' and ').map((term) => parseTerm(term, text))) };
}

function parseTerm(term: string, text: string): AccessTerm {
  if (term === 'free' || term === 'never' || term === 'pin') return { kind: term };
  const match = /^(auth|mutual|mac|enc)\(([a-z][a-z0-9-]{1,40})\)$/.exec(term);
  if (match === null) {
    throw new PolycardError('POLYCARD_ACCESS_CONDITION', `“${term}” is no term of an access condition`, {
      where: text,
      expected: 'free, never, pin, auth(KEY), mutual(KEY), mac(KEY), enc(KEY), joined by and, or',
    });
  }
  return { kind: match[1] as 'auth' | 'mutual' | 'mac' | 'enc', key: match[2]! };
}

/** The labels of keys a condition names. */
export function keysOf(rule: AccessRule): string[] {
  return rule.anyOf.flat().flatMap((term) => ('key' in term ? [term.key] : []));
}
