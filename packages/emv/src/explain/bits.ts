/** Objects that are rows of bits: TTQ, CTQ, TVR, TSI, AIP, CVR and their like. */
import { PolycardError, toHex } from '@polycard/bytes';
import { BIT_TABLES, hasOnlyKnownBits, setBits } from '../bit-tables.ts';
import { decodeCvr } from '../issuer-application-data.ts';
import { type TwoLanguages, tagName } from '../tags.ts';
import type { Explainer, ExplanationPart } from './explanation.ts';

interface BitKind {
  readonly kind: string;
  readonly tag: string;
  readonly lengthBytes: number;
  /** How far these bytes speak for themselves, when their bits are all known ones. */
  readonly likelihood: number;
}

const KINDS: readonly BitKind[] = [
  { kind: 'ttq', tag: '9F66', lengthBytes: 4, likelihood: 70 },
  { kind: 'tvr', tag: '95', lengthBytes: 5, likelihood: 60 },
  { kind: 'aip', tag: '82', lengthBytes: 2, likelihood: 55 },
  { kind: 'ctq', tag: '9F6C', lengthBytes: 2, likelihood: 50 },
  { kind: 'tsi', tag: '9B', lengthBytes: 2, likelihood: 45 },
  { kind: 'terminal-capabilities', tag: '9F33', lengthBytes: 3, likelihood: 52 },
  { kind: 'usage-control', tag: '9F07', lengthBytes: 2, likelihood: 20 },
  { kind: 'card-additional-processes', tag: '9F68', lengthBytes: 4, likelihood: 40 },
  { kind: 'default-action', tag: '9F52', lengthBytes: 2, likelihood: 20 },
];

function expectLength(bytes: Uint8Array, lengthBytes: number, what: TwoLanguages): void {
  if (bytes.length === lengthBytes) return;
  throw new PolycardError('POLYCARD_EXPLAIN_LENGTH', `${what.en}: ${bytes.length} bytes`, {
    expected: `${lengthBytes} bytes`,
  });
}

function bitParts(tag: string, bytes: Uint8Array): ExplanationPart[] {
  const meanings = setBits(tag, bytes) ?? [];
  const parts: ExplanationPart[] = meanings.map(({ byte, bit, en, zh }) => ({
    name: { en: `byte ${byte} b${bit}`, zh: `第${byte}字节 b${bit}` },
    text: en,
    textZh: zh,
  }));
  for (const [index, value] of bytes.entries()) {
    const known = meanings.filter(({ byte }) => byte === index + 1).reduce((sum, { bit }) => sum | (1 << (bit - 1)), 0);
    for (let bit = 8; bit >= 1; bit--) {
      if ((value & ~known & (1 << (bit - 1))) === 0) continue;
      const name = { en: `byte ${index + 1} b${bit}`, zh: `第${index + 1}字节 b${bit}` };
      parts.push({ name, text: 'set, without a known meaning', textZh: '已置位，含义未知' });
    }
  }
  return parts.length > 0 ? parts : [{ name: { en: 'no bit is set', zh: '所有位均为0' } }];
}

const CVR_TITLE = { en: 'card verification results (CVR)', zh: '卡片验证结果(CVR)' };
const CVR_BYTES = 3;

export function cvrParts(cvr: Uint8Array): ExplanationPart[] {
  expectLength(cvr, CVR_BYTES, CVR_TITLE);
  const { first, second, issuerScripts, flags } = decodeCvr(cvr);
  return [
    { name: { en: 'first GENERATE AC, or qPBOC', zh: '第一次GENERATE AC或qPBOC' }, text: first ?? 'reserved' },
    { name: { en: 'second GENERATE AC', zh: '第二次GENERATE AC' }, text: second ?? 'reserved' },
    { name: { en: 'issuer scripts', zh: '发卡行脚本数' }, text: String(issuerScripts) },
    ...flags.map(({ en, zh }) => ({ name: { en: 'flag', zh: '标志' }, text: en, textZh: zh })),
  ];
}

export const BIT_EXPLAINERS: readonly Explainer[] = [
  ...KINDS.map(({ kind, tag, lengthBytes, likelihood }): Explainer => {
    const title = tagName(tag);
    return {
      kind,
      title: { en: `${title.en}, ${tag}`, zh: `${title.zh} ${tag}` },
      likelihood: (bytes) =>
        bytes.length === lengthBytes && BIT_TABLES.has(tag) && hasOnlyKnownBits(tag, bytes) ? likelihood : 0,
      explain: (bytes) => {
        expectLength(bytes, lengthBytes, title);
        return bitParts(tag, bytes);
      },
    };
  }),
  {
    kind: 'cvr',
    title: CVR_TITLE,
    likelihood: (bytes) => {
      if (bytes.length !== CVR_BYTES || toHex(bytes) === '000000') return 0;
      // second GENERATE AC not requested: every qPBOC answer and every first cryptogram
      return (bytes[0]! & 0xc0) === 0x80 && (bytes[0]! & 0x30) !== 0x30 ? 56 : 42;
    },
    explain: cvrParts,
  },
];
