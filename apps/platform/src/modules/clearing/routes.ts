import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { ClearingSummary } from './api.ts';

/** Rides; a boarding by section is charged at its tap-off. */
const CHARGED = sql`kind IN ('exit', 'boarding', 'alighting') AND industry_data->>'markedFen' IS NULL
  AND NOT ('duplicate' = ANY(exceptions))`;

async function summary(context: PlatformContext): Promise<ClearingSummary> {
  const { database } = context.store;
  const [taps, exceptions, postings, dialogues] = await Promise.all([
    sql<Record<string, number>>`SELECT
        count(*) FILTER (WHERE state = 'received')::bigint AS received,
        count(*) FILTER (WHERE state IN ('cleared', 'settled'))::bigint AS cleared,
        count(*) FILTER (WHERE state = 'suspended')::bigint AS suspended,
        count(*) FILTER (WHERE cryptogram = 'verified')::bigint AS verified,
        count(*) FILTER (WHERE cryptogram = 'failed')::bigint AS failed,
        count(*) FILTER (WHERE ${CHARGED})::bigint AS charged,
        count(*) FILTER (WHERE ${CHARGED}
          AND (fare->>'chargeFen')::bigint = charged_fen)::bigint AS agreed
      FROM tap`.execute(database),
    database
      .selectFrom('exception')
      .select(({ fn }) => ['reason', fn.countAll<number>().as('count')])
      .groupBy('reason')
      .execute(),
    sql<{
      count: number;
      sum: number;
    }>`SELECT count(*)::bigint AS count, coalesce(sum(amount_fen), 0)::bigint AS sum FROM posting`.execute(database),
    database
      .selectFrom('dialogue')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow(),
  ]);
  const row = taps.rows[0]!;
  return {
    taps: { received: row['received']!, cleared: row['cleared']!, suspended: row['suspended']! },
    cryptograms: { verified: row['verified']!, failed: row['failed']! },
    fares: { charged: row['charged']!, agreed: row['agreed']! },
    exceptions: Object.fromEntries(exceptions.map(({ reason, count }) => [reason, count])),
    ledger: { postings: postings.rows[0]!.count, sumFen: postings.rows[0]!.sum },
    dialogues: dialogues.count,
  };
}

export function clearingRoutes(server: FastifyInstance, context: PlatformContext): void {
  server.get(
    '/api/clearing',
    {
      schema: {
        operationId: 'getClearing',
        summary: 'Where clearing stands',
        tags: ['clearing'],
        response: { 200: ClearingSummary },
      },
    },
    () => summary(context),
  );
}
