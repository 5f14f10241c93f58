/**
 * The UnionPay POS terminal dialect, as publicly described (reference iso8583.md §1.2; three public implementations
 * agree). Every acquirer has its own variant: override rows, do not copy the table.
 */
import { type FieldSpecification, makeDialect } from '../field.ts';

type Row = readonly [
  field: number,
  en: string,
  zh: string,
  kind: string,
  length: number,
  extra?: Partial<FieldSpecification>,
];

/** Kinds by their usual names; the length counts digits for `n` and `z`, bytes otherwise. */
const KINDS: Readonly<Record<string, Omit<FieldSpecification, 'field' | 'name' | 'length'>>> = {
  n: { content: 'n', encoding: 'bcd', prefix: 'fixed', fill: 'left' },
  'n left': { content: 'n', encoding: 'bcd', prefix: 'fixed', fill: 'right' },
  'n..LL': { content: 'n', encoding: 'bcd', prefix: 'LL', fill: 'right' },
  'n..LLL': { content: 'n', encoding: 'bcd', prefix: 'LLL', fill: 'right' },
  'z..LL': { content: 'z', encoding: 'bcd', prefix: 'LL', fill: 'right' },
  'z..LLL': { content: 'z', encoding: 'bcd', prefix: 'LLL', fill: 'right' },
  ans: { content: 'ans', encoding: 'ascii', prefix: 'fixed', fill: 'right' },
  'ans..LL': { content: 'ans', encoding: 'ascii', prefix: 'LL', fill: 'right' },
  'ans..LLL': { content: 'ans', encoding: 'ascii', prefix: 'LLL', fill: 'right' },
  b: { content: 'b', encoding: 'raw', prefix: 'fixed', fill: 'right' },
  'b..LLL': { content: 'b', encoding: 'raw', prefix: 'LLL', fill: 'right' },
};

const ROWS: readonly Row[] = [
  [2, 'Primary account number', '主账号', 'n..LL', 19, { masked: 'pan' }],
  [3, 'Processing code', '交易处理码', 'n', 6],
  [4, 'Amount', '交易金额', 'n', 12],
  [11, 'Terminal trace number', '受卡方系统跟踪号', 'n', 6],
  [12, 'Local time', '受卡方所在地时间', 'n', 6],
  [13, 'Local date', '受卡方所在地日期', 'n', 4],
  [14, 'Expiry', '卡有效期', 'n', 4],
  [15, 'Clearing date', '清算日期', 'n', 4],
  [22, 'Entry mode', '服务点输入方式码', 'n left', 3],
  [23, 'Card sequence number', '卡序列号', 'n', 3],
  [25, 'Condition code', '服务点条件码', 'n', 2],
  [26, 'PIN length maximum', '服务点PIN获取码', 'n', 2],
  [32, 'Acquirer', '受理方标识码', 'n..LL', 11],
  [35, 'Track 2', '第二磁道数据', 'z..LL', 37, { masked: 'track' }],
  [36, 'Track 3', '第三磁道数据', 'z..LLL', 104, { masked: 'track' }],
  [37, 'Reference number', '检索参考号', 'ans', 12],
  [38, 'Authorisation code', '授权标识应答码', 'ans', 6],
  [39, 'Response code', '应答码', 'ans', 2],
  [41, 'Terminal number', '受卡机终端标识码', 'ans', 8],
  [42, 'Merchant number', '受卡方标识码', 'ans', 15],
  [44, 'Issuer and acquirer', '附加响应数据', 'ans..LL', 25],
  [48, 'Totals and batch details', '附加数据', 'n..LLL', 322],
  [49, 'Currency', '交易货币代码', 'ans', 3],
  [52, 'PIN block', '个人标识码数据', 'b', 8, { secret: true }],
  [53, 'Security control', '安全控制信息', 'n', 16],
  [54, 'Balance', '余额', 'ans..LLL', 20],
  [55, 'Chip data', 'IC卡数据域', 'b..LLL', 255],
  [57, 'Industry data', '行业数据', 'b..LLL', 999],
  [58, 'Private data', '自定义域', 'b..LLL', 999],
  [59, 'Private data', '自定义域', 'b..LLL', 999],
  [60, 'Message type and batch', '自定义域', 'n..LLL', 17],
  [61, 'Original message', '原始信息域', 'n..LLL', 29],
  [62, 'Parameters and keys', '自定义域', 'b..LLL', 999],
  // 163 in the sources' tables; the transit list of 570 fills it to what its length can say
  [63, 'Operator and organisation', '自定义域', 'ans..LLL', 999],
  [64, 'Message authentication code', '报文鉴别码', 'b', 8],
];

export const CUP_TERMINAL = makeDialect(
  'UnionPay POS terminal',
  ROWS.map(([field, en, zh, kind, length, extra]) => ({ field, name: { en, zh }, length, ...KINDS[kind]!, ...extra })),
);
