/**
 * Transaction log (SFI 0B of every card seen): one record for each committed qPBOC transaction, newest first.
 * Format 9F4F and place 9F4D: EMV 4.4 Book 3 Annex D; PBOC 3.0 Part 13 as publicly described.
 */
import { buildDol, dolLengthBytes } from '@polycard/bytes';
import { dolAlignment } from '@polycard/emv';
import type { MemoryWrite, PersistentMemory } from '../../os/memory.ts';
import type { CompiledImage } from './image.ts';
import { FIELD, LOG_OFFSET, writeField } from './layout.ts';

export function logLengthBytes({ log }: CompiledImage): number {
  return log === undefined ? 0 : log.records * dolLengthBytes(log.format);
}

/** A record in the card's log format; undefined when the card keeps no log. */
export function buildLogRecord(
  { log }: CompiledImage,
  value: (tag: string) => Uint8Array | undefined,
): Uint8Array | undefined {
  return log === undefined ? undefined : buildDol(log.format, value, dolAlignment);
}

export function logWrites({ log }: CompiledImage, memory: PersistentMemory, record: Uint8Array): MemoryWrite[] {
  if (log === undefined || log.records === 0) return [];
  const slot = memory.u8(FIELD.logNext.offset);
  const used = memory.u8(FIELD.logUsed.offset);
  return [
    { offset: LOG_OFFSET + slot * record.length, bytes: record },
    writeField('logNext', Uint8Array.of((slot + 1) % log.records)),
    writeField('logUsed', Uint8Array.of(Math.min(used + 1, log.records))),
  ];
}

/** A copy of log record `number`, 1 the newest; undefined when there are fewer. */
export function logRecord({ log }: CompiledImage, memory: PersistentMemory, number: number): Uint8Array | undefined {
  if (log === undefined || number < 1 || number > memory.u8(FIELD.logUsed.offset)) return undefined;
  const lengthBytes = dolLengthBytes(log.format);
  const slot = (memory.u8(FIELD.logNext.offset) - number + log.records * 2) % log.records;
  return memory.view(LOG_OFFSET + slot * lengthBytes, lengthBytes).slice();
}
