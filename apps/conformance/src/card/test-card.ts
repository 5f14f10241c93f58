/** The card under test: asked and reset; a virtual one can lose its power at each of its writes as well. */
import type { CardChannel } from '@polycard/bytes';
import type { VirtualCard } from '@polycard/card';

export interface TestCard extends CardChannel {
  reset(): void;
  /** Our own only. */
  readonly virtual?: VirtualCard;
}
