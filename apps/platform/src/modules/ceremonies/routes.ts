import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { needs } from '../approvals/permissions.ts';
import {
  CeremonyState,
  ComponentBody,
  FileAnswer,
  KeystoreBody,
  OpenCeremony,
  OwnBody,
  RestoreBody,
  ShareAnswer,
  ShareBody,
} from './api.ts';
import { CeremonyService } from './service.ts';

export function ceremonyRoutes(server: FastifyInstance, context: PlatformContext): void {
  const service = new CeremonyService(context);
  const preHandler = needs(context, 'ceremonies.prepare');
  const schema = <B, R>(operationId: string, summary: string, body: B, response: R) => ({
    ...{ operationId, summary, tags: ['ceremonies'], body, response: { 200: response } },
    params: Type.Object({ id: Type.String() }),
  });
  type At = { Params: { id: string } };

  server.post<{ Body: OpenCeremony }>(
    '/api/ceremonies',
    {
      preHandler,
      schema: {
        ...{ operationId: 'openCeremony', summary: 'Open a key ceremony: who is here', tags: ['ceremonies'] },
        body: OpenCeremony,
        response: { 200: CeremonyState },
      },
    },
    (request) => service.open(request.body, request.account!.name),
  );
  server.post<At & { Body: Static<typeof KeystoreBody> }>(
    '/api/ceremonies/:id/generation',
    {
      preHandler,
      schema: schema('generateInCeremony', 'Generate and activate every key of the tree', KeystoreBody, CeremonyState),
    },
    (request) => service.generate(request.params.id, request.body.keystorePassphrase, request.account!.name),
  );
  server.post<At & { Body: Static<typeof OwnBody> }>(
    '/api/ceremonies/:id/handovers',
    { preHandler, schema: schema('receiveShare', 'One custodian receives one share, once', OwnBody, ShareAnswer) },
    async (request) => service.handOver(request.params.id, request.body.who, request.body.passphrase),
  );
  server.post<At & { Body: Static<typeof KeystoreBody> }>(
    '/api/ceremonies/:id/backups',
    { preHandler, schema: schema('backupInCeremony', 'A backup that only shares open', KeystoreBody, FileAnswer) },
    async (request) => service.backup(request.params.id, request.body.keystorePassphrase),
  );
  server.post<At & { Body: object }>(
    '/api/ceremonies/:id/destruction',
    { preHandler, schema: schema('destroyInCeremony', 'Destroy the keystore', Type.Object({}), CeremonyState) },
    (request) => service.destroy(request.params.id, request.account!.name),
  );
  server.post<At & { Body: Static<typeof ShareBody> }>(
    '/api/ceremonies/:id/shares',
    { preHandler, schema: schema('enterShare', 'One custodian enters a share', ShareBody, CeremonyState) },
    async (request) => service.enterShare(request.params.id, request.body.who, request.body.share),
  );
  server.get<At>(
    '/api/ceremonies/:id',
    {
      preHandler,
      schema: {
        ...{ operationId: 'getCeremony', summary: 'As it stands, refused steps too', tags: ['ceremonies'] },
        params: Type.Object({ id: Type.String() }),
        response: { 200: CeremonyState },
      },
    },
    async (request) => service.state(request.params.id),
  );
  server.post<At & { Body: Static<typeof ComponentBody> }>(
    '/api/ceremonies/:id/components',
    { preHandler, schema: schema('enterComponent', 'One custodian enters a component', ComponentBody, CeremonyState) },
    async (request) => service.enterComponent(request.params.id, request.body),
  );
  server.post<At & { Body: Static<typeof KeystoreBody> }>(
    '/api/ceremonies/:id/components/key',
    {
      preHandler,
      schema: schema('makeFromComponents', 'The key from the components entered', KeystoreBody, CeremonyState),
    },
    (request) => service.makeFromComponents(request.params.id, request.body.keystorePassphrase, request.account!.name),
  );
  server.post<At & { Body: Static<typeof RestoreBody> }>(
    '/api/ceremonies/:id/restoration',
    {
      preHandler,
      schema: schema('restoreInCeremony', 'Restore the keystore from a backup', RestoreBody, CeremonyState),
    },
    (request) =>
      service.restore(request.params.id, request.body.backup, request.body.keystorePassphrase, request.account!.name),
  );
  server.post<At & { Body: object }>(
    '/api/ceremonies/:id/end',
    { preHandler, schema: schema('closeCeremony', 'Close it: the transcript', Type.Object({}), FileAnswer) },
    (request) => service.close(request.params.id, request.account!.name),
  );
}
