/**
 * Message authentication codes (F64). The cipher is passed in as one block operation under the working key, so the key
 * stays with its vault or PSAM. Reference iso8583.md §1.6; vectors A and B hold.
 */
import { equalBytes, toHex, xor } from '@polycard/bytes';
import { messageError } from './errors.ts';
import type { Dialect } from './field.ts';
import { type Message, packMessage, type ReceivedMessage } from './message.ts';

/** Encrypts one block under the MAC key: 8 bytes for DES, 16 for SM4. */
export type BlockEncryptor = (block: Uint8Array) => Uint8Array;
/** MAC over the bytes before F64, as the 8 bytes that go into it. */
export type MacFunction = (data: Uint8Array) => Uint8Array;

const MAC_BYTES = 8;
const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/**
 * The UnionPay "ECB" MAC: XOR of all blocks, its hex text, two encryptions with the halves of that text. Weak by
 * construction (the XOR does not see the order of blocks): for compatibility only.
 */
export function cupMac(encrypt: BlockEncryptor, blockBytes: 8 | 16 = 8): MacFunction {
  return (data) => {
    const folded = new Uint8Array(blockBytes);
    for (let index = 0; index < data.length; index++) folded[index % blockBytes]! ^= data[index]!;
    const text = ascii(toHex(folded));
    const first = encrypt(text.subarray(0, blockBytes));
    const second = encrypt(xor(first, text.subarray(blockBytes)));
    return ascii(toHex(second).slice(0, MAC_BYTES));
  };
}

/** ANSI X9.9: CBC with zero padding; 8 raw bytes. */
export function x99Mac(encrypt: BlockEncryptor): MacFunction {
  return (data) => {
    let chained: Uint8Array = new Uint8Array(8);
    for (let offset = 0; offset < data.length; offset += 8) chained = encrypt(xor(chained, padded(data, offset)));
    return chained;
  };
}

/** ANSI X9.19: CBC under the left key half, the last block finished by D(right), E(left). */
export function x919Mac(encryptLeft: BlockEncryptor, decryptRight: BlockEncryptor): MacFunction {
  const chain = x99Mac(encryptLeft);
  return (data) => encryptLeft(decryptRight(chain(data)));
}

/** How an acquirer's messages are sealed; under SM4 working keys it is always the SM4 form of the UnionPay MAC. */
export type MacKind = 'cup-ecb' | 'x9.9' | 'x9.19';

/** The block operations of a session's MAC key. */
export interface MacCiphers {
  readonly algorithm: '3DES' | 'SM4';
  /** Under the whole key, or its left half where there are two. */
  readonly encryptMac: BlockEncryptor;
  /** Under the right half. */
  readonly decryptMacRight?: BlockEncryptor;
}

/** The MAC of a kind. Throws `POLYCARD_ISO8583_MAC_KEY` when the key has no right half and the kind needs one. */
export function macOfKind(kind: MacKind, { algorithm, encryptMac, decryptMacRight }: MacCiphers): MacFunction {
  if (algorithm === 'SM4') return cupMac(encryptMac, 16);
  switch (kind) {
    case 'cup-ecb':
      return cupMac(encryptMac);
    case 'x9.9':
      return x99Mac(encryptMac);
    case 'x9.19':
      if (decryptMacRight === undefined)
        throw messageError('MAC_KEY', 'F62', 0, 'a double-length MAC key for X9.19', 'a single one');
      return x919Mac(encryptMac, decryptMacRight);
  }
}

function padded(data: Uint8Array, offset: number): Uint8Array {
  const block = new Uint8Array(8);
  block.set(data.subarray(offset, offset + 8));
  return block;
}

/** Packs a message with its MAC in F64. */
export function packWithMac(dialect: Dialect, message: Message, mac: MacFunction): Uint8Array {
  const bytes = packMessage(dialect, {
    mti: message.mti,
    fields: { ...message.fields, 64: new Uint8Array(MAC_BYTES) },
  });
  bytes.set(mac(bytes.subarray(0, bytes.length - MAC_BYTES)), bytes.length - MAC_BYTES);
  return bytes;
}

/** Whether the MAC of a received message is right. Throws `POLYCARD_ISO8583_FIELD_MISSING` when it carries none. */
export function hasRightMac(message: ReceivedMessage, mac: MacFunction): boolean {
  const found = message.raw(64);
  if (found === undefined) throw messageError('FIELD_MISSING', 'F64', message.bytes.length, 'a MAC', 'no such field');
  return equalBytes(mac(message.beforeMac()), found);
}
