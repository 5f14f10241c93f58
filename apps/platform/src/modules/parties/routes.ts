import type { FastifyInstance } from 'fastify';
import type { PlatformContext } from '../../context.ts';
import { PartyList } from './api.ts';

export function partyRoutes(server: FastifyInstance, context: PlatformContext): void {
  server.get(
    '/api/parties',
    {
      schema: {
        operationId: 'listParties',
        summary: 'Platform, issuing banks, operators',
        tags: ['parties'],
        response: { 200: PartyList },
      },
    },
    async () => {
      const rows = await context.store.database.selectFrom('party').selectAll().orderBy('code').execute();
      return rows.map((row) => ({
        id: row.id,
        kind: row.kind as 'platform' | 'issuer' | 'operator' | 'service',
        name: { en: row.name_en, zh: row.name_zh },
        ...(row.city === null ? {} : { city: row.city }),
        ...(row.mode === null ? {} : { mode: row.mode }),
        origin: row.origin as 'blueprint' | 'enrolled',
        discounts: row.discounts,
      }));
    },
  );
}
