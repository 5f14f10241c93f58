/** The one query and shape of a tap in lists, used by every module that shows taps. */
import type { Selectable } from 'kysely';
import type { Database } from '../../store/database.ts';
import type { Tables } from '../../store/tables.ts';
import type { TapRow } from '../api-types.ts';
import type { Names } from '../names.ts';

export function selectTapRows(database: Database) {
  return database
    .selectFrom('tap')
    .leftJoin('card', 'card.token', 'tap.card_token')
    .leftJoin('terminal', 'terminal.terminal_no', 'tap.terminal_no')
    .select([
      'tap.id',
      'tap.kind',
      'tap.state',
      'tap.at',
      'tap.business_date',
      'tap.card_token',
      'card.pan_masked',
      'tap.card_class',
      'tap.operator_id',
      'tap.terminal_no',
      'terminal.device_no',
      'tap.place_code',
      'tap.place_name',
      'tap.base_fen',
      'tap.charged_fen',
      'tap.transfer',
      'tap.cryptogram',
      'tap.exceptions',
    ]);
}

type SelectedTap = Pick<
  Selectable<Tables['tap']>,
  | 'id'
  | 'kind'
  | 'state'
  | 'at'
  | 'business_date'
  | 'card_token'
  | 'card_class'
  | 'operator_id'
  | 'terminal_no'
  | 'place_code'
  | 'place_name'
  | 'base_fen'
  | 'charged_fen'
  | 'transfer'
  | 'cryptogram'
  | 'exceptions'
> & { pan_masked: string | null; device_no: string | null };

export function tapRow(row: SelectedTap, names: Names): TapRow {
  const known = names.place(row.place_code);
  const place =
    known ??
    (row.place_name === ''
      ? undefined
      : { code: row.place_code ?? '', name: { en: row.place_name, zh: row.place_name } });
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    at: row.at,
    businessDate: row.business_date,
    cardToken: row.card_token,
    panMasked: row.pan_masked ?? '',
    cardClass: row.card_class,
    cardClassName: names.cardClass(row.card_class),
    operator: names.party(row.operator_id),
    terminalNo: row.terminal_no,
    deviceNo: row.device_no ?? '',
    ...(place === undefined ? {} : { place }),
    ...(row.base_fen === null ? {} : { baseFen: row.base_fen }),
    chargedFen: row.charged_fen,
    transfer: row.transfer,
    cryptogram: row.cryptogram,
    exceptions: row.exceptions as TapRow['exceptions'],
  };
}

/** Column and direction of a `sort` parameter, from the columns a list allows. */
export function sortOf<C extends string>(
  sort: string | undefined,
  allowed: Readonly<Record<string, C>>,
  standard: { column: C; direction: 'asc' | 'desc' },
): { column: C; direction: 'asc' | 'desc' } {
  if (sort === undefined) return standard;
  const descending = sort.startsWith('-');
  const column = allowed[descending ? sort.slice(1) : sort];
  return column === undefined ? standard : { column, direction: descending ? 'desc' : 'asc' };
}
