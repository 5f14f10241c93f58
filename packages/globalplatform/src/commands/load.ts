/** LOAD (GPC 2.3.1 §11.6): blocks of a load file. The data of all blocks are `C4 len` and the load file data block. */
import { type CommandApdu, encodeTlv, PolycardError, SW_6A86_INCORRECT_P1_P2 } from '@polycard/bytes';
import { Refusal } from '../refusal.ts';
import type { StatusWordTable } from './status-words.ts';

export const INS_E8_LOAD = 0xe8;

export const LOAD_STATUS_WORDS: StatusWordTable = {
  25985: { en: 'memory failure', zh: '存储器故障' },
  27013: {
    en: 'no INSTALL [for load] before it, or a block out of order',
    zh: '未先发送 INSTALL [for load] 或块序错误',
  },
  27264: { en: 'the load file is not accepted', zh: '加载文件不被接受' },
  27268: { en: 'not enough memory', zh: '存储空间不足' },
  25656: { en: 'the load file imports what the card does not have', zh: '加载文件引用了卡上没有的包' },
};

const BLOCKS_MAX = 256;

export interface Load {
  readonly last: boolean;
  readonly block: number;
  readonly data: Uint8Array;
}

/** Throws `POLYCARD_GP_LOAD` when the file needs more than 256 blocks. */
export function encodeLoad(dataBlock: Uint8Array, blockBytesMax: number): CommandApdu[] {
  if (dataBlock.length > BLOCKS_MAX * blockBytesMax - 4) {
    throw new PolycardError('POLYCARD_GP_LOAD', `a load file of ${dataBlock.length} bytes needs too many blocks`, {
      expected: `at most ${BLOCKS_MAX} blocks of ${blockBytesMax} bytes`,
    });
  }
  const whole = encodeTlv('C4', dataBlock);
  const count = Math.ceil(whole.length / blockBytesMax);
  return Array.from({ length: count }, (_, index) => ({
    ...{ cla: 0x80, ins: INS_E8_LOAD, p1: index === count - 1 ? 0x80 : 0x00, p2: index, le: 256 },
    data: whole.subarray(index * blockBytesMax, (index + 1) * blockBytesMax),
  }));
}

export function parseLoad({ p1, p2, data }: CommandApdu): Load {
  if ((p1 & 0x7f) !== 0) throw new Refusal(SW_6A86_INCORRECT_P1_P2, 'P1 of LOAD is 00 or 80');
  return { last: p1 === 0x80, block: p2, data };
}
