/** TLV structures, data object lists, file locators, issuer application data and card verification methods. */
import {
  type DolEntry,
  digitsFromBcd,
  isConstructed,
  numberFromBcd,
  PolycardError,
  parseDol,
  parseTlv,
  type TlvNode,
  toHex,
} from '@polycard/bytes';
import { describeTlv } from '../describe-tlv.ts';
import { parseIssuerApplicationData } from '../issuer-application-data.ts';
import { tagEntry, tagName } from '../tags.ts';
import { cvrParts } from './bits.ts';
import { type Explainer, type ExplanationPart, holds, partsOfTlv } from './explanation.ts';

const isKnownTag = (tag: string): boolean => tagEntry(tag) !== undefined;

/** Share of known tags, templates counted with what is inside. */
function knownShare(nodes: readonly TlvNode[]): number {
  const all = (list: readonly TlvNode[]): TlvNode[] => list.flatMap((node) => [node, ...all(node.children ?? [])]);
  const every = all(nodes);
  return every.length === 0 ? 0 : every.filter(({ tag }) => isKnownTag(tag)).length / every.length;
}

const tlv: Explainer = {
  kind: 'tlv',
  title: { en: 'TLV structure', zh: 'TLV结构' },
  likelihood: (bytes) => {
    let nodes: TlvNode[];
    try {
      nodes = parseTlv(bytes);
    } catch {
      return 0;
    }
    // padding bytes 00 may stand between objects; a value that begins with one is rather something else
    if (nodes.length === 0 || bytes[0] === 0) return 0;
    if (nodes.every(({ value }) => value.length === 0)) return 10;
    const share = knownShare(nodes);
    const isTemplate = nodes.length === 1 && isConstructed(nodes[0]!.tag) && isKnownTag(nodes[0]!.tag);
    return isTemplate ? 90 : Math.round(20 + 65 * share ** 2);
  },
  explain: (bytes) => partsOfTlv(describeTlv(bytes)),
};

/** Tag and length pairs of a DOL, with the sum a card is given. */
function dolParts(entries: readonly DolEntry[]): ExplanationPart[] {
  const total = entries.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  return [
    ...entries.map(({ tag, lengthBytes }) => {
      const name = tagName(tag);
      const plural = lengthBytes === 1 ? 'byte' : 'bytes';
      return {
        name: { en: `${tag} ${name.en}`, zh: name.zh },
        text: `${lengthBytes} ${plural}`,
        textZh: `${lengthBytes}字节`,
      };
    }),
    { name: { en: 'together', zh: '合计' }, text: `${total} bytes`, textZh: `${total}字节` },
  ];
}

const dol: Explainer = {
  kind: 'dol',
  title: { en: 'data object list (DOL)', zh: '数据对象列表(DOL)' },
  likelihood: (bytes) => {
    let entries: DolEntry[];
    try {
      entries = parseDol(bytes);
    } catch {
      return 0;
    }
    const areKnown = entries.every(({ tag, lengthBytes }) => lengthBytes > 0 && isKnownTag(tag) && !isConstructed(tag));
    return areKnown && entries.length > 0 ? (entries.length > 1 ? 80 : 45) : 0;
  },
  explain: (bytes) => dolParts(parseDol(bytes)),
};

interface AflEntry {
  readonly sfi: number;
  readonly first: number;
  readonly last: number;
  readonly authenticated: number;
}

/** EMV 4.4 Book 3 §10.2. */
function aflEntries(bytes: Uint8Array): AflEntry[] {
  const wrong = (offset: number, what: string): never => {
    throw new PolycardError('POLYCARD_EXPLAIN_AFL', `the AFL entry at offset ${offset} ${what}`, {
      expected: 'SFI in b8-b4, first record, last record, records under offline data authentication',
    });
  };
  if (bytes.length === 0 || bytes.length % 4 !== 0) wrong(bytes.length - (bytes.length % 4), 'is not whole');
  const entries: AflEntry[] = [];
  for (let offset = 0; offset < bytes.length; offset += 4) {
    const [file, first, last, authenticated] = [...bytes.subarray(offset, offset + 4)] as [
      number,
      number,
      number,
      number,
    ];
    if ((file & 7) !== 0 || file === 0 || file >> 3 > 30) wrong(offset, 'names no file');
    if (first === 0 || last < first) wrong(offset, 'names no records');
    if (authenticated > last - first + 1) wrong(offset, 'authenticates more records than it has');
    entries.push({ sfi: file >> 3, first, last, authenticated });
  }
  return entries;
}

