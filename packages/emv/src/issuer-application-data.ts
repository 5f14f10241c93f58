/**
 * Issuer application data (9F10): key index, cryptogram version, card verification results, and the issuer's
 * discretionary data with its own MAC. PBOC 3.0 Part 5 as publicly described.
 */
import { concat, PolycardError, xor } from '@polycard/bytes';
import { type Algorithm, encryptBlocks, macOf } from '@polycard/crypto';

/** What the cryptogram of a transaction is: b6-5 of CVR byte 1 (first GENERATE AC, and qPBOC). */
export type CryptogramKind = 'AAC' | 'TC' | 'ARQC';

export interface IssuerDiscretionaryData {
  /** 01 balance, 02 CTTA, 03 balance and CTTA, 04 CTTA and CTTAL, 05 available offline amount. */
  readonly id: number;
  /** 5 or 10 bytes: low five bytes of each n12 amount. */
  readonly value: Uint8Array;
  readonly mac: Uint8Array;
}

export interface IssuerApplicationData {
  readonly keyIndex: number;
  readonly cvn: number;
  /** Card verification results, 3 bytes. */
  readonly cvr: Uint8Array;
  readonly algorithm: Algorithm;
  readonly discretionary?: IssuerDiscretionaryData;
}

/**
 * How the MAC input ATC‖value is completed; implementations differ (reference C4), so it is a switch of the issuer:
 * - `filled-block`: zeros to 8 or 16 bytes, then a whole padding block (observed on the recorded card: the default);
 * - `filled-block-short-only`: the same for a 5-byte value, no padding block for a 10-byte one;
 * - `method-2`: plain 80 00‥;
 * - `filled`: zeros to 8 or 16 bytes and nothing else.
 */
export type IddMacPadding = 'filled-block' | 'filled-block-short-only' | 'method-2' | 'filled';

const ALGORITHM_ID_3DES = 0x01;
const ALGORITHM_ID_SM4 = 0x04;
const HEAD_BYTES = 8;
const IDD_MAC_BYTES = 4;

function bad(what: string): PolycardError {
  return new PolycardError('POLYCARD_EMV_IAD', what, { where: '9F10' });
}

/** Throws `POLYCARD_EMV_IAD` when the lengths inside do not fit. */
export function parseIssuerApplicationData(bytes: Uint8Array): IssuerApplicationData {
  if (bytes.length < HEAD_BYTES || bytes[0] !== 0x07 || bytes[3] !== 0x03) {
    throw bad(`issuer application data has ${bytes.length} bytes, expected 07 … 03 and at least ${HEAD_BYTES}`);
  }
  const head: IssuerApplicationData = {
    keyIndex: bytes[1]!,
    cvn: bytes[2]!,
    cvr: bytes.subarray(4, 7),
    algorithm: bytes[7] === ALGORITHM_ID_SM4 ? 'SM4' : '3DES',
  };
  if (bytes.length === HEAD_BYTES) return head;
  const length = bytes[HEAD_BYTES]!;
  if (length + HEAD_BYTES + 1 !== bytes.length || length < 1 + IDD_MAC_BYTES) {
    throw bad(
      `discretionary data at offset ${HEAD_BYTES} says ${length} bytes, found ${bytes.length - HEAD_BYTES - 1}`,
    );
  }
  const discretionary = {
    id: bytes[HEAD_BYTES + 1]!,
    value: bytes.subarray(HEAD_BYTES + 2, bytes.length - IDD_MAC_BYTES),
    mac: bytes.subarray(bytes.length - IDD_MAC_BYTES),
  };
  return { ...head, discretionary };
}

export function encodeIssuerApplicationData(data: IssuerApplicationData): Uint8Array {
  const algorithmId = data.algorithm === 'SM4' ? ALGORITHM_ID_SM4 : ALGORITHM_ID_3DES;
  const head = concat(Uint8Array.of(0x07, data.keyIndex, data.cvn, 0x03), data.cvr, Uint8Array.of(algorithmId));
  if (data.discretionary === undefined) return head;
  const { id, value, mac } = data.discretionary;
  return concat(head, Uint8Array.of(1 + value.length + mac.length, id), value, mac);
}

