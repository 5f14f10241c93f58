/** Answers to reset (ISO 7816-3:2006 §8.2; historical bytes ISO 7816-4:2020 §12.1.1). */
import { parseAtr, toHex } from '@polycard/bytes';
import type { Explainer, ExplanationPart } from './explanation.ts';

const PROTOCOL_NAMES: Readonly<Record<number, string>> = { 0: 'T=0', 1: 'T=1' };
const COMPACT_TLV: Readonly<Record<number, readonly [en: string, zh: string]>> = {
  1: ['country code', '国家代码'],
  2: ['issuer identification number', '发卡行识别号'],
  3: ['card service data', '卡片服务数据'],
  4: ['initial access data', '初始访问数据'],
  5: ["card issuer's data", '发卡方数据'],
  6: ['pre-issuing data', '预发行数据'],
  7: ['card capabilities', '卡片能力'],
  8: ['status', '状态信息'],
};

function textOf(bytes: Uint8Array): { text?: string } {
  const isText = bytes.length > 1 && bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isText ? { text: Buffer.from(bytes).toString('ascii') } : {};
}

function compactTlv(bytes: Uint8Array): ExplanationPart[] {
  const parts: ExplanationPart[] = [];
  let offset = 1; // the category byte 80
  while (offset < bytes.length) {
    const [tag, length] = [bytes[offset]! >> 4, bytes[offset]! & 0x0f];
    const value = bytes.subarray(offset + 1, offset + 1 + length);
    const [en, zh] = COMPACT_TLV[tag] ?? [`object ${tag}`, `对象${tag}`];
    parts.push({ name: { en, zh }, hex: toHex(value), ...textOf(value) });
    offset += 1 + length;
  }
  return parts;
}

export const ATR_EXPLAINER: Explainer = {
  kind: 'atr',
  title: { en: 'answer to reset (ATR)', zh: '复位应答(ATR)' },
  likelihood: (bytes) => {
    if (bytes.length < 2) return 0;
    try {
      const { check } = parseAtr(bytes);
      return check === undefined ? 85 : check.found === check.expected ? 97 : 60;
    } catch {
      return 0;
    }
  },
  explain: (bytes) => {
    const atr = parseAtr(bytes);
    const protocols = atr.protocols.map((protocol) => PROTOCOL_NAMES[protocol] ?? `T=${protocol}`).join(', ');
    const isContactless = toHex(bytes.subarray(2, 4)) === '8001' && (bytes[1]! & 0xf0) === 0x80;
    const { check, historical } = atr;
    return [
      {
        name: { en: 'convention', zh: '编码约定' },
        text: atr.convention,
        textZh: atr.convention === 'direct' ? '正向' : '反向',
      },
      ...atr.interfaceBytes.map(({ name, value }) => ({
        name: { en: name, zh: name },
        hex: toHex(Uint8Array.of(value)),
      })),
      { name: { en: 'protocols', zh: '协议' }, text: protocols },
      ...(isContactless
        ? [
            {
              name: { en: 'form', zh: '形式' },
              text: 'as a contactless reader makes it from the ATS',
              textZh: '非接触读卡器由ATS生成',
            },
          ]
        : []),
      ...(historical.length === 0
        ? []
        : [
            {
              name: { en: 'historical bytes', zh: '历史字节' },
              hex: toHex(historical),
              ...textOf(historical),
              ...(historical[0] === 0x80 ? { children: compactTlv(historical) } : {}),
            },
          ]),
      ...(check === undefined
        ? []
        : [
            {
              name: { en: 'check byte TCK', zh: '校验字节TCK' },
              hex: toHex(Uint8Array.of(check.found)),
              text:
                check.found === check.expected ? 'right' : `wrong, expected ${toHex(Uint8Array.of(check.expected))}`,
              textZh: check.found === check.expected ? '正确' : '错误',
            },
          ]),
    ];
  },
};
