/**
 * READ RECORD (B2), UPDATE RECORD (DC) and APPEND RECORD (E2): P2 = SFI‖100 with the record number in P1 (append: SFI‖000),
 * SFI 0 the selected file. Record 1 of a cyclic file is the newest. ISO 7816-4 §11.4; reference industries.md §0.3.
 */
import {
  type CommandApdu,
  SW_6A81_FUNCTION_NOT_SUPPORTED,
  SW_6A82_FILE_NOT_FOUND,
  SW_6A83_RECORD_NOT_FOUND,
  SW_6A86_INCORRECT_P1_P2,
  SW_6700_WRONG_LENGTH,
  SW_6982_SECURITY_STATUS,
  SW_6986_COMMAND_NOT_ALLOWED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { permitted } from './conditions.ts';
import type { CommandResult, IndustryContext } from './context.ts';
import type { IndustryFile } from './image.ts';
import { change } from './journal.ts';

function fileOf({ image, session }: IndustryContext, p2: number): IndustryFile | number {
  const sfi = p2 >> 3;
  const file = sfi === 0 ? session.currentFile : image.files.find((each) => each.sfi === sfi);
  if (file === undefined) return sfi === 0 ? SW_6986_COMMAND_NOT_ALLOWED : SW_6A82_FILE_NOT_FOUND;
  if (file.type === 'transparent') return SW_6A81_FUNCTION_NOT_SUPPORTED;
  session.currentFile = file;
  return file;
}

/** Under the condition of a part, only the first bytes of each record are given. */
function readable(context: IndustryContext, file: IndustryFile, command: CommandApdu) {
  const whole = permitted(context, file.read, command);
  if (whole !== SW_6982_SECURITY_STATUS || file.part === undefined) return { opened: whole, bytes: file.lengthBytes };
  return { opened: permitted(context, file.part.condition, command), bytes: file.part.bytes };
}

export function readRecord(context: IndustryContext, command: CommandApdu): CommandResult {
  if ((command.p2 & 0x07) !== 4) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const file = fileOf(context, command.p2);
  if (typeof file === 'number') return { sw: file };
  const { opened, bytes } = readable(context, file, command);
  if (typeof opened === 'number') return { sw: opened };
  if (opened.data.length !== 0) return { sw: SW_6700_WRONG_LENGTH };
  const record = context.files.record(file, command.p1)?.slice(0, bytes);
  if (record === undefined) return { sw: SW_6A83_RECORD_NOT_FOUND };
  const { le = 256 } = command;
  if (command.cla !== 0x00) return opened.answer(record);
  if (le !== 256 && le > record.length) return { sw: 0x6c00 | record.length };
  return opened.answer(record.subarray(0, Math.min(le, record.length)));
}

export function updateRecord(context: IndustryContext, command: CommandApdu): CommandResult {
  if ((command.p2 & 0x07) !== 4) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const file = fileOf(context, command.p2);
  if (typeof file === 'number') return { sw: file };
  const opened = permitted(context, file.update, command);
  if (typeof opened === 'number') return { sw: opened };
  const offset = context.files.recordOffset(file, command.p1);
  if (offset === undefined) return { sw: SW_6A83_RECORD_NOT_FOUND };
  if (opened.data.length !== file.lengthBytes) return { sw: SW_6700_WRONG_LENGTH };
  change(context, { file, append: false, offset, bytes: opened.data });
  return { sw: SW_9000_SUCCESS };
}

export function appendRecord(context: IndustryContext, command: CommandApdu): CommandResult {
  if (command.p1 !== 0 || (command.p2 & 0x07) !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const file = fileOf(context, command.p2);
  if (typeof file === 'number') return { sw: file };
  if (file.type !== 'cyclic') return { sw: SW_6A81_FUNCTION_NOT_SUPPORTED };
  const opened = permitted(context, file.append, command);
  if (typeof opened === 'number') return { sw: opened };
  if (opened.data.length !== file.lengthBytes) return { sw: SW_6700_WRONG_LENGTH };
  change(context, { file, append: true, offset: 0, bytes: opened.data });
  return { sw: SW_9000_SUCCESS };
}
