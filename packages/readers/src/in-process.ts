/** The nearest transport: a card in this process. */
import type { ConnectedCard, ServedCard } from './connected-card.ts';

export function connectInProcess(card: ServedCard): ConnectedCard {
  card.reset();
  return {
    reader: 'virtual',
    atr: card.atr,
    protocol: 'T=1',
    transmit: (command) => card.transmit(command),
    reset: () => card.reset(),
    close: () => undefined,
  };
}
