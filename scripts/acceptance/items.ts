/** Every acceptance item by its name. */
import { CARD } from './card.ts';
import { DOCKING } from './docking.ts';
import type { AcceptanceItem } from './item.ts';
import { KEYS } from './keys.ts';
import { TAPS } from './taps.ts';

export const ITEMS: Readonly<Record<string, AcceptanceItem>> = { ...TAPS, ...CARD, ...KEYS, ...DOCKING };
