/** The tap list: filters, search, paging, sort. */
import type { Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { loadNames } from '../names.ts';
import type { TapsQuery } from './api.ts';
import { selectTapRows, sortOf, tapRow } from './rows.ts';

const SORTS = {
  at: 'tap.at',
  chargedFen: 'tap.charged_fen',
  terminalNo: 'tap.terminal_no',
  operator: 'tap.operator_id',
  state: 'tap.state',
} as const;

export async function listTaps(context: PlatformContext, query: Static<typeof TapsQuery>) {
  const { database } = context.store;
  const page = query.page ?? 1;
  const pageSize = query.pageSize ?? 50;
  let taps = selectTapRows(database);
  if (query.date !== undefined) taps = taps.where('tap.business_date', '=', query.date);
  if (query.kind !== undefined) taps = taps.where('tap.kind', '=', query.kind);
  if (query.state !== undefined) taps = taps.where('tap.state', '=', query.state);
  if (query.operator !== undefined) taps = taps.where('tap.operator_id', '=', query.operator);
  if (query.terminalNo !== undefined) taps = taps.where('tap.terminal_no', '=', query.terminalNo);
  if (query.cardToken !== undefined) taps = taps.where('tap.card_token', '=', query.cardToken);
  if (query.reason !== undefined) {
    const reason = query.reason;
    taps = taps.where(({ exists, selectFrom, ref }) =>
      exists(
        selectFrom('exception')
          .select('exception.id')
          .where('exception.tap_id', '=', ref('tap.id'))
          .where('exception.reason', '=', reason),
      ),
    );
  }
  if (query.withDialogue === true) {
    taps = taps.where(({ exists, selectFrom, ref }) =>
      exists(selectFrom('dialogue').select('dialogue.tap_id').where('dialogue.tap_id', '=', ref('tap.id'))),
    );
  }
  if (query.q !== undefined && query.q.trim() !== '') {
    const text = query.q.trim();
    const like = `%${text.replace(/[%_\\]/g, '\\$&')}%`;
    taps = taps.where(({ or, eb }) =>
      or([
        eb('tap.id', '=', text),
        eb('tap.terminal_no', '=', text),
        eb('terminal.device_no', '=', text),
        eb('tap.card_token', '=', text.toUpperCase()),
        eb('card.pan_last4', '=', text.slice(-4)).and(
          text.length >= 4 && /^[0-9]+$/.test(text) ? eb.val(true) : eb.val(false),
        ),
        eb('tap.place_name', 'like', like),
        eb(
          'tap.place_code',
          'in',
          eb
            .selectFrom('place')
            .select('code')
            .where(({ or: any, eb: place }) => any([place('name_zh', 'like', like), place('name_en', 'ilike', like)])),
        ),
      ]),
    );
  }
  const { column, direction } = sortOf(query.sort, SORTS, { column: 'tap.at', direction: 'desc' });
  const [{ total }, rows, names] = await Promise.all([
    taps
      .clearSelect()
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow(),
    taps
      .orderBy(column, direction)
      .orderBy('tap.id', direction)
      .limit(pageSize)
      .offset((page - 1) * pageSize)
      .execute(),
    loadNames(context),
  ]);
  return { total, page, pageSize, rows: rows.map((row) => tapRow(row, names)) };
}