const afl: Explainer = {
  kind: 'afl',
  title: { en: 'application file locator (AFL)', zh: '应用文件定位器(AFL)' },
  likelihood: (bytes) => (holds(() => aflEntries(bytes)) ? 75 : 0),
  explain: (bytes) =>
    aflEntries(bytes).map(({ sfi, first, last, authenticated }) => {
      const file = toHex(Uint8Array.of(sfi));
      return {
        name: { en: `SFI ${file}`, zh: `短文件 ${file}` },
        text: `records ${first} to ${last}, ${authenticated} of them authenticated offline`,
        textZh: `记录${first}至${last}，其中${authenticated}条参与脱机数据认证`,
      };
    }),
};

/** What the values of the discretionary data are, by their ID. */
const IDD_NAMES: Readonly<Record<number, readonly [en: string, zh: string][]>> = {
  1: [['electronic cash balance', '电子现金余额']],
  2: [['cumulative offline amount', '累计脱机交易金额']],
  3: [
    ['electronic cash balance', '电子现金余额'],
    ['cumulative offline amount', '累计脱机交易金额'],
  ],
  4: [
    ['cumulative offline amount', '累计脱机交易金额'],
    ['cumulative offline amount limit', '累计脱机交易金额限制'],
  ],
  5: [['available offline amount', '可用脱机消费金额']],
};
const IDD_AMOUNT_BYTES = 5;

function iddAmounts(id: number, value: Uint8Array): ExplanationPart[] {
  return (IDD_NAMES[id] ?? []).flatMap(([en, zh], index) => {
    const amount = value.subarray(index * IDD_AMOUNT_BYTES, (index + 1) * IDD_AMOUNT_BYTES);
    if (amount.length < IDD_AMOUNT_BYTES) return [];
    const words = holds(() => digitsFromBcd(amount)) ? (numberFromBcd(amount) / 100).toFixed(2) : undefined;
    return [{ name: { en, zh }, hex: toHex(amount), ...(words === undefined ? {} : { text: words }) }];
  });
}

const iad: Explainer = {
  kind: '9f10',
  title: { en: 'issuer application data, 9F10', zh: '发卡行应用数据 9F10' },
  likelihood: (bytes) => (holds(() => parseIssuerApplicationData(bytes)) ? 88 : 0),
  explain: (bytes) => {
    const data = parseIssuerApplicationData(bytes);
    const hexByte = (value: number): string => toHex(Uint8Array.of(value));
    const { discretionary } = data;
    return [
      { name: { en: 'derivation key index', zh: '分散密钥索引' }, hex: hexByte(data.keyIndex) },
      { name: { en: 'cryptogram version', zh: '密文版本号' }, hex: hexByte(data.cvn) },
      {
        name: { en: 'card verification results', zh: '卡片验证结果' },
        hex: toHex(data.cvr),
        children: cvrParts(data.cvr),
      },
      { name: { en: 'algorithm', zh: '算法标识' }, text: data.algorithm },
      ...(discretionary === undefined
        ? []
        : [
            {
              name: { en: 'issuer discretionary data', zh: '发卡行自定义数据' },
              text: `ID ${hexByte(discretionary.id)}`,
              children: [
                ...iddAmounts(discretionary.id, discretionary.value),
                { name: { en: 'MAC', zh: 'MAC' }, hex: toHex(discretionary.mac) },
              ],
            },
          ]),
    ];
  },
};

export const OBJECT_EXPLAINERS: readonly Explainer[] = [tlv, dol, afl, iad];
