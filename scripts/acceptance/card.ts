/** Acceptance of the card and its one specification. */
import { CARD_1 } from './card-1.ts';
import { CARD_2 } from './card-2.ts';
import { CARD_3 } from './card-3.ts';
import { CARD_4 } from './card-4.ts';
import { CARD_5 } from './card-5.ts';
import { CARD_6 } from './card-6.ts';
import { CARD_7 } from './card-7.ts';
import { CARD_8 } from './card-8.ts';
import type { AcceptanceItem } from './item.ts';

export const CARD: Readonly<Record<string, AcceptanceItem>> = {
  'card.1': CARD_1,
  'card.2': CARD_2,
  'card.3': CARD_3,
  'card.4': CARD_4,
  'card.5': CARD_5,
  'card.6': CARD_6,
  'card.7': CARD_7,
  'card.8': CARD_8,
};
