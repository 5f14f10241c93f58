/**
 * Parameters of the 360 download (reference iso8583.md §1.7): a run of 2-digit tags, each with a value of the length its
 * tag fixes. No lengths travel, so what follows an unknown tag cannot be read.
 */
import { messageError } from '../errors.ts';
import { latin1, TextCursor } from './text-fields.ts';

interface ParameterRow {
  readonly tag: string;
  readonly name: string;
  readonly lengthBytes: number;
  /** `digits`, `text` padded with blanks, or `bytes`. */
  readonly content: 'digits' | 'text' | 'bytes';
}

/** In the order a host sends them. */
export const TERMINAL_PARAMETERS: readonly ParameterRow[] = [
  { tag: '11', name: 'applicationType', lengthBytes: 2, content: 'digits' },
  { tag: '12', name: 'timeoutSeconds', lengthBytes: 2, content: 'digits' },
  { tag: '13', name: 'retries', lengthBytes: 1, content: 'digits' },
  { tag: '14', name: 'phone1', lengthBytes: 14, content: 'text' },
  { tag: '15', name: 'phone2', lengthBytes: 14, content: 'text' },
  { tag: '16', name: 'phone3', lengthBytes: 14, content: 'text' },
  { tag: '17', name: 'managementPhone', lengthBytes: 14, content: 'text' },
  { tag: '18', name: 'tipAllowed', lengthBytes: 1, content: 'digits' },
  { tag: '19', name: 'tipPercent', lengthBytes: 2, content: 'digits' },
  { tag: '20', name: 'manualEntryAllowed', lengthBytes: 1, content: 'digits' },
  { tag: '21', name: 'automaticSignOff', lengthBytes: 1, content: 'digits' },
  { tag: '22', name: 'merchantName', lengthBytes: 40, content: 'text' },
  { tag: '23', name: 'resendCount', lengthBytes: 1, content: 'digits' },
  { tag: '24', name: 'offlineMode', lengthBytes: 1, content: 'digits' },
  { tag: '25', name: 'masterKeyIndex', lengthBytes: 1, content: 'digits' },
  { tag: '26', name: 'transactionSwitches', lengthBytes: 4, content: 'bytes' },
  { tag: '27', name: 'offlineUploadCount', lengthBytes: 2, content: 'digits' },
];

/** Values by name: digits and text as strings, switches as 8 hex digits. */
export type TerminalParameters = Readonly<Record<string, string>>;

export function encodeTerminalParameters(parameters: TerminalParameters): Uint8Array {
  const known = new Set(TERMINAL_PARAMETERS.map((row) => row.name));
  const unknown = Object.keys(parameters).find((name) => !known.has(name));
  if (unknown !== undefined) throw messageError('FIELD_VALUE', 'F62', 0, 'a parameter of the 360 table', unknown);
  const parts = TERMINAL_PARAMETERS.flatMap((row) => {
    const value = parameters[row.name];
    return value === undefined ? [] : [latin1(row.tag), encodeValue(row, value)];
  });
  return new Uint8Array(Buffer.concat(parts));
}

export function parseTerminalParameters(bytes: Uint8Array): TerminalParameters {
  const cursor = new TextCursor('F62', bytes);
  const parameters: Record<string, string> = {};
  while (cursor.remaining > 0) {
    const at = cursor.offset;
    const tag = cursor.digits(2, 'parameter tag');
    const row = TERMINAL_PARAMETERS.find((candidate) => candidate.tag === tag);
    if (row === undefined) throw cursor.error(at, 'a tag of the 360 table', tag);
    if (row.content === 'bytes')
      parameters[row.name] = Buffer.from(cursor.bytes(row.lengthBytes, row.name)).toString('hex').toUpperCase();
    else if (row.content === 'digits') parameters[row.name] = cursor.digits(row.lengthBytes, row.name);
    else parameters[row.name] = cursor.text(row.lengthBytes, row.name).trimEnd();
  }
  return parameters;
}

function encodeValue(row: ParameterRow, value: string): Uint8Array {
  const wrong = (expected: string): Error =>
    messageError('FIELD_VALUE', `F62.${row.tag}`, 0, expected, `${value.length} characters`);
  if (row.content === 'bytes') {
    if (!/^([0-9A-Fa-f]{2})*$/.test(value) || value.length !== row.lengthBytes * 2)
      throw wrong(`${row.lengthBytes} bytes in hexadecimal`);
    return new Uint8Array(Buffer.from(value, 'hex'));
  }
  if (row.content === 'digits') {
    if (!/^\d+$/.test(value) || value.length > row.lengthBytes) throw wrong(`up to ${row.lengthBytes} digits`);
    return latin1(value.padStart(row.lengthBytes, '0'));
  }
  const text = latin1(value);
  if (text.length > row.lengthBytes) throw wrong(`up to ${row.lengthBytes} one-byte characters`);
  return latin1(value.padEnd(row.lengthBytes));
}
