import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { needs, withOwnKeyRights } from '../approvals/permissions.ts';
import { CommandsAnswer, CommandsRequest, ReplacedRequest, Rotation } from './api.ts';
import { KeyRotationService } from './service.ts';

export function keyRotationRoutes(server: FastifyInstance, context: PlatformContext): void {
  const service = new KeyRotationService(context);
  const tags = ['keys'];
  const preHandler = [needs(context, 'cards.rekey'), withOwnKeyRights(context)];

  server.get(
    '/api/keys/rotations',
    {
      preHandler: needs(context, 'keys.see'),
      schema: {
        ...{ operationId: 'listRotations', summary: 'Rotations, and who is still on an older version', tags },
        response: { 200: Type.Array(Rotation) },
      },
    },
    () => service.report(),
  );
  server.post<{ Body: Static<typeof CommandsRequest> }>(
    '/api/keys/record-keys/commands',
    {
      preHandler,
      schema: {
        ...{ operationId: 'recordKeyCommands', summary: "Commands that give cards' records their next keys", tags },
        body: CommandsRequest,
        response: { 200: CommandsAnswer },
      },
    },
    (request) => service.commandsFor(request.body.cards),
  );
  server.post<{ Body: Static<typeof ReplacedRequest> }>(
    '/api/keys/record-keys/replaced',
    {
      preHandler,
      schema: {
        ...{ operationId: 'recordKeysReplaced', summary: 'Records that have taken their next key', tags },
        body: ReplacedRequest,
        response: { 200: Type.Object({ noted: Type.Integer() }) },
      },
    },
    (request) => service.replaced(request.body.replaced, request.account!.name),
  );
}
