import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { CardDetail, CardPage, CardsQuery } from './api.ts';
import { cardDetail, listCards } from './service.ts';

export function cardRoutes(server: FastifyInstance, context: PlatformContext): void {
  const tags = ['cards'];
  server.get<{ Querystring: Static<typeof CardsQuery> }>(
    '/api/cards',
    {
      schema: {
        operationId: 'listCards',
        summary: 'Cards',
        tags,
        querystring: CardsQuery,
        response: { 200: CardPage },
      },
    },
    (request) => listCards(context, request.query),
  );
  server.get<{ Params: { token: string } }>(
    '/api/cards/:token',
    {
      schema: {
        operationId: 'getCard',
        summary: 'One card',
        tags,
        params: Type.Object({ token: Type.String() }),
        response: { 200: CardDetail },
      },
    },
    (request) => cardDetail(context, request.params.token),
  );
}
