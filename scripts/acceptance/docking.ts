/** Acceptance of POS docking. */
import { messageLayer } from './docking-1.ts';
import type { AcceptanceItem } from './item.ts';

export const DOCKING: Readonly<Record<string, AcceptanceItem>> = {
  'docking.1': {
    title: 'frames, MACs, truncation and a million mutated frames',
    plants: ['frame-changed', 'length-unchecked'],
    run: messageLayer,
  },
};
