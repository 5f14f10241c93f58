/**
 * A zone key (ZMK) in a file: hex digits, blanks and line ends between them as you like. Before them may stand what they
 * are, `AES:` or `3DES:`; without it 16 or 24 bytes are 3DES and 32 bytes AES. A file of just so many bytes that are no
 * text is the key itself.
 */
import { readFileSync } from 'node:fs';
import { fromHex, PolycardError } from '@polycard/bytes';

export interface ZoneKey {
  readonly algorithm: '3DES' | 'AES';
  readonly bytes: Uint8Array;
}

const LENGTHS = { '3DES': [16, 24], AES: [16, 24, 32] } as const;
const EXPECTED =
  'one key in hex: 32 or 48 digits of 3DES, 64 of AES (AES: before 32 or 48 digits makes them AES); no other text';

/** Throws `POLYCARD_CLI_ZONE_KEY`; the error never shows what the file holds. */
export function readZoneKey(path: string): ZoneKey {
  let content: Uint8Array;
  try {
    content = readFileSync(path);
  } catch (cause) {
    throw new PolycardError('POLYCARD_CLI_ZONE_KEY', `the file ${path} cannot be read`, {
      where: '--zmk',
      expected: EXPECTED,
      cause,
    });
  }
  const text = Buffer.from(content).toString('latin1');
  const isBinary = [16, 24, 32].includes(content.length) && !/^[\s\x20-\x7e]*$/.test(text);
  if (isBinary) return { algorithm: content.length === 32 ? 'AES' : '3DES', bytes: Uint8Array.from(content) };
  const parts = /^\s*(?:(AES|3DES|TDES|DES)\s*:)?([0-9A-Fa-f\s]*)$/i.exec(text);
  const digits = (parts?.[2] ?? '').replace(/\s/g, '');
  if (parts === null || digits.length === 0 || digits.length % 2 !== 0) throw wrong(path, 'is no key in hex');
  const bytes = fromHex(digits);
  const stated = parts[1]?.toUpperCase();
  const algorithm = stated === 'AES' || (stated === undefined && bytes.length === 32) ? 'AES' : '3DES';
  const lengths: readonly number[] = LENGTHS[algorithm];
  if (!lengths.includes(bytes.length))
    throw wrong(path, `holds ${bytes.length} bytes, no length of a ${algorithm} key`);
  return { algorithm, bytes };
}

const wrong = (path: string, why: string): PolycardError =>
  new PolycardError('POLYCARD_CLI_ZONE_KEY', `the file ${path} ${why}`, { where: '--zmk', expected: EXPECTED });
