/**
 * The header between TPDU and message, 12 BCD digits (reference iso8583.md §1.1; the names are recollection there). The
 * host drives the terminal by the processing request in its answers.
 */
import { messageError } from './errors.ts';

export const PROCESSING_REQUESTS = [
  'none',
  'magstripe-parameters',
  'status-upload',
  'sign-in-again',
  'ca-keys',
  'ic-parameters',
  'tms-parameters',
  'bin-blacklist',
  'exchange-rates',
] as const;
export type ProcessingRequest = (typeof PROCESSING_REQUESTS)[number];

export interface FrameHeader {
  /** 60 magnetic stripe, 61 chip. */
  readonly applicationClass: string;
  readonly softwareVersion: string;
  readonly terminalStatus: string;
  readonly processingRequest: ProcessingRequest;
  readonly softwareSubVersion: string;
}

export function parseFrameHeader(header: Uint8Array): FrameHeader {
  const text = Buffer.from(header).toString('hex').toUpperCase();
  if (!/^\d{12}$/.test(text)) throw messageError('FRAME', 'header', 7, '12 decimal digits', 'others');
  const processingRequest = PROCESSING_REQUESTS[Number(text[5])];
  if (processingRequest === undefined) throw messageError('FRAME', 'header.processing request', 9, '0 to 8', text[5]!);
  return {
    applicationClass: text.slice(0, 2),
    softwareVersion: text.slice(2, 4),
    terminalStatus: text[4]!,
    processingRequest,
    softwareSubVersion: text.slice(6),
  };
}

export function encodeFrameHeader(header: FrameHeader): Uint8Array {
  const request = PROCESSING_REQUESTS.indexOf(header.processingRequest);
  const text = `${header.applicationClass}${header.softwareVersion}${header.terminalStatus}${request}${header.softwareSubVersion}`;
  if (!/^\d{12}$/.test(text))
    throw messageError('FRAME', 'header', 7, '12 decimal digits', `${text.length} characters`);
  return new Uint8Array(Buffer.from(text, 'hex'));
}
