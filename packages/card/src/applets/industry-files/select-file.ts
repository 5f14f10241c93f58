/** SELECT of a file by its identifier (00 A4 00 or 02), and the answer to SELECT of the application. ISO 7816-4 §11.2. */
import {
  type CommandApdu,
  concat,
  encodeTlv,
  encodeTlvs,
  SW_6A82_FILE_NOT_FOUND,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6283_SELECTED_FILE_INVALIDATED,
  SW_6700_WRONG_LENGTH,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import type { CommandResult, IndustryContext } from './context.ts';
import { STATE_OFFSET } from './image.ts';

const STATE_SUSPENDED = 0x02;
const VERSION = Uint8Array.of(0x00, 0x01);
/** File descriptor byte by type: transparent, linear fixed, cyclic. ISO 7816-4 §7.4.5. */
const DESCRIPTOR = { transparent: 0x01, 'linear-fixed': 0x02, cyclic: 0x06 } as const;

export function applicationFci({ image, memory }: IndustryContext, aid: Uint8Array): CommandResult {
  const state = memory.u8(STATE_OFFSET);
  const discretionary = encodeTlvs([
    ['DF61', Uint8Array.of(state)],
    ['DF62', Uint8Array.of(image.algorithm === 'SM4' ? 0x04 : 0x00)],
    ['DF63', image.serial],
  ]);
  const proprietary = encodeTlvs([
    ['50', image.label],
    ['9F08', VERSION],
    ['BF0C', discretionary],
  ]);
  const fci = encodeTlv('6F', concat(encodeTlv('84', aid), encodeTlv('A5', proprietary)));
  return { sw: state === STATE_SUSPENDED ? SW_6283_SELECTED_FILE_INVALIDATED : SW_9000_SUCCESS, data: fci };
}

export function selectFile({ image, session }: IndustryContext, command: CommandApdu): CommandResult {
  const { cla, p1, p2, data } = command;
  if (cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  const answersNothing = p2 === 0x0c;
  if ((p1 !== 0x00 && p1 !== 0x02) || (p2 !== 0x00 && !answersNothing)) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (data.length !== 2) return { sw: SW_6700_WRONG_LENGTH };
  const fid = (data[0]! << 8) | data[1]!;
  const file = image.files.find((each) => each.fid === fid);
  if (file === undefined) return { sw: SW_6A82_FILE_NOT_FOUND };
  session.currentFile = file;
  if (answersNothing) return { sw: SW_9000_SUCCESS };
  const bytes = file.type === 'transparent' ? file.lengthBytes : file.lengthBytes * file.records;
  const body = encodeTlvs([
    ['83', data],
    ['80', Uint8Array.of(bytes >> 8, bytes & 0xff)],
    ['82', Uint8Array.of(DESCRIPTOR[file.type])],
    ['88', Uint8Array.of(file.sfi << 3)],
  ]);
  return { sw: SW_9000_SUCCESS, data: encodeTlv('6F', body) };
}
