import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { permissionsOf, reachesNoKeys } from '../approvals/permissions.ts';
import { actAs, acting } from '../audit/acting.ts';
import { audit } from '../audit/service.ts';
import { Account, LocalSignIn, PasswordChange, SignIn } from './api.ts';
import type { SignedIn } from './service.ts';

export const SESSION_COOKIE = 'polycard_session';

declare module 'fastify' {
  interface FastifyRequest {
    account?: SignedIn;
  }
}

/** Reads the session of every /api request; routes that need none are named here. */
export function requireSession(server: FastifyInstance, context: PlatformContext): void {
  const open = new Set(['POST /api/session', 'POST /api/session/local', 'GET /api/openapi.json']);
  // whoever acts is carried along with the request; the session below fills it in
  server.addHook('onRequest', (_request, _reply, done) => actAs({ who: 'nobody' }, done));
  server.addHook('onRequest', async (request) => {
    if (!request.url.startsWith('/api/')) return;
    const bearer = request.headers.authorization?.startsWith('Bearer ')
      ? request.headers.authorization.slice(7)
      : undefined;
    const sessionId = bearer ?? request.cookies[SESSION_COOKIE];
    const account = sessionId === undefined ? undefined : await context.sessions.find(sessionId);
    if (account !== undefined) {
      request.account = account;
      acting().who = account.name;
    } else if (!open.has(`${request.method} ${request.url.split('?')[0]}`)) {
      throw problem('POLYCARD_SESSION_REQUIRED', 'this needs a session');
    }
  });
}

export function sessionRoutes(server: FastifyInstance, context: PlatformContext): void {
  const describe = (account: SignedIn) => ({
    ...account,
    permissions: [...permissionsOf(context, account)].sort(),
    region: {
      id: context.region.blueprint.manifest.blueprint,
      ...context.region.blueprint.manifest.name,
    },
  });

  server.post<{ Body: { name: string; password: string } }>(
    '/api/session',
    {
      schema: {
        operationId: 'signIn',
        summary: 'Sign in',
        tags: ['session'],
        body: SignIn,
        response: { 200: Account },
      },
    },
    async (request, reply) => {
      const { sessionId, account } = await context.sessions.signIn(request.body.name, request.body.password);
      reply.setCookie(SESSION_COOKIE, sessionId, { path: '/', httpOnly: true, sameSite: 'strict' });
      reply.header('x-polycard-session', sessionId);
      return describe(account);
    },
  );

  server.post<{ Body: { name: string; key: string } }>(
    '/api/session/local',
    {
      schema: {
        operationId: 'signInLocally',
        summary:
          'A session for a command on this machine, by the key in the data directory; for accounts that reach no keys',
        tags: ['session'],
        body: LocalSignIn,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { name, key } = request.body;
      if (!context.localAccess.matches(key)) throw problem('POLYCARD_SESSION_REFUSED', 'the key is not right');
      const account = await context.sessions.accountNamed(name);
      if (!reachesNoKeys(context, account))
        throw problem('POLYCARD_SESSION_FORBIDDEN', `${name} reaches keys or decides: this needs the password`, 'name');
      const entry = { who: name, what: 'session.local', subject: name, detail: {} };
      await context.store.database.transaction().execute((transaction) => audit(transaction, context.now(), entry));
      reply.header('x-polycard-session', await context.sessions.open(account));
      return reply.status(204).send(null);
    },
  );

  server.get(
    '/api/session',
    {
      schema: { operationId: 'getSession', summary: 'Who is signed in', tags: ['session'], response: { 200: Account } },
    },
    async (request) => describe(request.account!),
  );

  server.post<{ Body: { before: string; after: string } }>(
    '/api/session/password',
    {
      schema: {
        ...{ operationId: 'changePassword', summary: "Change one's own password", tags: ['session'] },
        body: PasswordChange,
        response: { 200: Type.Object({ changed: Type.Boolean() }) },
      },
    },
    async (request) => {
      const { name } = request.account!;
      await context.sessions.changePassword(name, request.body.before, request.body.after);
      const entry = { who: name, what: 'account.password-changed', subject: name, detail: {} };
      await context.store.database.transaction().execute((transaction) => audit(transaction, context.now(), entry));
      return { changed: true };
    },
  );

  server.delete(
    '/api/session',
    { schema: { operationId: 'signOut', summary: 'Sign out', tags: ['session'], response: { 204: Type.Null() } } },
    async (request, reply) => {
      const sessionId = request.cookies[SESSION_COOKIE];
      if (sessionId !== undefined) await context.sessions.signOut(sessionId);
      reply.clearCookie(SESSION_COOKIE, { path: '/' });
      return reply.status(204).send(null);
    },
  );
}
