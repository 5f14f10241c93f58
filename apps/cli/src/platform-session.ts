/** A command's session at a running platform's API. */
import { PolycardError } from '@polycard/bytes';
import type { RunningHere } from '@polycard/platform/local-access';

export class PlatformSession {
  readonly #url: string;
  readonly #session: string;

  private constructor(url: string, session: string) {
    this.#url = url;
    this.#session = session;
  }

  static async open(
    url: string,
    account: string,
    password = process.env['POLYCARD_PASSWORD'],
  ): Promise<PlatformSession> {
    if (password === undefined || password === '') {
      throw new PolycardError('POLYCARD_CLI_ARGUMENT', `a password is needed for ${account}`, {
        where: '--password',
        expected: 'the password, or POLYCARD_PASSWORD in the environment',
      });
    }
    const base = url.replace(/\/$/, '');
    const response = await send(base, '', 'POST', '/api/session', { name: account, password });
    return new PlatformSession(base, response.headers.get('x-polycard-session') ?? '');
  }

  /** At the platform that runs on a data directory of this machine; for an account that reaches no keys. */
  static async local(
    { url, localKey }: Pick<RunningHere, 'url' | 'localKey'>,
    account: string,
  ): Promise<PlatformSession> {
    const response = await send(url, '', 'POST', '/api/session/local', { name: account, key: localKey });
    return new PlatformSession(url, response.headers.get('x-polycard-session') ?? '');
  }

  get host(): string {
    return new URL(this.#url).hostname;
  }

  async text(method: string, path: string, body?: unknown): Promise<string> {
    return (await send(this.#url, this.#session, method, path, body)).text();
  }

  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    return JSON.parse(await this.text(method, path, body)) as T;
  }
}

async function send(url: string, session: string, method: string, path: string, body?: unknown): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(session === '' ? {} : { authorization: `Bearer ${session}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw new PolycardError('POLYCARD_CLI_UNREACHABLE', `the platform at ${url} does not answer`, {
      where: '--platform',
      expected: 'the address of a running platform',
      cause,
    });
  }
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as {
    code?: string;
    message?: { en?: string };
    where?: string;
  };
  throw new PolycardError(
    problem.code ?? 'POLYCARD_CLI_REFUSED',
    `${method} ${path} was refused (${response.status}): ${problem.message?.en ?? response.statusText}`,
    problem.where === undefined ? {} : { where: problem.where },
  );
}
