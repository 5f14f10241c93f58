/** The HTTP side: API with its OpenAPI document, the console's files, health. */
import { existsSync } from 'node:fs';
import fastifyCookie from '@fastify/cookie';
import fastifyStatic from '@fastify/static';
import fastifySwagger from '@fastify/swagger';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { sql } from 'kysely';
import Type from 'typebox';
import type { PlatformContext } from './context.ts';
import { activationRoutes } from './modules/activation/routes.ts';
import { approvalRoutes } from './modules/approvals/routes.ts';
import { auditRoutes } from './modules/audit/routes.ts';
import { campaignRoutes } from './modules/campaigns/routes.ts';
import { cardRoutes } from './modules/cards/routes.ts';
import { ceremonyRoutes } from './modules/ceremonies/routes.ts';
import { clearingRoutes } from './modules/clearing/routes.ts';
import { denyListRoutes } from './modules/deny-lists/routes.ts';
import { enrolmentRoutes } from './modules/enrolment/routes.ts';
import { exceptionRoutes } from './modules/exceptions/routes.ts';
import { exchangeRoutes } from './modules/exchanges/routes.ts';
import { keyRotationRoutes } from './modules/key-rotation/routes.ts';
import { keyRoutes } from './modules/keys/routes.ts';
import { operatingModeRoutes } from './modules/operating-modes/routes.ts';
import { overviewRoutes } from './modules/overview/routes.ts';
import { parameterRoutes } from './modules/parameters/routes.ts';
import { partyRoutes } from './modules/parties/routes.ts';
import { personalisationRoutes } from './modules/personalisation/routes.ts';
import { reconciliationRoutes } from './modules/reconciliation/routes.ts';
import { samRoutes } from './modules/sams/routes.ts';
import { requireSession, sessionRoutes } from './modules/session/routes.ts';
import { settlementRoutes } from './modules/settlement/routes.ts';
import { specificationRoutes } from './modules/specification/routes.ts';
import { tapRoutes } from './modules/taps/routes.ts';
import { terminalRoutes } from './modules/terminals/routes.ts';
import { registerProblems } from './problems.ts';

const BODY_BYTES_MAX = 32 * 1024 * 1024;

export interface ServerOptions {
  readonly version: string;
  /** Folder of the built console; without it the API answers alone. */
  readonly consoleDirectory?: string | undefined;
  readonly log: FastifyBaseLogger;
}

export async function buildServer(context: PlatformContext, options: ServerOptions): Promise<FastifyInstance> {
  const server = fastify({
    loggerInstance: options.log,
    bodyLimit: BODY_BYTES_MAX,
    logController: new LogController({ disableRequestLogging: true }),
  });
  registerProblems(server);
  await server.register(fastifyCookie);
  await server.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Polycard platform',
        version: options.version,
        description: 'Cards, taps, clearing and settlement of one region',
      },
    },
  });
  requireSession(server, context);

  // a child context, so that the OpenAPI plugin sees the routes
  await server.register(async (api) => {
    for (const routes of [
      sessionRoutes,
      overviewRoutes,
      tapRoutes,
      cardRoutes,
      specificationRoutes,
      terminalRoutes,
      denyListRoutes,
      exceptionRoutes,
      settlementRoutes,
      partyRoutes,
      enrolmentRoutes,
      personalisationRoutes,
      activationRoutes,
      reconciliationRoutes,
      clearingRoutes,
      auditRoutes,
      approvalRoutes,
      ceremonyRoutes,
      keyRoutes,
      keyRotationRoutes,
      samRoutes,
      parameterRoutes,
      operatingModeRoutes,
      campaignRoutes,
      exchangeRoutes,
    ]) {
      routes(api, context);
    }
    api.get(
      '/health',
      {
        schema: {
          operationId: 'getHealth',
          summary: 'Whether the platform works',
          tags: ['health'],
          response: { 200: Type.Object({ status: Type.String(), database: Type.String(), version: Type.String() }) },
        },
      },
      async () => {
        await sql`SELECT 1`.execute(context.store.database);
        return { status: 'ok', database: context.store.kind, version: options.version };
      },
    );
  });
  server.get('/api/openapi.json', { schema: { hide: true } }, () => server.swagger());

  if (options.consoleDirectory !== undefined && existsSync(options.consoleDirectory)) {
    await server.register(fastifyStatic, {
      root: options.consoleDirectory,
      wildcard: false,
      maxAge: '1h',
      immutable: false,
    });
    // the console routes in the browser: any page address gets its one document
    server.get('/*', { schema: { hide: true } }, (request, reply) => {
      if (request.url.startsWith('/api/')) return reply.callNotFound();
      return reply.header('cache-control', 'no-cache').sendFile('index.html', { maxAge: 0 });
    });
  }
  await server.ready();
  return server;
}
