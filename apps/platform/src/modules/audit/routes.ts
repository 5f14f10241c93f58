import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { needs } from '../approvals/permissions.ts';
import { AuditPage, AuditQuery, AuditVerification } from './api.ts';
import { audit } from './service.ts';
import { anchorLines, exportTrail, searchTrail, verifyTrail } from './trail.ts';

export function auditRoutes(server: FastifyInstance, context: PlatformContext): void {
  const tags = ['audit'];
  const preHandler = needs(context, 'audit.read');
  const { database } = context.store;
  const about = (exportedBy: string) => ({
    chain: context.region.blueprint.manifest.blueprint,
    exportedAt: context.now(),
    exportedBy,
  });

  server.get<{ Querystring: AuditQuery }>(
    '/api/audit',
    {
      preHandler,
      schema: {
        operationId: 'searchAudit',
        summary: 'Audit entries, newest first',
        tags,
        querystring: AuditQuery,
        response: { 200: AuditPage },
      },
    },
    (request) => searchTrail(database, request.query),
  );

  server.get(
    '/api/audit/verification',
    {
      preHandler,
      schema: {
        operationId: 'verifyAudit',
        summary: 'Verify the whole trail now',
        tags,
        response: { 200: AuditVerification },
      },
    },
    (request) => verifyTrail(database, about(request.account!.name)),
  );

  server.get(
    '/api/audit/export',
    {
      preHandler,
      schema: {
        operationId: 'exportAudit',
        summary: 'The trail as a file (docs/reference/audit-format.md)',
        tags,
        produces: ['application/x-ndjson'],
        response: { 200: Type.String() },
      },
    },
    async (request, reply) => {
      const who = request.account!.name;
      await database
        .transaction()
        .execute((transaction) =>
          audit(transaction, context.now(), { who, what: 'audit.exported', subject: 'audit', detail: {} }),
        );
      reply.header('content-type', 'application/x-ndjson; charset=utf-8');
      reply.header('content-disposition', 'attachment; filename="polycard-audit.ndjson"');
      return reply.send(Readable.from(exportTrail(database, about(who))));
    },
  );

  server.get(
    '/api/audit/anchors',
    {
      preHandler,
      schema: {
        operationId: 'listAuditAnchors',
        summary: 'Anchor lines of finished days, to be kept elsewhere',
        tags,
        produces: ['application/x-ndjson'],
        response: { 200: Type.String() },
      },
    },
    async (_request, reply) => {
      reply.header('content-type', 'application/x-ndjson; charset=utf-8');
      return reply.send(await anchorLines(database));
    },
  );
}
