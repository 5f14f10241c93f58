/** Acceptance of the card and its one specification. */
import { CARD_3 } from './card-3.ts';
import type { AcceptanceItem } from './item.ts';

export const CARD: Readonly<Record<string, AcceptanceItem>> = { 'card.3': CARD_3 };
