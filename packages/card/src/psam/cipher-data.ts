/**
 * CIPHER_DATA (80 FA) under the key of DELIVERY_KEY. P1: 00 encipher, last block; 02 encipher, more follow; 05 MAC in one
 * command; 07 MAC, first of several; 03 MAC, next; 01 MAC, last. In 05 and 07 the first block is the IV. Data are whole
 * blocks: the caller fills up with 80 00.. (reference pboc.md §4.5). MAC: ALG3, or SM4 CBC-MAC.
 */
import {
  type CommandApdu,
  concat,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
  xor,
} from '@polycard/bytes';
import { blockLengthBytes, ecbMode, encryptBlocks } from '@polycard/crypto';
import { PSAM_KEY_TYPE } from './contents.ts';
import type { DeliveredKey, PsamContext, PsamResult } from './context.ts';

const P1_ENCIPHER: readonly number[] = [0x00, 0x02];
const P1_MAC_WITH_IV: readonly number[] = [0x05, 0x07];
const P1_MAC_LAST: readonly number[] = [0x01, 0x05];
const P1_MAC: readonly number[] = [0x01, 0x03, 0x05, 0x07];

const MAY_ENCIPHER: readonly number[] = [PSAM_KEY_TYPE.encrypt, PSAM_KEY_TYPE.macAndEncrypt];
const MAY_MAC: readonly number[] = [
  PSAM_KEY_TYPE.mac,
  PSAM_KEY_TYPE.macAndEncrypt,
  PSAM_KEY_TYPE.maintenance,
  PSAM_KEY_TYPE.tac,
];

/** One more piece of a CBC chain; DES with the left half until the last block. */
function chained({ algorithm, key }: DeliveredKey, start: Uint8Array, blocks: Uint8Array): Uint8Array {
  if (blocks.length === 0) return start;
  const single = concat(key.subarray(0, 8), key.subarray(0, 8));
  const cbc =
    algorithm === '3DES'
      ? encryptBlocks('des-ede-cbc', single, blocks, start)
      : encryptBlocks('sm4-cbc', key, blocks, start);
  return cbc.slice(-start.length);
}

function lastBlock({ algorithm, key }: DeliveredKey, chain: Uint8Array, block: Uint8Array): Uint8Array {
  return encryptBlocks(ecbMode(algorithm), key, xor(block, chain));
}

export function cipherData({ session, switches }: PsamContext, command: CommandApdu): PsamResult {
  const { cla, p1, p2, data } = command;
  if (cla !== 0x80) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (p2 !== 0 || !(P1_ENCIPHER.includes(p1) || P1_MAC.includes(p1))) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const { delivered } = session;
  if (delivered === undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const blockBytes = blockLengthBytes(delivered.algorithm);
  if (data.length === 0 || data.length % blockBytes !== 0 || data.length > switches.cipherDataBytesMax)
    return { sw: SW_6700_WRONG_LENGTH };
  if (P1_ENCIPHER.includes(p1)) {
    if (!MAY_ENCIPHER.includes(delivered.type)) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
    return { sw: SW_9000_SUCCESS, data: encryptBlocks(ecbMode(delivered.algorithm), delivered.key, data) };
  }
  if (!MAY_MAC.includes(delivered.type)) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const hasIv = P1_MAC_WITH_IV.includes(p1);
  const start = hasIv ? data.slice(0, blockBytes) : session.chain;
  const body = hasIv ? data.slice(blockBytes) : data;
  session.chain = undefined;
  if (start === undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  if (!P1_MAC_LAST.includes(p1)) {
    session.chain = chained(delivered, start, body);
    return { sw: SW_9000_SUCCESS };
  }
  if (body.length === 0) return { sw: SW_6700_WRONG_LENGTH };
  const chain = chained(delivered, start, body.subarray(0, body.length - blockBytes));
  const mac = lastBlock(delivered, chain, body.subarray(body.length - blockBytes));
  return { sw: SW_9000_SUCCESS, data: mac.slice(0, switches.cipherMacBytes) };
}
