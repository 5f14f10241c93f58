/**
 * The messages of the UnionPay terminal dialect and of our industry extension: which fields each carries, and whether it
 * is sealed (reference iso8583.md §1.4 to §1.9). An acquirer's variant is a list that overrides rows by their key.
 */
import { messageError } from '../errors.ts';
import type { ReceivedMessage } from '../message.ts';
import { ONLINE_MESSAGES } from './online-messages.ts';

export interface MessageSpecification {
  /** Key of the row. */
  readonly id: string;
  readonly name: { readonly en: string; readonly zh: string };
  readonly mti: string;
  /** 60.1; absent where any goes. */
  readonly type?: string;
  /** 60.3; absent where any goes. */
  readonly codes?: readonly string[];
  /** Fields that must be there. */
  readonly required: readonly number[];
  /** Fields that may be there. */
  readonly optional?: readonly number[];
  /** Carries F64. */
  readonly isSealed: boolean;
  /** What F48, F57, F61, F62, F63 hold, in words. */
  readonly contents?: Readonly<Record<number, string>>;
  /** `reference` as the sources describe it; `ours` our documented extension. */
  readonly origin: 'reference' | 'ours';
}

type Row = readonly [
  id: string,
  en: string,
  zh: string,
  mti: string,
  type: string | undefined,
  /** 60.3, several with blanks between. */
  codes: string | undefined,
  required: readonly number[],
  optional: readonly number[],
  extra?: Partial<Pick<MessageSpecification, 'isSealed' | 'contents' | 'origin'>>,
];

const MANAGEMENT = [11, 41, 42, 60];
/** Downloads and the echo carry no trace number in the frames of the sources; ours send one. */
const DOWNLOAD = [41, 42, 60];
const ANSWER = [11, 39, 41, 42, 60];
const ANSWER_MAY = [3, 4, 11, 12, 13, 15, 25, 32, 37, 44, 49, 63];
const FINANCIAL = [3, 4, 11, 22, 25, 41, 42, 49, 60];
const FINANCIAL_MAY = [2, 14, 23, 26, 35, 36, 37, 38, 48, 52, 53, 55, 57, 58, 59, 61, 62, 63];
const SEALED = { isSealed: true } as const;
const contents = (of: Record<number, string>) => ({ contents: of });

