import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { mustHave, needs, withOwnKeyRights } from '../approvals/permissions.ts';
import {
  MakerTerminalsAnswer,
  MakerTerminalsRequest,
  OperatorAnswer,
  OperatorRequest,
  PlaceAnswer,
  PlaceRequest,
  TakenZoneKeyAnswer,
  TakeZoneKeyRequest,
  type TerminalRequest,
  TerminalsAnswer,
  TerminalsRequest,
  ZoneAnswer,
  ZoneRequest,
} from './api.ts';
import { EnrolmentService } from './service.ts';

/** Who gets opening keys and who gets PSAM keys are different people, so they have different transport keys. */
const ZONE_PERMISSION = { cards: 'cards.prepare', terminals: 'terminals.enrol', maker: 'terminals.admit' } as const;

export function enrolmentRoutes(server: FastifyInstance, context: PlatformContext): void {
  const service = new EnrolmentService(context);
  const tags = ['enrolment'];
  const preHandler = [needs(context, 'terminals.enrol', 'terminals.admit'), withOwnKeyRights(context)];

  server.post<{ Body: Static<typeof ZoneRequest> }>(
    '/api/enrolment/zones',
    {
      preHandler: [
        (request: FastifyRequest) =>
          mustHave(context, request, ZONE_PERMISSION[(request.body as Static<typeof ZoneRequest>).purpose]),
        withOwnKeyRights(context),
      ],
      schema: {
        operationId: 'openZone',
        summary: 'Agree on a transport key, for cards or for terminals',
        tags,
        body: ZoneRequest,
        response: { 200: ZoneAnswer },
      },
    },
    (request) => service.openZone(request.body, request.account!.name),
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
      preHandler: [needs(context, 'terminals.enrol'), withOwnKeyRights(context)],
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
  server.post<{ Body: TakeZoneKeyRequest }>(
    '/api/enrolment/zone-keys',
    {
      preHandler,
      schema: {
        operationId: 'takeZoneKey',
        summary: "Take a terminal maker's zone key in",
        tags,
        body: TakeZoneKeyRequest,
        response: { 200: TakenZoneKeyAnswer },
      },
    },
    (request) => service.takeZoneKey(request.body, request.account!.name),
  );
  server.post<{ Body: { zoneId: string; terminals: TerminalRequest[] } }>(
    '/api/enrolment/maker-terminals',
    {
      preHandler,
      schema: {
        operationId: 'enrolMakerTerminals',
        summary: "Enrol a maker's terminals; master keys as key blocks under the maker's zone key",
        tags,
        body: MakerTerminalsRequest,
        response: { 200: MakerTerminalsAnswer },
      },
    },
    (request) => service.enrolMakerTerminals(request.body.zoneId, request.body.terminals, request.account!.name),
  );
}
