/**
 * Load log of electronic cash (SFI 0C of every card seen): one record for each PUT DATA of a balance, newest first.
 * PBOC 3.0 Part 13 as publicly described: tag, balance before and after, then the objects of DF4F.
 */
import { buildDol, concat, dolLengthBytes, fromHex } from '@polycard/bytes';
import {
  computeLoadLogMac,
  deriveSessionKey,
  dolAlignment,
  encodeLoadLogHead,
  LOAD_LOG_ENTRIES_MAX,
} from '@polycard/emv';
import type { PersistentMemory } from '../../os/memory.ts';
import type { CompiledImage, LogFile } from './image.ts';
import { FIELD, LOG_OFFSET } from './layout.ts';
import { type RingLog, ringLengthBytes, ringRecord, ringUsed } from './ring-log.ts';
import { transactionLog } from './transaction-log.ts';

/** Tag, balance before, balance after. */
const HEAD_BYTES = 14;

export function loadLog(image: CompiledImage): RingLog | undefined {
  const { loadLog: file } = image;
  if (file === undefined) return undefined;
  return {
    offset: LOG_OFFSET + ringLengthBytes(transactionLog(image)),
    recordBytes: HEAD_BYTES + dolLengthBytes(file.format),
    records: file.records,
    used: 'loadLogUsed',
    next: 'loadLogNext',
  };
}

/** Bytes of both logs: the extended records lie behind them. */
export function logsLengthBytes(image: CompiledImage): number {
  return ringLengthBytes(transactionLog(image)) + ringLengthBytes(loadLog(image));
}

export function buildLoadRecord(
  { loadLog: file }: CompiledImage,
  change: { readonly tag: string; readonly before: Uint8Array; readonly after: Uint8Array },
  value: (tag: string) => Uint8Array | undefined,
): Uint8Array | undefined {
  if (file === undefined) return undefined;
  return concat(fromHex(change.tag), change.before, change.after, buildDol(file.format, value, dolAlignment));
}

const ENTRY_FIELDS = [
  ['9A', 3],
  ['9F21', 3],
  ['9F36', 2],
] as const;

/** Date, time and ATC out of a record, wherever DF4F has put them; zeros for one it leaves out. */
function entryOf(file: LogFile, record: Uint8Array): Uint8Array {
  const parts = [record.subarray(0, HEAD_BYTES)];
  for (const [tag, lengthBytes] of ENTRY_FIELDS) {
    let offset = HEAD_BYTES;
    let found: Uint8Array = new Uint8Array(lengthBytes);
    for (const entry of file.format) {
      if (entry.tag === tag && entry.lengthBytes === lengthBytes) found = record.subarray(offset, offset + lengthBytes);
      offset += entry.lengthBytes;
    }
    parts.push(found);
  }
  return concat(...parts);
}

/** Answer to READ RECORD with P1 = 00: the ATC, the newest ten entries, and a MAC under SK-MAC of that ATC. */
export function wholeLoadLog(image: CompiledImage, memory: PersistentMemory): Uint8Array | undefined {
  const ring = loadLog(image);
  if (ring === undefined || image.loadLog === undefined) return undefined;
  const count = Math.min(ringUsed(ring, memory), LOAD_LOG_ENTRIES_MAX);
  const entries = Array.from({ length: count }, (_, index) =>
    entryOf(image.loadLog!, ringRecord(ring, memory, index + 1)!),
  );
  const atc = memory.u16(FIELD['9F36'].offset);
  const head = encodeLoadLogHead(atc, entries);
  const algorithm = image.debitCreditIad?.algorithm ?? '3DES';
  return concat(head, computeLoadLogMac(algorithm, deriveSessionKey(algorithm, image.keyMac, atc), head));
}
