import { fromHex, toHex } from '@polycard/bytes';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { needs, withOwnKeyRights } from '../approvals/permissions.ts';
import {
  ActivationAnswer,
  ActivationBody,
  BackendAnswer,
  DisperseAnswer,
  DisperseBody,
  KeyDetail,
  KeyList,
  PsamKeyAnswer,
  PsamKeyBody,
} from './api.ts';
import { KeyService } from './service.ts';

export function keyRoutes(server: FastifyInstance, context: PlatformContext): void {
  const service = new KeyService(context);
  const tags = ['keys'];
  const preHandler = needs(context, 'keys.see');

  server.get(
    '/api/keys',
    {
      preHandler,
      schema: {
        operationId: 'listKeys',
        summary: 'Every version of every key, without the keys',
        tags,
        response: { 200: KeyList },
      },
    },
    () => service.list(),
  );
  server.get(
    '/api/keys/backend',
    {
      preHandler,
      schema: {
        operationId: 'getKeyBackend',
        summary: 'Where keys are and what can be done there',
        tags,
        response: { 200: BackendAnswer },
      },
    },
    async () => {
      const { backend, custody, abilities } = context.vault.capabilities();
      return { backend, custody, abilities: abilities.map((ability) => ({ ...ability })) };
    },
  );
  server.get<{ Params: { name: string } }>(
    '/api/keys/:name',
    {
      preHandler,
      schema: {
        operationId: 'getKey',
        summary: 'One key: versions, custodians, what stands behind it, what rotation would cost',
        tags,
        params: Type.Object({ name: Type.String({ description: 'label or label#version' }) }),
        response: { 200: KeyDetail },
      },
    },
    (request) => service.detail(request.params.name),
  );
  server.post<{ Body: ActivationBody }>(
    '/api/keys/activations',
    {
      preHandler: [needs(context, 'keys.activation.use'), withOwnKeyRights(context)],
      schema: {
        operationId: 'activateApplication',
        summary: 'Open an application on one card: the finished command',
        tags,
        body: ActivationBody,
        response: { 200: ActivationAnswer },
      },
    },
    (request) => service.activate(request.body),
  );
  server.post<{ Body: { label: string; zoneId: string } }>(
    '/api/keys/psam-keys',
    {
      preHandler: [needs(context, 'keys.management.use'), withOwnKeyRights(context)],
      schema: {
        operationId: 'issuePsamKey',
        summary: 'A management key for a PSAM, under a zone key',
        tags,
        body: PsamKeyBody,
        response: { 200: PsamKeyAnswer },
      },
    },
    (request) => service.issuePsamKey(request.body.label, request.body.zoneId),
  );
  server.post<{ Body: { name: string; paths: string[][] } }>(
    '/api/keys/dispersions',
    {
      preHandler: [preHandler, withOwnKeyRights(context)],
      schema: {
        operationId: 'disperseKey',
        summary: 'Check values of the keys below one; the keys stay inside',
        tags,
        body: DisperseBody,
        response: { 200: DisperseAnswer },
      },
    },
    async (request) => {
      const paths = request.body.paths.map((path) => path.map(fromHex));
      return { checkValues: (await context.vault.disperse(request.body.name, paths)).map(toHex) };
    },
  );
}
