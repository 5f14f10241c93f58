/**
 * READ RECORD (00 B2): P2 = SFI‖100 with the record number, SFI‖000 with its identifier in P1; SFI 18 is the log of
 * purse transactions, newest first. ISO 7816-4 §11.4; PBOC 2.0 Part 2 (transaction detail).
 */
import {
  type CommandApdu,
  SW_6A81_FUNCTION_NOT_SUPPORTED,
  SW_6A82_FILE_NOT_FOUND,
  SW_6A83_RECORD_NOT_FOUND,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6982_SECURITY_STATUS,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { mayRead } from './access.ts';
import type { CommandResult, PurseContext } from './context.ts';
import { LOG_SFI } from './layout.ts';
import { logRecord } from './record-transaction.ts';

function answer(record: Uint8Array | undefined, le: number): CommandResult {
  if (record === undefined) return { sw: SW_6A83_RECORD_NOT_FOUND };
  if (le !== 256 && le > record.length) return { sw: 0x6c00 | record.length };
  return { sw: SW_9000_SUCCESS, data: record.subarray(0, Math.min(le, record.length)) };
}

export function readRecord(context: PurseContext, command: CommandApdu): CommandResult {
  const { files, memory, switches } = context;
  const { cla, p1, p2, data, le = 256 } = command;
  if (cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  const [sfi, reference] = [p2 >> 3, p2 & 0x07];
  if (reference !== 0 && reference !== 4) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (data.length !== 0) return { sw: SW_6700_WRONG_LENGTH };
  const isZero = p1 === 0 && switches.cyclicRecordZero === 'newest';
  if (sfi === LOG_SFI) {
    if (reference !== 4) return { sw: SW_6A86_INCORRECT_P1_P2 };
    return answer(logRecord(memory, isZero ? 1 : p1), le);
  }
  const file = files.file(sfi);
  if (file === undefined) return { sw: SW_6A82_FILE_NOT_FOUND };
  if (file.type === 'transparent') return { sw: SW_6A81_FUNCTION_NOT_SUPPORTED };
  if (!mayRead(context, file.read)) return { sw: SW_6982_SECURITY_STATUS };
  if (file.type === 'cyclic') {
    return reference === 4 ? answer(files.record(file, isZero ? 1 : p1), le) : { sw: SW_6A86_INCORRECT_P1_P2 };
  }
  const number = reference === 4 ? p1 : files.numberOfId(file, p1);
  return answer(files.record(file, number), le);
}
