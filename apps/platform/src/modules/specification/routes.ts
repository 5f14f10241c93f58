import type { FastifyInstance } from 'fastify';
import type { PlatformContext } from '../../context.ts';
import { Specification } from './api.ts';
import { specification } from './service.ts';

export function specificationRoutes(server: FastifyInstance, context: PlatformContext): void {
  server.get(
    '/api/specification',
    {
      schema: {
        operationId: 'getSpecification',
        summary: "The region's card specification: applications, files, records, fields, access, keys",
        tags: ['specification'],
        response: { 200: Specification },
      },
    },
    async () => specification(context.region.blueprint),
  );
}
