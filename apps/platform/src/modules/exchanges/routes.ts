import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { needs } from '../approvals/permissions.ts';
import {
  ComponentBody,
  EnvelopeKey,
  ExchangeDocument,
  ExchangeList,
  ExchangeRow,
  ExchangeZone,
  ReceiptBody,
  ZoneBody,
} from './api.ts';
import { ExchangeZones } from './exchange-zones.ts';
import { ExchangeService } from './service.ts';

export function exchangeRoutes(server: FastifyInstance, context: PlatformContext): void {
  const service = new ExchangeService(context);
  const zones = new ExchangeZones(context);
  const tags = ['exchanges'];
  const preHandler = needs(context, 'keys.see');

  server.get(
    '/api/exchanges',
    {
      preHandler,
      schema: {
        ...{ operationId: 'listExchanges', summary: 'Zones, and keys handed over and taken in', tags },
        response: { 200: ExchangeList },
      },
    },
    async () => ({ zones: await zones.list(), exchanges: await service.list() }),
  );
  server.get(
    '/api/exchanges/envelope-key',
    {
      preHandler,
      schema: {
        ...{ operationId: 'getEnvelopeKey', summary: 'Our SM2 public key, for keys enveloped for us', tags },
        response: { 200: EnvelopeKey },
      },
    },
    () => service.envelopeKey(),
  );
  server.post<{ Body: ZoneBody }>(
    '/api/exchanges/zones',
    {
      preHandler,
      schema: {
        ...{ operationId: 'openExchangeZone', summary: 'A zone whose key comes in components', tags },
        body: ZoneBody,
        response: { 200: ExchangeZone },
      },
    },
    (request) => zones.open(request.body, request.account!),
  );
  server.post<{ Params: { zoneId: string }; Body: Static<typeof ComponentBody> }>(
    '/api/exchanges/zones/:zoneId/components',
    {
      preHandler,
      schema: {
        ...{ operationId: 'enterZoneComponent', summary: "One person's component of a zone key", tags },
        params: Type.Object({ zoneId: Type.String() }),
        body: ComponentBody,
        response: { 200: ExchangeZone },
      },
    },
    (request) => zones.enter(request.params.zoneId, request.body, request.account!),
  );
  server.get<{ Params: { id: string } }>(
    '/api/exchanges/:id/document',
    {
      preHandler,
      schema: {
        ...{ operationId: 'getExchangeDocument', summary: 'The package we hand over, or the receipt we give', tags },
        params: Type.Object({ id: Type.String() }),
        response: { 200: ExchangeDocument },
      },
    },
    (request) => service.document(request.params.id),
  );
  server.post<{ Params: { id: string }; Body: { receipt: string } }>(
    '/api/exchanges/:id/receipt',
    {
      preHandler,
      schema: {
        ...{ operationId: 'checkExchangeReceipt', summary: "The other side's receipt, checked", tags },
        params: Type.Object({ id: Type.String() }),
        body: ReceiptBody,
        response: { 200: ExchangeRow },
      },
    },
    (request) => service.checkReceipt(request.params.id, request.body.receipt, request.account!),
  );
}
