/**
 * REPLACE RECORD KEY (04 EA): gives an activated record of an extended file its next management key, under the opening
 * key. **Ours**: no public source has a command for this, so it is an extension with a switch of its own on the card.
 *
 *     04 EA P1 P2 Lc   record ID 2 | key version 1 | new management key under the opening key 16 | MAC 4
 *
 * P1 states the algorithm as in APPEND RECORD. The MAC is over the header and all data before it, with an initial value
 * of zero: the ATC of APPEND RECORD has no part in it, so the issuer can make the command before it sees the card. What
 * keeps a replay out is the key version: a card takes only one above its own. The cyclic file has one key and no record
 * IDs; its ID is 0000.
 */
import { concat, encodeCommand } from '@polycard/bytes';
import { type Algorithm, macOf } from '@polycard/crypto';
import { APPEND_P1, CAPP_MAC_BYTES, cappP2 } from './capp.ts';

export const INS_EA_REPLACE_RECORD_KEY = 0xea;
export const REPLACE_RECORD_KEY_BYTES = 2 + 1 + 16 + CAPP_MAC_BYTES;

export interface RecordKeyReplacement {
  readonly sfi: number;
  /** 0 for the cyclic file. */
  readonly recordId: number;
  /** Version of the new key, 1 to 255. */
  readonly keyVersion: number;
  readonly encryptedRecordKey: Uint8Array;
  /** Of the opening key, which P1 states. 3DES unless given. */
  readonly algorithm?: Algorithm;
}

function body({ recordId, keyVersion, encryptedRecordKey }: RecordKeyReplacement): Uint8Array {
  return concat(Uint8Array.of(recordId >> 8, recordId & 0xff, keyVersion), encryptedRecordKey);
}

/** What the MAC is over. */
export function replaceRecordKeyInput(replacement: RecordKeyReplacement): Uint8Array {
  const { sfi, algorithm = '3DES' } = replacement;
  const header = [0x04, INS_EA_REPLACE_RECORD_KEY, APPEND_P1[algorithm], cappP2(sfi), REPLACE_RECORD_KEY_BYTES];
  return concat(Uint8Array.from(header), body(replacement));
}

/** 4 bytes under the opening key. */
export function computeReplaceRecordKeyMac(openingKey: Uint8Array, replacement: RecordKeyReplacement): Uint8Array {
  const input = replaceRecordKeyInput(replacement);
  return macOf(replacement.algorithm ?? '3DES', openingKey, input).slice(0, CAPP_MAC_BYTES);
}

export function encodeReplaceRecordKey(replacement: RecordKeyReplacement & { readonly mac: Uint8Array }): Uint8Array {
  return encodeCommand({
    ...{ cla: 0x04, ins: INS_EA_REPLACE_RECORD_KEY, p1: APPEND_P1[replacement.algorithm ?? '3DES'] },
    p2: cappP2(replacement.sfi),
    data: concat(body(replacement), replacement.mac),
  });
}
