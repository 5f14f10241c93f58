/** Every rule of blueprints, by its code. Codes are stable: people and tools cite them. */
import { CARD_RULES } from './card.ts';
import { FORM_RULES } from './form.ts';
import { REGION_RULES } from './region.ts';
import type { Rule } from './rule.ts';

const ALL = { ...FORM_RULES, ...CARD_RULES, ...REGION_RULES };
export type RuleCode = keyof typeof ALL;

export const RULES: Readonly<Record<RuleCode, Rule>> = ALL;
