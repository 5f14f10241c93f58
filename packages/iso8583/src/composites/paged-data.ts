/**
 * Our documented extensions of F62: parameter download in pages (60.3 = 364) and the APDU dialogue of a tap (891).
 *
 * 364 request: set 3 characters ‖ version held 8 ‖ page 4 digits. Answer: status `0` nothing newer, `2` more, `3` last ‖
 * version 8 ‖ page 4 ‖ chunk. Set `TAN` is the terminal's next version with the instant from which it holds; a blank version
 * in its answer says that there is none (any more). 891: page 2 digits ‖ pages 2 ‖ chunk; F61 names the tap (batch 6, trace 6).
 */
import { concat } from '@polycard/bytes';
import { messageError } from '../errors.ts';

export const CHUNK_BYTES_MAX = 900;

export interface ParameterRequest {
  /** TAR tariffs and networks, CAP capabilities of this terminal, CAK certification authority keys, TAN the next of all. */
  readonly set: string;
  readonly version: string;
  readonly page: number;
}

export interface ParameterAnswer {
  readonly status: 'nothing-newer' | 'more' | 'last';
  readonly version: string;
  readonly page: number;
  readonly chunk: Uint8Array;
}

const STATUS = { 'nothing-newer': '0', more: '2', last: '3' } as const;
const text = (value: string): Uint8Array => Buffer.from(value, 'latin1');
const string = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

export function encodeParameterRequest({ set, version, page }: ParameterRequest): Uint8Array {
  return text(`${set.padEnd(3)}${version.padEnd(8)}${String(page).padStart(4, '0')}`);
}

export function parseParameterRequest(bytes: Uint8Array): ParameterRequest {
  if (bytes.length !== 15)
    throw messageError('FIELD_LENGTH', 'F62', 0, '15 bytes of a parameter request', `${bytes.length}`);
  return {
    set: string(bytes.subarray(0, 3)),
    version: string(bytes.subarray(3, 11)).trim(),
    page: digits(bytes, 11, 4),
  };
}

export function encodeParameterAnswer({ status, version, page, chunk }: ParameterAnswer): Uint8Array {
  return concat(text(`${STATUS[status]}${version.padEnd(8)}${String(page).padStart(4, '0')}`), chunk);
}

export function parseParameterAnswer(bytes: Uint8Array): ParameterAnswer {
  if (bytes.length < 13)
    throw messageError('FIELD_LENGTH', 'F62', 0, 'at least 13 bytes of a parameter answer', `${bytes.length}`);
  const code = string(bytes.subarray(0, 1));
  const status = (Object.keys(STATUS) as ParameterAnswer['status'][]).find((name) => STATUS[name] === code);
  if (status === undefined) throw messageError('FIELD_VALUE', 'F62', 0, 'status 0, 2 or 3', 'another character');
  return { status, version: string(bytes.subarray(1, 9)).trim(), page: digits(bytes, 9, 4), chunk: bytes.subarray(13) };
}

export interface TracePage {
  readonly page: number;
  readonly pages: number;
  readonly chunk: Uint8Array;
}

export function encodeTracePage({ page, pages, chunk }: TracePage): Uint8Array {
  return concat(text(`${String(page).padStart(2, '0')}${String(pages).padStart(2, '0')}`), chunk);
}

export function parseTracePage(bytes: Uint8Array): TracePage {
  if (bytes.length < 4)
    throw messageError('FIELD_LENGTH', 'F62', 0, 'at least 4 bytes of a trace page', `${bytes.length}`);
  return { page: digits(bytes, 0, 2), pages: digits(bytes, 2, 2), chunk: bytes.subarray(4) };
}

function digits(bytes: Uint8Array, offset: number, length: number): number {
  const found = string(bytes.subarray(offset, offset + length));
  if (!/^\d+$/.test(found)) throw messageError('FIELD_VALUE', 'F62', offset, `${length} digits`, 'other characters');
  return Number(found);
}
