/** A virtual card as a transport serves it: with the ATR of its interface. */
import { type AtrKind, concat, encodeAtr } from '@polycard/bytes';
import type { CardInterface, VirtualCard } from '@polycard/card';
import { type ServedCard, serveAsT0 } from '@polycard/readers';

/** Category 80, compact TLV 5 (card issuer's data, ISO 7816-4:2020 §12.1.1): "POLYCARD". */
const HISTORICAL = concat(Uint8Array.of(0x80, 0x58), new TextEncoder().encode('POLYCARD'));

export type ContactProtocol = 't0' | 't1';

export function servedCard(card: VirtualCard, cardInterface: CardInterface, protocol: ContactProtocol): ServedCard {
  const isT0 = cardInterface === 'contact' && protocol === 't0';
  const kind: AtrKind = cardInterface === 'contactless' ? 'contactless' : isT0 ? 'contact T=0' : 'contact T=1';
  const whole: ServedCard = {
    atr: encodeAtr(kind, HISTORICAL),
    reset: () => card.reset(cardInterface),
    transmit: (command) => card.transmit(command),
  };
  return isT0 ? serveAsT0(whole) : whole;
}
