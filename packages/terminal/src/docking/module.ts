/**
 * Parts of a terminal's day that have their own files: parameters with an effective instant, deny lists, mode orders. A
 * part is called after each sign-in, with the line open, and before each tap, offline.
 */

import type { TapDenyList } from '../deny-list/tap-list.ts';
import type { HostLink } from '../host-link.ts';
import type { TapRequest } from '../journeys/journey.ts';
import type { DownloadedSet } from '../parameters/sets.ts';
import type { TapOutcome, Terminal } from '../terminal.ts';
import type { Condition } from './conditions.ts';
import type { TerminalStorage } from './storage.ts';

/** The open conversation with the host. */
export interface DockingSession {
  readonly terminalNo: string;
  readonly batchNo: number;
  /** Packs requests and takes answers apart. */
  readonly link: HostLink;
  /** Trace numbers of messages that are no tap. */
  nextTrace(): number;
  /** The answer to a frame; a lost line is opened again and the same frame sent again. */
  send(frame: Uint8Array): Promise<Uint8Array>;
  /** A parameter set by name (364), all its pages; undefined when the host has nothing newer than `heldVersion`. */
  download(set: string, heldVersion: string): Promise<DownloadedSet | undefined>;
}

export interface DockingModule {
  /** What it keeps over a loss of power is here again; called once, before anything else. */
  restore?(storage: TerminalStorage): void;
  /** After sign-in and the terminal's own sets. What it throws ends the docking, never the taps. */
  afterSignIn?(session: DockingSession): Promise<void>;
  /** After an upload, with the line open. What it throws, the upload throws. */
  afterUpload?(session: DockingSession): Promise<void>;
  /** The list by which its terminal's taps are refused. */
  readonly denyList?: TapDenyList;
  /** Before a card is looked at: may give the terminal other parameters, or refuse (`refuse()`). */
  beforeTap?(terminal: Terminal, request: TapRequest): void;
  /** What came of a card that the terminal looked at. */
  afterTap?(terminal: Terminal, request: TapRequest, outcome: TapOutcome): void;
  /** What is wrong with its part at this local time, by the names of `conditions.ts`. */
  conditions?(at: string): readonly Condition[];
}
