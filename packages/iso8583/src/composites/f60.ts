/** F60: 60.1 message type 2 | 60.2 batch 6 | 60.3 network management code 3 | 60.4 … (reference iso8583.md §1.3). */
import { messageError } from '../errors.ts';

export interface Field60 {
  /** 60.1, e.g. 00 management, 22 sale, 36 e-cash or qPBOC offline sale. */
  readonly type: string;
  /** 60.2 */
  readonly batchNo: number;
  /** 60.3, see NETWORK_CODES. */
  readonly code: string;
  /** 60.4 and on, as they stand. */
  readonly rest?: string;
}

export const OFFLINE_SALE_TYPE = '36';

/** 60.3 of the messages this dialect speaks (§1.4); 891 and 892 are our own extension. */
export const NETWORK_CODES = {
  signInDoubleLength: '003',
  signOff: '002',
  echo: '301',
  tmsParameters: '364',
  tmsParametersEnd: '365',
  settlement: '201',
  batchUploadDetails: '201',
  batchEndUnequal: '202',
  batchEndEqual: '207',
  financial: '000',
  tapTrace: '891',
  denyListHit: '892',
  binBlacklist: '390',
  binBlacklistEnd: '391',
  transitList: '570',
} as const;

export function encodeField60({ type, batchNo, code, rest = '' }: Field60): string {
  return `${type}${String(batchNo).padStart(6, '0')}${code}${rest}`;
}

export function parseField60(text: string): Field60 {
  if (text.length < 11) throw messageError('FIELD_LENGTH', 'F60', 0, 'at least 11 digits', `${text.length}`);
  const rest = text.slice(11);
  return {
    type: text.slice(0, 2),
    batchNo: Number(text.slice(2, 8)),
    code: text.slice(8, 11),
    ...(rest === '' ? {} : { rest }),
  };
}
