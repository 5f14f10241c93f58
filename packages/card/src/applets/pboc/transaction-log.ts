/**
 * Transaction log (SFI 0B of every card seen): one record for each approved transaction, newest first.
 * Format 9F4F and place 9F4D: EMV 4.4 Book 3 Annex D; PBOC 3.0 Part 13 as publicly described.
 */
import { buildDol, dolLengthBytes } from '@polycard/bytes';
import { dolAlignment } from '@polycard/emv';
import type { CompiledImage } from './image.ts';
import { LOG_OFFSET } from './layout.ts';
import type { RingLog } from './ring-log.ts';

export function transactionLog({ log }: CompiledImage): RingLog | undefined {
  if (log === undefined) return undefined;
  const recordBytes = dolLengthBytes(log.format);
  return { offset: LOG_OFFSET, recordBytes, records: log.records, used: 'logUsed', next: 'logNext' };
}

/** A record in the card's log format; undefined when the card keeps no log. */
export function buildLogRecord(
  { log }: CompiledImage,
  value: (tag: string) => Uint8Array | undefined,
): Uint8Array | undefined {
  return log === undefined ? undefined : buildDol(log.format, value, dolAlignment);
}
