/**
 * Extended application (CAPP) commands: their MACs, used alike by the card, the terminal's PSAM and the issuer's
 * counter. PBOC 3.0 Part 14 (2013) §6, Annex C, as publicly described; checked by computed vectors and by answers of
 * an independent card. The record management key is used directly: there is no session key.
 */
import { concat, encodeCommand, PolycardError, xor } from '@polycard/bytes';
import { type Algorithm, decryptBlocks, ecbMode, encryptBlocks, macAlgorithm3, macOf, macSm4 } from '@polycard/crypto';

export const CAPP_MAC_BYTES = 4;

/** P1 of APPEND RECORD: the algorithm of opening and management key (a card laboratory's reading, reference §3.3, §4.6). */
export const APPEND_P1: Readonly<Record<Algorithm, number>> = { '3DES': 0x00, SM4: 0x01 };

/** DF60, what a transaction does with the extended files; 04 and above mean nothing to a 2013 card. */
export const CAPP_INDICATOR = { none: 0, segmentDeduction: 1, preAuthorisation: 2, completion: 3 } as const;

/** P2 of the extended commands: the file, and whether the next record of equal ID is meant. */
export function cappP2(sfi: number, next = false): number {
  if (sfi < 1 || sfi > 0x1e) {
    throw new PolycardError('POLYCARD_CAPP_SFI', `SFI ${sfi} is outside 1 to 30`, { where: 'P2' });
  }
  return (sfi << 3) | (next ? 1 : 0);
}

function ivOfAtc(atc: number): Uint8Array {
  return Uint8Array.of(0, 0, 0, 0, 0, 0, atc >> 8, atc & 0xff);
}

/**
 * The IV is xored into the front of the text, so the one rule serves both block sizes. For SM4 no public source has an
 * answer of a card: this is the branch a test library keeps switched off (reference §3.8, low confidence).
 */
function macWithIv(algorithm: Algorithm, key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  if (algorithm === '3DES') return macAlgorithm3(key, data, iv).slice(0, CAPP_MAC_BYTES);
  const front = xor(iv, data.subarray(0, iv.length)).subarray(0, Math.min(iv.length, data.length));
  return macSm4(key, concat(front, data.subarray(iv.length))).slice(0, CAPP_MAC_BYTES);
}

export interface CappUpdate {
  /** Record management key, 16 bytes. */
  readonly recordKey: Uint8Array;
  /** ATC of the running transaction. */
  readonly atc: number;
  readonly p2: number;
  /** Whole new record, `ID L data` for a variable file. */
  readonly record: Uint8Array;
  /** 3DES unless a scheme says otherwise: test scripts use it even for SM4 cards (reference §3.8). */
  readonly algorithm?: Algorithm;
}

/** MAC of UPDATE CAPP DATA CACHE: 4 bytes over CLA INS P1 P2 Lc‖record, IV 000000000000‖ATC. */
export function computeUpdateMac({ recordKey, atc, p2, record, algorithm = '3DES' }: CappUpdate): Uint8Array {
  const header = Uint8Array.of(0x84, 0xde, 0x00, p2, record.length + CAPP_MAC_BYTES);
  return macWithIv(algorithm, recordKey, ivOfAtc(atc), concat(header, record));
}

export interface CappAppend {
  /** Opening key of the file (开通密钥), 16 bytes. */
  readonly openingKey: Uint8Array;
  /** ATC as GET DATA 9F36 gives it: of the last GET PROCESSING OPTIONS. */
  readonly atc: number;
  readonly p2: number;
  readonly encryptedRecordKey: Uint8Array;
  readonly record: Uint8Array;
  /** Of the opening key, which P1 states. 3DES unless given. */
  readonly algorithm?: Algorithm;
}

/** Data of a MAC with the initial value 000000000000‖`counter` combined into their front. */
export function chainedOn(counter: number, data: Uint8Array): Uint8Array {
  return concat(xor(data.subarray(0, 8), ivOfAtc(counter)), data.subarray(8));
}

