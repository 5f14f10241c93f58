/** What the card operating system asks of an application. */
import type { CommandApdu } from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import type { MemorySnapshot } from './memory.ts';
import type { PowerSupply } from './power.ts';

export type CardInterface = 'contactless' | 'contact';

/** Opens what arrives enciphered while an application is personalised. */
export interface SecretReader {
  /** Throws a `Refusal` (6982) when there is no key for it. Whole blocks in, whole blocks out. */
  decipherSecret(enciphered: Uint8Array): Uint8Array;
  readonly secretBlockBytes: 8 | 16;
}

/** What an application gets from the card it lives on. */
export interface CardEnvironment {
  readonly power: PowerSupply;
  readonly random: RandomSource;
  /** Under the DEK of the open secure channel, or under the card's personalisation key where it has one. */
  readonly secrets: SecretReader;
  /** Interface in use since the last reset. */
  interface: CardInterface;
}

/** Plain data of an application: its personalised image and its changing memory; neither for a blank one. */
export interface AppletSnapshot {
  readonly image?: string;
  readonly memory?: MemorySnapshot;
}

export interface Applet {
  readonly aid: Uint8Array;
  /** False hides the application from SELECT on this interface. */
  isSelectable(): boolean;
  /** True once an issuer has blocked the whole card through this application: nothing is selected any more. */
  blocksCard?(): boolean;
  /** Before, the security domain's secure channel serves the application: its STORE DATA arrive through it, in clear. */
  isPersonalised(): boolean;
  /** Answer to SELECT, with status word. */
  select(): Uint8Array;
  /** SELECT of one of its own files by identifier; an application without it has none. ISO 7816-4 §11.2. */
  selectFile?(command: CommandApdu): Uint8Array;
  /** Answer to any other command while selected, with status word. */
  process(command: CommandApdu): Uint8Array;
  /** Power was lost: volatile state goes, an interrupted transaction is finished or undone. */
  reset(): void;
  snapshot(): AppletSnapshot;
}
