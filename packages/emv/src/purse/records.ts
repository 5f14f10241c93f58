/**
 * Files and records of T-Union purses as data: what a terminal writes, a host reads and a screen explains, from one
 * table. JT/T 978 and bus terminals as publicly described (reference pboc.md §6.1 to §6.5, confidence there).
 *
 * The tails that cities use as they like (2701 from byte 85, 2702 from byte 102) are left out: they differ by city.
 */
import { bcdFromDigits, PolycardError, toHex } from '@polycard/bytes';
import type { TwoLanguages } from '../tags.ts';

export type PurseCoding =
  /** Packed digits; nibbles F are filling. */
  | 'digits'
  /** YYYYMMDD or YYYYMMDDhhmmss in packed digits; zeros for none. */
  | 'time'
  /** Unsigned, most significant byte first, in fen. */
  | 'fen'
  | 'uint'
  | 'hex'
  | 'ascii'
  | 'gb18030'
  | 'reserved';

export interface PurseField {
  readonly name: string;
  readonly title: TwoLanguages;
  readonly offset: number;
  readonly length: number;
  readonly coding: PurseCoding;
  /** Words for values, keyed by upper-case hex. */
  readonly values?: Readonly<Record<string, TwoLanguages>>;
}

export interface PurseRecord {
  readonly name: string;
  readonly title: TwoLanguages;
  readonly sfi: number;
  readonly lengthBytes: number;
  /** First two bytes, for records of SFI 1A. */
  readonly recordId?: number;
  readonly clause: string;
  readonly fields: readonly PurseField[];
}

type Row = readonly [name: string, length: number, coding: PurseCoding, en: string, zh: string, values?: ValueRow];
type ValueRow = Readonly<Record<string, string>>;

/** Rows in order: offsets add up, so none is typed. A value is written `english|中文`. */
function record(
  head: Omit<PurseRecord, 'fields' | 'title'> & { readonly title: string },
  rows: readonly Row[],
): PurseRecord {
  const fields: PurseField[] = [];
  let offset = 0;
  for (const [name, length, coding, en, zh, values] of rows) {
    const words =
      values === undefined
        ? {}
        : { values: Object.fromEntries(Object.entries(values).map(([code, text]) => [code, twoLanguages(text)])) };
    fields.push({ name, title: { en, zh }, offset, length, coding, ...words });
    offset += length;
  }
  return { ...head, title: twoLanguages(head.title), fields };
}

function twoLanguages(text: string): TwoLanguages {
  const [en = '', zh = ''] = text.split('|');
  return { en, zh };
}

const APPLICATION_TYPES = { '01': 'ED only|仅电子存折', '02': 'EP only|仅电子钱包', '03': 'ED and EP|存折和钱包' };
const INDUSTRIES = {
  ...{ '01': 'metro|地铁', '02': 'bus|公交', '03': 'city ferry|轮渡', '04': 'taxi|出租', '05': 'car rental|租车' },
  ...{ '06': 'bicycle|自行车', '07': 'parking|停车', '08': 'coach|长途客运', '09': 'ferry|客轮' },
  ...{ '0A': 'intercity rail|城际铁路', '0B': 'air|航空', '0C': 'highway|高速公路', '0E': 'suburban rail|市域铁路' },
};
const TRIP_TYPES = {
  ...{ '00': 'none|初始', '01': 'EC entry|电子现金进站', '02': 'EC exit|电子现金出站', '03': 'EP entry|电子钱包进站' },
  ...{ '04': 'EP exit|电子钱包出站', '05': 'EC single|电子现金单次', '06': 'EP single|电子钱包单次' },
  ...{ '07': 'EC make-up|电子现金补登', '08': 'EP make-up|电子钱包补登', '09': 'EC load|电子现金充值' },
  ...{ '0A': 'EP load|电子钱包充值', '12': 'locked|锁卡' },
};
const TRANSACTION_TYPES = {
  ...{ '01': 'load ED|存折圈存', '02': 'load EP|钱包圈存', '03': 'unload|圈提', '04': 'withdraw|取现' },
  ...{ '05': 'purchase ED|存折消费', '06': 'purchase EP|钱包消费', '07': 'overdraft limit|修改透支限额' },
  ...{ '08': 'credit purchase|信用消费', '09': 'CAPP purchase|复合应用消费' },
};
const YES_NO = { '00': 'no|否', '01': 'yes|是' };
const LOCKED = { '00': 'open|未锁', '01': 'locked|已锁' };
const RECORD_HEAD: readonly Row[] = [
  ['id', 2, 'hex', 'Record identifier', '记录标识'],
  ['length', 1, 'uint', 'Length', '长度'],
  ['valid', 1, 'hex', 'Valid', '有效标志', YES_NO],
  [
    'interoperable',
    1,
    'hex',
    'Interoperability',
    '互联互通标志',
    { '01': 'segment|分段', '02': 'pre-authorisation|预授权' },
  ],
  ['lock', 1, 'hex', 'Lock', '锁定标志', LOCKED],
  ['serial', 8, 'digits', 'Transaction serial', '交易流水号'],
];

