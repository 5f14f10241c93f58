import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { TerminalDetail, TerminalMessages, TerminalPage, TerminalsQuery } from './api.ts';
import { listTerminals, terminalDetail } from './service.ts';

export function terminalRoutes(server: FastifyInstance, context: PlatformContext): void {
  const tags = ['terminals'];
  server.get<{ Querystring: Static<typeof TerminalsQuery> }>(
    '/api/terminals',
    {
      schema: {
        operationId: 'listTerminals',
        summary: 'Terminals',
        tags,
        querystring: TerminalsQuery,
        response: { 200: TerminalPage },
      },
    },
    (request) => listTerminals(context, request.query),
  );
  server.get<{ Params: { terminalNo: string } }>(
    '/api/terminals/:terminalNo',
    {
      schema: {
        operationId: 'getTerminal',
        summary: 'One terminal',
        tags,
        params: Type.Object({ terminalNo: Type.String() }),
        response: { 200: TerminalDetail },
      },
    },
    (request) => terminalDetail(context, request.params.terminalNo),
  );
  server.get<{ Params: { terminalNo: string } }>(
    '/api/terminals/:terminalNo/messages',
    {
      schema: {
        operationId: 'listTerminalMessages',
        summary: 'Last messages of a terminal, taken apart; account numbers masked, keys hidden',
        tags,
        params: Type.Object({ terminalNo: Type.String() }),
        response: { 200: TerminalMessages },
      },
    },
    (request) => Promise.resolve(context.lastMessages.of(request.params.terminalNo)),
  );
}
