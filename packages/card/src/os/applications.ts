/** Applications a card may carry beside its directories and the PBOC application: which module, under which AID. */
import { fromHex, toHex } from '@polycard/bytes';
import { IndustryFileApplication } from '../applets/industry-files/application.ts';
import { PurseApplication } from '../applets/purse/application.ts';
import { PURSE_SWITCHES_AS_PUBLICLY_DESCRIBED, type PurseSwitches } from '../applets/purse/switches.ts';
import type { Applet, AppletSnapshot, CardEnvironment } from './applet.ts';

/** T-Union purse, kernel K1 (JT/T 978 as publicly described). */
export const AID_T_UNION_PURSE = fromHex('A000000632010105');

export type ApplicationOnCard =
  | {
      readonly module: 'purse';
      readonly aid: Uint8Array;
      /** Readings of facts the sources leave open. */
      readonly switches?: Partial<PurseSwitches>;
    }
  | { readonly module: 'industry-files'; readonly aid: Uint8Array };

/** The same as plain data, for snapshots. */
export type SavedApplication = ApplicationOnCard extends infer Each
  ? Each extends ApplicationOnCard
    ? Omit<Each, 'aid'> & { readonly aid: string }
    : never
  : never;

export function saveApplication(application: ApplicationOnCard): SavedApplication {
  return { ...application, aid: toHex(application.aid) };
}

export function restoreApplication(saved: SavedApplication): ApplicationOnCard {
  return { ...saved, aid: fromHex(saved.aid) };
}

export function makeApplication(
  application: ApplicationOnCard,
  environment: CardEnvironment,
  saved: AppletSnapshot,
): Applet {
  switch (application.module) {
    case 'industry-files':
      return new IndustryFileApplication(application.aid, environment, saved);
    case 'purse': {
      const switches = { ...PURSE_SWITCHES_AS_PUBLICLY_DESCRIBED, ...application.switches };
      return new PurseApplication(application.aid, environment, switches, saved);
    }
  }
}