/** SFI 15, 30 bytes. */
export const PURSE_PUBLIC_INFORMATION: PurseRecord = record(
  {
    name: 'public-information',
    title: 'Public information|公共应用信息',
    sfi: 0x15,
    lengthBytes: 30,
    clause: 'T-Union SFI 15',
  },
  [
    ['issuer', 8, 'digits', 'Issuer', '发卡机构'],
    ['applicationType', 1, 'hex', 'Purses', '应用类型', APPLICATION_TYPES],
    ['enabled', 1, 'hex', 'Version, 01 enabled', '应用版本（01启用）'],
    ['serial', 10, 'digits', 'Application serial', '应用序列号'],
    ['validFrom', 4, 'time', 'Valid from', '启用日期'],
    ['validTo', 4, 'time', 'Valid to', '有效日期'],
    ['issuerFci', 2, 'hex', 'Issuer FCI data', '发卡方自定义数据'],
  ],
);

/** SFI 16, 55 bytes: personal data. */
export const PURSE_HOLDER: PurseRecord = record(
  { name: 'holder', title: 'Holder|持卡人信息', sfi: 0x16, lengthBytes: 55, clause: 'T-Union SFI 16' },
  [
    ['personType', 1, 'hex', 'Kind of person', '卡类型标识'],
    ['staff', 1, 'hex', 'Staff', '职工标识', YES_NO],
    ['holderName', 20, 'gb18030', 'Name', '姓名'],
    ['documentNo', 32, 'ascii', 'Document number', '证件号码'],
    ['documentType', 1, 'hex', 'Document type', '证件类型'],
  ],
);

/** SFI 17, 60 bytes. */
export const PURSE_MANAGEMENT: PurseRecord = record(
  {
    name: 'management',
    title: 'Management information|管理信息',
    sfi: 0x17,
    lengthBytes: 60,
    clause: 'T-Union SFI 17',
  },
  [
    ['country', 4, 'digits', 'Country', '国际代码'],
    ['province', 2, 'digits', 'Province', '省级代码'],
    ['city', 2, 'digits', 'City', '城市代码'],
    ['interoperable', 2, 'hex', 'Interoperability', '互通卡种', { '0000': 'no|否', '0001': 'yes|是' }],
    ['cardType', 1, 'hex', 'Card type', '卡种类型'],
    ['reserved', 49, 'reserved', 'Reserved', '预留'],
  ],
);

const CARD_TYPES = {
  '01': 'ordinary|普通卡',
  '02': 'student|学生卡',
  '03': 'senior|老人卡',
  '04': 'test|测试卡',
  '05': 'soldier|军人卡',
};

/** SFI 05, front of the 40 bytes. */
export const PURSE_CITY: PurseRecord = record(
  { name: 'city', title: 'City information|城市应用信息', sfi: 0x05, lengthBytes: 12, clause: 'bus terminal, SFI 05' },
  [
    ['reserved', 4, 'reserved', 'Reserved', '预留'],
    ['industry', 2, 'hex', 'Industry', '行业代码'],
    ['version', 2, 'hex', 'Version', '版本'],
    ['application', 1, 'hex', 'Application flag', '应用标识'],
    ['cardType', 1, 'hex', 'Card type', '主卡类型', CARD_TYPES],
    ['interoperable', 2, 'hex', 'Interoperability', '互通标识'],
  ],
);

