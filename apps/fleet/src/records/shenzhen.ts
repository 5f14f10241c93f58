/**
 * The open-data format of Shenzhen Tong taps (data set 29200_00403601): CSV with a header, UTF-8, local times.
 * Columns are found by name, so their order does not matter; a row that cannot be read is named, never dropped.
 */
import { PolycardError } from '@polycard/bytes';
import { parse } from 'csv-parse/sync';
import type { RecordFile, TapRecord, UnreadableRecord } from './tap-record.ts';

const COLUMNS = [
  'card_no',
  'deal_date',
  'deal_type',
  'deal_money',
  'deal_value',
  'equ_no',
  'company_name',
  'station',
  'car_no',
  'conn_mark',
] as const;

const KINDS: Readonly<Record<string, TapRecord['kind']>> = { 地铁入站: 'entry', 地铁出站: 'exit', 巴士: 'boarding' };
const AMOUNT_FEN_MAX = 100_000;

export function readShenzhenRecords(text: string): RecordFile {
  let rows: string[][];
  try {
    rows = parse(text, { bom: true, relax_column_count: true, skip_empty_lines: true, relax_quotes: true });
  } catch (cause) {
    throw new PolycardError('POLYCARD_RECORDS_FORMAT', `the file is no CSV: ${(cause as Error).message}`, {
      expected: 'comma-separated text with a header line',
      cause,
    });
  }
  const header = (rows[0] ?? []).map((name) => name.trim().toLowerCase());
  const missing = COLUMNS.filter((name) => !header.includes(name));
  if (missing.length > 0) {
    throw new PolycardError('POLYCARD_RECORDS_HEADER', `the header lacks ${missing.join(', ')}`, {
      where: 'line 1',
      expected: COLUMNS.join(','),
    });
  }
  const at = Object.fromEntries(COLUMNS.map((name) => [name, header.indexOf(name)])) as Record<
    (typeof COLUMNS)[number],
    number
  >;
  const records: TapRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (let index = 1; index < rows.length; index++) {
    const row = rows[index]!;
    const read = readRow(index + 1, (name) => (row[at[name]] ?? '').trim());
    if ('reason' in read) unreadable.push(read);
    else records.push(read);
  }
  return { records, unreadable };
}

function readRow(line: number, cell: (name: (typeof COLUMNS)[number]) => string): TapRecord | UnreadableRecord {
  const kind = KINDS[cell('deal_type')];
  if (kind === undefined) return { line, field: 'deal_type', reason: 'is no metro entry, metro exit or bus boarding' };
  const time = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$/.exec(cell('deal_date'));
  if (time === null || Number.isNaN(Date.parse(cell('deal_date').replace(' ', 'T')))) {
    return { line, field: 'deal_date', reason: 'is no time YYYY-MM-DD hh:mm:ss' };
  }
  const chargedFen = amount(cell('deal_money'));
  if (chargedFen === undefined) return { line, field: 'deal_money', reason: 'is no amount in fen' };
  const baseFen = amount(cell('deal_value'));
  if (baseFen === undefined) return { line, field: 'deal_value', reason: 'is no amount in fen' };
  if (cell('card_no') === '') return { line, field: 'card_no', reason: 'is empty' };
  if (cell('equ_no') === '') return { line, field: 'equ_no', reason: 'is empty' };
  return {
    line,
    cardNo: cell('card_no'),
    at: time.slice(1).join(''),
    kind,
    chargedFen,
    baseFen,
    deviceNo: cell('equ_no'),
    company: cell('company_name'),
    place: cell('station'),
    vehicle: cell('car_no'),
    markedTransfer: cell('conn_mark') === '1',
  };
}

function amount(text: string): number | undefined {
  if (!/^\d{1,7}$/.test(text)) return undefined;
  const fen = Number(text);
  return fen <= AMOUNT_FEN_MAX ? fen : undefined;
}
