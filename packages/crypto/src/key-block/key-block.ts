/**
 * Key blocks: a key with its header, enciphered and authenticated as one. ANSI X9.143-2021 (TR-31:2018), versions B
 * (3DES, key derivation by CMAC) and D (AES) both ways, the older A and C (3DES, variants) for reading.
 */
import { concat, fromHex, toHex } from '@polycard/bytes';
import { aesCmac } from '../aes-cmac.ts';
import { constantTimeEqual, decryptBlocks, encryptBlocks } from '../node-crypto.ts';
import type { RandomSource } from '../random.ts';
import {
  encodeHeader,
  type KeyBlockHeader,
  type KeyBlockVersion,
  keyBlockError,
  parseHeader,
  protectionOf,
} from './header.ts';
import { tdesCmac, tdesMode } from './tdes.ts';

export interface OpenedKeyBlock {
  readonly header: KeyBlockHeader;
  readonly key: Uint8Array;
  /** What filled the key data up; encoded again with it, the block is the same byte for byte. */
  readonly padding: Uint8Array;
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * Opens a block under its protection key. Throws `POLYCARD_KEY_BLOCK` naming the field that is malformed; a header, key
 * or MAC that was changed does not fit its MAC.
 */
export function openKeyBlock(protectionKey: Uint8Array, text: string): OpenedKeyBlock {
  const { header, end } = parseHeader(text);
  const { macBytes, blockBytes } = protectionOf(header.version);
  requireProtectionKey(header.version, protectionKey);
  const macStart = text.length - macBytes * 2;
  if (macStart - end < blockBytes * 2) {
    throw keyBlockError(
      'key data',
      `${Math.max(0, macStart - end)} characters hold no key`,
      `${blockBytes * 2} or more`,
    );
  }
  const enciphered = hexField('key data', text.slice(end, macStart));
  const mac = hexField('MAC', text.slice(macStart));
  if (enciphered.length % blockBytes !== 0) {
    throw keyBlockError('key data', `${enciphered.length} bytes are no whole blocks`, `a multiple of ${blockBytes}`);
  }
  const headerBytes = ascii(text.slice(0, end));
  const keys = protectionKeys(header.version, protectionKey);
  const clear = decipher(header.version, keys.encryption, mac, headerBytes, enciphered);
  const expected = macOver(header.version, keys.authentication, headerBytes, clear, enciphered);
  if (!constantTimeEqual(expected, mac)) {
    clear.fill(0);
    throw keyBlockError(
      'MAC',
      'it does not fit: header, key data or MAC were changed, or the protection key is another',
    );
  }
  const keyBits = (clear[0]! << 8) | clear[1]!;
  const keyBytes = keyBits / 8;
  if (!Number.isInteger(keyBytes) || keyBytes > clear.length - 2) {
    throw keyBlockError(
      'key length',
      `${keyBits} bits do not go into ${clear.length - 2} bytes`,
      'whole bytes within the key data',
    );
  }
  const opened = { header, key: clear.slice(2, 2 + keyBytes), padding: clear.slice(2 + keyBytes) };
  clear.fill(0);
  return opened;
}

export type KeyBlockPadding =
  /** The bytes themselves, as an opened block gave them. */
  | { readonly padding: Uint8Array }
  /** Random, up to the length of a key of this many bytes, so that the block does not tell a short key from a long one. */
  | { readonly random: RandomSource; readonly maskedKeyBytes?: number };

/** A block of version B or D. Throws `POLYCARD_KEY_BLOCK`. */
export function encodeKeyBlock(
  protectionKey: Uint8Array,
  header: KeyBlockHeader,
  key: Uint8Array,
  filling: KeyBlockPadding,
): string {
  const { version } = header;
  if (version !== 'B' && version !== 'D') {
    throw keyBlockError('version', `${version} is only read: its protection is out of date`, 'B or D');
  }
  requireProtectionKey(version, protectionKey);
  const { blockBytes, macBytes } = protectionOf(version);
  const lengthField = Uint8Array.of((key.length * 8) >> 8, (key.length * 8) & 0xff);
  const padding =
    'padding' in filling
      ? filling.padding
      : filling.random(paddingBytes(key.length, blockBytes, filling.maskedKeyBytes));
  const clear = concat(lengthField, key, padding);
  if (clear.length % blockBytes !== 0) {
    throw keyBlockError(
      'padding',
      `${padding.length} bytes do not fill the key data up`,
      `whole blocks of ${blockBytes}`,
    );
  }
  const headerText = encodeHeader(header, (clear.length + macBytes) * 2);
  const headerBytes = ascii(headerText);
  const keys = protectionKeys(version, protectionKey);
  const mac = macOver(version, keys.authentication, headerBytes, clear, new Uint8Array(0));
  const mode = version === 'D' ? 'aes-cbc' : tdesMode(keys.encryption, 'cbc');
  const enciphered = encryptBlocks(mode, keys.encryption, clear, mac);
  clear.fill(0);
  return `${headerText}${toHex(enciphered)}${toHex(mac)}`;
}

function paddingBytes(keyBytes: number, blockBytes: number, maskedKeyBytes = 0): number {
  const filled = Math.max(keyBytes, maskedKeyBytes);
  const whole = Math.ceil((2 + filled) / blockBytes) * blockBytes;
  return whole - 2 - keyBytes;
}

function requireProtectionKey(version: KeyBlockVersion, key: Uint8Array): void {
  const lengths = version === 'D' ? [16, 24, 32] : version === 'B' ? [16, 24] : [8, 16, 24];
  if (lengths.includes(key.length)) return;
  throw keyBlockError(
    'protection key',
    `${key.length} bytes protect no block of version ${version}`,
    `${lengths.join(', ')} bytes of ${version === 'D' ? 'AES' : 'DES'}`,
  );
}

function hexField(where: string, text: string): Uint8Array {
  if (!/^([0-9A-Fa-f]{2})+$/.test(text)) throw keyBlockError(where, 'it is not hex', 'hex digits');
  return fromHex(text);
}

interface ProtectionKeys {
  readonly encryption: Uint8Array;
  readonly authentication: Uint8Array;
}

const USAGE = { encryption: 0x0000, authentication: 0x0001 } as const;

/** X9.143 §7.2: variants of the protection key (A, C), or keys derived from it by CMAC in counter mode (B, D). */
function protectionKeys(version: KeyBlockVersion, key: Uint8Array): ProtectionKeys {
  if (version === 'A' || version === 'C') {
    return { encryption: key.map((byte) => byte ^ 0x45), authentication: key.map((byte) => byte ^ 0x4d) };
  }
  const derive = (usage: number): Uint8Array => {
    const aesAlgorithm = { 16: 0x0002, 24: 0x0003, 32: 0x0004 }[key.length] ?? 0;
    const algorithm = version === 'D' ? aesAlgorithm : key.length === 24 ? 0x0001 : 0x0000;
    const bits = key.length * 8;
    const parts: Uint8Array[] = [];
    for (let counter = 1, length = 0; length < key.length; counter++) {
      const input = Uint8Array.of(counter, 0, usage, 0, 0, algorithm, bits >> 8, bits & 0xff);
      const part = version === 'D' ? aesCmac(key, input) : tdesCmac(key, input);
      parts.push(part);
      length += part.length;
    }
    return concat(...parts).slice(0, key.length);
  };
  return { encryption: derive(USAGE.encryption), authentication: derive(USAGE.authentication) };
}

function decipher(
  version: KeyBlockVersion,
  key: Uint8Array,
  mac: Uint8Array,
  header: Uint8Array,
  enciphered: Uint8Array,
): Uint8Array {
  if (version === 'D') return Uint8Array.from(decryptBlocks('aes-cbc', key, enciphered, mac));
  const iv = version === 'B' ? mac : header.subarray(0, 8);
  return Uint8Array.from(decryptBlocks(tdesMode(key, 'cbc'), singleDoubled(key), enciphered, iv));
}

function macOver(
  version: KeyBlockVersion,
  key: Uint8Array,
  header: Uint8Array,
  clear: Uint8Array,
  enciphered: Uint8Array,
): Uint8Array {
  if (version === 'D') return aesCmac(key, header, clear);
  if (version === 'B') return tdesCmac(key, concat(header, clear));
  const cbc = encryptBlocks(tdesMode(key, 'cbc'), singleDoubled(key), concat(header, enciphered), new Uint8Array(8));
  return cbc.slice(cbc.length - 8, cbc.length - 4);
}

/** A single DES key as two equal halves. */
function singleDoubled(key: Uint8Array): Uint8Array {
  return key.length === 8 ? concat(key, key) : key;
}
