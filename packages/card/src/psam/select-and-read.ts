/** SELECT by file identifier and READ BINARY of a PSAM: 8011 first on T-Union PSAMs, then files 15, 16, 17 (reference pboc.md §4.5). */
import {
  type CommandApdu,
  SW_6A82_FILE_NOT_FOUND,
  SW_6A86_INCORRECT_P1_P2,
  SW_6B00_OFFSET_OUTSIDE,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { newPsamSession, type PsamContext, type PsamResult } from './context.ts';

const FID_MASTER_FILE = 0x3f00;

export function selectFile({ contents, session }: PsamContext, command: CommandApdu): PsamResult {
  if (command.cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (command.p1 !== 0 || command.p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (command.data.length !== 2) return { sw: SW_6700_WRONG_LENGTH };
  const fid = (command.data[0]! << 8) | command.data[1]!;
  if (fid !== FID_MASTER_FILE && fid !== contents.applicationFid) return { sw: SW_6A82_FILE_NOT_FOUND };
  Object.assign(session, newPsamSession(), { applicationSelected: fid === contents.applicationFid });
  return { sw: SW_9000_SUCCESS };
}

export function readBinary({ contents, session }: PsamContext, command: CommandApdu): PsamResult {
  const { cla, p1, p2, data, le = 256 } = command;
  if (cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if ((p1 & 0xe0) !== 0x80) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (data.length !== 0) return { sw: SW_6700_WRONG_LENGTH };
  const files = new Map([
    [0x15, contents.publicInformation],
    [0x16, contents.terminalNo],
    ...(session.applicationSelected ? [[0x17, contents.applicationInformation] as const] : []),
  ]);
  const file = files.get(p1 & 0x1f);
  if (file === undefined) return { sw: SW_6A82_FILE_NOT_FOUND };
  const rest = file.length - p2;
  if (rest <= 0) return { sw: SW_6B00_OFFSET_OUTSIDE };
  if (le !== 256 && le > rest) return { sw: 0x6c00 | rest };
  return { sw: SW_9000_SUCCESS, data: file.subarray(p2, p2 + Math.min(le, rest)) };
}
