/** 0220 offline sale: a tap on its way into the store. */
import { PolycardError, toHex } from '@polycard/bytes';
import { sha256 } from '@polycard/crypto';
import type { ReceivedMessage } from '@polycard/iso8583';
import { type IndustryData, parseOfflineSale, type UploadedSale } from '@polycard/terminal';
import type { PlatformContext } from '../context.ts';
import type { IndustryData as UploadedIndustryData } from '../modules/clearing/uploaded-tap.ts';
import type { GatewayTerminal } from './terminal-directory.ts';
import type { Upload } from './upload-queue.ts';

/** Tags that identify the account: they stay in the sealed frame and nowhere else. */
const ACCOUNT_TAGS = new Set(['57', '5A']);

export function uploadOf(context: PlatformContext, terminal: GatewayTerminal, message: ReceivedMessage): Upload {
  const sale = parseOfflineSale(message);
  const { region, parameters, vault } = context;
  const cardToken = vault.token(sale.pan);
  const id = tapId(terminal.terminalNo, sale.batchNo, sale.traceNo);
  const { industry } = sale;
  const at = isoTime(industry.at);
  const atc = sale.clearingData.get('9F36');
  const cryptogram = sale.clearingData.get('9F26');
  if (atc?.length !== 2 || cryptogram?.length !== 8) {
    const where = atc?.length === 2 ? 'F55.9F26' : 'F55.9F36';
    throw new PolycardError('POLYCARD_TERMINAL_UPLOAD', `${where} is missing or has a wrong length`, { where });
  }
  const place = industry.placeCode === '0000' ? null : industry.placeCode;
  return {
    id,
    terminalNo: terminal.terminalNo,
    batchNo: sale.batchNo,
    traceNo: sale.traceNo,
    cardToken,
    digest: toHex(sha256(message.beforeMac())).slice(0, 32),
    chargedFen: sale.amountFen,
    tap: {
      card_token: cardToken,
      id,
      terminal_no: terminal.terminalNo,
      batch_no: sale.batchNo,
      trace_no: sale.traceNo,
      sequence_no: sale.sequenceNo,
      kind: industry.kind,
      state: 'received',
      at,
      business_date: region.businessDate(at),
      operator_id: terminal.operatorId,
      place_code: place,
      place_name: industry.route ?? '',
      entry_place_code: industry.entryPlaceCode ?? null,
      entry_at: industry.entryTime === undefined ? null : isoTime(industry.entryTime),
      charged_fen: sale.amountFen,
      base_fen: ['exit', 'boarding', 'alighting'].includes(industry.kind) ? industry.baseFen : null,
      transfer: industry.transferApplied,
      card_class:
        (parameters.regionOf(industry.tariffVersion) ?? region).classByCode(industry.classCode)?.id ??
        industry.classCode,
      atc: (atc[0]! << 8) | atc[1]!,
      application_cryptogram: toHex(cryptogram),
      cryptogram: 'unchecked',
      clearing_data: clearingData(sale),
      industry_data: industryJson(industry),
      tariff_version: industry.tariffVersion,
      frame_sealed: toHex(vault.seal(message.bytes, `tap:${id}`)),
    },
  };
}

export function tapId(terminalNo: string, batchNo: number, traceNo: number): string {
  return `${terminalNo}-${String(batchNo).padStart(6, '0')}-${String(traceNo).padStart(6, '0')}`;
}

function clearingData(sale: UploadedSale): Record<string, string> {
  return Object.fromEntries(
    [...sale.clearingData].filter(([tag]) => !ACCOUNT_TAGS.has(tag)).map(([tag, value]) => [tag, toHex(value)]),
  );
}

/** Field 57 as the tap table keeps it: bytes as hexadecimal text. */
export function industryJson({ combinedRideBefore, records, resolves, ...rest }: IndustryData): UploadedIndustryData {
  return {
    ...rest,
    records: records.map(({ sfi, bytes }) => ({ sfi: toHex(Uint8Array.of(sfi)), hex: toHex(bytes) })),
    ...(combinedRideBefore === undefined ? {} : { combinedRideBefore: toHex(combinedRideBefore) }),
    ...(resolves === undefined
      ? {}
      : {
          resolves: resolves.map(({ cryptogram, ...told }) =>
            cryptogram === undefined ? told : { ...told, cryptogram: toHex(cryptogram) },
          ),
        }),
  };
}

/** YYYYMMDDhhmmss as YYYY-MM-DDThh:mm:ss. Throws when it is no such time. */
function isoTime(time: string): string {
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(time);
  const iso = parts === null ? '' : `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}`;
  if (parts === null || Number.isNaN(Date.parse(`${iso}Z`))) {
    throw new PolycardError('POLYCARD_TERMINAL_UPLOAD', 'F57.DF12 is no time YYYYMMDDhhmmss', { where: 'F57.DF12' });
  }
  return iso;
}
