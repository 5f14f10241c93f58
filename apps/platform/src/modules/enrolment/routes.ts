import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { onlyFor } from '../session/routes.ts';
import {
  OperatorAnswer,
  OperatorRequest,
  PlaceAnswer,
  PlaceRequest,
  type TerminalRequest,
  TerminalsAnswer,
  TerminalsRequest,
  ZoneAnswer,
  ZoneRequest,
} from './api.ts';
import { EnrolmentService } from './service.ts';

export function enrolmentRoutes(server: FastifyInstance, context: PlatformContext): void {
  const service = new EnrolmentService(context);
  const tags = ['enrolment'];
  const preHandler = onlyFor('fleet', 'operator');

  server.post<{ Body: { name: string; publicKey: string } }>(
    '/api/enrolment/zones',
    {
      preHandler,
      schema: {
        operationId: 'openZone',
        summary: 'Agree on a transport key',
        tags,
        body: ZoneRequest,
        response: { 200: ZoneAnswer },
      },
    },
    (request) => service.openZone(request.body.name, request.body.publicKey, request.account!.name),
  );
  server.post<{ Body: { name: string; mode: 'metro' | 'bus'; discounts?: 'tariff' | 'none' }[] }>(
    '/api/enrolment/operators',
    {
      preHandler,
      schema: {
        operationId: 'enrolOperators',
        summary: 'Find or enrol operators',
        tags,
        body: Type.Array(OperatorRequest, { maxItems: 500 }),
        response: { 200: Type.Array(OperatorAnswer) },
      },
    },
    (request) => service.enrolOperators(request.body, request.account!.name),
  );
  server.post<{ Body: { name: string }[] }>(
    '/api/enrolment/places',
    {
      preHandler,
      schema: {
        operationId: 'enrolPlaces',
        summary: 'Find or enrol places',
        tags,
        body: Type.Array(PlaceRequest, { maxItems: 5000 }),
        response: { 200: Type.Array(PlaceAnswer) },
      },
    },
    (request) => service.enrolPlaces(request.body, request.account!.name),
  );
  server.post<{ Body: { zoneId: string; terminals: TerminalRequest[] } }>(
    '/api/enrolment/terminals',
    {
      preHandler,
      schema: {
        operationId: 'enrolTerminals',
        summary: 'Enrol terminals and issue their keys',
        tags,
        body: TerminalsRequest,
        response: { 200: TerminalsAnswer },
      },
    },
    (request) => service.enrolTerminals(request.body.zoneId, request.body.terminals, request.account!.name),
  );
}
