import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { needs } from '../approvals/permissions.ts';
import { EndModeOrder, ModeOrderAnswer, NewModeOrder } from './api.ts';
import { OperatingModeService } from './service.ts';

export function operatingModeRoutes(server: FastifyInstance, context: PlatformContext): void {
  const service = new OperatingModeService(context);
  const tags = ['operating-modes'];

  server.get(
    '/api/mode-orders',
    {
      preHandler: needs(context, 'operations.see'),
      schema: {
        ...{ operationId: 'listModeOrders', summary: 'Operating modes ordered for stations', tags },
        response: { 200: Type.Array(ModeOrderAnswer) },
      },
    },
    () => service.list(),
  );
  server.post<{ Body: NewModeOrder }>(
    '/api/mode-orders',
    {
      preHandler: needs(context, 'modes.order'),
      schema: {
        ...{ operationId: 'orderMode', summary: 'Order operating modes for a station', tags },
        body: NewModeOrder,
        response: { 200: Type.Object({ id: Type.String() }) },
      },
    },
    (request) => service.order(request.body, request.account!.name),
  );
  server.post<{ Params: { id: string }; Body: EndModeOrder }>(
    '/api/mode-orders/:id/end',
    {
      preHandler: needs(context, 'modes.order'),
      schema: {
        ...{ operationId: 'endModeOrder', summary: 'End an order', tags },
        params: Type.Object({ id: Type.String() }),
        body: EndModeOrder,
        response: { 200: Type.Object({ ended: Type.Boolean() }) },
      },
    },
    (request) => service.end(request.params.id, request.body, request.account!.name),
  );
}
