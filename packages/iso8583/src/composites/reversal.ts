/** 0400, the reversal of a message whose outcome is unknown (reference iso8583.md §1.9). */
import type { Message } from '../message.ts';

/** F39 of a reversal. */
export const REVERSAL_REASONS = { noAnswer: '98', lineLost: '06', wrongMac: 'A0' } as const;
export type ReversalReason = keyof typeof REVERSAL_REASONS;

/** Fields an original has and its reversal has not. */
const DROPPED = new Set([26, 35, 36, 37, 52, 53, 64]);

/** Same trace (F11) and type (60.1); the authorisation code (F38) is added when the answer told it. A fresh MAC follows. */
export function reversalOf(original: Message, reason: ReversalReason, authorisationCode?: string): Message {
  const kept = Object.entries(original.fields).filter(([field]) => !DROPPED.has(Number(field)));
  return {
    mti: '0400',
    fields: {
      ...Object.fromEntries(kept),
      ...(authorisationCode === undefined ? {} : { 38: authorisationCode }),
      39: REVERSAL_REASONS[reason],
    },
  };
}