/** Sum of two blocks under the MAC without a padding block of its own. */
function macUnpadded(algorithm: Algorithm, key: Uint8Array, data: Uint8Array): Uint8Array {
  if (algorithm === 'SM4') {
    const whole = data.length % 16 === 0 ? data : concat(data, new Uint8Array(16 - (data.length % 16)));
    return encryptBlocks('sm4-cbc', key, whole, new Uint8Array(16)).slice(-16);
  }
  const left = concat(key.subarray(0, 8), key.subarray(0, 8));
  let chained: Uint8Array = new Uint8Array(8);
  const lastStart = data.length - 8;
  if (lastStart > 0) chained = encryptBlocks('des-ede-cbc', left, data.subarray(0, lastStart), chained).subarray(-8);
  return encryptBlocks('des-ede-ecb', key, xor(data.subarray(lastStart), chained));
}

/** ATC‖value with zeros to 8 or 16 bytes: what the MAC of the discretionary data is over before its padding. */
export function iddMacInput({ atc, value }: { readonly atc: number; readonly value: Uint8Array }): Uint8Array {
  const plain = concat(Uint8Array.of(atc >> 8, atc & 0xff), value);
  const filled = new Uint8Array(Math.ceil(plain.length / 8) * 8);
  filled.set(plain);
  return filled;
}

/** MAC of the discretionary data: 4 bytes under SK-MAC over ATC‖value. */
export function computeIddMac(
  algorithm: Algorithm,
  skMac: Uint8Array,
  input: { readonly atc: number; readonly value: Uint8Array },
  padding: IddMacPadding = 'filled-block',
): Uint8Array {
  if (padding === 'method-2') {
    const plain = concat(Uint8Array.of(input.atc >> 8, input.atc & 0xff), input.value);
    return macOf(algorithm, skMac, plain).slice(0, IDD_MAC_BYTES);
  }
  const filled = iddMacInput(input);
  const block = padding === 'filled-block' || (padding === 'filled-block-short-only' && filled.length === 8);
  const mac = block ? macOf(algorithm, skMac, filled) : macUnpadded(algorithm, skMac, filled);
  return mac.slice(0, IDD_MAC_BYTES);
}

/** The kind a card decided on in qPBOC or in its first GENERATE AC; undefined for the reserved value. */
export function cryptogramKindOfCvr(cvr: Uint8Array): CryptogramKind | undefined {
  return (['AAC', 'TC', 'ARQC', undefined] as const)[((cvr[0] ?? 0) >> 4) & 0x03];
}

const CVR_BITS: readonly (readonly [byte: number, mask: number, en: string, zh: string])[] = [
  [0, 0x08, 'issuer authentication performed and failed', '发卡行认证执行但失败'],
  [0, 0x04, 'offline PIN verification performed', '脱机PIN验证已执行'],
  [0, 0x02, 'offline PIN verification failed', '脱机PIN验证失败'],
  [0, 0x01, 'unable to go online', '不能联机'],
  [1, 0x80, 'last online transaction not completed', '上次联机交易未完成'],
  [1, 0x40, 'PIN try limit exceeded', 'PIN尝试次数超限'],
  [1, 0x20, 'velocity checking counters exceeded', '频度检查计数器超限'],
  [1, 0x10, 'new card', '新卡'],
  [1, 0x08, 'issuer authentication failed on last online transaction', '上次联机交易发卡行认证失败'],
  [1, 0x04, 'issuer authentication not performed after online', '联机后未执行发卡行认证'],
  [1, 0x02, 'application blocked because PIN tries exceeded', '因PIN超限应用锁定'],
  [1, 0x01, 'SDA failed on last transaction', '上次交易SDA失败'],
  [2, 0x08, 'issuer script failed on last transaction', '上次交易发卡行脚本失败'],
  [2, 0x04, 'DDA failed on last transaction', '上次交易DDA失败'],
  [2, 0x02, 'DDA performed', 'DDA已执行'],
];

export interface CvrFacts {
  readonly first: CryptogramKind | undefined;
  readonly second: CryptogramKind | 'not requested' | undefined;
  readonly issuerScripts: number;
  readonly flags: readonly { readonly en: string; readonly zh: string }[];
}

/** CVR in words (3 bytes). */
export function decodeCvr(cvr: Uint8Array): CvrFacts {
  return {
    first: cryptogramKindOfCvr(cvr),
    second: (['AAC', 'TC', 'not requested', undefined] as const)[(cvr[0] ?? 0) >> 6],
    issuerScripts: (cvr[2] ?? 0) >> 4,
    flags: CVR_BITS.filter(([byte, mask]) => ((cvr[byte] ?? 0) & mask) !== 0).map(([, , en, zh]) => ({ en, zh })),
  };
}
