import type { FastifyInstance } from 'fastify';
import type { PlatformContext } from '../../context.ts';
import { Overview, OverviewQuery } from './api.ts';
import { overview } from './service.ts';

export function overviewRoutes(server: FastifyInstance, context: PlatformContext): void {
  server.get<{ Querystring: { date?: string } }>(
    '/api/overview',
    {
      schema: {
        operationId: 'getOverview',
        summary: 'A business day at a glance',
        tags: ['overview'],
        querystring: OverviewQuery,
        response: { 200: Overview },
      },
    },
    (request) => overview(context, request.query.date),
  );
}
