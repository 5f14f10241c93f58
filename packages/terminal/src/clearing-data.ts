/** F55 of an offline sale (reference iso8583.md §1.7): the objects of card and terminal from which the TC is proved. */
import { fromHex } from '@polycard/bytes';
import type { TerminalConfiguration } from './configuration.ts';
import type { Transaction } from './kernel/initiate.ts';

const FROM_TERMINAL = ['9F37', '95', '9A', '9C', '9F02', '5F2A', '9F1A', '9F03', '9F21'] as const;
const FROM_CARD = ['9F26', '9F10', '9F36', '82', '5F34', '9F6C', '9F5D'] as const;
const CID_TC = Uint8Array.of(0x40);
/** No verification performed, successful (EMV 4.4 Book 4 Annex A4). */
const CVM_RESULTS_NONE = fromHex('1F0002');
const APPLICATION_VERSION_PBOC_3 = fromHex('0030');

export function clearingDataOf(
  configuration: TerminalConfiguration,
  transaction: Transaction,
  aid: string,
): Map<string, Uint8Array> {
  const data = new Map<string, Uint8Array>();
  for (const tag of FROM_CARD) {
    const value = transaction.cardData.get(tag);
    if (value !== undefined) data.set(tag, value);
  }
  for (const tag of FROM_TERMINAL) data.set(tag, transaction.terminalData.get(tag)!);
  data.set('9F27', CID_TC);
  data.set('9F33', configuration.capabilities);
  data.set('9F34', CVM_RESULTS_NONE);
  data.set('9F35', configuration.terminalType);
  data.set('9F1E', Buffer.from(configuration.terminalNo, 'latin1'));
  data.set('84', fromHex(aid));
  data.set('9F09', configuration.applicationVersion ?? APPLICATION_VERSION_PBOC_3);
  return data;
}
