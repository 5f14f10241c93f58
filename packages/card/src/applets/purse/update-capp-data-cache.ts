/**
 * UPDATE CAPP DATA CACHE (80 DC, line-protected 84 DC; one city sends 00 DC): a record for the DEBIT to write. Nothing
 * is written here. PBOC 2.0 Part 1 and JT/T 978 as publicly described; reference pboc.md §4.2.
 *
 * P2 is SFI‖000 with P1 the identifier (00: the record's own), SFI‖100 with P1 the record number, or SFI‖011 for a
 * cyclic file.
 */
import {
  type CommandApdu,
  SW_6A80_WRONG_DATA,
  SW_6A82_FILE_NOT_FOUND,
  SW_6A83_RECORD_NOT_FOUND,
  SW_6A86_INCORRECT_P1_P2,
  SW_6581_MEMORY_FAILURE,
  SW_6700_WRONG_LENGTH,
  SW_6982_SECURITY_STATUS,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import type { CommandResult, PurseContext } from './context.ts';
import { recordId } from './files.ts';
import { ACCESS, KEY_TYPE, type PurseFile } from './image.ts';
import { unprotect } from './line-protection.ts';

const CACHE_ENTRY_HEADER_BYTES = 5;

/** Number of the record a command means: 0 a new one of a cyclic file. A status word when there is none. */
export function targetRecord(
  { files }: PurseContext,
  file: PurseFile,
  { p1, p2 }: Pick<CommandApdu, 'p1' | 'p2'>,
  record: Uint8Array,
): { number: number } | number {
  const reference = p2 & 0x07;
  if (file.type === 'cyclic') {
    return p1 === 0 && (reference === 0 || reference === 3) ? { number: 0 } : SW_6A86_INCORRECT_P1_P2;
  }
  if (file.type !== 'variable' || (reference !== 0 && reference !== 4)) return SW_6A86_INCORRECT_P1_P2;
  if (record.length < file.idBytes) return SW_6A80_WRONG_DATA;
  const own = recordId(file, record);
  const number = reference === 4 ? p1 : files.numberOfId(file, p1 === 0 ? own : p1);
  const stored = files.record(file, number);
  if (stored === undefined) return SW_6A83_RECORD_NOT_FOUND;
  return recordId(file, stored) === own ? { number } : SW_6A80_WRONG_DATA;
}

/** Gives the status word, or undefined when the length fits. */
export function lengthFault(
  { switches, files }: PurseContext,
  file: PurseFile,
  number: number,
  record: Uint8Array,
): number | undefined {
  const expected = number === 0 ? file.lengthBytes : files.record(file, number)!.length;
  if (record.length > expected) return switches.updateTooLong;
  return record.length < expected ? switches.updateTooShort : undefined;
}

export function updateCappDataCache(context: PurseContext, command: CommandApdu): CommandResult {
  const { session, files, image, switches } = context;
  const { transaction } = session;
  if (transaction?.kind !== 'capp') return { sw: switches.outOfSequence };
  const file = files.file(command.p2 >> 3);
  if (file === undefined) return { sw: SW_6A82_FILE_NOT_FOUND };
  // the debit's MAC1 vouches for a plain update; a file that is never updated stays so
  if (file.update === ACCESS.never) return { sw: SW_6982_SECURITY_STATUS };
  let record: Uint8Array = command.data.slice();
  if (command.cla === 0x84) {
    const key = image.keys.find(({ type }) => type === KEY_TYPE.lineProtection);
    const body = unprotect(context, command, key, 'mac');
    if (typeof body === 'number') return { sw: body };
    record = body;
  }
  if (record.length === 0) return { sw: SW_6700_WRONG_LENGTH };
  const target = targetRecord(context, file, command, record);
  if (typeof target === 'number') return { sw: target };
  const fault = lengthFault(context, file, target.number, record);
  if (fault !== undefined) return { sw: fault };
  const cached = [...transaction.cache.map((entry) => entry.record), record];
  const cacheBytes = cached.reduce((sum, entry) => sum + entry.length + CACHE_ENTRY_HEADER_BYTES, 0);
  if (cacheBytes > switches.updateCacheBytes) return { sw: SW_6581_MEMORY_FAILURE };
  transaction.cache.push({ file, number: target.number, record });
  return { sw: SW_9000_SUCCESS };
}