/** SFI 18, 23 bytes a record: PBOC 2.0 Part 2, transaction detail. */
export const PURSE_LOG: PurseRecord = record(
  {
    name: 'log',
    title: 'Purse transaction|钱包交易明细',
    sfi: 0x18,
    lengthBytes: 23,
    clause: 'PBOC 2.0 Part 2, SFI 18',
  },
  [
    ['sequence', 2, 'uint', 'Counter', '交易序号'],
    ['overdraftLimit', 3, 'fen', 'Overdraft limit', '透支限额'],
    ['amount', 4, 'fen', 'Amount', '交易金额'],
    ['type', 1, 'hex', 'Type', '交易类型', TRANSACTION_TYPES],
    ['terminal', 6, 'digits', 'Terminal', '终端机编号'],
    ['at', 7, 'time', 'Time', '交易时间'],
  ],
);

/** SFI 1A record 2701, the 85 bytes all cities share of its 128. */
export const PURSE_METRO: PurseRecord = record(
  {
    name: 'metro',
    title: 'Metro ride|轨道交通记录',
    sfi: 0x1a,
    recordId: 0x2701,
    lengthBytes: 128,
    clause: 'T-Union SFI 1A 2701',
  },
  [
    ...RECORD_HEAD,
    [
      'status',
      1,
      'hex',
      'Status',
      '状态',
      {
        '00': 'none|初始',
        '01': 'inside|进站',
        '02': 'outside|出站',
        '03': 'inside, updated|进站更新',
        '04': 'outside, updated|出站更新',
      },
    ],
    ['inCity', 2, 'digits', 'Entry city', '进站城市'],
    ['outCity', 2, 'digits', 'Exit city', '出站城市'],
    ['inInstitution', 8, 'digits', 'Entry institution', '进站机构'],
    ['outInstitution', 8, 'digits', 'Exit institution', '出站机构'],
    ['inStation', 8, 'digits', 'Entry station', '进站站点'],
    ['outStation', 8, 'digits', 'Exit station', '出站站点'],
    ['inDevice', 8, 'digits', 'Entry device', '进站设备'],
    ['outDevice', 8, 'digits', 'Exit device', '出站设备'],
    ['inTime', 7, 'time', 'Entry time', '进站时间'],
    ['outTime', 7, 'time', 'Exit time', '出站时间'],
    ['maximumFare', 4, 'fen', 'Highest fare', '最大消费金额'],
  ],
);

/** SFI 1A record 2702, 128 bytes. */
export const PURSE_BUS: PurseRecord = record(
  {
    name: 'bus',
    title: 'Bus ride|公共汽电车记录',
    sfi: 0x1a,
    recordId: 0x2702,
    lengthBytes: 128,
    clause: 'T-Union SFI 1A 2702',
  },
  [
    ...RECORD_HEAD,
    [
      'status',
      1,
      'hex',
      'Status',
      '状态',
      { '00': 'alighted|已下车', '01': 'on board|已上车', '02': 'alighted|已下车' },
    ],
    ['inCity', 2, 'digits', 'Boarding city', '上车城市'],
    ['inInstitution', 8, 'digits', 'Boarding institution', '上车机构'],
    ['inOperator', 2, 'digits', 'Boarding operator', '上车单位'],
    ['inLine', 2, 'digits', 'Boarding line', '上车线路'],
    ['inStation', 1, 'uint', 'Boarding stop', '上车站点'],
    ['inVehicle', 8, 'ascii', 'Boarding vehicle', '上车车辆'],
    ['inTerminal', 8, 'digits', 'Boarding terminal', '上车终端'],
    ['inTime', 7, 'time', 'Boarding time', '上车时间'],
    ['markedAmount', 4, 'fen', 'Marked amount', '标注金额'],
    ['direction', 1, 'hex', 'Direction', '方向', { AB: 'up|上行', BA: 'down|下行' }],
    ['outCity', 2, 'digits', 'Alighting city', '下车城市'],
    ['outInstitution', 8, 'digits', 'Alighting institution', '下车机构'],
    ['outOperator', 2, 'digits', 'Alighting operator', '下车单位'],
    ['outLine', 2, 'digits', 'Alighting line', '下车线路'],
    ['outStation', 1, 'uint', 'Alighting stop', '下车站点'],
    ['outVehicle', 8, 'ascii', 'Alighting vehicle', '下车车辆'],
    ['outTerminal', 8, 'digits', 'Alighting terminal', '下车终端'],
    ['outTime', 7, 'time', 'Alighting time', '下车时间'],
    ['amount', 4, 'fen', 'Amount', '交易金额'],
    ['distance', 2, 'uint', 'Distance', '里程'],
  ],
);

