import type { FastifyInstance } from 'fastify';
import type { PlatformContext } from '../../context.ts';
import { needs, withOwnKeyRights } from '../approvals/permissions.ts';
import { type CardOrder, PersonalisationAnswer, PersonalisationRequest } from './api.ts';
import { PersonalisationService } from './service.ts';

export function personalisationRoutes(server: FastifyInstance, context: PlatformContext): void {
  const service = new PersonalisationService(context);
  server.post<{ Body: { zoneId: string; cardPublicKeys: string[]; cards: CardOrder[] } }>(
    '/api/personalisation',
    {
      preHandler: [needs(context, 'cards.prepare'), withOwnKeyRights(context)],
      schema: {
        operationId: 'prepareCards',
        summary: 'Prepare cards for a personalisation bureau',
        tags: ['personalisation'],
        body: PersonalisationRequest,
        response: { 200: PersonalisationAnswer },
      },
    },
    (request) => service.prepare(request.body, request.account!.name),
  );
}
