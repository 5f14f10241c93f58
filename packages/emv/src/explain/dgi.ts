/** Data groupings of personalisation (EMV CPS 1.1 as publicly described; PBOC numbers, reference pboc.md §7). */
import { ByteReader, PolycardError, toHex } from '@polycard/bytes';
import { describeTlv } from '../describe-tlv.ts';
import { type Explainer, type ExplanationPart, holds, partsOfTlv } from './explanation.ts';

const NAMES: Readonly<Record<string, readonly [en: string, zh: string]>> = {
  '0D01': ['card-internal data', '卡片内部数据'],
  '0E01': ['card-internal data', '卡片内部数据'],
  '8000': ['card keys AC, MAC, ENC, enciphered', '应用密钥(加密)'],
  '8001': ['dCVN key, enciphered', 'dCVN密钥(加密)'],
  '8010': ['offline PIN block, enciphered', '脱机PIN块(加密)'],
  '8020': ['opening keys of extended files, enciphered', '扩展文件开通密钥(加密)'],
  '8201': ['RSA q⁻¹ mod p, enciphered', 'RSA CRT常数(加密)'],
  '8202': ['RSA d mod (q−1), enciphered', 'RSA d mod (q−1)(加密)'],
  '8203': ['RSA d mod (p−1), enciphered', 'RSA d mod (p−1)(加密)'],
  '8204': ['RSA q, enciphered', 'RSA q(加密)'],
  '8205': ['RSA p, enciphered', 'RSA p(加密)'],
  '9000': ['check values of the card keys', '应用密钥校验值'],
  '9010': ['PIN try counter and limit', 'PIN尝试计数器和上限'],
  '9020': ['check values of the opening keys', '开通密钥校验值'],
  '9102': ['FCI template, contact', '接触FCI模板'],
  '9103': ['FCI template, contactless', '非接触FCI模板'],
  '9104': ['processing options, debit/credit', '借贷记GPO数据'],
  '9200': ['issuer application data, debit/credit', '借贷记发卡行应用数据'],
  '9203': ['processing options, electronic cash', '电子现金GPO数据'],
  '9206': ['magnetic stripe data', '磁条数据'],
  '9207': ['processing options, qPBOC', 'qPBOC GPO数据'],
  A001: ['extended files', '扩展文件列表'],
};

const SECRET_FIRST_BYTES: ReadonlySet<string> = new Set(['80', '82']);
const RECORD_SFI_MAX = 0x1e;

interface Grouping {
  readonly dgi: string;
  readonly data: Uint8Array;
  /** More bytes belong to it than these; the rest follows in the next block. */
  readonly missingBytes: number;
}

/** Groupings in order; the last one may go on in another STORE DATA block when `mayContinue`. */
export function splitGroupings(bytes: Uint8Array, mayContinue: boolean): Grouping[] {
  const reader = new ByteReader(bytes, 'data groupings');
  const groupings: Grouping[] = [];
  while (reader.remaining > 0) {
    const dgi = toHex(reader.take(2, 'DGI'));
    let length = reader.u8(`length of ${dgi}`);
    if (length === 0xff) length = reader.u16(`length of ${dgi}`);
    const here = mayContinue ? Math.min(length, reader.remaining) : length;
    groupings.push({ dgi, data: reader.take(here, `DGI ${dgi}`), missingBytes: length - here });
  }
  return groupings;
}

function isKnown(dgi: string): boolean {
  const sfi = Number.parseInt(dgi.slice(0, 2), 16);
  return NAMES[dgi] !== undefined || (sfi >= 1 && sfi <= RECORD_SFI_MAX && dgi.slice(2) !== '00');
}

function contentOf(dgi: string, data: Uint8Array): readonly ExplanationPart[] | undefined {
  if (SECRET_FIRST_BYTES.has(dgi.slice(0, 2)) || NAMES[dgi]?.[0].startsWith('check') === true) return undefined;
  try {
    return partsOfTlv(describeTlv(data));
  } catch {
    return undefined;
  }
}

export function groupingParts(bytes: Uint8Array, mayContinue: boolean): ExplanationPart[] {
  return splitGroupings(bytes, mayContinue).map(({ dgi, data, missingBytes }) => {
    const [en, zh] = NAMES[dgi] ?? [
      `record ${Number.parseInt(dgi.slice(2), 16)} of SFI ${dgi.slice(0, 2)}`,
      `短文件 ${dgi.slice(0, 2)} 记录${Number.parseInt(dgi.slice(2), 16)}`,
    ];
    const children = missingBytes > 0 ? undefined : contentOf(dgi, data);
    const isSecret = SECRET_FIRST_BYTES.has(dgi.slice(0, 2));
    const size = `${data.length + missingBytes} bytes`;
    return {
      name: { en: `DGI ${dgi} ${en}`, zh: `DGI ${dgi} ${zh}` },
      ...(children === undefined && !isSecret ? { hex: toHex(data) } : {}),
      text: missingBytes > 0 ? `${size}, ${missingBytes} of them in the next block` : size,
      ...(children === undefined ? {} : { children }),
    };
  });
}

export const DGI_EXPLAINER: Explainer = {
  kind: 'dgi',
  title: { en: 'data groupings of STORE DATA', zh: 'STORE DATA数据分组' },
  likelihood: (bytes) =>
    bytes.length > 3 && holds(() => splitGroupings(bytes, false).every(({ dgi }) => isKnown(dgi))) ? 72 : 0,
  explain: (bytes) => {
    const parts = groupingParts(bytes, false);
    if (parts.length === 0) throw new PolycardError('POLYCARD_EXPLAIN_DGI', 'there is no data grouping');
    return parts;
  },
};
