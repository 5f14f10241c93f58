/** What a case asks of a terminal. Ours does it in this process, a vendor's by a command of theirs or by a person. */
import type { TestCard } from '../card/test-card.ts';

export const ACTS = ['sign-in', 'download', 'tap', 'purchase', 'upload', 'settle', 'restart', 'clock'] as const;
export type Act = (typeof ACTS)[number];

export interface ActOutcome {
  /** It has no such act: the case does not apply. */
  readonly notServed?: true;
  /** Of a tap or purchase: accepted. */
  readonly ok: boolean;
  /** Of a tap or purchase. */
  readonly result?: 'accepted' | 'refused' | 'torn';
  /** In the terminal's own words. */
  readonly said: string;
}

export interface TerminalDriver {
  /** `hours`: with `clock`, how far ahead the terminal's clock is to be set. */
  act(act: Act, card: TestCard | undefined, hours?: number): Promise<ActOutcome>;
  close(): Promise<void> | void;
}
