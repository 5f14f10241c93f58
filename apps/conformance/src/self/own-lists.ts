/** The deny list of the kit's own platform: the test card comes onto it and leaves it, published by two people. */
import { toHex } from '@polycard/bytes';
import { PlatformApi } from '@polycard/fleet';
import type { OwnPlatform } from './own-platform.ts';

/** `card`: the whole card is listed; `application`: its bus application, to be locked on sight. */
export type Listing = 'none' | 'card' | 'application';
export const LISTINGS: readonly Listing[] = ['none', 'card', 'application'];

const ENTRIES = {
  card: { scope: 'card', reason: 'lost' },
  application: { scope: 'bus', reason: 'application-suspended' },
} as const;
const CLERK = 'conformance-clerk';
const SUPERVISOR = 'conformance-supervisor';

export class OwnLists {
  readonly #own: OwnPlatform;
  readonly #cardToken: string;
  #people: Promise<readonly [clerk: PlatformApi, supervisor: PlatformApi]> | undefined;
  #listing: Listing = 'none';

  constructor(own: OwnPlatform, cardToken: string) {
    this.#own = own;
    this.#cardToken = cardToken;
  }

  /** Resolves when the list is published; terminals get it when they ask next. */
  async list(listing: Listing): Promise<void> {
    if (listing === this.#listing) return;
    this.#people ??= this.#signIn();
    const [clerk, supervisor] = await this.#people;
    const change = async (path: string, entry: object): Promise<void> => {
      await clerk.post(`/api/deny-lists/${path}`, {
        ...this.#request(),
        entries: [{ cardToken: this.#cardToken, ...entry }],
      });
    };
    if (this.#listing !== 'none') await change('removals', { scope: ENTRIES[this.#listing].scope });
    if (listing !== 'none') await change('entries', ENTRIES[listing]);
    const { id } = await clerk.post<{ id: string }>('/api/deny-lists/publications', this.#request());
    await supervisor.post(`/api/approvals/${id}/decisions`, { verdict: 'approved', why: 'a case of the kit' });
    this.#listing = listing;
  }

  #request() {
    // what is sent twice under one id is done once: each request has its own
    return { id: `conformance-${toHex(this.#own.random(8))}`, why: 'a case of the kit' };
  }

  async #signIn(): Promise<readonly [PlatformApi, PlatformApi]> {
    const { platform, password } = this.#own;
    const person = async (name: string, role: string): Promise<PlatformApi> => {
      await platform.setPassword(name, role, password);
      const api = new PlatformApi(platform.url);
      await api.signIn(name, password);
      return api;
    };
    return [await person(CLERK, 'operator'), await person(SUPERVISOR, 'supervisor')];
  }
}
