/**
 * What the platform's own permissions reach, whatever duties.yaml says of them: who prepares cards receives their
 * opening keys, who enrols terminals receives the management keys of their PSAMs. A matrix that does not say so would
 * pass every other rule and still give one person both.
 */
import type { Half } from '../schema/duties.ts';

export const REACHED_HALF: Readonly<Record<string, Half>> = {
  'keys.activation.share': 'activation',
  'keys.activation.request': 'activation',
  'keys.activation.approve': 'activation',
  'keys.activation.use': 'activation',
  'cards.prepare': 'activation',
  'cards.rekey': 'activation',
  'keys.management.share': 'management',
  'keys.management.request': 'management',
  'keys.management.approve': 'management',
  'keys.management.use': 'management',
  'terminals.enrol': 'management',
};
