/** UPDATE BINARY (00 D6, line-protected 04 D6; P1 = 80‖SFI, P2 offset). ISO 7816-4 §11.3; PBOC 2.0 Part 1 §8. */
import {
  type CommandApdu,
  SW_6A81_FUNCTION_NOT_SUPPORTED,
  SW_6A82_FILE_NOT_FOUND,
  SW_6A86_INCORRECT_P1_P2,
  SW_6B00_OFFSET_OUTSIDE,
  SW_6700_WRONG_LENGTH,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { permittedData } from './access.ts';
import type { CommandResult, PurseContext } from './context.ts';

export function updateBinary(context: PurseContext, command: CommandApdu): CommandResult {
  const { files, memory } = context;
  const { p1, p2 } = command;
  if ((p1 & 0xe0) !== 0x80) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const file = files.file(p1 & 0x1f);
  if (file === undefined) return { sw: SW_6A82_FILE_NOT_FOUND };
  if (file.type !== 'transparent') return { sw: SW_6A81_FUNCTION_NOT_SUPPORTED };
  const bytes = permittedData(context, command, file.update);
  if (typeof bytes === 'number') return { sw: bytes };
  if (bytes.length === 0) return { sw: SW_6700_WRONG_LENGTH };
  if (p2 + bytes.length > file.lengthBytes) return { sw: SW_6B00_OFFSET_OUTSIDE };
  memory.commit([files.transparentWrite(file, p2, bytes)]);
  return { sw: SW_9000_SUCCESS };
}
