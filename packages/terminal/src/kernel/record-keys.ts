/**
 * Next management keys for a card's records, at the end of its visit: the transaction is over and in the journal, so
 * nothing that happens here can refuse it. A card that leaves before its answer is asked again at its next visit.
 */
import { SW_9000_SUCCESS } from '@polycard/bytes';
import type { RecordKeyReplacements } from '../configuration.ts';
import { type CardSession, isCardLost } from './exchange.ts';

export function replaceRecordKeys(session: CardSession, pan: string, replacements: RecordKeyReplacements): void {
  for (const replacement of replacements.commandsFor(pan)) {
    try {
      if (session.sendBytes('replace-key', replacement.command).sw !== SW_9000_SUCCESS) continue;
    } catch (error) {
      if (isCardLost(error)) return;
      throw error;
    }
    replacements.replaced(pan, replacement);
  }
}
