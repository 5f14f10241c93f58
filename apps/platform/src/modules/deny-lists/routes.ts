import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { Approval } from '../approvals/api.ts';
import { needs } from '../approvals/permissions.ts';
import { ApprovalService } from '../approvals/service.ts';
import * as api from './api.ts';
import { addEntries, importFile, takeOff } from './entries.ts';
import { LIST_SUBJECT, PUBLISH_LIST_ACT, waitingChanges } from './publication.ts';
import { listEntries, listFleet, listHits, listingOfCard, overview } from './queries.ts';

export function denyListRoutes(server: FastifyInstance, context: PlatformContext): void {
  const approvals = new ApprovalService(context);
  const tags = ['deny-lists'];
  const see = needs(context, 'operations.see');
  const edit = needs(context, 'deny-lists.edit');
  const read = (operationId: string, summary: string, response: object, querystring?: object) => ({
    preHandler: see,
    schema: { operationId, summary, tags, response: { 200: response }, ...(querystring ? { querystring } : {}) },
  });

  server.get(
    '/api/deny-lists',
    read('getDenyLists', 'The deny list: counts, versions, what waits, who holds which version', api.DenyListOverview),
    () => overview(context),
  );
  server.get<{ Querystring: Static<typeof api.EntriesQuery> }>(
    '/api/deny-lists/entries',
    read('listDenyEntries', 'Listings', api.EntryPage, api.EntriesQuery),
    (request) => listEntries(context, request.query),
  );
  server.get<{ Querystring: Static<typeof api.FleetQuery> }>(
    '/api/deny-lists/terminals',
    read('listDenyListFleet', 'The list each terminal holds, the oldest first', api.FleetPage, api.FleetQuery),
    (request) => listFleet(context, request.query),
  );
  server.get<{ Querystring: { page?: number; pageSize?: number } }>(
    '/api/deny-lists/hits',
    read(
      'listDenyListHits',
      'Listed cards that were held to terminals',
      api.HitPage,
      Type.Object({ page: api.EntriesQuery.properties.page, pageSize: api.EntriesQuery.properties.pageSize }),
    ),
    (request) => listHits(context, request.query),
  );
  server.get<{ Params: { token: string } }>(
    '/api/cards/:token/deny-list',
    {
      preHandler: see,
      schema: {
        operationId: 'getCardListing',
        summary: 'Listings of one card, where it appeared, rides let through',
        tags,
        params: Type.Object({ token: Type.String() }),
        response: { 200: api.CardListing },
      },
    },
    (request) => listingOfCard(context, request.params.token),
  );
  server.post<{ Body: api.AddBody }>(
    '/api/deny-lists/entries',
    {
      preHandler: edit,
      schema: {
        operationId: 'addDenyEntries',
        summary: 'List cards; terminals learn of it with the next published version',
        tags,
        body: api.AddBody,
        response: { 200: api.AddAnswer },
      },
    },
    (request) => addEntries(context, request.body, request.account!.name),
  );
  server.post<{ Body: api.RemoveBody }>(
    '/api/deny-lists/removals',
    {
      preHandler: edit,
      schema: {
        operationId: 'removeDenyEntries',
        summary: 'Take cards off the list; terminals learn of it with the next published version',
        tags,
        body: api.RemoveBody,
        response: { 200: api.RemoveAnswer },
      },
    },
    (request) => takeOff(context, request.body, request.account!.name),
  );
  server.post<{ Body: api.ImportBody }>(
    '/api/deny-lists/imports',
    {
      preHandler: edit,
      schema: {
        operationId: 'importDenyEntries',
        summary: 'List the cards of a file',
        tags,
        body: api.ImportBody,
        response: { 200: api.ImportAnswer },
      },
    },
    (request) => importFile(context, request.body, request.account!.name),
  );
  server.post<{ Body: api.PublishBody }>(
    '/api/deny-lists/publications',
    {
      schema: {
        operationId: 'requestDenyListPublication',
        summary: 'Ask for everything that waits to be published as a version; somebody else approves it',
        tags,
        body: api.PublishBody,
        response: { 200: Approval },
      },
    },
    async (request) => {
      const { id, why } = request.body;
      const { through, added, removed } = await waitingChanges(context);
      const parameters = { through: String(through), added: String(added), removed: String(removed) };
      return approvals.request({ id, act: PUBLISH_LIST_ACT, subject: LIST_SUBJECT, why, parameters }, request.account!);
    },
  );
}
