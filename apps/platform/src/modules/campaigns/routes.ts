import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { needs } from '../approvals/permissions.ts';
import { Campaign } from './api.ts';
import { listCampaigns } from './queries.ts';

export function campaignRoutes(server: FastifyInstance, context: PlatformContext): void {
  server.get(
    '/api/campaigns',
    {
      preHandler: needs(context, 'operations.see'),
      schema: {
        operationId: 'listCampaigns',
        summary: 'Campaigns: given, budget, forecast, by business day',
        tags: ['campaigns'],
        response: { 200: Type.Array(Campaign) },
      },
    },
    () => listCampaigns(context),
  );
}
