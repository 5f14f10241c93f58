import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { needs } from '../approvals/permissions.ts';
import * as api from './api.ts';
import { listOrders, orderDetail, stations } from './queries.ts';
import { OperatingModeService } from './service.ts';

export function operatingModeRoutes(server: FastifyInstance, context: PlatformContext): void {
  const service = new OperatingModeService(context);
  const tags = ['operating-modes'];
  const see = needs(context, 'operations.see');
  const order = needs(context, 'modes.order');
  const params = Type.Object({ id: Type.String() });

  server.get(
    '/api/mode-orders',
    {
      preHandler: see,
      schema: {
        ...{ operationId: 'listModeOrders', summary: 'Operating modes ordered for stations, the newest first', tags },
        response: { 200: Type.Array(api.ModeOrderAnswer) },
      },
    },
    () => listOrders(context),
  );
  server.get(
    '/api/mode-orders/stations',
    {
      preHandler: see,
      schema: {
        ...{ operationId: 'listModeStations', summary: 'Stations that a mode can be ordered for', tags },
        response: { 200: api.ModeStations },
      },
    },
    () => Promise.resolve(stations(context)),
  );
  server.get<{ Params: { id: string } }>(
    '/api/mode-orders/:id',
    {
      preHandler: see,
      schema: {
        ...{ operationId: 'getModeOrder', summary: 'One order: which terminals have it, what follows from it', tags },
        params,
        response: { 200: api.ModeOrderDetail },
      },
    },
    (request) => orderDetail(context, request.params.id),
  );
  server.post<{ Body: api.NewModeOrder }>(
    '/api/mode-orders',
    {
      preHandler: order,
      schema: {
        ...{ operationId: 'orderMode', summary: 'Order operating modes for a station or several', tags },
        body: api.NewModeOrder,
        response: { 200: api.OrderedModes },
      },
    },
    (request) => service.order(request.body, request.account!.name),
  );
  server.post<{ Params: { id: string }; Body: api.EndModeOrder }>(
    '/api/mode-orders/:id/end',
    {
      preHandler: order,
      schema: {
        ...{ operationId: 'endModeOrder', summary: 'End an order', tags },
        params,
        body: api.EndModeOrder,
        response: { 200: Type.Object({ ended: Type.Boolean() }) },
      },
    },
    (request) => service.end(request.params.id, request.body, request.account!.name),
  );
}
