import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { Approval, ApprovalBody, ApprovalList, DecisionBody } from './api.ts';
import { needs } from './permissions.ts';
import { ApprovalService } from './service.ts';

export function approvalRoutes(server: FastifyInstance, context: PlatformContext): void {
  const service = new ApprovalService(context);
  const tags = ['approvals'];
  const preHandler = needs(context, 'keys.see');
  const params = Type.Object({ id: Type.String() });

  server.get<{ Querystring: { state?: string } }>(
    '/api/approvals',
    {
      preHandler,
      schema: {
        operationId: 'listApprovals',
        summary: 'Requests that others approve, newest first',
        tags,
        querystring: Type.Object({ state: Type.Optional(Type.String()) }),
        response: { 200: ApprovalList },
      },
    },
    (request) => service.list(request.query.state),
  );
  server.post<{ Body: ApprovalBody }>(
    '/api/approvals',
    {
      schema: {
        operationId: 'requestApproval',
        summary: 'Ask for an act that others approve; its effect is answered in words',
        tags,
        body: ApprovalBody,
        response: { 200: Approval },
      },
    },
    (request) => service.request({ ...request.body, parameters: request.body.parameters ?? {} }, request.account!),
  );
  server.get<{ Params: { id: string } }>(
    '/api/approvals/:id',
    {
      preHandler,
      schema: { operationId: 'getApproval', summary: 'One request', tags, params, response: { 200: Approval } },
    },
    (request) => service.get(request.params.id),
  );
  server.post<{ Params: { id: string }; Body: { verdict: 'approved' | 'refused'; why: string } }>(
    '/api/approvals/:id/decisions',
    {
      schema: {
        operationId: 'decideApproval',
        summary: 'Approve or refuse; the last approval carries the act out',
        tags,
        params,
        body: DecisionBody,
        response: { 200: Approval },
      },
    },
    (request) => service.decide(request.params.id, request.body.verdict, request.body.why, request.account!),
  );
}