/** What the MAC of APPEND RECORD is over, the initial value (the ATC) already combined with its front. */
export function appendRecordInput(append: Omit<CappAppend, 'openingKey'>): Uint8Array {
  const { atc, p2, encryptedRecordKey, record, algorithm = '3DES' } = append;
  const length = encryptedRecordKey.length + record.length + CAPP_MAC_BYTES;
  const header = Uint8Array.of(0x04, 0xe2, APPEND_P1[algorithm], p2, length);
  return chainedOn(atc, concat(header, encryptedRecordKey, record));
}

/** MAC of APPEND RECORD: 4 bytes under the opening key over header‖encrypted record key‖record. */
export function computeAppendMac({ openingKey, ...append }: CappAppend): Uint8Array {
  return macOf(append.algorithm ?? '3DES', openingKey, appendRecordInput(append)).slice(0, CAPP_MAC_BYTES);
}

/** Record management key under the opening key, as APPEND RECORD carries it. */
export function encryptRecordKey(
  openingKey: Uint8Array,
  recordKey: Uint8Array,
  algorithm: Algorithm = '3DES',
): Uint8Array {
  return encryptBlocks(ecbMode(algorithm), openingKey, recordKey);
}

export function decryptRecordKey(openingKey: Uint8Array, encrypted: Uint8Array, algorithm: Algorithm): Uint8Array {
  return decryptBlocks(ecbMode(algorithm), openingKey, encrypted);
}

/** R-MAC of READ CAPP DATA: 4 bytes over the record, IV = the terminal's 8 random bytes. */
export function computeReadMac(
  recordKey: Uint8Array,
  random: Uint8Array,
  record: Uint8Array,
  algorithm: Algorithm = '3DES',
): Uint8Array {
  return macWithIv(algorithm, recordKey, random, record);
}

/** Status MAC of UPDATE CAPP DATA CACHE after a read with R-MAC: over the status word, IV 00000000‖command MAC. */
export function computeStatusMac(
  recordKey: Uint8Array,
  commandMac: Uint8Array,
  algorithm: Algorithm = '3DES',
): Uint8Array {
  const block = concat(Uint8Array.of(0x90, 0x00, 0x80, 0x00), commandMac);
  const whole = algorithm === '3DES' ? block : concat(block, new Uint8Array(8));
  return encryptBlocks(ecbMode(algorithm), recordKey, whole).slice(0, CAPP_MAC_BYTES);
}

/** READ CAPP DATA command; with `random` (8 bytes) the card adds an R-MAC. */
export function encodeReadCapp(target: { sfi: number; id: number; next?: boolean; random?: Uint8Array }): Uint8Array {
  const id = Uint8Array.of(target.id >> 8, target.id & 0xff);
  const data = target.random === undefined ? id : concat(id, target.random);
  return encodeCommand({ cla: 0x80, ins: 0xb4, p1: 0, p2: cappP2(target.sfi, target.next), data, le: 256 });
}

/** UPDATE CAPP DATA CACHE command with a MAC computed elsewhere (PSAM) or here. */
export function encodeUpdateCapp(p2: number, record: Uint8Array, mac: Uint8Array): Uint8Array {
  return encodeCommand({ cla: 0x84, ins: 0xde, p1: 0, p2, data: concat(record, mac) });
}

/** APPEND RECORD command: activates a record and installs its management key. */
export function encodeAppendRecord(options: {
  readonly openingKey: Uint8Array;
  readonly recordKey: Uint8Array;
  readonly atc: number;
  readonly sfi: number;
  readonly record: Uint8Array;
  /** Of both keys; 3DES unless given. */
  readonly algorithm?: Algorithm;
}): Uint8Array {
  const p2 = cappP2(options.sfi);
  const p1 = APPEND_P1[options.algorithm ?? '3DES'];
  const encryptedRecordKey = encryptRecordKey(options.openingKey, options.recordKey, options.algorithm);
  const mac = computeAppendMac({ ...options, p2, encryptedRecordKey });
  return encodeCommand({ cla: 0x04, ins: 0xe2, p1, p2, data: concat(encryptedRecordKey, options.record, mac) });
}

/** GET TRANS PROVE command: asks for the TC of the transaction with this ATC. */
export function encodeGetTransProve(atc: number): Uint8Array {
  return encodeCommand({ cla: 0x80, ins: 0x5a, p1: 0, p2: 0, data: Uint8Array.of(atc >> 8, atc & 0xff), le: 8 });
}
