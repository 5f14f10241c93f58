/** F61: original batch 6 | trace 6 | date 4 … (reference iso8583.md §1.2). */
import { messageError } from '../errors.ts';

export interface OriginalMessage {
  readonly batchNo: number;
  readonly traceNo: number;
}

export function encodeOriginalMessage({ batchNo, traceNo }: OriginalMessage): string {
  return `${String(batchNo).padStart(6, '0')}${String(traceNo).padStart(6, '0')}`;
}

export function parseOriginalMessage(text: string): OriginalMessage {
  if (text.length < 12) throw messageError('FIELD_LENGTH', 'F61', 0, 'at least 12 digits', `${text.length}`);
  return { batchNo: Number(text.slice(0, 6)), traceNo: Number(text.slice(6, 12)) };
}
