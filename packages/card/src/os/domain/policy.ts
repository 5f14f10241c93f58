/** Who may have which privilege on this card (GPC 2.3.1 §6.6). */
import { fromHex, SW_6985_CONDITIONS_NOT_SATISFIED } from '@polycard/bytes';
import { Refusal } from '@polycard/globalplatform';
import type { RegistryState } from '../registry.ts';

/** Load file that security domains come from by convention. */
export const LOAD_FILE_OF_DOMAINS = fromHex('A0000001515350');

/** All but those that need another security domain, a CVM or ciphered load files. */
const ISSUER_DOMAIN_PRIVILEGES = fromHex('9EFE80');

/** Card Reset ("default selected"), byte 1 b3. */
export const PRIVILEGE_CARD_RESET = 0x04;
/** What an application may be given here: Card Reset, and CVM Management, which is recorded without effect. */
const APPLICATION_PRIVILEGES = PRIVILEGE_CARD_RESET | 0x02;

function hasCardReset({ privileges }: { readonly privileges: Uint8Array }): boolean {
  return (privileges[0]! & PRIVILEGE_CARD_RESET) !== 0;
}

/** Application that is selected after reset in the place of the issuer domain, AID as hex. */
export function defaultSelected({ applications }: RegistryState): string | undefined {
  return applications.find(hasCardReset)?.aid;
}

/** Card Reset is the issuer domain's while no application has it. */
export function domainPrivileges(state: RegistryState): Uint8Array {
  const privileges = ISSUER_DOMAIN_PRIVILEGES.slice();
  if (defaultSelected(state) !== undefined) privileges[0]! &= ~PRIVILEGE_CARD_RESET;
  return privileges;
}

/** Throws a `Refusal` 6985. */
export function requirePrivileges(state: RegistryState, privileges: Uint8Array, aid: string): void {
  const beyond = (privileges[0]! & ~APPLICATION_PRIVILEGES) !== 0 || privileges[1] !== 0 || privileges[2] !== 0;
  if (beyond) throw new Refusal(SW_6985_CONDITIONS_NOT_SATISFIED, 'a privilege no application may have', 'privileges');
  const holder = defaultSelected(state);
  if (hasCardReset({ privileges }) && holder !== undefined && holder !== aid) {
    throw new Refusal(SW_6985_CONDITIONS_NOT_SATISFIED, 'Card Reset has another holder', 'privileges');
  }
}
