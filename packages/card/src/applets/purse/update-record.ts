/**
 * UPDATE RECORD (00 DC, line-protected 04 DC) and APPEND RECORD (00 E2, 04 E2) outside a CAPP purchase, as the file's
 * access condition allows. ISO 7816-4 §11.4; PBOC 2.0 Part 1 §8 as publicly described.
 */
import {
  type CommandApdu,
  SW_6A82_FILE_NOT_FOUND,
  SW_6A84_NOT_ENOUGH_SPACE,
  SW_6A86_INCORRECT_P1_P2,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { permittedData } from './access.ts';
import { type CommandResult, INS_DC_UPDATE_RECORD, type PurseContext } from './context.ts';
import { lengthFault, targetRecord } from './update-capp-data-cache.ts';

export function updateRecord(context: PurseContext, command: CommandApdu): CommandResult {
  const { files, memory, switches } = context;
  if (command.cla === 0x80 || command.cla === 0x84) return { sw: switches.outOfSequence };
  const file = files.file(command.p2 >> 3);
  if (file === undefined || file.type === 'transparent') return { sw: SW_6A82_FILE_NOT_FOUND };
  const record = permittedData(context, command, file.update);
  if (typeof record === 'number') return { sw: record };
  if (record.length === 0) return { sw: SW_6700_WRONG_LENGTH };
  if (command.ins !== INS_DC_UPDATE_RECORD) return appendRecord(context, command, record);
  const target = targetRecord(context, file, command, record);
  if (typeof target === 'number') return { sw: target };
  const fault = lengthFault(context, file, target.number, record);
  if (fault !== undefined) return { sw: fault };
  memory.commit(
    target.number === 0 ? files.cyclicWrites(file, [record]) : [files.recordWrite(file, target.number, record)],
  );
  return { sw: SW_9000_SUCCESS };
}

/** Opens a record of a variable file, or adds one to a cyclic file. */
function appendRecord({ files, memory }: PurseContext, command: CommandApdu, record: Uint8Array): CommandResult {
  const file = files.file(command.p2 >> 3)!;
  if (command.p1 !== 0 || (command.p2 & 0x07) !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (record.length > file.lengthBytes) return { sw: SW_6A84_NOT_ENOUGH_SPACE };
  if (file.type === 'cyclic') {
    if (record.length !== file.lengthBytes) return { sw: SW_6700_WRONG_LENGTH };
    memory.commit(files.cyclicWrites(file, [record]));
    return { sw: SW_9000_SUCCESS };
  }
  if (record.length <= file.idBytes) return { sw: SW_6700_WRONG_LENGTH };
  const id = file.idBytes === 2 ? (record[0]! << 8) | record[1]! : record[0]!;
  const isThere = id > 0xff || file.idBytes === 1 ? files.numberOfId(file, id) !== 0 : false;
  if (isThere) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const write = files.appendWrite(file, record);
  if (write === undefined) return { sw: SW_6A84_NOT_ENOUGH_SPACE };
  memory.commit([write]);
  return { sw: SW_9000_SUCCESS };
}
