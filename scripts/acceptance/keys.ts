/** Acceptance of the two industry key systems. */
import type { AcceptanceItem } from './item.ts';

export const KEYS: Readonly<Record<string, AcceptanceItem>> = {};
