/** What a PSAM command works on. */
import type { Algorithm, RandomSource } from '@polycard/crypto';
import type { PurseSessionKey } from '@polycard/emv';
import type { PersistentMemory } from '../os/memory.ts';
import type { PsamContents } from './contents.ts';
import type { PsamSwitches } from './switches.ts';

/** Terminal transaction counter 4, wrong MAC2 in a row 1. */
export const PSAM_MEMORY_BYTES = 5;
export const COUNTER_OFFSET = 0;
export const ERRORS_OFFSET = 4;

export interface DeliveredKey {
  readonly type: number;
  readonly algorithm: Algorithm;
  readonly key: Uint8Array;
}

/** Lost with the power or SELECT. */
export interface PsamSession {
  applicationSelected: boolean;
  /** Purchase whose MAC2 is awaited. */
  purchase: { readonly session: PurseSessionKey; readonly amountFen: number } | undefined;
  /** Key of DELIVERY_KEY, good until another one. */
  delivered: DeliveredKey | undefined;
  /** MAC in the middle of several CIPHER_DATA commands: chained value and bytes not yet enciphered. */
  chain: Uint8Array | undefined;
}

export const newPsamSession = (): PsamSession => ({
  applicationSelected: false,
  purchase: undefined,
  delivered: undefined,
  chain: undefined,
});

export interface PsamContext {
  readonly contents: PsamContents;
  readonly memory: PersistentMemory;
  readonly session: PsamSession;
  readonly switches: PsamSwitches;
  readonly random: RandomSource;
}

export interface PsamResult {
  readonly sw: number;
  readonly data?: Uint8Array;
}
