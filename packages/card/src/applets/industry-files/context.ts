/** What a command of an industry file application works on, and what it gives back. */
import type { CommandApdu } from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import type { IndustryKey } from '@polycard/emv';
import type { PersistentMemory } from '../../os/memory.ts';
import type { IndustryFiles, QueuedChange } from './files.ts';
import type { IndustryFile, IndustryImage } from './image.ts';

/** Lost with the power or another SELECT. */
export interface IndustrySession {
  currentFile: IndustryFile | undefined;
  pinVerified: boolean;
  /** Keys the terminal has authenticated itself with. */
  readonly authenticated: Set<number>;
  /** INTERNAL AUTHENTICATE was answered. */
  cardProved: boolean;
  /** Of GET CHALLENGE; each is good for one command. */
  challenge: Uint8Array | undefined;
  /** Changes between BEGIN and COMMIT. */
  queue: QueuedChange[] | undefined;
  /** Keys of ACTIVATE commands whose last one is still to come. */
  activation: Map<number, { readonly version: number; readonly key: Uint8Array }> | undefined;
}

export const newIndustrySession = (): IndustrySession => ({
  currentFile: undefined,
  pinVerified: false,
  authenticated: new Set(),
  cardProved: false,
  challenge: undefined,
  queue: undefined,
  activation: undefined,
});

export interface IndustryContext {
  readonly image: IndustryImage;
  readonly memory: PersistentMemory;
  readonly files: IndustryFiles;
  readonly session: IndustrySession;
  readonly random: RandomSource;
  /** A key that is on the card; undefined when it never was or was erased. */
  readonly key: (reference: number) => IndustryKey | undefined;
}

export interface CommandResult {
  readonly sw: number;
  readonly data?: Uint8Array;
}

export type CommandHandler = (context: IndustryContext, command: CommandApdu) => CommandResult;

export const INS_44_ACTIVATE = 0x44;
export const INS_84_GET_CHALLENGE = 0x84;
export const INS_A4_SELECT = 0xa4;
export const INS_E6_TERMINATE = 0xe6;
/** Secure messaging: MAC, or enciphered where the file's condition says so; always enciphered. */
export const CLA_PROTECTED = 0x04;
export const CLA_ENCIPHERED = 0x0c;
/** Management commands, always with MAC. */
export const CLA_MANAGEMENT = 0x84;