const ROWS: readonly Row[] = [
  [
    'sign-in-single',
    'Sign in, single-length keys',
    '签到（单倍长密钥）',
    '0800',
    '00',
    '001',
    MANAGEMENT,
    [62, 63],
    contents({ 62: '"Sequence No" + 2-digit length + serial number', 63: 'operator 3' }),
  ],
  [
    'sign-in',
    'Sign in, double-length keys',
    '签到（双倍长密钥）',
    '0800',
    '00',
    '003',
    MANAGEMENT,
    [62, 63],
    contents({ 62: '"Sequence No" + 2-digit length + serial number', 63: 'operator 3' }),
  ],
  [
    'sign-in-track',
    'Sign in, double-length keys and track key',
    '签到（双倍长密钥含磁道密钥）',
    '0800',
    '00',
    '004',
    MANAGEMENT,
    [62, 63],
  ],
  ['sign-in-sm4', 'Sign in, SM4 keys', '签到（SM4密钥）', '0800', '00', '005', MANAGEMENT, [62, 63]],
  [
    'sign-in-sm4-track',
    'Sign in, SM4 keys and track key',
    '签到（SM4密钥含磁道密钥）',
    '0800',
    '00',
    '006',
    MANAGEMENT,
    [62, 63],
  ],
  [
    'sign-in-answer',
    'Answer to a sign-in',
    '签到应答',
    '0810',
    '00',
    '001 003 004 005 006',
    ANSWER,
    [...ANSWER_MAY, 62],
    contents({
      62: 'working keys under the terminal master key, each with a 4-byte check value',
      12: 'host clock: the terminal sets its own',
    }),
  ],
  ['sign-off', 'Sign off', '签退', '0820', '00', '002', MANAGEMENT, [63]],
  ['echo', 'Echo test', '回响测试', '0820', '00', '301', DOWNLOAD, [11]],
  [
    'magstripe-parameters',
    'Download parameters',
    '磁条卡参数下载',
    '0800',
    '00',
    '360',
    DOWNLOAD,
    [11, 63],
    contents({ 62: 'answer: 2-digit tags with values of fixed length' }),
  ],
  [
    'magstripe-parameters-end',
    'End of the parameter download',
    '磁条卡参数下载结束',
    '0800',
    '00',
    '361',
    DOWNLOAD,
    [11, 63],
  ],
  [
    'status-upload',
    'Terminal status upload',
    '终端状态上送',
    '0820',
    '00',
    '362',
    DOWNLOAD,
    [11, 62, 63],
    contents({
      62: 'status of the terminal as BER-TLV (industry extension): DF70 parameter version in use, DF71 cards served under it (4 bytes), DF72 cards turned away for its sake (4 bytes)',
    }),
  ],
  [
    'tms-parameters',
    'Download a parameter set, by pages',
    '参数下载（分页）',
    '0800',
    '00',
    '364',
    [...MANAGEMENT, 62],
    [63],
    {
      contents: {
        62: 'set 3 (TAR, CAP, CAK; TAN the next version of all three and its instant) | version held 8 | page 4; answer: status 1 | version 8, blank when there is no next one | page 4 | bytes. Set DNL, the deny list: request and answer are sealed (F64), the version is the number of the list, the bytes are signed deltas from the version held, or the signed snapshot where that is shorter',
      },
      origin: 'ours',
    },
  ],
  [
    'tms-parameters-end',
    'End of a parameter set',
    '参数下载结束',
    '0800',
    '00',
    '365',
    DOWNLOAD,
    [11, 62, 63],
    {
      contents: { 62: 'set 3 | version 8 | 0000; of set DNL, sealed: the version that was verified and is held now' },
      origin: 'ours',
    },
  ],
  [
    'ca-key-query',
    'List of CA keys',
    'IC卡公钥信息查询',
    '0820',
    '00',
    '372',
    [...MANAGEMENT, 62],
    [63],
    contents({ 62: '"1" + 2-digit count held' }),
  ],
  [
    'ca-key-download',
    'Download a CA key',
    'IC卡公钥下载',
    '0800',
    '00',
    '370',
    [...DOWNLOAD, 62],
    [11, 63],
    contents({ 62: '9F06 RID, 9F22 index' }),
  ],
  ['ca-key-end', 'End of the CA key download', 'IC卡公钥下载结束', '0800', '00', '371', DOWNLOAD, [11, 63]],
  [
    'aid-query',
    'List of AID parameters',
    'IC卡参数信息查询',
    '0820',
    '00',
    '382',
    [...MANAGEMENT, 62],
    [63],
    contents({ 62: '"1" + 2-digit count held' }),
  ],
  [
    'aid-download',
    'Download AID parameters',
    'IC卡参数下载',
    '0800',
    '00',
    '380',
    [...DOWNLOAD, 62],
    [11, 63],
    contents({ 62: '9F06 AID' }),
  ],
  ['aid-end', 'End of the AID parameter download', 'IC卡参数下载结束', '0800', '00', '381', DOWNLOAD, [11, 63]],
  [
    'bin-blacklist',
    'BIN blacklist, a page',
    '卡BIN黑名单下载',
    '0800',
    '00',
    '390',
    [...DOWNLOAD, 62],
    [11, 63],
    contents({
      62: '3-digit index of the first record wanted; answer: status 1 (0 none, 1 last, 2 more) | 3-digit last index | records of 2-digit length and number',
    }),
  ],
  ['bin-blacklist-end', 'End of the BIN blacklist', '卡BIN黑名单下载结束', '0800', '00', '391', DOWNLOAD, [11, 63]],
  [
    'contactless-parameters',
    'Download contactless parameters',
    '非接参数下载',
    '0800',
    '00',
    '394',
    DOWNLOAD,
    [11, 62, 63],
    contents({ 62: 'answer: BER-TLV FF805D, FF803A, FF803C, FF8057, FF8059' }),
  ],
  [
    'contactless-parameters-end',
    'End of the contactless parameters',
    '非接参数下载结束',
    '0800',
    '00',
    '395',
    DOWNLOAD,
    [11, 63],
  ],
  [
    'transit-list',
    'Transit card list, an increment',
    '交通卡黑名单增量下载',
    '0800',
    '00',
    '570',
    DOWNLOAD,
    [11, 62, 63],
    contents({
      63: 'institution 8 | last update 8 | cursor 10; answer: status 1 (2 has data) | next cursor 10 | records of 33: 1 added, 0 removed | card number 20 | 12',
    }),
  ],
  [
    'management-answer',
    'Answer to a management message',
    '管理类应答',
    '0810',
    '00',
    undefined,
    [39, 41, 42, 60],
    [...ANSWER_MAY, 48, 57, 62],
  ],
  [
    'management-answer-0830',
    'Answer to a query or sign-off',
    '查询与签退应答',
    '0830',
    '00',
    undefined,
    [39, 41, 42, 60],
    [...ANSWER_MAY, 62],
  ],
  [
    'settlement',
    'Settlement',
    '结算',
    '0500',
    '00',
    '201',
    [...MANAGEMENT, 48, 49],
    [63],
    contents({
      48: 'totals of domestic cards, then of foreign cards: debit amount 12, count 3, credit amount 12, count 3, result 1',
    }),
  ],
  [
    'settlement-answer',
    'Answer to a settlement',
    '结算应答',
    '0510',
    '00',
    '201',
    [11, 41, 42, 48, 60],
    [39, ...ANSWER_MAY],
    contents({ 48: 'as sent, with the result: 1 equal, 2 unequal' }),
  ],
  [
    'batch-details',
    'Batch upload, details',
    '批上送明细',
    '0320',
    '00',
    '201',
    [...MANAGEMENT, 48],
    [49],
    contents({ 48: 'count 2 | up to 8 x (organisation 2, trace 6, card number 20, amount 12)' }),
  ],
  [
    'batch-chip-approved',
    'Batch upload, approved chip transaction',
    '批上送IC卡成功交易',
    '0320',
    '00',
    '203',
    [...MANAGEMENT, 55, 62],
    [2, 4, 22, 23, 49],
    contents({ 62: '61 | organisation 2 | 00 | amount 12 | currency 3' }),
  ],
  [
    'batch-chip-mismatch',
    'Batch upload, chip transaction against its issuer',
    '批上送IC卡ARPC错交易',
    '0320',
    '00',
    '204',
    [...MANAGEMENT, 55, 62],
    [2, 4, 22, 23, 49],
  ],
  [
    'batch-chip-approved-unequal',
    'As 203, totals unequal',
    '批上送IC卡成功交易（对账不平）',
    '0320',
    '00',
    '205',
    [...MANAGEMENT, 55, 62],
    [2, 4, 22, 23, 49],
  ],
  [
    'batch-chip-mismatch-unequal',
    'As 204, totals unequal',
    '批上送IC卡ARPC错交易（对账不平）',
    '0320',
    '00',
    '206',
    [...MANAGEMENT, 55, 62],
    [2, 4, 22, 23, 49],
  ],
  [
    'batch-end-unequal',
    'End of the batch upload, totals unequal',
    '批上送结束（对账不平）',
    '0320',
    '00',
    '202',
    [...MANAGEMENT, 48],
    [],
    contents({ 48: 'number of details, 4 digits' }),
  ],
  [
    'batch-end-equal',
    'End of the batch upload, totals equal',
    '批上送结束（对账平）',
    '0320',
    '00',
    '207',
    [...MANAGEMENT, 48],
    [],
  ],
  [
    'batch-answer',
    'Answer to the batch upload',
    '批上送应答',
    '0330',
    '00',
    undefined,
    [39, 41, 42, 60],
    [...ANSWER_MAY, 48],
  ],
  ['sale', 'Sale', '消费', '0200', '22', '000', FINANCIAL, FINANCIAL_MAY, SEALED],
  [
    'balance',
    'Balance inquiry',
    '余额查询',
    '0200',
    '01',
    '000',
    [3, 11, 22, 25, 41, 42, 49, 60],
    FINANCIAL_MAY,
    SEALED,
  ],
  ['sale-void', 'Void of a sale', '消费撤销', '0200', '23', '000', FINANCIAL, FINANCIAL_MAY, SEALED],
  [
    'sale-answer',
    'Answer to a sale, void or inquiry',
    '消费、撤销、查询应答',
    '0210',
    undefined,
    '000',
    [3, 11, 39, 41, 42, 60],
    [2, 4, 12, 13, 14, 15, 23, 25, 32, 35, 37, 38, 44, 48, 49, 53, 54, 55, 57, 62, 63],
    SEALED,
  ],
  [
    'offline-sale',
    'Offline sale of electronic cash or qPBOC',
    '电子现金脱机消费上送',
    '0220',
    '36',
    '000',
    [...FINANCIAL, 55],
    [...FINANCIAL_MAY],
    { isSealed: true, contents: { 55: 'chip data of the tap', 57: 'the ride as BER-TLV (industry extension)' } },
  ],
  [
    'completion-advice',
    'Advice of a completion',
    '预授权完成通知',
    '0220',
    '24',
    '000',
    FINANCIAL,
    FINANCIAL_MAY,
    SEALED,
  ],
  ['refund', 'Refund', '退货', '0220', '25', '000', FINANCIAL, FINANCIAL_MAY, SEALED],
  [
    'advice-answer',
    'Answer to an advice',
    '通知类应答',
    '0230',
    undefined,
    '000',
    [11, 39, 41, 42, 60],
    [2, 3, 4, 12, 13, 14, 15, 23, 25, 32, 37, 38, 44, 49, 55, 57, 62, 63],
    SEALED,
  ],
  [
    'reversal',
    'Reversal',
    '冲正',
    '0400',
    undefined,
    '000',
    [3, 4, 11, 39, 41, 42, 49, 60],
    [2, 14, 22, 23, 25, 38, 48, 55, 57, 61, 62, 63],
    SEALED,
  ],
  [
    'reversal-answer',
    'Answer to a reversal',
    '冲正应答',
    '0410',
    undefined,
    '000',
    [11, 39, 41, 42, 60],
    [2, 3, 4, 12, 13, 14, 15, 25, 32, 37, 44, 49, 55, 63],
    SEALED,
  ],
  [
    'script-result',
    'Issuer script result',
    'IC卡脚本处理结果上送',
    '0620',
    undefined,
    '951',
    [3, 4, 11, 41, 42, 55, 60, 61],
    [2, 22, 23, 25, 32, 37, 49, 62],
    SEALED,
  ],
  [
    'script-result-answer',
    'Answer to a script result',
    '脚本处理结果应答',
    '0630',
    undefined,
    '951',
    [11, 39, 41, 42, 60],
    ANSWER_MAY,
    SEALED,
  ],
  [
    'tap-trace',
    'APDU dialogue of a tap, by pages',
    '交易APDU对话上送（分页）',
    '0820',
    '00',
    '891',
    [...MANAGEMENT, 61, 62],
    [63],
    { contents: { 61: 'the tap: batch 6, trace 6', 62: 'page 2 | pages 2 | bytes' }, origin: 'ours' },
  ],
  [
    'deny-list-hit',
    'Status message: a listed card was held to the terminal',
    '状态上送：名单卡刷卡',
    '0820',
    '00',
    '892',
    [...MANAGEMENT, 62],
    [63],
    {
      isSealed: true,
      contents: {
        62: 'BER-TLV: DF20 report number 4 | 5A card | DF21 time 7 | DF22 card or application | DF23 reason | DF24 outcome (01 refused, 02 locked, 03 lock refused, 04 lock unknown) | DF25 version of the list 4',
      },
      origin: 'ours',
    },
  ],
];

