/**
 * The next version of all parameters (set `TAN`) with the instant from which it holds. It is downloaded ahead, kept over a
 * loss of power, and chosen by the time of a tap, so that every terminal switches at the same instant without a line.
 */
import { PolycardError } from '@polycard/bytes';
import { configurationByProfile } from '../docking/configuration.ts';
import type { DockingModule, DockingSession } from '../docking/module.ts';
import type { TerminalStorage } from '../docking/storage.ts';
import type { TapRequest } from '../journeys/journey.ts';
import type { RefusalReason } from '../kernel/outcome.ts';
import type { TapOutcome, Terminal } from '../terminal.ts';
import type { NextParameters, ParameterCompiler } from './compile.ts';
import type { DownloadedSet } from './sets.ts';

const KEPT = 'set-tan';
/** Objects of the status upload (362): the version computed with, cards served under it, cards turned away. */
export const VERSION_STATUS = { version: 'DF70', served: 'DF71', turnedAway: 'DF72' } as const;
/** Refusals that parameters can cause; what a card or its holder causes is nothing against a version. */
const BY_PARAMETERS: ReadonlySet<RefusalReason> = new Set([
  'fare-unknown',
  'authentication-failed',
  'record-missing',
  'update-refused',
  'commit-refused',
]);
const NEWLINE = 0x0a;

export class NextVersion implements DockingModule {
  readonly #compiler: ParameterCompiler;
  #storage: TerminalStorage | undefined;
  #held: DownloadedSet | undefined;
  #next: NextParameters | undefined;
  #counts = { version: '', served: 0, turnedAway: 0 };
  #isCountNews = false;

  constructor(compiler: ParameterCompiler) {
    this.#compiler = compiler;
  }

  /** The version that is kept as next; undefined when there is none. */
  get version(): string | undefined {
    return this.#held?.version;
  }

  /** Local time YYYYMMDDhhmmss from which it holds. */
  get from(): string | undefined {
    return this.#next?.from;
  }

  restore(storage: TerminalStorage): void {
    this.#storage = storage;
    const bytes = storage.read(KEPT);
    if (bytes === undefined || bytes.length === 0) return;
    const end = bytes.indexOf(NEWLINE);
    const version = Buffer.from(bytes.subarray(0, Math.max(end, 0))).toString('utf8');
    try {
      this.#take({ version, bytes: bytes.subarray(end + 1) });
    } catch (error) {
      if (!(error instanceof PolycardError)) throw error;
      // what cannot be read is not held: the host is asked for it again
    }
  }

  /** Asks for the next version; the host may also say that there is none any more. Throws `POLYCARD_TERMINAL_PARAMETERS`. */
  async afterSignIn(session: DockingSession): Promise<void> {
    await this.#report(session);
    const downloaded = await this.#download(session);
    if (downloaded === undefined) return;
    const isNone = downloaded.version === '';
    this.#take(isNone ? undefined : downloaded);
    const kept = isNone ? new Uint8Array(0) : Buffer.concat([Buffer.from(`${downloaded.version}\n`), downloaded.bytes]);
    this.#storage?.write(KEPT, kept);
  }

  /** A host that does not know the set (it refuses it by code) has no next version. */
  async #download(session: DockingSession): Promise<DownloadedSet | undefined> {
    try {
      return await session.download('TAN', this.#held?.version ?? '');
    } catch (error) {
      if (error instanceof PolycardError && error.where === 'F39') return undefined;
      throw error;
    }
  }

  beforeTap(terminal: Terminal, { at }: TapRequest): void {
    terminal.next = this.#next;
    if (this.#next === undefined || at < this.#next.from) return;
    terminal.configuration = { ...terminal.configuration, ...configurationByProfile(this.#next.profile) };
  }

  afterTap(terminal: Terminal, { at }: TapRequest, outcome: TapOutcome): void {
    const { version } = terminal.parametersAt(at);
    if (version !== this.#counts.version) this.#counts = { version, served: 0, turnedAway: 0 };
    if (outcome.result === 'accepted') this.#counts.served++;
    else if (outcome.result === 'refused' && BY_PARAMETERS.has(outcome.reason)) this.#counts.turnedAway++;
    this.#isCountNews = true;
  }

  afterUpload(session: DockingSession): Promise<void> {
    return this.#report(session);
  }

  /** How its version fares, for the host that watches a canary: taps that were refused are uploaded nowhere else. */
  async #report(session: DockingSession): Promise<void> {
    if (!this.#isCountNews) return;
    const { version, served, turnedAway } = this.#counts;
    const objects = new Map([
      [VERSION_STATUS.version, Buffer.from(version, 'latin1')],
      [VERSION_STATUS.served, count(served)],
      [VERSION_STATUS.turnedAway, count(turnedAway)],
    ]);
    session.link.answer(await session.send(session.link.statusRequest(session.nextTrace(), session.batchNo, objects)));
    this.#isCountNews = false;
  }

  #take(set: DownloadedSet | undefined): void {
    this.#next = set === undefined ? undefined : this.#compiler.compileNext(set);
    this.#held = set;
  }
}

/** Four bytes, the high one first. */
function count(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(Math.min(value, 0xffff_ffff));
  return bytes;
}
