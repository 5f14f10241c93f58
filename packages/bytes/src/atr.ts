/**
 * Answer to reset (ISO 7816-3:2006 §8.2): read into its interface and historical bytes, and made for cards of our own.
 * A contactless card's ATR is made by the reader from its ATS (PC/SC Part 3 §3.1.3.2.3.1: `3B 8n 80 01 … TCK`).
 */
import { PolycardError } from './errors.ts';
import { concat, toHex } from './hex.ts';
import { ByteReader } from './reader.ts';

export const ATR_BYTES_MAX = 33;

export interface InterfaceByte {
  /** `TA1`, `TD2` … */
  readonly name: string;
  readonly value: number;
}

export interface Atr {
  /** Direct (3B) or inverse (3F) convention. */
  readonly convention: 'direct' | 'inverse';
  readonly interfaceBytes: readonly InterfaceByte[];
  /** Protocols offered, in order; T=0 when no TD byte names one. */
  readonly protocols: readonly number[];
  readonly historical: Uint8Array;
  /** Undefined where the ATR carries no check byte, as with T=0 alone. */
  readonly check?: { readonly found: number; readonly expected: number };
}

const CONVENTIONS: Readonly<Record<number, Atr['convention']>> = { 59: 'direct', 63: 'inverse' };
const GLOBAL_INTERFACE_BYTES = 15;

const xorOf = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum ^ byte, 0);

/** Throws `POLYCARD_ATR_*` or `POLYCARD_BYTES_TRUNCATED`. A wrong check byte is told, not thrown. */
export function parseAtr(bytes: Uint8Array): Atr {
  if (bytes.length > ATR_BYTES_MAX) {
    throw new PolycardError('POLYCARD_ATR_LENGTH', `an ATR has at most ${ATR_BYTES_MAX} bytes, got ${bytes.length}`);
  }
  const reader = new ByteReader(bytes, 'ATR');
  const initial = reader.u8('TS');
  const convention = CONVENTIONS[initial];
  if (convention === undefined) {
    throw new PolycardError(
      'POLYCARD_ATR_CONVENTION',
      `an ATR begins with 3B or 3F, not ${toHex(bytes.subarray(0, 1))}`,
      {
        where: 'TS',
      },
    );
  }
  const format = reader.u8('T0');
  const interfaceBytes: InterfaceByte[] = [];
  const protocols: number[] = [];
  let present = format >> 4;
  for (let group = 1; present !== 0; group++) {
    const next = (letter: string): number => {
      const value = reader.u8(`T${letter}${group}`);
      interfaceBytes.push({ name: `T${letter}${group}`, value });
      return value;
    };
    if ((present & 1) !== 0) next('A');
    if ((present & 2) !== 0) next('B');
    if ((present & 4) !== 0) next('C');
    if ((present & 8) === 0) break;
    const description = next('D');
    protocols.push(description & 0x0f);
    present = description >> 4;
  }
  const historical = reader.take(format & 0x0f, 'historical bytes');
  if (protocols.length === 0) protocols.push(0);
  const hasCheck = protocols.some((protocol) => protocol !== 0);
  const expected = hasCheck ? xorOf(bytes.subarray(1, reader.offset)) : undefined;
  const found = hasCheck ? reader.u8('TCK') : undefined;
  if (reader.remaining > 0) {
    throw new PolycardError(
      'POLYCARD_ATR_LENGTH',
      `the ATR ends at offset ${reader.offset}, ${reader.remaining} more bytes follow`,
    );
  }
  return {
    convention,
    interfaceBytes,
    protocols: [...new Set(protocols)].filter((protocol) => protocol < GLOBAL_INTERFACE_BYTES),
    historical,
    ...(found === undefined || expected === undefined ? {} : { check: { found, expected } }),
  };
}

export type AtrKind = 'contactless' | 'contact T=0' | 'contact T=1';

/** Interface characters of EMV 4.4 Book 1 §8.3: TB1 = 00 (no VPP), TC1 = 00; T=1 with IFSC 254, BWI 4, CWI 5, LRC. */
const HEADS: Readonly<Record<AtrKind, readonly number[]>> = {
  contactless: [0x80, 0x80, 0x01],
  'contact T=0': [0x60, 0x00, 0x00],
  'contact T=1': [0xe0, 0x00, 0x00, 0x81, 0x31, 0xfe, 0x45],
};

/** An ATR of this kind with up to 15 historical bytes. */
export function encodeAtr(kind: AtrKind, historical: Uint8Array): Uint8Array {
  if (historical.length > 15) {
    throw new PolycardError('POLYCARD_ATR_LENGTH', `an ATR has at most 15 historical bytes, got ${historical.length}`);
  }
  const [format, ...rest] = HEADS[kind] as readonly [number, ...number[]];
  const body = concat(Uint8Array.of(format | historical.length, ...rest), historical);
  const check = kind === 'contact T=0' ? [] : [xorOf(body)];
  return Uint8Array.of(0x3b, ...body, ...check);
}
