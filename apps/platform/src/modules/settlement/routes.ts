import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { BusinessDate } from '../api-types.ts';
import { needs } from '../approvals/permissions.ts';
import { SettlementDays, SettlementDetail } from './api.ts';
import { SettlementService } from './service.ts';

export function settlementRoutes(server: FastifyInstance, context: PlatformContext): void {
  const service = new SettlementService(context);
  const tags = ['settlement'];
  const params = Type.Object({ date: BusinessDate });

  server.get(
    '/api/settlement',
    {
      schema: { operationId: 'listSettlementDays', summary: 'Business days', tags, response: { 200: SettlementDays } },
    },
    () => service.days(),
  );
  server.get<{ Params: { date: string } }>(
    '/api/settlement/:date',
    {
      schema: {
        operationId: 'getSettlementDay',
        summary: 'Net positions of a day',
        tags,
        params,
        response: { 200: SettlementDetail },
      },
    },
    (request) => service.detail(request.params.date),
  );
  server.post<{ Params: { date: string } }>(
    '/api/settlement/:date/close',
    {
      preHandler: needs(context, 'settlement.close'),
      schema: {
        operationId: 'closeSettlementDay',
        summary: 'Close a day and store its net positions',
        tags,
        params,
        response: { 200: SettlementDetail },
      },
    },
    (request) => service.close(request.params.date, request.account!.name),
  );
}
