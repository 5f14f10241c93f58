import type { FastifyInstance } from 'fastify';
import type { PlatformContext } from '../../context.ts';
import { needs } from '../approvals/permissions.ts';
import { OperatorRecords, ReconciliationAnswer } from './api.ts';
import { reconcile } from './service.ts';

export function reconciliationRoutes(server: FastifyInstance, context: PlatformContext): void {
  server.post<{ Body: { records: { tapId: string; claimedFen: number }[] } }>(
    '/api/reconciliation',
    {
      preHandler: needs(context, 'records.reconcile'),
      schema: {
        operationId: 'reconcileRecords',
        summary: "Compare an operator's own records with cleared taps",
        tags: ['reconciliation'],
        body: OperatorRecords,
        response: { 200: ReconciliationAnswer },
      },
    },
    (request) => reconcile(context, request.body.records, request.account!.name),
  );
}
