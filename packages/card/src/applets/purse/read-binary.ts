/** READ BINARY (00 B0, P1 = 80‖SFI, P2 offset). ISO 7816-4 §11.3. */
import {
  type CommandApdu,
  SW_6A81_FUNCTION_NOT_SUPPORTED,
  SW_6A82_FILE_NOT_FOUND,
  SW_6A86_INCORRECT_P1_P2,
  SW_6B00_OFFSET_OUTSIDE,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6982_SECURITY_STATUS,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { mayRead } from './access.ts';
import type { CommandResult, PurseContext } from './context.ts';

export function readBinary(context: PurseContext, command: CommandApdu): CommandResult {
  const { files } = context;
  const { cla, p1, p2, data, le = 256 } = command;
  if (cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if ((p1 & 0xe0) !== 0x80) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (data.length !== 0) return { sw: SW_6700_WRONG_LENGTH };
  const file = files.file(p1 & 0x1f);
  if (file === undefined) return { sw: SW_6A82_FILE_NOT_FOUND };
  if (file.type !== 'transparent') return { sw: SW_6A81_FUNCTION_NOT_SUPPORTED };
  if (!mayRead(context, file.read)) return { sw: SW_6982_SECURITY_STATUS };
  const rest = file.lengthBytes - p2;
  if (rest <= 0) return { sw: SW_6B00_OFFSET_OUTSIDE };
  if (le !== 256 && le > rest) return { sw: 0x6c00 | (rest & 0xff) };
  return { sw: SW_9000_SUCCESS, data: files.transparent(file).subarray(p2, p2 + Math.min(le, rest)) };
}
