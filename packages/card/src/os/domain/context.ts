/** What a command of the issuer security domain works on. */
import type { CommandApdu, ResponseApdu } from '@polycard/bytes';
import type { CardSecureChannel } from '@polycard/globalplatform';
import type { Applet } from '../applet.ts';
import type { Registry } from '../registry.ts';
import type { LoadSession } from './load.ts';

/** Volatile: gone at reset and at any SELECT. */
export interface DomainSession {
  /** Application that STORE DATA go to since INSTALL [for personalisation]. */
  personalising: string | undefined;
  /** Next block of STORE DATA to the domain itself. */
  nextBlock: number;
  /** Entries GET STATUS has still to give, with the scope they were asked for. */
  pendingStatus: { readonly p1: number; readonly entries: readonly Uint8Array[] } | undefined;
  load: LoadSession | undefined;
}

export function newDomainSession(): DomainSession {
  return { personalising: undefined, nextBlock: 0, pendingStatus: undefined, load: undefined };
}

export interface DomainContext {
  readonly registry: Registry;
  readonly channel: CardSecureChannel;
  readonly session: DomainSession;
  /** Instance of an application, AID as hex. */
  readonly instance: (aid: string) => Applet | undefined;
}

/** Throws a `Refusal` for an error status word. */
export type DomainCommand = (context: DomainContext, command: CommandApdu) => ResponseApdu;

const NOTHING = new Uint8Array(0);

export const DONE: ResponseApdu = { sw: 0x9000, data: NOTHING };
/** No confirmation: the one byte 00 (GPC 2.3.1 §11.1.6). */
export const DONE_WITHOUT_CONFIRMATION: ResponseApdu = { sw: 0x9000, data: Uint8Array.of(0x00) };
