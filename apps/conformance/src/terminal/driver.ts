/** What a case asks of a terminal. Ours does it in this process, a vendor's by a command of theirs or by a person. */
import type { TestCard } from '../card/test-card.ts';

export const ACTS = ['sign-in', 'download', 'tap', 'upload', 'settle', 'restart'] as const;
export type Act = (typeof ACTS)[number];

export interface ActOutcome {
  /** Of a tap: accepted. */
  readonly ok: boolean;
  /** Of a tap. */
  readonly result?: 'accepted' | 'refused' | 'torn';
  /** In the terminal's own words. */
  readonly said: string;
}

export interface TerminalDriver {
  act(act: Act, card: TestCard | undefined): Promise<ActOutcome>;
  close(): Promise<void> | void;
}
