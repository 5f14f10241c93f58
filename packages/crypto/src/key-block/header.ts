/**
 * Header of a key block: ANSI X9.143-2021 §6.2 (TR-31:2018 §A.5), as publicly described and as published blocks show.
 *
 *     version 1 | length 4 | key usage 2 | algorithm 1 | mode of use 1 | key version 2 | exportability 1 |
 *     optional blocks 2 | key context 1 | reserved 1 | optional blocks …
 *
 * Everything is printable ASCII. What was parsed is encoded again byte for byte.
 */
import { PolycardError } from '@polycard/bytes';

export type KeyBlockVersion = 'A' | 'B' | 'C' | 'D';

export interface OptionalBlock {
  /** Two characters: KS, TS, CT, LB, PB … */
  readonly id: string;
  readonly data: string;
  /**
   * How its length is written: two digits, or the extended form (`00`, a count, the length). The count is of digits
   * (X9.143: 04); an older reading counts bytes (02). Both stand for four digits.
   */
  readonly lengthForm?: 'short' | 'extended' | 'extended-bytes';
}

export interface KeyBlockHeader {
  readonly version: KeyBlockVersion;
  /** Two characters of X9.143 table 2, or two digits for proprietary usages. */
  readonly usage: string;
  /** A AES, D DES, E elliptic curve, H HMAC, R RSA, S DSA, T triple DES, or a digit for proprietary ones. */
  readonly algorithm: string;
  readonly modeOfUse: string;
  /** `00` none, `c1` to `c9` a component, else the version of the key. */
  readonly keyVersion: string;
  /** E exportable, N not, S under other keys. */
  readonly exportability: string;
  /** 0 any, 1 for storage, 2 for exchange. */
  readonly keyContext: string;
  readonly optionalBlocks: readonly OptionalBlock[];
}

export const FIXED_HEADER_CHARACTERS = 16;
const LENGTH_MAX = 9999;
const EXTENDED_DIGITS = 4;

const FIELD: readonly (readonly [
  name: keyof KeyBlockHeader,
  at: number,
  length: number,
  pattern: RegExp,
  expected: string,
])[] = [
  ['version', 0, 1, /^[ABCD]$/, 'A, B, C or D'],
  [
    ...(['usage', 5, 2] as const),
    /^(B[0-3]|C0|D[0-3]|E[0-7]|I0|K[0-4]|M[0-8]|P[0-1]|S[0-2]|V[0-5]|\d\d)$/,
    'a key usage of X9.143 table 2',
  ],
  ['algorithm', 7, 1, /^[ADEHRST\d]$/, 'A, D, E, H, R, S, T or a digit'],
  ['modeOfUse', 8, 1, /^[BCDEGNSTVXY\d]$/, 'a mode of use of X9.143 table 4'],
  ['keyVersion', 9, 2, /^(00|c[0-9A-Za-z]|[0-9A-Za-z]{2})$/, 'two letters or digits'],
  ['exportability', 11, 1, /^[ENS\d]$/, 'E, N or S'],
  ['keyContext', 14, 1, /^[0-2]$/, '0, 1 or 2'],
];

export function keyBlockError(where: string, message: string, expected?: string): PolycardError {
  return new PolycardError('POLYCARD_KEY_BLOCK', `key block, ${where}: ${message}`, {
    where,
    ...(expected === undefined ? {} : { expected }),
  });
}

/** Bytes of the cipher the block is protected with, and of its MAC. */
export function protectionOf(version: KeyBlockVersion): { readonly blockBytes: 8 | 16; readonly macBytes: 4 | 8 | 16 } {
  if (version === 'D') return { blockBytes: 16, macBytes: 16 };
  return { blockBytes: 8, macBytes: version === 'B' ? 8 : 4 };
}

/** Reads the header of a whole block; `end` is where the enciphered key begins. Throws `POLYCARD_KEY_BLOCK` by field. */
export function parseHeader(text: string): { readonly header: KeyBlockHeader; readonly end: number } {
  if (!/^[\x20-\x7e]*$/.test(text)) throw keyBlockError('text', 'it is not printable ASCII', 'printable ASCII');
  if (text.length < FIXED_HEADER_CHARACTERS) {
    throw keyBlockError(
      'length',
      `it has ${text.length} characters`,
      `${FIXED_HEADER_CHARACTERS} for the header alone`,
    );
  }
  const fields: Record<string, string> = {};
  for (const [name, at, length, pattern, expected] of FIELD) {
    const value = text.slice(at, at + length);
    if (!pattern.test(value)) throw keyBlockError(name, `${JSON.stringify(value)} is not one`, expected);
    fields[name] = value;
  }
  const stated = text.slice(1, 5);
  if (!/^\d{4}$/.test(stated) || Number(stated) !== text.length) {
    throw keyBlockError(
      'length',
      `the header states ${JSON.stringify(stated)}, the block has ${text.length} characters`,
    );
  }
  const { blockBytes } = protectionOf(fields['version'] as KeyBlockVersion);
  if (text.length % blockBytes !== 0) {
    throw keyBlockError('length', `${text.length} characters are no whole blocks`, `a multiple of ${blockBytes}`);
  }
  const count = text.slice(12, 14);
  if (!/^\d\d$/.test(count))
    throw keyBlockError('optional blocks', `${JSON.stringify(count)} is no number of blocks`, 'two digits');
  if (text[15] !== '0') throw keyBlockError('reserved', `${JSON.stringify(text[15])} is not 0`, '0');
  const { blocks, end } = parseOptionalBlocks(text, Number(count));
  if (end % blockBytes !== 0) {
    throw keyBlockError(
      'optional blocks',
      `the header ends at ${end}, inside a cipher block`,
      `a multiple of ${blockBytes}`,
    );
  }
  return { header: { ...(fields as unknown as KeyBlockHeader), optionalBlocks: blocks }, end };
}

