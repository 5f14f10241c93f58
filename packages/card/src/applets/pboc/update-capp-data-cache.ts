/**
 * UPDATE CAPP DATA CACHE (84 DE): a new record for an extended file, kept in a cache until the transaction commits.
 * PBOC 3.0 Part 14 §5.2, Annex C as publicly described.
 */
import {
  type CommandApdu,
  SW_6A82_FILE_NOT_FOUND,
  SW_6A83_RECORD_NOT_FOUND,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6581_MEMORY_FAILURE,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_6988_MAC_INCORRECT,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { constantTimeEqual } from '@polycard/crypto';
import { CAPP_INDICATOR, CAPP_MAC_BYTES, computeStatusMac, computeUpdateMac } from '@polycard/emv';
import {
  type CommandResult,
  INS_A8_GET_PROCESSING_OPTIONS,
  INS_DE_UPDATE_CAPP_DATA_CACHE,
  type PbocContext,
} from './context.ts';
import { cappMacAlgorithm, type ExtendedEntry } from './extended-files.ts';
import { isExtendedP2 } from './read-capp-data.ts';
import type { Transaction } from './session.ts';

/** Bytes the cache keeps beside each record. */
const CACHE_ENTRY_HEADER_BYTES = 5;

function runningTransaction({ session }: PbocContext): Transaction | undefined {
  const { transaction, previousIns } = session;
  const inSequence = previousIns === INS_A8_GET_PROCESSING_OPTIONS || previousIns === INS_DE_UPDATE_CAPP_DATA_CACHE;
  const open = transaction?.state === 'open' && transaction.kind === 'TC' && transaction.capp !== CAPP_INDICATOR.none;
  return inSequence && open ? transaction : undefined;
}

function findEntry({ files, session }: PbocContext, p2: number, record: Uint8Array): ExtendedEntry | number {
  const sfi = p2 >> 3;
  const file = files.file(sfi);
  if (file === undefined) return SW_6A82_FILE_NOT_FOUND;
  if (file.cyclic) return files.openedCyclic(file) ?? SW_6A83_RECORD_NOT_FOUND;
  const next = (p2 & 0x01) !== 0;
  if (next && session.located?.sfi !== sfi) return SW_6A82_FILE_NOT_FOUND;
  if (record.length < 2) return SW_6A83_RECORD_NOT_FOUND;
  const id = (record[0]! << 8) | record[1]!;
  return files.findRecord(file, id, next ? session.located?.offset : undefined) ?? SW_6A83_RECORD_NOT_FOUND;
}

/** Gives the status word, or undefined when the length fits. */
function lengthFault({ switches }: PbocContext, entry: ExtendedEntry, record: Uint8Array): number | undefined {
  if (record.length > entry.recordBytes) return switches.updateTooLong;
  if (record.length === entry.recordBytes) return undefined;
  return entry.file.cyclic && switches.shortCyclicRecord === 'zero-fill' ? undefined : switches.updateTooShort;
}

export function updateCappDataCache(context: PbocContext, command: CommandApdu): CommandResult {
  const { session, files, switches } = context;
  const { cla, p1, p2, data } = command;
  if (cla !== 0x84) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (p1 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (data.length <= CAPP_MAC_BYTES) return { sw: SW_6700_WRONG_LENGTH };
  const transaction = runningTransaction(context);
  if (transaction === undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  if (!isExtendedP2(p2, true)) return { sw: switches.updateBadP2 };
  const record = data.slice(0, data.length - CAPP_MAC_BYTES);
  const mac = data.subarray(record.length);
  const entry = findEntry(context, p2, record);
  if (typeof entry === 'number') return { sw: entry };
  const recordKey = files.managementKey(entry);
  const algorithm = cappMacAlgorithm(entry, switches);
  if (!constantTimeEqual(computeUpdateMac({ recordKey, atc: transaction.atc, p2, record, algorithm }), mac)) {
    return { sw: SW_6988_MAC_INCORRECT };
  }
  const fault = lengthFault(context, entry, record);
  if (fault !== undefined) return { sw: fault };
  const cacheBytes = transaction.cacheBytes + record.length + CACHE_ENTRY_HEADER_BYTES;
  if (cacheBytes > switches.updateCacheBytes) return { sw: SW_6581_MEMORY_FAILURE };
  transaction.cacheBytes = cacheBytes;
  transaction.cache.push({ entry, record });
  if (!entry.file.cyclic) {
    const id = (record[0]! << 8) | record[1]!;
    session.located = { sfi: entry.file.sfi, offset: entry.offset };
    if (session.cappRead?.sfi === entry.file.sfi && session.cappRead.id === id) session.cappRead.updated = true;
  }
  if (!session.responseMac) return { sw: SW_9000_SUCCESS };
  return { sw: SW_9000_SUCCESS, data: computeStatusMac(recordKey, mac, algorithm) };
}
