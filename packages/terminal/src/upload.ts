/** The 0220 offline sale that carries a tap to the platform, built by the terminal and read by the host. */
import { bcdFromNumber, encodeTlvs, PolycardError, parseTlv, tlvMap } from '@polycard/bytes';

import { encodeField60, type Message, OFFLINE_SALE_TYPE, parseField60, type ReceivedMessage } from '@polycard/iso8583';
import { encodeIndustryData, type IndustryData, parseIndustryData } from './industry-data.ts';
import type { JournalEntry } from './journal.ts';

export const MTI_OFFLINE_SALE = '0220';
const PROCESSING_SALE = '000000';
/** Contactless chip, no PIN. */
const ENTRY_MODE = '072';
const CURRENCY_TEXT = '156';

export interface UploadSender {
  readonly terminalNo: string;
  readonly merchantNo: string;
}

/** Fields of the upload; the MAC (F64) is added when it is packed. */
export function offlineSaleMessage(sender: UploadSender, entry: JournalEntry): Message {
  const sequence = bcdFromNumber(entry.sequenceNo, 4);
  return {
    mti: MTI_OFFLINE_SALE,
    fields: {
      2: entry.pan,
      3: PROCESSING_SALE,
      4: String(entry.amountFen).padStart(12, '0'),
      11: String(entry.traceNo).padStart(6, '0'),
      22: ENTRY_MODE,
      23: entry.psn.padStart(3, '0'),
      25: '00',
      41: sender.terminalNo,
      42: sender.merchantNo,
      49: CURRENCY_TEXT,
      55: encodeTlvs([...entry.clearingData, ['9F41', sequence]]),
      57: encodeIndustryData(entry.industry),
      60: encodeField60({ type: OFFLINE_SALE_TYPE, batchNo: entry.batchNo, code: '000' }),
    },
  };
}

export interface UploadedSale {
  readonly pan: string;
  readonly amountFen: number;
  readonly traceNo: number;
  readonly batchNo: number;
  readonly sequenceNo: number;
  readonly clearingData: ReadonlyMap<string, Uint8Array>;
  readonly industry: IndustryData;
}

/** Throws `POLYCARD_ISO8583_*`, `POLYCARD_TLV_*` or `POLYCARD_TERMINAL_*` naming what is missing or wrong. */
export function parseOfflineSale(message: ReceivedMessage): UploadedSale {
  const bytes = (field: number): Uint8Array => {
    message.required(field);
    return message.raw(field)!;
  };
  const clearingData = tlvMap(parseTlv(bytes(55), 'F55'));
  const sequence = clearingData.get('9F41');
  if (sequence === undefined) {
    throw new PolycardError('POLYCARD_TERMINAL_UPLOAD', "F55 lacks 9F41, the terminal's transaction counter", {
      where: 'F55.9F41',
      expected: '4 BCD bytes',
    });
  }
  return {
    pan: message.required(2),
    amountFen: Number(message.required(4)),
    traceNo: Number(message.required(11)),
    batchNo: parseField60(message.required(60)).batchNo,
    sequenceNo: Number(Buffer.from(sequence).toString('hex')),
    clearingData,
    industry: parseIndustryData(bytes(57)),
  };
}
