/** Terminals with what they uploaded; one terminal with its batches. */
import { type Expression, type SqlBool, sql } from 'kysely';
import type { Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import type { Words } from '../api-types.ts';
import { loadNames, type Names } from '../names.ts';
import { selectTapRows, tapRow } from '../taps/rows.ts';
import type { TerminalRow, TerminalsQuery } from './api.ts';

const RECENT_TAPS = 50;
const MISSING_SHOWN = 20;

interface TerminalFigures {
  terminal_no: string;
  device_no: string;
  profile: string;
  mode: string;
  operator_id: string;
  place_code: string | null;
  route: string | null;
  vehicle: string | null;
  origin: string;
  state: string;
  batch_no: number;
  tariff_version: string;
  last_seen_at: Date | null;
  modes_at: Date | null;
  last_sequence: number;
  taps: number;
  charged_fen: number;
  exceptions: number;
}

const SORTS: Readonly<Record<string, string>> = {
  terminalNo: 'terminal_no',
  deviceNo: 'device_no',
  taps: 'taps',
  chargedFen: 'charged_fen',
  exceptions: 'exceptions',
  operator: 'operator_id',
};

function figures(where: Expression<SqlBool>) {
  return sql`SELECT terminal.*, coalesce(f.taps, 0)::bigint AS taps, coalesce(f.charged_fen, 0)::bigint AS charged_fen,
      coalesce(f.exceptions, 0)::bigint AS exceptions
    FROM terminal LEFT JOIN (
      SELECT terminal_no, count(*) AS taps, sum(charged_fen) AS charged_fen,
        count(*) FILTER (WHERE cardinality(exceptions) > 0) AS exceptions
      FROM tap GROUP BY terminal_no
    ) f ON f.terminal_no = terminal.terminal_no
    WHERE ${where}`;
}

export async function listTerminals(context: PlatformContext, query: Static<typeof TerminalsQuery>) {
  const { database } = context.store;
  const page = query.page ?? 1;
  const pageSize = query.pageSize ?? 50;
  const conditions = [sql<SqlBool>`true`];
  if (query.operator !== undefined) conditions.push(sql`terminal.operator_id = ${query.operator}`);
  if (query.mode !== undefined) conditions.push(sql`terminal.mode = ${query.mode}`);
  if (query.q !== undefined && query.q.trim() !== '') {
    const like = `%${query.q.trim().replace(/[%_\\]/g, '\\$&')}%`;
    conditions.push(
      sql`(terminal.terminal_no LIKE ${like} OR terminal.device_no LIKE ${like} OR terminal.route LIKE ${like} OR terminal.vehicle LIKE ${like}
        OR terminal.place_code IN (SELECT code FROM place WHERE name_zh LIKE ${like} OR name_en ILIKE ${like}))`,
    );
  }
  const where = sql<SqlBool>`${sql.join(conditions, sql` AND `)}`;
  const descending = query.sort?.startsWith('-') ?? true;
  const column = SORTS[(query.sort ?? '-taps').replace(/^-/, '')] ?? 'taps';
  const [count, rows, names] = await Promise.all([
    sql<{ total: number }>`SELECT count(*)::bigint AS total FROM terminal WHERE ${where}`.execute(database),
    sql<TerminalFigures>`${figures(where)} ORDER BY ${sql.raw(column)} ${sql.raw(descending ? 'DESC' : 'ASC')}, terminal_no
      LIMIT ${pageSize} OFFSET ${(page - 1) * pageSize}`.execute(database),
    loadNames(context),
  ]);
  return { total: count.rows[0]!.total, page, pageSize, rows: rows.rows.map((row) => terminalRow(row, names)) };
}

export async function terminalDetail(context: PlatformContext, terminalNo: string) {
  const { database } = context.store;
  const found = await sql<TerminalFigures>`${figures(sql<SqlBool>`terminal.terminal_no = ${terminalNo}`)}`.execute(
    database,
  );
  const row = found.rows[0];
  if (row === undefined) throw problem('POLYCARD_TERMINAL_UNKNOWN', `there is no terminal ${terminalNo}`, 'terminalNo');
  const [uploads, settled, taps, names, missing] = await Promise.all([
    database
      .selectFrom('upload')
      .select(({ fn }) => [
        'batch_no',
        fn.countAll<number>().as('taps'),
        fn.sum<number>('charged_fen').as('charged_fen'),
      ])
      .where('terminal_no', '=', terminalNo)
      .groupBy('batch_no')
      .orderBy('batch_no', 'desc')
      .execute(),
    database.selectFrom('batch').selectAll().where('terminal_no', '=', terminalNo).execute(),
    selectTapRows(database)
      .select(['tap.sequence_no', 'tap.batch_no', 'tap.trace_no', 'tap.received_at'])
      .where('tap.terminal_no', '=', terminalNo)
      .orderBy('tap.received_no', 'desc')
      .limit(RECENT_TAPS)
      .execute(),
    loadNames(context),
    missingNumbers(context, terminalNo),
  ]);
  const settledBy = new Map(settled.map((batch) => [batch.batch_no, batch]));
  const terminal = terminalRow(row, names);
  return {
    terminal,
    headline: headline(terminal),
    lastSequence: row.last_sequence,
    ...(await held(context, terminalNo)),
    batches: uploads.map((batch) => {
      const end = settledBy.get(batch.batch_no);
      return {
        batchNo: String(batch.batch_no).padStart(6, '0'),
        taps: batch.taps,
        chargedFen: batch.charged_fen,
        ...(end === undefined ? {} : { settledAt: end.settled_at.toISOString() }),
        totals: (end?.totals ?? null) as 'equal' | 'unequal' | null,
      };
    }),
    ...(row.modes_at === null ? {} : { modesAskedAt: new Date(row.modes_at).toISOString() }),
    journal: taps.map((tap) => ({
      sequenceNo: tap.sequence_no,
      batchNo: String(tap.batch_no).padStart(6, '0'),
      traceNo: String(tap.trace_no).padStart(6, '0'),
      receivedAt: tap.received_at.toISOString(),
      tap: tapRow(tap, names),
    })),
    missing,
  };
}

/** A terminal numbers its taps from 1 without holes. */
async function missingNumbers({ store }: PlatformContext, terminalNo: string): Promise<{ from: number; to: number }[]> {
  const { rows } = await sql<{ from: number; to: number }>`
    SELECT before + 1 AS "from", sequence_no - 1 AS "to" FROM (
      SELECT sequence_no, lag(sequence_no, 1, 0) OVER (ORDER BY sequence_no) AS before
      FROM tap WHERE terminal_no = ${terminalNo}
    ) AS numbered WHERE sequence_no > before + 1 ORDER BY sequence_no DESC LIMIT ${MISSING_SHOWN}`.execute(
    store.database,
  );
  return rows;
}

/** What it should have and what it was given, by its own requests. */
async function held({ store: { database }, parameters }: PlatformContext, terminalNo: string) {
  const [told, list] = await Promise.all([
    database.selectFrom('parameter_told').select('sequence').where('terminal_no', '=', terminalNo).execute(),
    database
      .selectFrom('terminal_deny_list')
      .select(['version', 'confirmed_at'])
      .where('terminal_no', '=', terminalNo)
      .executeTakeFirst(),
  ]);
  const { current, next } = parameters.appointmentsFor(terminalNo);
  const shown = ({ version, fromAt, sequence }: typeof current) => ({
    ...{ version, from: fromAt },
    isHeld: told.some((row) => row.sequence === sequence),
  });
  return {
    parameters: { current: shown(current), ...(next === undefined ? {} : { next: shown(next) }) },
    ...(list === undefined
      ? {}
      : { denyList: { version: list.version, confirmedAt: list.confirmed_at.toISOString() } }),
  };
}

function terminalRow(row: TerminalFigures, names: Names): Static<typeof TerminalRow> {
  const station = names.place(row.place_code);
  const onRoute = row.route === null ? undefined : { code: row.vehicle ?? '', name: { en: row.route, zh: row.route } };
  const place = station ?? onRoute;
  return {
    terminalNo: row.terminal_no,
    deviceNo: row.device_no,
    profile: row.profile,
    mode: row.mode,
    operator: names.party(row.operator_id),
    ...(place === undefined ? {} : { place }),
    origin: row.origin as 'blueprint' | 'enrolled',
    state: row.state as 'enrolled' | 'signed-in' | 'settled',
    batchNo: String(row.batch_no).padStart(6, '0'),
    tariffVersion: row.tariff_version,
    taps: row.taps,
    chargedFen: row.charged_fen,
    exceptions: row.exceptions,
    ...(row.last_seen_at === null ? {} : { lastSeenAt: new Date(row.last_seen_at).toISOString() }),
  };
}

function headline(terminal: Static<typeof TerminalRow>): Words {
  const yuan = (terminal.chargedFen / 100).toFixed(2);
  const at =
    terminal.place === undefined
      ? { en: '', zh: '' }
      : { en: ` at ${terminal.place.name.en}`, zh: `（${terminal.place.name.zh}）` };
  return {
    en: `Terminal ${terminal.terminalNo}${at.en} of ${terminal.operator.name.en}: ${terminal.taps} ${terminal.taps === 1 ? 'tap' : 'taps'}, ¥${yuan}`,
    zh: `${terminal.operator.name.zh} 终端 ${terminal.terminalNo}${at.zh}：${terminal.taps} 笔，¥${yuan}`,
  };
}
