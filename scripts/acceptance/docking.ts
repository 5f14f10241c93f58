/** Acceptance of POS docking. */
import type { AcceptanceItem } from './item.ts';

export const DOCKING: Readonly<Record<string, AcceptanceItem>> = {};
