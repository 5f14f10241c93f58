/**
 * The load log of electronic cash: its entries, and the answer to READ RECORD with P1 = 00, which carries the whole log
 * under a MAC for the issuer. PBOC 3.0 Part 13 as publicly described; checked by the answer of an independent card.
 */
import { concat, numberFromBcd, PolycardError, toHex } from '@polycard/bytes';
import { type Algorithm, macOf } from '@polycard/crypto';

/** 9F79 or DF79, balance before and after, date, time, ATC. */
export interface LoadLogEntry {
  readonly tag: string;
  readonly beforeFen: number;
  readonly afterFen: number;
  /** YYMMDD. */
  readonly date: string;
  /** hhmmss. */
  readonly time: string;
  readonly atc: number;
}

export const LOAD_LOG_ENTRY_BYTES = 22;
/** The whole log has at most this many entries in one answer. */
export const LOAD_LOG_ENTRIES_MAX = 10;
const MAC_BYTES = 4;

/** MAC of the whole log: 4 bytes under SK-MAC of the card's present ATC, over ATC‖count‖entries. */
export function computeLoadLogMac(algorithm: Algorithm, skMac: Uint8Array, head: Uint8Array): Uint8Array {
  return macOf(algorithm, skMac, head).slice(0, MAC_BYTES);
}

export interface LoadLog {
  readonly atc: number;
  readonly entries: readonly LoadLogEntry[];
  /** What the MAC is over. */
  readonly head: Uint8Array;
  readonly mac: Uint8Array;
}

/** ATC‖count‖entries of 22 bytes, newest first. */
export function encodeLoadLogHead(atc: number, entries: readonly Uint8Array[]): Uint8Array {
  return concat(Uint8Array.of(atc >> 8, atc & 0xff, entries.length), ...entries);
}

/** Throws `POLYCARD_EMV_LOAD_LOG` when the count and the length differ. */
export function parseLoadLog(answer: Uint8Array): LoadLog {
  const count = answer[2] ?? 0;
  const expected = 3 + count * LOAD_LOG_ENTRY_BYTES + MAC_BYTES;
  if (answer.length !== expected) {
    throw new PolycardError('POLYCARD_EMV_LOAD_LOG', `a load log of ${count} entries has ${answer.length} bytes`, {
      where: 'offset 2',
      expected: `${expected} bytes`,
    });
  }
  const head = answer.subarray(0, answer.length - MAC_BYTES);
  const entries = Array.from({ length: count }, (_, index) => {
    const entry = head.subarray(3 + index * LOAD_LOG_ENTRY_BYTES, 3 + (index + 1) * LOAD_LOG_ENTRY_BYTES);
    return {
      tag: toHex(entry.subarray(0, 2)),
      beforeFen: numberFromBcd(entry.subarray(2, 8)),
      afterFen: numberFromBcd(entry.subarray(8, 14)),
      date: toHex(entry.subarray(14, 17)),
      time: toHex(entry.subarray(17, 20)),
      atc: (entry[20]! << 8) | entry[21]!,
    };
  });
  return { atc: (answer[0]! << 8) | answer[1]!, entries, head, mac: answer.subarray(answer.length - MAC_BYTES) };
}
