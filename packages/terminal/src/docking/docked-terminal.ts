/**
 * A terminal with its host: sign-in, download, taps, upload, settlement, sign-off. What a vendor builds on: the line, the
 * clock, a memory and the PSAM are given, everything else is here.
 */
import { type CardChannel, PolycardError } from '@polycard/bytes';
import { HostLink } from '../host-link.ts';
import type { Journal, JournalEntry } from '../journal.ts';
import type { TapRequest } from '../journeys/journey.ts';
import type { Exchange } from '../kernel/exchange.ts';
import { Refusal } from '../kernel/outcome.ts';
import type { ParameterCompiler } from '../parameters/compile.ts';
import { type DownloadedSet, PARAMETER_SETS, type ParameterSetName, type SetShelf } from '../parameters/sets.ts';
import type { UpdateMacSource } from '../psam.ts';
import { type TapOutcome, Terminal, type TerminalDependencies } from '../terminal.ts';
import { type BatchTotals, isNearlyFull, NO_TOTALS, withEntry } from './batch-totals.ts';
import { configurationOf, type EnrolledTerminal } from './configuration.ts';
import { Dialogues } from './dialogues.ts';
import { type LineDependencies, PatientLine } from './line.ts';
import type { DockingModule, DockingSession } from './module.ts';

export interface DockedTerminalDependencies {
  readonly line: LineDependencies;
  readonly tap: Omit<TerminalDependencies, 'psam' | 'batchNo'>;
  /** Parts of the day with their own files, called in this order. */
  readonly modules?: readonly DockingModule[];
}

/** What may happen to an upload on its way; only faults that are played say anything here. */
export interface UploadFaults {
  /** The frame that travels instead of `frame`. */
  disturb(frame: Uint8Array, entry: JournalEntry, link: HostLink): Uint8Array;
  /** The same card transaction as another upload, when this tap is to be sent twice. */
  copyOf(entry: JournalEntry, journal: Journal): JournalEntry | undefined;
}

export const NO_FAULTS: UploadFaults = { disturb: (frame) => frame, copyOf: () => undefined };

const MANAGEMENT_TRACE_FIRST = 900_001;
const MANAGEMENT_TRACE_LAST = 999_999;

export class DockedTerminal {
  readonly enrolled: EnrolledTerminal;
  /** Undefined until parameters are there. */
  terminal: Terminal | undefined;
  readonly #dependencies: DockedTerminalDependencies;
  readonly #link: HostLink;
  readonly #line: PatientLine;
  readonly #dialogues = new Dialogues();
  #managementTrace = MANAGEMENT_TRACE_FIRST - 1;
  #traceEvery = 0;
  #totals: BatchTotals = NO_TOTALS;