/** SFI 1E, 48 bytes a record. */
export const PURSE_TRIP: PurseRecord = record(
  { name: 'trip', title: 'Trip|交通交易记录', sfi: 0x1e, lengthBytes: 48, clause: 'T-Union SFI 1E' },
  [
    ['type', 1, 'hex', 'Type', '交易类型', TRIP_TYPES],
    ['terminal', 8, 'digits', 'Terminal', '终端编号'],
    ['industry', 1, 'hex', 'Industry', '行业', INDUSTRIES],
    ['line', 2, 'digits', 'Line', '线路'],
    ['station', 2, 'digits', 'Station', '站点'],
    ['operator', 2, 'digits', 'Operator', '运营单位'],
    ['reserved', 1, 'reserved', 'Reserved', '预留'],
    ['amount', 4, 'fen', 'Amount', '交易金额'],
    ['balanceAfter', 4, 'fen', 'Balance after', '交易后余额'],
    ['at', 7, 'time', 'Time', '交易时间'],
    ['city', 2, 'digits', 'City', '受理方城市'],
    ['institution', 8, 'digits', 'Institution', '受理方机构'],
    ['reserved2', 6, 'reserved', 'Reserved', '预留'],
  ],
);

/** SFI 1E of the older draft: a serial where industry to reserved are now (reference pboc.md C10). */
export const PURSE_TRIP_OLDER: PurseRecord = record(
  {
    name: 'trip-older',
    title: 'Trip, older draft|交通交易记录（旧稿）',
    sfi: 0x1e,
    lengthBytes: 48,
    clause: 'T-Union SFI 1E, draft',
  },
  [
    ['type', 1, 'hex', 'Type', '交易类型', TRIP_TYPES],
    ['terminal', 8, 'digits', 'Terminal', '终端编号'],
    ['serial', 8, 'digits', 'Transaction serial', '交易流水号'],
    ['amount', 4, 'fen', 'Amount', '交易金额'],
    ['balanceAfter', 4, 'fen', 'Balance after', '交易后余额'],
    ['at', 7, 'time', 'Time', '交易时间'],
    ['city', 2, 'digits', 'City', '受理方城市'],
    ['institution', 8, 'digits', 'Institution', '受理方机构'],
    ['reserved2', 6, 'reserved', 'Reserved', '预留'],
  ],
);

export const PURSE_RECORDS: readonly PurseRecord[] = [
  PURSE_PUBLIC_INFORMATION,
  PURSE_HOLDER,
  PURSE_MANAGEMENT,
  PURSE_CITY,
  PURSE_LOG,
  PURSE_METRO,
  PURSE_BUS,
  PURSE_TRIP,
];

/** What a record of a T-Union or City Union purse is, by its file and, in SFI 1A, its identifier; undefined when unknown. */
export function purseRecordOf(sfi: number, bytes: Uint8Array): PurseRecord | undefined {
  const id = bytes.length < 2 ? -1 : (bytes[0]! << 8) | bytes[1]!;
  return PURSE_RECORDS.find((each) => each.sfi === sfi && (each.recordId === undefined || each.recordId === id));
}

export interface PurseFieldValue {
  readonly field: PurseField;
  readonly hex: string;
  /** In words: digits, a time, fen, text; the hex where nothing better is known. */
  readonly value: string;
  readonly meaning?: TwoLanguages;
}

/** Every field that the bytes hold whole; what comes after the last one is left out. Never throws. */
export function decodePurseRecord(definition: PurseRecord, bytes: Uint8Array): PurseFieldValue[] {
  return definition.fields
    .filter((field) => field.offset + field.length <= bytes.length)
    .map((field) => {
      const part = bytes.subarray(field.offset, field.offset + field.length);
      const hex = toHex(part);
      const meaning = field.values?.[hex];
      return { field, hex, value: wordsOf(field.coding, part, hex), ...(meaning === undefined ? {} : { meaning }) };
    });
}

