/** What a purse command works on, and what it gives back. */
import type { CommandApdu } from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import type { PurseSessionKey } from '@polycard/emv';
import type { PersistentMemory } from '../../os/memory.ts';
import type { PurseFiles } from './files.ts';
import type { PurseFile, PurseImage, PurseKey, PurseSlot } from './image.ts';
import type { PurseSwitches } from './switches.ts';

export interface CachedUpdate {
  readonly file: PurseFile;
  /** Record number of a variable file; 0 appends to a cyclic one. */
  readonly number: number;
  readonly record: Uint8Array;
}

interface Initialized {
  readonly slot: PurseSlot;
  readonly type: number;
  readonly amountFen: number;
  /** 6 bytes. */
  readonly terminal: Uint8Array;
}

/** Between INITIALIZE and the command that completes it. */
export type PendingTransaction =
  | (Initialized & {
      readonly kind: 'purchase' | 'capp';
      readonly key: PurseKey;
      readonly random: Uint8Array;
      readonly sequence: number;
      readonly cache: CachedUpdate[];
    })
  | (Initialized & {
      readonly kind: 'load' | 'unload' | 'overdraft';
      readonly session: PurseSessionKey;
      readonly sequence: number;
      /** Balance as the answer to INITIALIZE gave it. */
      readonly balanceFen: number;
    });

/** Lost with the power or another SELECT. */
export interface PurseSession {
  pinVerified: boolean;
  /** Of GET CHALLENGE; good for the next command only. */
  challenge: Uint8Array | undefined;
  transaction: PendingTransaction | undefined;
}

export const newPurseSession = (): PurseSession => ({
  pinVerified: false,
  challenge: undefined,
  transaction: undefined,
});

export interface PurseContext {
  readonly image: PurseImage;
  readonly memory: PersistentMemory;
  readonly files: PurseFiles;
  readonly session: PurseSession;
  readonly switches: PurseSwitches;
  readonly random: RandomSource;
}

export interface CommandResult {
  readonly sw: number;
  readonly data?: Uint8Array;
}

export type CommandHandler = (context: PurseContext, command: CommandApdu) => CommandResult;

export const INS_50_INITIALIZE = 0x50;
export const INS_52_CREDIT_FOR_LOAD = 0x52;
export const INS_54_DEBIT = 0x54;
export const INS_58_UPDATE_OVERDRAFT = 0x58;
export const INS_84_GET_CHALLENGE = 0x84;
export const INS_DC_UPDATE_RECORD = 0xdc;
