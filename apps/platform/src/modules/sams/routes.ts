import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { needs, withOwnKeyRights } from '../approvals/permissions.ts';
import { PsamKey } from '../enrolment/api.ts';
import { SamList, SamsQuery, StopRequest } from './api.ts';
import { SamService } from './service.ts';

const ReissueRequest = Type.Object({
  zoneId: Type.String(),
  terminals: Type.Array(Type.String(), { minItems: 1, maxItems: 10_000, description: 'Terminal numbers' }),
});

export function samRoutes(server: FastifyInstance, context: PlatformContext): void {
  const service = new SamService(context);
  const tags = ['sams'];

  server.get<{ Querystring: Static<typeof SamsQuery> }>(
    '/api/sams',
    {
      preHandler: needs(context, 'keys.see'),
      schema: {
        ...{ operationId: 'listSams', summary: 'PSAMs: where they are and what they hold', tags },
        querystring: SamsQuery,
        response: { 200: SamList },
      },
    },
    (request) => service.list(request.query),
  );
  server.post<{ Params: { samNo: string }; Body: { reason: string } }>(
    '/api/sams/:samNo/stop',
    {
      preHandler: needs(context, 'sams.stop'),
      schema: {
        ...{ operationId: 'stopSam', summary: 'Put a PSAM on the stop list: it gets no more keys', tags },
        body: StopRequest,
        response: { 200: Type.Object({ stopped: Type.Boolean() }) },
      },
    },
    async (request) => {
      await service.stop(request.params.samNo, request.body.reason, request.account!.name);
      return { stopped: true };
    },
  );
  server.post<{ Body: Static<typeof ReissueRequest> }>(
    '/api/sams/reissue',
    {
      preHandler: [needs(context, 'terminals.enrol'), withOwnKeyRights(context)],
      schema: {
        ...{ operationId: 'reissueSams', summary: 'Keys again for the PSAMs of terminals', tags },
        body: ReissueRequest,
        response: { 200: Type.Array(PsamKey) },
      },
    },
    (request) => service.reissue(request.body.zoneId, request.body.terminals, request.account!.name),
  );
}
