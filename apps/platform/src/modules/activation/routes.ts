import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { needs, withOwnKeyRights } from '../approvals/permissions.ts';
import { ActivatedAnswer, ActivatedRequest, ActivationCommand, ActivationCommandRequest } from './api.ts';
import { ActivationService } from './service.ts';

export function activationRoutes(server: FastifyInstance, context: PlatformContext): void {
  const service = new ActivationService(context);
  const tags = ['activation'];
  const preHandler = [needs(context, 'keys.activation.use', 'cards.prepare'), withOwnKeyRights(context)];

  server.post<{ Body: ActivationCommandRequest }>(
    '/api/activation/commands',
    {
      preHandler,
      schema: {
        operationId: 'activationCommand',
        summary: 'A finished ACTIVATE command for an industry application of a card',
        tags,
        body: ActivationCommandRequest,
        response: { 200: ActivationCommand },
      },
    },
    (request) => service.commandFor(request.body),
  );
  server.post<{ Body: Static<typeof ActivatedRequest> }>(
    '/api/activation/done',
    {
      preHandler,
      schema: {
        operationId: 'applicationActivated',
        summary: 'The card has taken the keys of the application',
        tags,
        body: ActivatedRequest,
        response: { 200: ActivatedAnswer },
      },
    },
    (request) => service.activated(request.body, request.account!.name),
  );
}
