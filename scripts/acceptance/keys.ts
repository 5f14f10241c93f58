/** Acceptance of the two industry key systems. */
import type { AcceptanceItem } from './item.ts';
import { KEYS_1 } from './keys-1.ts';
import { KEYS_2 } from './keys-2.ts';
import { KEYS_3 } from './keys-3.ts';
import { KEYS_4 } from './keys-4.ts';
import { KEYS_5 } from './keys-5.ts';
import { KEYS_6 } from './keys-6.ts';
import { KEYS_7 } from './keys-7.ts';
import { KEYS_8 } from './keys-8.ts';
import { KEYS_9 } from './keys-9.ts';

export const KEYS: Readonly<Record<string, AcceptanceItem>> = {
  'keys.1': KEYS_1,
  'keys.2': KEYS_2,
  'keys.3': KEYS_3,
  'keys.4': KEYS_4,
  'keys.5': KEYS_5,
  'keys.7': KEYS_7,
  'keys.6': KEYS_6,
  'keys.8': KEYS_8,
  'keys.9': KEYS_9,
};
