/**
 * STORE DATA (GPC 2.3.1 §11.11): objects of a security domain, or the data groupings (DGIs) of an application as EMV
 * CPS 1.1 shapes them: two bytes DGI, length in one byte or FF and two, value.
 */
import { type CommandApdu, concat, fromHex, PolycardError, SW_6A86_INCORRECT_P1_P2 } from '@polycard/bytes';
import { pad80 } from '@polycard/crypto';
import { Refusal } from '../refusal.ts';
import type { SecretCipher } from './put-key.ts';
import type { StatusWordTable } from './status-words.ts';

export const INS_E2_STORE_DATA = 0xe2;

export const STORE_DATA_STATUS_WORDS: StatusWordTable = {
  27264: { en: 'the data are not accepted: a check value, a shape or a missing grouping', zh: '数据不被接受' },
  27268: { en: 'not enough memory', zh: '存储空间不足' },
  27270: { en: 'wrong block number or P1', zh: '块号或 P1 错误' },
  27272: { en: 'no such object', zh: '没有该数据对象' },
  27013: {
    en: 'already personalised, or no INSTALL [for personalization] before it',
    zh: '已个人化或未先发送安装命令',
  },
};

/** P1 bits (GPC 2.3.1 Table 11-89). */
export const STORE_LAST = 0x80;
export const STORE_ENCIPHERED = 0x60;
export const STORE_AS_DGI = 0x08;
export const STORE_AS_TLV = 0x10;

export interface StoreData {
  readonly last: boolean;
  readonly block: number;
  readonly structure: 'none' | 'dgi' | 'tlv';
  readonly data: Uint8Array;
}

export function parseStoreData({ p1, p2, data }: CommandApdu): StoreData {
  const structure = p1 & 0x18;
  if (structure === 0x18) throw new Refusal(SW_6A86_INCORRECT_P1_P2, 'the structure bits of P1 are reserved');
  const names = { 0: 'none', [STORE_AS_DGI]: 'dgi', [STORE_AS_TLV]: 'tlv' } as const;
  return {
    last: (p1 & STORE_LAST) !== 0,
    block: p2,
    structure: names[structure as 0 | typeof STORE_AS_DGI | typeof STORE_AS_TLV],
    data,
  };
}

/** One grouping as it goes to the card, before its secret part is enciphered. */
export interface Grouping {
  /** Four hex digits, e.g. `8000`. */
  readonly dgi: string;
  readonly data: Uint8Array;
  /** In clear here, under the DEK on the way: `whole-blocks` as they are, `padded` always completed with 80 00‥. */
  readonly secret?: 'whole-blocks' | 'padded';
}

const GROUPING_BYTES_MAX = 0xffff;

function headerOf(dgi: string, lengthBytes: number): Uint8Array {
  if (lengthBytes < 0xff) return concat(fromHex(dgi), Uint8Array.of(lengthBytes));
  return concat(fromHex(dgi), Uint8Array.of(0xff, lengthBytes >> 8, lengthBytes & 0xff));
}

/**
 * A secret that is no whole number of the cipher's blocks is completed with 80 00‥ too: an 8-byte PIN block under
 * AES becomes one block. The card takes the padding off where the deciphered length is not that of the grouping.
 */
function protectedValue({ dgi, data, secret }: Grouping, cipher: SecretCipher | undefined): Uint8Array {
  if (secret === undefined) return data;
  if (cipher === undefined) {
    throw new PolycardError('POLYCARD_GP_STORE_DATA', `DGI ${dgi} is secret, but there is no secure channel`, {
      where: dgi,
      expected: 'an open secure channel',
    });
  }
  const whole = data.length > 0 && data.length % cipher.secretBlockBytes === 0;
  return cipher.encipherSecret(secret === 'padded' || !whole ? pad80(data, cipher.secretBlockBytes) : data);
}

/** One STORE DATA or more for each grouping, numbered from 0, the last marked. Throws `POLYCARD_GP_STORE_DATA`. */
export function encodeStoreGroupings(
  groupings: readonly Grouping[],
  blockBytesMax: number,
  cipher?: SecretCipher,
): CommandApdu[] {
  const blocks: { data: Uint8Array; p1: number }[] = [];
  for (const grouping of groupings) {
    if (!/^[0-9A-F]{4}$/i.test(grouping.dgi) || grouping.data.length > GROUPING_BYTES_MAX) {
      throw new PolycardError('POLYCARD_GP_STORE_DATA', `"${grouping.dgi}" is no DGI`, { expected: 'four hex digits' });
    }
    const value = protectedValue(grouping, cipher);
    const whole = concat(headerOf(grouping.dgi, value.length), value);
    for (let offset = 0; offset < whole.length; offset += blockBytesMax) {
      const p1 = grouping.secret === undefined ? 0x00 : STORE_ENCIPHERED;
      blocks.push({ data: whole.subarray(offset, offset + blockBytesMax), p1 });
    }
  }
  return blocks.map(({ data, p1 }, index) => ({
    ...{ cla: 0x80, ins: INS_E2_STORE_DATA, p2: index & 0xff, data },
    p1: p1 | (index === blocks.length - 1 ? STORE_LAST : 0x00),
  }));
}
