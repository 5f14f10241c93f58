/**
 * Access conditions, enforced: alternatives of terms; what a command must bring (MAC, encipherment) and what the session
 * must have (PIN, authentication). Reference industries.md §0.4.
 */
import { type CommandApdu, SW_6982_SECURITY_STATUS } from '@polycard/bytes';
import type { Condition, ConditionTerm } from '@polycard/emv';
import { CLA_ENCIPHERED, CLA_PROTECTED, type IndustryContext } from './context.ts';
import { type ProtectionMode, type Unprotected, unprotect, unprotectedCommand } from './secure-messaging.ts';

type ProtectionTerm = Extract<ConditionTerm, { kind: 'mac' | 'enc' | 'auth' | 'mutual' }>;

function holds({ session, image }: IndustryContext, term: ConditionTerm): boolean {
  switch (term.kind) {
    case 'free':
      return true;
    case 'never':
      return false;
    case 'pin':
      return session.pinVerified && term.pin === image.pin.reference;
    case 'auth':
      return session.authenticated.has(term.key);
    case 'mutual':
      return session.cardProved && session.authenticated.has(term.key);
    case 'mac':
    case 'enc':
      return true; // what the command itself brings is judged when it is opened
  }
}

const isProtection = (term: ConditionTerm): term is ProtectionTerm => term.kind === 'mac' || term.kind === 'enc';

function lineKey({ image }: IndustryContext): number | undefined {
  return image.keys.find(({ use }) => use === 'secure-messaging')?.reference;
}

/** Key and mode a protected command is opened with: those an alternative demands, else the application's line key. */
function protectionOf(
  context: IndustryContext,
  alternatives: readonly (readonly ConditionTerm[])[],
  cla: number,
): { readonly key: number; readonly mode: ProtectionMode } | undefined {
  for (const terms of alternatives) {
    const demanded = terms.find(isProtection);
    if (demanded === undefined) {
      const key = lineKey(context);
      if (key !== undefined) return { key, mode: cla === CLA_ENCIPHERED ? 'enc' : 'mac' };
      continue;
    }
    // enciphered is more than a MAC; a MAC is not enough where encipherment is demanded, unless 04 means just that
    return { key: demanded.key, mode: cla === CLA_ENCIPHERED || demanded.kind === 'enc' ? 'enc' : 'mac' };
  }
  return undefined;
}

/** The command in clear when it may be done, else the status word that refuses it. */
export function permitted(context: IndustryContext, condition: Condition, command: CommandApdu): Unprotected | number {
  const open = condition.anyOf.filter((terms) => terms.every((term) => holds(context, term)));
  const { cla } = command;
  if (cla !== CLA_PROTECTED && cla !== CLA_ENCIPHERED) {
    return open.some((terms) => !terms.some(isProtection)) ? unprotectedCommand(command) : SW_6982_SECURITY_STATUS;
  }
  const protection = protectionOf(context, open, cla);
  if (protection === undefined) return SW_6982_SECURITY_STATUS;
  return unprotect(context, command, protection.key, protection.mode);
}
