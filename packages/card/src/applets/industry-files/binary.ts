/**
 * READ BINARY (B0) and UPDATE BINARY (D6): P1 = 80‖SFI and P2 the offset, or P1‖P2 a 15-bit offset into the selected
 * file. Class 00 plain, 04 and 0C protected. ISO 7816-4 §11.3; reference industries.md §0.3.
 */
import {
  type CommandApdu,
  SW_6A81_FUNCTION_NOT_SUPPORTED,
  SW_6A82_FILE_NOT_FOUND,
  SW_6B00_OFFSET_OUTSIDE,
  SW_6700_WRONG_LENGTH,
  SW_6986_COMMAND_NOT_ALLOWED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { permitted } from './conditions.ts';
import type { CommandResult, IndustryContext } from './context.ts';
import type { IndustryFile } from './image.ts';
import { change } from './journal.ts';

interface Target {
  readonly file: IndustryFile;
  readonly offset: number;
}

function targetOf({ image, session }: IndustryContext, { p1, p2 }: CommandApdu): Target | number {
  const isShort = (p1 & 0x80) !== 0;
  const file = isShort ? image.files.find(({ sfi }) => sfi === (p1 & 0x1f)) : session.currentFile;
  if (file === undefined) return isShort ? SW_6A82_FILE_NOT_FOUND : SW_6986_COMMAND_NOT_ALLOWED;
  if (file.type !== 'transparent') return SW_6A81_FUNCTION_NOT_SUPPORTED;
  if (isShort) session.currentFile = file;
  return { file, offset: isShort ? p2 : (p1 << 8) | p2 };
}

/** Protected answers grow by length byte, padding and MAC: this many bytes still fit a short APDU. */
const PROTECTED_BYTES_MAX = 0xe0;

export function readBinary(context: IndustryContext, command: CommandApdu): CommandResult {
  const target = targetOf(context, command);
  if (typeof target === 'number') return { sw: target };
  const { file, offset } = target;
  const opened = permitted(context, file.read, command);
  if (typeof opened === 'number') return { sw: opened };
  // a protected command says in its data how many bytes it wants; a plain one in Le
  const isProtected = command.cla !== 0x00;
  if (opened.data.length > (isProtected ? 1 : 0)) return { sw: SW_6700_WRONG_LENGTH };
  const rest = file.lengthBytes - offset;
  if (rest <= 0) return { sw: SW_6B00_OFFSET_OUTSIDE };
  const asked = isProtected ? (opened.data[0] ?? PROTECTED_BYTES_MAX) : (command.le ?? 256);
  const most = Math.min(rest, isProtected ? PROTECTED_BYTES_MAX : 256);
  if (!isProtected && asked !== 256 && asked > rest) return { sw: 0x6c00 | (rest & 0xff) };
  const bytes = context.files.transparent(file).slice(offset, offset + Math.min(asked, most));
  return opened.answer(bytes);
}

export function updateBinary(context: IndustryContext, command: CommandApdu): CommandResult {
  const target = targetOf(context, command);
  if (typeof target === 'number') return { sw: target };
  const { file, offset } = target;
  const opened = permitted(context, file.update, command);
  if (typeof opened === 'number') return { sw: opened };
  const { data } = opened;
  if (data.length === 0) return { sw: SW_6700_WRONG_LENGTH };
  if (offset + data.length > file.lengthBytes) return { sw: SW_6B00_OFFSET_OUTSIDE };
  change(context, { file, append: false, offset: file.offset + offset, bytes: data });
  return { sw: SW_9000_SUCCESS };
}