const DESCRIBED = ROWS.map(
  ([id, en, zh, mti, type, codes, required, optional, extra]): MessageSpecification => ({
    id,
    name: { en, zh },
    mti,
    ...(type === undefined ? {} : { type }),
    ...(codes === undefined ? {} : { codes: codes.split(' ') }),
    required,
    optional: [...new Set(optional)].filter((field) => !required.includes(field)).sort((a, b) => a - b),
    isSealed: false,
    origin: 'reference',
    ...extra,
  }),
);
export const CUP_MESSAGES: readonly MessageSpecification[] = [...DESCRIBED, ...ONLINE_MESSAGES];

/** An acquirer's variant: rows that replace those of the same id, or are added. */
export function overrideMessages(
  base: readonly MessageSpecification[],
  rows: readonly MessageSpecification[],
): MessageSpecification[] {
  const replaced = new Map(base.map((row) => [row.id, row]));
  for (const row of rows) replaced.set(row.id, row);
  return [...replaced.values()];
}

/** What a message is by MTI, 60.1 and 60.3; the row that says more comes first. Undefined for one the table has not. */
export function specificationOf(
  message: ReceivedMessage,
  table: readonly MessageSpecification[] = CUP_MESSAGES,
): MessageSpecification | undefined {
  const field60 = message.text(60) ?? '';
  const [type, code] = [field60.slice(0, 2), field60.slice(8, 11)];
  const weight = (row: MessageSpecification): number =>
    (row.type === undefined ? 0 : 1) + (row.codes === undefined ? 0 : 1);
  return table
    .filter(
      (row) =>
        row.mti === message.mti && (row.type ?? type) === type && (row.codes === undefined || row.codes.includes(code)),
    )
    .sort((a, b) => weight(b) - weight(a))[0];
}

/** Throws `POLYCARD_ISO8583_FIELD_MISSING` or `_FIELD_UNEXPECTED` naming the first field that is wrong. */
export function checkFields(message: ReceivedMessage, specification: MessageSpecification): void {
  const present = message.fields();
  const required = specification.isSealed ? [...specification.required, 64] : specification.required;
  const missing = required.find((field) => !present.includes(field));
  if (missing !== undefined) {
    throw messageError(
      'FIELD_MISSING',
      `F${missing}`,
      message.bytes.length,
      `the field in ${specification.name.en}`,
      'no such field',
    );
  }
  const allowed = new Set([...required, ...(specification.optional ?? []), 64]);
  const odd = present.find((field) => !allowed.has(field));
  if (odd !== undefined) {
    const offset = message.raw(odd)!.byteOffset - message.bytes.byteOffset;
    throw messageError('FIELD_UNEXPECTED', `F${odd}`, offset, `no such field in ${specification.name.en}`, 'the field');
  }
}
