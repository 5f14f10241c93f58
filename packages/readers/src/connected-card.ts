/** A card at the other end of a transport, whichever that is. */
import type { CardChannel } from '@polycard/bytes';

export type CardProtocol = 'T=0' | 'T=1';

/**
 * Channels are synchronous (docs/decisions/0010-synchronous-card-channels.md): the caller waits in `transmit`, which
 * ends by itself after the transport's time limit.
 */
export interface ConnectedCard extends CardChannel {
  /** Name of the reader, e.g. `Virtual PCD 00 00` or `vpcd 127.0.0.1:35963`. */
  readonly reader: string;
  readonly atr: Uint8Array;
  readonly protocol: CardProtocol;
  /** Power off and on again: the card forgets its session. */
  reset(): void;
  close(): void;
}

/** What a transport serves: a card that can be reset and asked. */
export interface ServedCard extends CardChannel {
  readonly atr: Uint8Array;
  reset(): void;
}