  constructor(enrolled: EnrolledTerminal, dependencies: DockedTerminalDependencies) {
    this.enrolled = enrolled;
    this.#dependencies = dependencies;
    this.#line = new PatientLine(dependencies.line);
    this.#link = new HostLink({
      terminalNo: enrolled.terminalNo,
      merchantNo: enrolled.merchantNo,
      tpdu: enrolled.tpdu,
      header: enrolled.header,
      masterKey: enrolled.masterKey,
    });
  }

  /** Takes new working keys. Throws `POLYCARD_TERMINAL_SIGN_IN`, or what the line says. */
  async signIn(): Promise<void> {
    const frame = await this.#send(this.#link.signInRequest(this.#nextTrace(), this.#batchNo));
    this.#link.signedIn(frame);
  }

  /** Every set of which the shelf has no newest version. */
  async downloadSets(shelf: SetShelf): Promise<Readonly<Record<ParameterSetName, DownloadedSet>>> {
    const held: Partial<Record<ParameterSetName, DownloadedSet>> = {};
    for (const set of PARAMETER_SETS) {
      const known = shelf.get(set);
      const downloaded = (await this.#download(set, known?.version ?? '')) ?? known;
      if (downloaded === undefined)
        throw new PolycardError('POLYCARD_TERMINAL_PARAMETERS', `the host has no parameter set ${set}`, { where: set });
      shelf.set(set, downloaded);
      held[set] = downloaded;
    }
    return held as Record<ParameterSetName, DownloadedSet>;
  }

  /** The terminal works under these sets from the next tap on; its journal stays. */
  takeSets(
    sets: Readonly<Record<ParameterSetName, DownloadedSet>>,
    compiler: ParameterCompiler,
    mode: 'metro' | 'bus',
    psam: UpdateMacSource,
  ): void {
    const { profile } = compiler.capabilities(sets.CAP);
    this.#traceEvery = profile.traceEvery;
    this.terminal = new Terminal(
      configurationOf(this.enrolled, profile, mode),
      compiler.compile(sets.TAR, sets.CAP, sets.CAK),
      { ...this.#dependencies.tap, psam, batchNo: this.enrolled.batchNo },
    );
  }

  /** The parts of the day that ask the host for something of their own. */
  async runModules(): Promise<void> {
    const session: DockingSession = {
      terminalNo: this.enrolled.terminalNo,
      batchNo: this.#batchNo,
      link: this.#link,
      nextTrace: () => this.#nextTrace(),
      send: (frame) => this.#send(frame),
      download: (set, heldVersion) => this.#download(set, heldVersion),
    };
    for (const module of this.#dependencies.modules ?? []) await module.afterSignIn?.(session);
  }

  /** One card. Throws `POLYCARD_TERMINAL_PARAMETERS` when there are none yet. */
  tap(channel: CardChannel, request: TapRequest): TapOutcome {
    const terminal = this.#ready();
    try {
      for (const module of this.#dependencies.modules ?? []) module.beforeTap?.(terminal, request);
    } catch (error) {
      if (error instanceof Refusal)
        return { result: 'refused', reason: error.reason, detail: error.message, exchanges: [] };
      throw error;
    }
    return terminal.tap(channel, request);
  }

  /** Keeps the dialogue of every n-th tap for upload, as the parameters ask. */
  keepDialogue(entry: JournalEntry, exchanges: readonly Exchange[]): void {
    this.#dialogues.add(this.#traceEvery, entry, exchanges);
  }

  /** Uploads everything in the journal, in order. A lost line is opened again; the host tells what it has already. */
  async upload(
    faults: UploadFaults = NO_FAULTS,
    onUploaded?: (entry: JournalEntry, frame: Uint8Array) => void,
  ): Promise<void> {
    const terminal = this.#ready();
    const { journal } = terminal;
    terminal.expireTornTaps();
    for (let entry = journal.entries[0]; entry !== undefined; entry = journal.entries[0]) {
      const frame = await this.#store(entry, faults);
      onUploaded?.(entry, frame);
      journal.uploaded(entry);
      this.#totals = withEntry(this.#totals, entry);
      const copy = faults.copyOf(entry, journal);
      if (copy !== undefined) {
        this.#link.uploadAnswer(await this.#send(this.#link.upload(copy)), copy);
        this.#totals = withEntry(this.#totals, copy);
      }
    }
    await this.#uploadDialogues();
    this.hangUp();
  }

  /** Settles the batch; gives whether the totals were equal. */
  async settle(): Promise<'equal' | 'unequal'> {
    const { journal } = this.#ready();
    const { batchNo } = journal;
    const { debitFen, debitCount } = this.#totals;
    const frame = await this.#send(this.#link.settlementRequest(this.#nextTrace(), batchNo, debitFen, debitCount));
    const totals = this.#link.settlementAnswer(frame);
    const end = await this.#send(this.#link.batchEndRequest(this.#nextTrace(), batchNo, debitCount, totals));
    this.#link.answer(end);
    journal.nextBatch();
    this.#totals = NO_TOTALS;
    this.hangUp();
    return totals;
  }

  /** A batch count has three digits: settle before it is full. */
  get isBatchNearlyFull(): boolean {
    return isNearlyFull(this.#totals, this.terminal?.journal.entries.length ?? 0);
  }

  get hasUnsettled(): boolean {
    return this.#totals.debitCount > 0;
  }

  hangUp(): void {
    this.#line.hangUp();
  }

  /** Stored by the host, durably; gives the frame that travelled first. */
  async #store(entry: JournalEntry, faults: UploadFaults): Promise<Uint8Array> {
    const frame = faults.disturb(this.#link.upload(entry), entry, this.#link);
    let answer = this.#link.uploadAnswer(await this.#send(frame), entry);
    // refused on its way (a wrong MAC, say): the journal still has the tap, it goes again as it was
    if (!answer.isStored) answer = this.#link.uploadAnswer(await this.#send(this.#link.upload(entry)), entry);
    if (!answer.isStored) {
      throw new PolycardError(
        'POLYCARD_TERMINAL_UPLOAD_REFUSED',
        `terminal ${this.enrolled.terminalNo}: upload of trace ${entry.traceNo} was refused with ${answer.code}`,
        { where: 'F39' },
      );
    }
    return frame;
  }

  async #uploadDialogues(): Promise<void> {
    for (const { entry, packed } of this.#dialogues.takeAll()) {
      for (const request of this.#link.traceRequests(() => this.#nextTrace(), this.#batchNo, entry, packed())) {
        this.#link.answer(await this.#send(request));
      }
    }
  }

  async #download(set: string, heldVersion: string): Promise<DownloadedSet | undefined> {
    const chunks: Uint8Array[] = [];
    for (let page = 0; ; page++) {
      const frame = await this.#send(
        this.#link.parameterRequest(this.#nextTrace(), this.#batchNo, set, heldVersion, page),
      );
      const answer = this.#link.parameterAnswer(frame);
      if (answer.status === 'nothing-newer') return undefined;
      chunks.push(Uint8Array.from(answer.chunk));
      if (answer.status !== 'more') return { version: answer.version, bytes: Buffer.concat(chunks) };
    }
  }

  #send(frame: Uint8Array): Promise<Uint8Array> {
    return this.#line.exchange(frame);
  }

  #ready(): Terminal {
    if (this.terminal === undefined)
      throw new PolycardError('POLYCARD_TERMINAL_PARAMETERS', 'the terminal has no parameters yet', {
        where: this.enrolled.terminalNo,
        expected: 'a sign-in and a download first',
      });
    return this.terminal;
  }

  get #batchNo(): number {
    return this.terminal?.journal.batchNo ?? this.enrolled.batchNo;
  }

  #nextTrace(): number {
    this.#managementTrace =
      this.#managementTrace >= MANAGEMENT_TRACE_LAST ? MANAGEMENT_TRACE_FIRST : this.#managementTrace + 1;
    return this.#managementTrace;
  }
}
