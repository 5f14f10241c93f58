/** Acceptance of the two industry key systems. */
import type { AcceptanceItem } from './item.ts';
import { KEYS_5 } from './keys-5.ts';

export const KEYS: Readonly<Record<string, AcceptanceItem>> = {
  'keys.5': KEYS_5,
};
