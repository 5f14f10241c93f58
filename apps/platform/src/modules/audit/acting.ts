/**
 * Who acts at the moment: the account of an API request, the terminal of a message, else the platform itself. Carried
 * along the asynchronous path, so that an entry about a key written deep below names the person at the top.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { KeyRight, KeyUse } from '@polycard/vault';

export interface Acting {
  who: string;
  /** Rights to keys; `undefined` for the platform's own work. */
  rights?: ReadonlySet<KeyRight> | undefined;
  why?: string | undefined;
  approvedBy?: readonly string[] | undefined;
  /** Inside a transaction: uses wait here and are written with it. */
  uses?: { readonly use: KeyUse; readonly refused?: string | undefined }[] | undefined;
}

const storage = new AsyncLocalStorage<Acting>();
const PLATFORM: Acting = { who: 'platform' };

export const acting = (): Acting => storage.getStore() ?? PLATFORM;
export const actAs = <T>(who: Acting, work: () => T): T => storage.run(who, work);
