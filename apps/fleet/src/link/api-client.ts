/** The fleet's HTTP side to a platform: session, zone, enrolment, personalisation, reconciliation. */
import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import { agreeZoneKey, makeZoneKeyPair, type RandomSource } from '@polycard/crypto';

export interface Zone {
  readonly zoneId: string;
  readonly key: Uint8Array;
}

type ZonePurpose = 'cards' | 'terminals';

/** What a bureau asks of a session. */
export interface PlatformPosts {
  post<T>(path: string, body: unknown): Promise<T>;
}

export class PlatformApi implements PlatformPosts {
  readonly #url: string;
  #session = '';
  #permissions: ReadonlySet<string> = new Set();

  constructor(url: string) {
    this.#url = url.replace(/\/$/, '');
  }

  async signIn(name: string, password: string): Promise<void> {
    const response = await this.#send('POST', '/api/session', { name, password });
    this.#session = response.headers.get('x-polycard-session') ?? '';
    this.#permissions = new Set(((await response.json()) as { permissions: string[] }).permissions);
  }

  /** Whether the account that is signed in has a permission of duties.yaml. */
  may(permission: string): boolean {
    return this.#permissions.has(permission);
  }

  /** Agrees on a transport key for one purpose; both sides compare its check value. */
  openZone(name: string, purpose: ZonePurpose, random: RandomSource): Promise<Zone> {
    return openZone(this, name, purpose, random);
  }

  async get<T>(path: string): Promise<T> {
    return (await (await this.#send('GET', path)).json()) as T;
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return (await (await this.#send('POST', path, body)).json()) as T;
  }

  async put<T>(path: string, body: unknown): Promise<T> {
    return (await (await this.#send('PUT', path, body)).json()) as T;
  }

  async #send(method: string, path: string, body?: unknown): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`${this.#url}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(this.#session === '' ? {} : { authorization: `Bearer ${this.#session}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      throw new PolycardError('POLYCARD_FLEET_UNREACHABLE', `the platform at ${this.#url} does not answer`, {
        where: this.#url,
        expected: 'a running platform (npm start), or --ephemeral',
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
      problem.code ?? 'POLYCARD_FLEET_REFUSED',
      `the platform refused ${method} ${path} (${response.status}): ${problem.message?.en ?? response.statusText}`,
      problem.where === undefined ? {} : { where: problem.where },
    );
  }
}

export async function openZone(
  api: PlatformPosts,
  name: string,
  purpose: ZonePurpose,
  random: RandomSource,
): Promise<Zone> {
  const pair = makeZoneKeyPair(random);
  const answer = await api.post<{ zoneId: string; publicKey: string; checkValue: string }>('/api/enrolment/zones', {
    name,
    purpose,
    publicKey: toHex(pair.publicKey),
  });
  return { zoneId: answer.zoneId, key: agreeZoneKey(pair, fromHex(answer.publicKey)) };
}