function uintOf(part: Uint8Array): number {
  return part.reduce((sum, byte) => sum * 256 + byte, 0);
}

function wordsOf(coding: PurseCoding, part: Uint8Array, hex: string): string {
  switch (coding) {
    case 'digits':
      return hex.replace(/F+$/, '');
    case 'time':
      if (!/^\d+$/.test(hex)) return hex;
      if (/^0+$/.test(hex)) return '';
      return hex.replace(/^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d))?$/, (_, y, m, d, h, min, s) =>
        h === undefined ? `${y}-${m}-${d}` : `${y}-${m}-${d} ${h}:${min}:${s}`,
      );
    case 'fen':
    case 'uint':
      return String(uintOf(part));
    case 'ascii':
    case 'gb18030':
      return new TextDecoder('gb18030').decode(part).replace(/[\0\xff\ufffd ]+$/u, '');
    case 'hex':
    case 'reserved':
      return hex;
  }
}

/** Fields by name as they are worked with: numbers for `fen` and `uint`, hex or digits for the others. */
export type PurseValues = Readonly<Record<string, number | string>>;

/** Throws `POLYCARD_PURSE_RECORD` when the record is too short. */
export function readPurseRecord(definition: PurseRecord, bytes: Uint8Array): Record<string, number | string> {
  const values: Record<string, number | string> = {};
  for (const { name, offset, length, coding } of definition.fields) {
    if (offset + length > bytes.length) {
      throw new PolycardError(
        'POLYCARD_PURSE_RECORD',
        `${definition.name} ends inside ${name}: ${bytes.length} bytes`,
        {
          where: `${definition.name}.${name}`,
          expected: `${offset + length} bytes`,
        },
      );
    }
    const part = bytes.subarray(offset, offset + length);
    values[name] = coding === 'fen' || coding === 'uint' ? uintOf(part) : toHex(part);
  }
  return values;
}

/** Writes fields into a copy of `before`, or into a fresh record with its identifier and length. Throws `POLYCARD_PURSE_RECORD`. */
export function writePurseRecord(definition: PurseRecord, values: PurseValues, before?: Uint8Array): Uint8Array {
  const bytes = before === undefined ? new Uint8Array(definition.lengthBytes) : before.slice();
  if (before === undefined && definition.recordId !== undefined) {
    bytes.set([definition.recordId >> 8, definition.recordId & 0xff, definition.lengthBytes - 3]);
  }
  for (const [name, value] of Object.entries(values)) {
    const field = definition.fields.find((each) => each.name === name);
    if (field === undefined || field.offset + field.length > bytes.length) {
      throw new PolycardError('POLYCARD_PURSE_RECORD', `${definition.name} has no field ${name}`, {
        where: definition.name,
      });
    }
    bytes.set(fieldBytes(definition, field, value), field.offset);
  }
  return bytes;
}

function fieldBytes({ name: record }: PurseRecord, field: PurseField, value: number | string): Uint8Array {
  const { name, length, coding } = field;
  const fault = (message: string): PolycardError =>
    new PolycardError('POLYCARD_PURSE_RECORD', `${record}.${name} ${message}`, { where: `${record}.${name}` });
  if (coding === 'fen' || coding === 'uint') {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= 256 ** length)
      throw fault(`takes an unsigned number of ${length} bytes`);
    return Uint8Array.from({ length }, (_, index) => Math.floor(value / 256 ** (length - 1 - index)) & 0xff);
  }
  const text = String(value);
  if (coding === 'ascii') return Uint8Array.from(Buffer.from(text.padEnd(length).slice(0, length), 'latin1'));
  if (coding === 'hex' || /F$/i.test(text)) {
    if (!/^[0-9A-Fa-f]*$/.test(text) || text.length !== length * 2) throw fault(`takes ${length * 2} hex digits`);
    return Uint8Array.from(Buffer.from(text, 'hex'));
  }
  if (coding !== 'digits' && coding !== 'time') throw fault('cannot be written');
  if (!/^\d*$/.test(text) || text.length > length * 2) throw fault(`takes up to ${length * 2} digits`);
  return bcdFromDigits(text, length);
}