function parseOptionalBlocks(text: string, count: number): { blocks: OptionalBlock[]; end: number } {
  const blocks: OptionalBlock[] = [];
  let at = FIXED_HEADER_CHARACTERS;
  for (let index = 0; index < count; index++) {
    const id = text.slice(at, at + 2);
    const where = `optional block ${index + 1}`;
    if (!/^[0-9A-Za-z]{2}$/.test(id))
      throw keyBlockError(where, `${JSON.stringify(id)} is no identifier`, 'two letters or digits');
    if (blocks.some((block) => block.id === id)) throw keyBlockError(where, `${id} is there twice`);
    const hex = (from: number, digits: number, name: string): number => {
      const value = text.slice(from, from + digits);
      if (value.length !== digits || !/^[0-9A-Fa-f]+$/.test(value)) {
        throw keyBlockError(where, `${id}: ${JSON.stringify(value)} is no ${name}`, `${digits} hex digits`);
      }
      return Number.parseInt(value, 16);
    };
    let length = hex(at + 2, 2, 'length');
    let start = at + 4;
    let lengthForm: OptionalBlock['lengthForm'] = 'short';
    if (length === 0) {
      const counted = hex(at + 4, 2, 'length of its length');
      if (counted !== 4 && counted !== 2) {
        throw keyBlockError(
          where,
          `${id}: the length of its length is ${counted}`,
          '04, or 02 where bytes are counted',
        );
      }
      lengthForm = counted === 4 ? 'extended' : 'extended-bytes';
      length = hex(at + 6, EXTENDED_DIGITS, 'length');
      start = at + 6 + EXTENDED_DIGITS;
    }
    if (length < start - at || at + length > text.length) {
      throw keyBlockError(where, `${id}: its length ${length} goes past the block or not past its own header`);
    }
    blocks.push({ id, data: text.slice(start, at + length), lengthForm });
    at += length;
  }
  return { blocks, end: at };
}

/** The header's characters for a block whose key data and MAC take `rest` characters. Throws `POLYCARD_KEY_BLOCK`. */
export function encodeHeader(header: KeyBlockHeader, rest: number): string {
  for (const [name, , , pattern, expected] of FIELD) {
    if (!pattern.test(String(header[name]))) throw keyBlockError(name, `${String(header[name])} is not one`, expected);
  }
  const { blockBytes } = protectionOf(header.version);
  const blocks = header.optionalBlocks.map(encodeOptionalBlock);
  let length = FIXED_HEADER_CHARACTERS + blocks.reduce((sum, block) => sum + block.length, 0);
  if (length % blockBytes !== 0) {
    // a block PB fills up to whole cipher blocks; it has four characters at least
    const fill = blockBytes - ((length + 4) % blockBytes || blockBytes);
    blocks.push(encodeOptionalBlock({ id: 'PB', data: '0'.repeat(fill) }));
    length += 4 + fill;
  }
  if (length + rest > LENGTH_MAX || blocks.length > 99) {
    throw keyBlockError(
      'length',
      `${length + rest} characters and ${blocks.length} optional blocks do not go into one`,
      '9999 and 99',
    );
  }
  const { version, usage, algorithm, modeOfUse, keyVersion, exportability, keyContext } = header;
  const stated = String(length + rest).padStart(4, '0');
  const count = String(blocks.length).padStart(2, '0');
  return `${version}${stated}${usage}${algorithm}${modeOfUse}${keyVersion}${exportability}${count}${keyContext}0${blocks.join('')}`;
}

function encodeOptionalBlock({ id, data, lengthForm }: OptionalBlock): string {
  if (!/^[0-9A-Za-z]{2}$/.test(id) || !/^[\x20-\x7e]*$/.test(data)) {
    throw keyBlockError('optional blocks', `${id} holds what is not printable ASCII`, 'printable ASCII');
  }
  const digits = (value: number, count: number): string => value.toString(16).toUpperCase().padStart(count, '0');
  const short = 4 + data.length;
  if ((lengthForm ?? 'short') === 'short' && short <= 0xff) return `${id}${digits(short, 2)}${data}`;
  const extended = 6 + EXTENDED_DIGITS + data.length;
  return `${id}00${lengthForm === 'extended-bytes' ? '02' : '04'}${digits(extended, EXTENDED_DIGITS)}${data}`;
}
