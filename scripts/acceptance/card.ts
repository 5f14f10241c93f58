/** Acceptance of the card and its one specification. */
import type { AcceptanceItem } from './item.ts';

export const CARD: Readonly<Record<string, AcceptanceItem>> = {};
