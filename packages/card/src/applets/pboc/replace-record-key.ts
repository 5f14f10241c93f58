/**
 * REPLACE RECORD KEY (04 EA): an activated record's next management key, under the file's opening key. **Ours**, with a
 * switch of its own: no public source has a command for this (`packages/emv/src/record-key-replacement.ts`).
 *
 * It touches neither the record nor a running transaction, and needs no state but a selected application. A version
 * that is not above the record's own is 6985, so an older key cannot be put back; the version it has already is 9000
 * when the command is the same again, because a terminal that lost the answer repeats it.
 */
import {
  type CommandApdu,
  SW_6A82_FILE_NOT_FOUND,
  SW_6A83_RECORD_NOT_FOUND,
  SW_6A86_INCORRECT_P1_P2,
  SW_6D00_INS_NOT_SUPPORTED,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_6988_MAC_INCORRECT,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { constantTimeEqual } from '@polycard/crypto';
import {
  APPEND_P1,
  CAPP_MAC_BYTES,
  computeReplaceRecordKeyMac,
  decryptRecordKey,
  REPLACE_RECORD_KEY_BYTES,
} from '@polycard/emv';
import type { CommandResult, PbocContext } from './context.ts';
import { isExtendedP2 } from './read-capp-data.ts';

export function replaceRecordKey(context: PbocContext, command: CommandApdu): CommandResult {
  const { files, memory, switches } = context;
  const { cla, p1, p2, data } = command;
  if (switches.recordKeyReplacement === 'refuse') return { sw: SW_6D00_INS_NOT_SUPPORTED };
  if (cla !== 0x04) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (!isExtendedP2(p2, false)) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const file = files.file(p2 >> 3);
  if (file === undefined) return { sw: SW_6A82_FILE_NOT_FOUND };
  const algorithm = switches.appendAlgorithm === '3DES' ? '3DES' : file.algorithm;
  if (p1 !== APPEND_P1[algorithm]) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (data.length !== REPLACE_RECORD_KEY_BYTES) return { sw: SW_6700_WRONG_LENGTH };
  const replacement = {
    sfi: file.sfi,
    recordId: (data[0]! << 8) | data[1]!,
    keyVersion: data[2]!,
    encryptedRecordKey: data.subarray(3, data.length - CAPP_MAC_BYTES),
    algorithm,
  };
  const mac = computeReplaceRecordKeyMac(file.openingKey, replacement);
  if (!constantTimeEqual(mac, data.subarray(data.length - CAPP_MAC_BYTES))) return { sw: SW_6988_MAC_INCORRECT };
  const entry = file.cyclic ? files.openedCyclic(file) : files.findRecord(file, replacement.recordId);
  if (entry === undefined) return { sw: SW_6A83_RECORD_NOT_FOUND };
  const recordKey = decryptRecordKey(file.openingKey, replacement.encryptedRecordKey, algorithm);
  const own = files.keyVersion(entry);
  const isRepeated = replacement.keyVersion === own && constantTimeEqual(recordKey, files.managementKey(entry));
  if (isRepeated) return { sw: SW_9000_SUCCESS };
  if (replacement.keyVersion <= own) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  memory.commit([files.keyWrite(entry, recordKey, replacement.keyVersion)]);
  return { sw: SW_9000_SUCCESS };
}
