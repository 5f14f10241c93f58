import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { Page, PageQuery } from '../api-types.ts';
import { needs } from '../approvals/permissions.ts';
import { ApprovalService } from '../approvals/service.ts';
import {
  ActBody,
  AdvanceBody,
  DraftBody,
  HeldRow,
  ProposalBody,
  RehearsalBody,
  RollBackBody,
  SaveBody,
  VersionDetail,
  VersionList,
  VersionStanding,
} from './api.ts';
import { heldByTerminals, listVersions, versionDetail } from './detail.ts';
import { fixProposal, PUBLISH_ACT } from './proposal.ts';
import { beginRehearsal } from './rehearsal.ts';
import { advanceRollout, beginRollout, rollBack, stopRollout } from './rollout.ts';
import { beginDraft, checkVersion, saveDraft } from './versions.ts';

const RIDES_MAX = 100_000;
const Params = Type.Object({ version: Type.String() });
type Params = Static<typeof Params>;
const tags = ['parameters'];
const response = { 200: VersionStanding };

export function parameterRoutes(server: FastifyInstance, context: PlatformContext): void {
  const approvals = new ApprovalService(context);
  const see = { preHandler: needs(context, 'operations.see') };
  const edit = { preHandler: needs(context, 'parameters.edit') };
  const rollOut = { preHandler: needs(context, 'parameters.roll-out') };
  const detail = (version: string) => versionDetail(context, version);

  server.get(
    '/api/parameters/versions',
    {
      ...see,
      schema: {
        ...{ operationId: 'listParameterVersions', summary: 'Parameter versions, newest first', tags },
        response: { 200: VersionList },
      },
    },
    () => listVersions(context),
  );
  server.post<{ Body: Static<typeof DraftBody> }>(
    '/api/parameters/versions',
    {
      ...edit,
      schema: {
        ...{ operationId: 'draftParameters', summary: 'Begin a draft from the version in force', tags, response },
        body: DraftBody,
      },
    },
    async (request) => detail(await beginDraft(context, request.body, request.account!)),
  );
  server.get<{ Params: Params }>(
    '/api/parameters/versions/:version',
    {
      ...see,
      schema: {
        ...{ operationId: 'getParameterVersion', summary: 'One version with everything about it', tags },
        response: { 200: VersionDetail },
        params: Params,
      },
    },
    (request) => detail(request.params.version),
  );
  server.put<{ Params: Params; Body: Static<typeof SaveBody> }>(
    '/api/parameters/versions/:version',
    {
      ...edit,
      schema: {
        ...{ operationId: 'saveParameters', summary: "Replace a draft's content", tags, response },
        ...{ params: Params, body: SaveBody },
      },
    },
    async (request) => {
      await saveDraft(context, request.params.version, request.body, request.account!);
      return detail(request.params.version);
    },
  );
  server.post<{ Params: Params }>(
    '/api/parameters/versions/:version/check',
    {
      ...edit,
      schema: {
        ...{ operationId: 'checkParameters', summary: 'Hold a draft against every rule', tags, response },
        params: Params,
      },
    },
    async (request) => {
      await checkVersion(context, request.params.version, request.account!);
      return detail(request.params.version);
    },
  );
  server.post<{ Params: Params; Body: Static<typeof RehearsalBody> }>(
    '/api/parameters/versions/:version/rehearsal',
    {
      ...edit,
      schema: {
        ...{ operationId: 'rehearseParameters', tags, response },
        summary:
          'Price recorded rides under the version in force and this one; runs on, the version shows how far it is',
        ...{ params: Params, body: RehearsalBody },
      },
    },
    async (request) => {
      const asked = { ...request.body, ridesMax: request.body.ridesMax ?? RIDES_MAX };
      await beginRehearsal(context, request.params.version, asked, request.account!);
      return detail(request.params.version);
    },
  );
  server.post<{ Params: Params; Body: Static<typeof ProposalBody> }>(
    '/api/parameters/versions/:version/proposal',
    {
      preHandler: needs(context, 'parameters.propose'),
      schema: {
        ...{ operationId: 'proposeParameters', tags, response },
        summary: 'Put a checked and rehearsed version with its plan before a second person',
        ...{ params: Params, body: ProposalBody },
      },
    },
    async (request) => {
      const { version } = request.params;
      const { id, why } = request.body;
      await fixProposal(context, version, request.body, request.account!.name);
      await approvals.request({ id, act: PUBLISH_ACT, subject: version, why, parameters: {} }, request.account!);
      return detail(version);
    },
  );
  server.post<{ Params: Params; Body: Static<typeof ActBody> }>(
    '/api/parameters/versions/:version/rollout',
    {
      ...rollOut,
      schema: {
        ...{ operationId: 'beginRollout', summary: 'Open the canary of an approved version', tags, response },
        ...{ params: Params, body: ActBody },
      },
    },
    async (request) => {
      await beginRollout(context, request.params.version, request.body.why, request.account!);
      return detail(request.params.version);
    },
  );
  server.post<{ Params: Params; Body: Static<typeof AdvanceBody> }>(
    '/api/parameters/versions/:version/stages',
    {
      ...rollOut,
      schema: {
        ...{ operationId: 'openStage', summary: 'Open the next stage of a roll-out', tags, response },
        ...{ params: Params, body: AdvanceBody },
      },
    },
    async (request) => {
      await advanceRollout(context, request.params.version, request.body, request.account!);
      return detail(request.params.version);
    },
  );
  server.post<{ Params: Params; Body: Static<typeof ActBody> }>(
    '/api/parameters/versions/:version/stop',
    {
      ...rollOut,
      schema: {
        ...{ operationId: 'stopRollout', summary: 'Stop a roll-out; its terminals return', tags, response },
        ...{ params: Params, body: ActBody },
      },
    },
    async (request) => {
      await stopRollout(context, request.params.version, request.body.why, request.account!.name);
      return detail(request.params.version);
    },
  );
  server.post<{ Params: Params; Body: Static<typeof RollBackBody> }>(
    '/api/parameters/versions/:version/rollback',
    {
      ...rollOut,
      schema: {
        ...{
          operationId: 'rollBackParameters',
          summary: 'Return every terminal to the version before',
          tags,
          response,
        },
        ...{ params: Params, body: RollBackBody },
      },
    },
    async (request) => {
      await rollBack(context, request.params.version, request.body, request.account!);
      return detail(request.params.version);
    },
  );
  const HeldQuery = Type.Object({
    ...{ page: PageQuery.page, pageSize: PageQuery.pageSize },
    rollout: Type.Optional(Type.String()),
    stage: Type.Optional(Type.Integer({ minimum: 0 })),
  });
  server.get<{ Querystring: Static<typeof HeldQuery> }>(
    '/api/parameters/terminals',
    {
      ...see,
      schema: {
        ...{ operationId: 'listHeldParameters', summary: 'Which terminal has which version', tags },
        ...{ querystring: HeldQuery, response: { 200: Page(HeldRow) } },
      },
    },
    (request) =>
      heldByTerminals(context, {
        ...request.query,
        page: request.query.page ?? 1,
        pageSize: request.query.pageSize ?? 50,
      }),
  );
}
