/** DELETE (GPC 2.3.1 §11.2): applications and load files, or keys. */
import {
  type CommandApdu,
  encodeTlv,
  encodeTlvs,
  findTlv,
  parseTlv,
  SW_6A80_WRONG_DATA,
  SW_6A86_INCORRECT_P1_P2,
} from '@polycard/bytes';
import { Refusal } from '../refusal.ts';
import { readOrRefuse, requireAid } from './data.ts';
import type { StatusWordTable } from './status-words.ts';

export const INS_E4_DELETE = 0xe4;

export const DELETE_STATUS_WORDS: StatusWordTable = {
  25985: { en: 'memory failure', zh: '存储器故障' },
  27013: { en: 'still referenced or in use', zh: '仍被引用或使用中' },
  27264: { en: 'the command data cannot be read', zh: '命令数据错误' },
  27266: { en: 'no such application', zh: '没有该应用' },
  27272: { en: 'no such application, load file or key', zh: '没有该应用、加载文件或密钥' },
};

const P2_AND_RELATED = 0x80;

export type Delete =
  | { readonly kind: 'content'; readonly aid: Uint8Array; readonly andRelated: boolean }
  | { readonly kind: 'keys'; readonly id: number | undefined; readonly version: number | undefined };

export function encodeDelete(what: Delete): CommandApdu {
  if (what.kind === 'content') {
    const p2 = what.andRelated ? P2_AND_RELATED : 0x00;
    return { cla: 0x80, ins: INS_E4_DELETE, p1: 0x00, p2, data: encodeTlv('4F', what.aid), le: 256 };
  }
  const objects = [
    ...(what.id === undefined ? [] : [['D0', Uint8Array.of(what.id)] as const]),
    ...(what.version === undefined ? [] : [['D2', Uint8Array.of(what.version)] as const]),
  ];
  return { cla: 0x80, ins: INS_E4_DELETE, p1: 0x00, p2: 0x00, data: encodeTlvs(objects), le: 256 };
}

export function parseDelete({ p1, p2, data }: CommandApdu): Delete {
  if (p1 !== 0x00 || (p2 & 0x7f) !== 0)
    throw new Refusal(SW_6A86_INCORRECT_P1_P2, 'P1 P2 of DELETE are 00 00 or 00 80');
  const nodes = readOrRefuse('DELETE', () => parseTlv(data, 'DELETE'));
  const aid = findTlv(nodes, '4F');
  if (aid !== undefined) return { kind: 'content', aid: requireAid(aid, '4F'), andRelated: p2 === P2_AND_RELATED };
  const [id, version] = [findTlv(nodes, 'D0'), findTlv(nodes, 'D2')];
  const isByte = (value: Uint8Array | undefined): boolean => value === undefined || value.length === 1;
  if ((id === undefined && version === undefined) || !isByte(id) || !isByte(version)) {
    throw new Refusal(SW_6A80_WRONG_DATA, 'DELETE names neither an AID nor a key', 'DELETE');
  }
  return { kind: 'keys', id: id?.[0], version: version?.[0] };
}
