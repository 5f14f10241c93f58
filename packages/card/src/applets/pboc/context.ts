/** What a command of the application works on, and what it gives back. */
import type { CommandApdu } from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import type { CardEnvironment } from '../../os/applet.ts';
import type { PersistentMemory } from '../../os/memory.ts';
import type { ExtendedFiles } from './extended-files.ts';
import type { CompiledImage } from './image.ts';
import type { Session } from './session.ts';
import type { PbocSwitches } from './switches.ts';

/** A personalised application in the middle of a command. */
export interface PbocContext {
  readonly image: CompiledImage;
  readonly memory: PersistentMemory;
  readonly files: ExtendedFiles;
  readonly session: Session;
  readonly switches: PbocSwitches;
  readonly random: RandomSource;
  readonly environment: CardEnvironment;
}

export interface CommandResult {
  readonly sw: number;
  readonly data?: Uint8Array;
}

export type CommandHandler = (context: PbocContext, command: CommandApdu) => CommandResult;

export const INS_B2_READ_RECORD = 0xb2;
export const INS_A8_GET_PROCESSING_OPTIONS = 0xa8;
export const INS_DE_UPDATE_CAPP_DATA_CACHE = 0xde;
