/**
 * The next version of all parameters (set `TAN`) with the instant from which it holds. It is downloaded ahead, kept over a
 * loss of power, and chosen by the time of a tap, so that every terminal switches at the same instant without a line.
 */
import { configurationByProfile } from '../docking/configuration.ts';
import type { DockingModule, DockingSession } from '../docking/module.ts';
import type { TerminalStorage } from '../docking/storage.ts';
import type { TapRequest } from '../journeys/journey.ts';
import type { Terminal } from '../terminal.ts';
import type { NextParameters, ParameterCompiler } from './compile.ts';
import type { DownloadedSet } from './sets.ts';

const KEPT = 'set-tan';
const NEWLINE = 0x0a;

export class NextVersion implements DockingModule {
  readonly #compiler: ParameterCompiler;
  #storage: TerminalStorage | undefined;
  #held: DownloadedSet | undefined;
  #next: NextParameters | undefined;

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
    this.#take({ version: Buffer.from(bytes.subarray(0, end)).toString('utf8'), bytes: bytes.subarray(end + 1) });
  }

  /** Asks for the next version; the host may also say that there is none any more. Throws `POLYCARD_TERMINAL_PARAMETERS`. */
  async afterSignIn(session: DockingSession): Promise<void> {
    const downloaded = await session.download('TAN', this.#held?.version ?? '');
    if (downloaded === undefined) return;
    const isNone = downloaded.version === '';
    this.#take(isNone ? undefined : downloaded);
    const kept = isNone ? new Uint8Array(0) : Buffer.concat([Buffer.from(`${downloaded.version}\n`), downloaded.bytes]);
    this.#storage?.write(KEPT, kept);
  }

  beforeTap(terminal: Terminal, { at }: TapRequest): void {
    terminal.next = this.#next;
    if (this.#next === undefined || at < this.#next.from) return;
    terminal.configuration = { ...terminal.configuration, ...configurationByProfile(this.#next.profile) };
  }

  #take(set: DownloadedSet | undefined): void {
    this.#next = set === undefined ? undefined : this.#compiler.compileNext(set);
    this.#held = set;
  }
}
