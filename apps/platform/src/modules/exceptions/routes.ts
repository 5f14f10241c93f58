import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import type { ExceptionReason } from '../api-types.ts';
import { loadNames } from '../names.ts';
import { selectTapRows, sortOf, tapRow } from '../taps/rows.ts';
import { ExceptionPage, ExceptionsQuery } from './api.ts';

const SORTS = { openedAt: 'opened_at', reason: 'reason', terminalNo: 'terminal_no' } as const;

async function listExceptions(context: PlatformContext, query: Static<typeof ExceptionsQuery>) {
  const { database } = context.store;
  const page = query.page ?? 1;
  const pageSize = query.pageSize ?? 50;
  let exceptions = database.selectFrom('exception').selectAll();
  if (query.date !== undefined) exceptions = exceptions.where('business_date', '=', query.date);
  if (query.reason !== undefined) exceptions = exceptions.where('reason', '=', query.reason);
  if (query.state !== undefined) exceptions = exceptions.where('state', '=', query.state);
  const { column, direction } = sortOf(query.sort, SORTS, { column: 'opened_at', direction: 'desc' });
  const [{ total }, rows, names] = await Promise.all([
    exceptions
      .clearSelect()
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow(),
    exceptions
      .orderBy(column, direction)
      .orderBy('id')
      .limit(pageSize)
      .offset((page - 1) * pageSize)
      .execute(),
    loadNames(context),
  ]);
  const tapIds = rows.flatMap((row) => (row.tap_id === null ? [] : [row.tap_id]));
  const taps = tapIds.length === 0 ? [] : await selectTapRows(database).where('tap.id', 'in', tapIds).execute();
  const tapById = new Map(taps.map((row) => [row.id, tapRow(row, names)]));
  return {
    total,
    page,
    pageSize,
    rows: rows.map((row) => {
      const tap = row.tap_id === null ? undefined : tapById.get(row.tap_id);
      return {
        id: row.id,
        reason: row.reason as ExceptionReason,
        state: row.state as 'open' | 'resolved',
        explanation: { en: row.explanation_en, zh: row.explanation_zh },
        openedAt: row.opened_at.toISOString(),
        businessDate: row.business_date,
        terminalNo: row.terminal_no,
        ...(tap === undefined ? {} : { tap }),
      };
    }),
  };
}

export function exceptionRoutes(server: FastifyInstance, context: PlatformContext): void {
  server.get<{ Querystring: Static<typeof ExceptionsQuery> }>(
    '/api/exceptions',
    {
      schema: {
        operationId: 'listExceptions',
        summary: 'Suspect taps and messages',
        tags: ['exceptions'],
        querystring: ExceptionsQuery,
        response: { 200: ExceptionPage },
      },
    },
    (request) => listExceptions(context, request.query),
  );
}
