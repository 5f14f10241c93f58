/**
 * APPEND RECORD (04 E2): activates a record of an extended file under its opening key (开通), or opens the cyclic file.
 * PBOC 3.0 Part 14 Annex B, C as publicly described. Before issue the same INS is STORE DATA.
 */
import {
  type CommandApdu,
  SW_6A80_WRONG_DATA,
  SW_6A82_FILE_NOT_FOUND,
  SW_6A84_NOT_ENOUGH_SPACE,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_6988_MAC_INCORRECT,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { constantTimeEqual } from '@polycard/crypto';
import { APPEND_P1, CAPP_MAC_BYTES, computeAppendMac, decryptRecordKey } from '@polycard/emv';
import type { CommandResult, PbocContext } from './context.ts';
import type { ExtendedFile } from './image.ts';
import { FIELD } from './layout.ts';
import { isExtendedP2 } from './read-capp-data.ts';

const KEY_BYTES = 16;
const RECORD_HEADER_BYTES = 3;
const LC_MIN_VARIABLE = KEY_BYTES + RECORD_HEADER_BYTES + CAPP_MAC_BYTES;
const LC_MIN_CYCLIC = 1 + CAPP_MAC_BYTES;

/** Status word of a record that is right but does not go into the file; undefined when it does. */
function recordFault({ files, switches }: PbocContext, file: ExtendedFile, record: Uint8Array): number | undefined {
  // The one record of a cyclic file fixes the length of all; a variable file has no room for a longer one.
  if (file.cyclic) return record.length > file.recordBytesMax ? SW_6700_WRONG_LENGTH : undefined;
  if (record.length > file.recordBytesMax && switches.appendBeyondMaximum === 'refuse') return SW_6A84_NOT_ENOUGH_SPACE;
  if (record[2] !== record.length - RECORD_HEADER_BYTES) return SW_6A80_WRONG_DATA;
  const size = file.size === 0 ? switches.unlimitedFileBytes : file.size;
  return files.usedBytes(file) + record.length > size ? SW_6A84_NOT_ENOUGH_SPACE : undefined;
}

export function appendRecord(context: PbocContext, command: CommandApdu): CommandResult {
  const { files, memory, switches } = context;
  const { cla, p1, p2, data } = command;
  if (cla === 0x80) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED }; // STORE DATA on an issued card
  if (cla !== 0x04) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (!Object.values(APPEND_P1).includes(p1) || !isExtendedP2(p2, false)) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const file = files.file(p2 >> 3);
  const algorithm = file === undefined || switches.appendAlgorithm === '3DES' ? '3DES' : file.algorithm;
  if (p1 !== APPEND_P1[algorithm]) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (file === undefined) return { sw: SW_6A82_FILE_NOT_FOUND };
  if (data.length < (file.cyclic ? LC_MIN_CYCLIC : LC_MIN_VARIABLE)) return { sw: SW_6700_WRONG_LENGTH };
  if (file.cyclic && files.openedCyclic(file) !== undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const body = data.subarray(0, data.length - CAPP_MAC_BYTES);
  const encryptedRecordKey = body.subarray(0, KEY_BYTES);
  const record = body.slice(KEY_BYTES);
  const atc = memory.u16(FIELD['9F36'].offset);
  const mac = computeAppendMac({ openingKey: file.openingKey, atc, p2, encryptedRecordKey, record, algorithm });
  if (!constantTimeEqual(mac, data.subarray(body.length))) return { sw: SW_6988_MAC_INCORRECT };
  if (record.length === 0) return { sw: SW_6700_WRONG_LENGTH };
  const fault = recordFault(context, file, record);
  if (fault !== undefined) return { sw: fault };
  const recordKey = decryptRecordKey(file.openingKey, encryptedRecordKey, algorithm);
  memory.commit([files.appendWrite(file, recordKey, record)]);
  return { sw: SW_9000_SUCCESS };
}
