import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { TapDetail, TapPage, TapsQuery } from './api.ts';
import { tapDetail } from './detail.ts';
import { listTaps } from './list.ts';

export function tapRoutes(server: FastifyInstance, context: PlatformContext): void {
  const tags = ['taps'];
  server.get<{ Querystring: Static<typeof TapsQuery> }>(
    '/api/taps',
    { schema: { operationId: 'listTaps', summary: 'Taps', tags, querystring: TapsQuery, response: { 200: TapPage } } },
    (request) => listTaps(context, request.query),
  );
  server.get<{ Params: { id: string } }>(
    '/api/taps/:id',
    {
      schema: {
        operationId: 'getTap',
        summary: 'One tap in full',
        tags,
        params: Type.Object({ id: Type.String() }),
        response: { 200: TapDetail },
      },
    },
    (request) => tapDetail(context, request.params.id),
  );
}
