/**
 * A terminal with its host: sign-in, download, taps, upload, settlement, sign-off. What a vendor builds on: the line, the
 * clock, a memory and the PSAM are given, everything else is here. What goes wrong has a name (`conditions.ts`) and never
 * costs a tap: the journal keeps what the host does not have.
 */
import { type CardChannel, PolycardError } from '@polycard/bytes';
import type { ReceivedMessage } from '@polycard/iso8583';
import { HostLink } from '../host-link.ts';
import type { ClosingBatch, JournalEntry } from '../journal.ts';
import type { TapRequest } from '../journeys/journey.ts';
import type { Exchange } from '../kernel/exchange.ts';
import { Refusal } from '../kernel/outcome.ts';
import type { OnlineHost } from '../online/online-line.ts';
import type { ParameterCompiler } from '../parameters/compile.ts';
import {
  type CapabilitySet,
  type DownloadedSet,
  PARAMETER_SETS,
  type ParameterSetName,
  type SetShelf,
} from '../parameters/sets.ts';
import type { UpdateMacSource } from '../psam.ts';
import { type TapOutcome, Terminal, type TerminalDependencies } from '../terminal.ts';
import { endBatch } from './batch-end.ts';
import { type Condition, Conditions } from './conditions.ts';
import { configurationOf, type EnrolledTerminal } from './configuration.ts';
import { Dialogues } from './dialogues.ts';
import { differenceHours, differenceSeconds, hostTime } from './host-clock.ts';
import { JournalLog } from './journal-log.ts';
import { type KeptState, loadState, StoredShelf, saveState } from './kept-state.ts';
import { type LineDependencies, PatientLine } from './line.ts';
import type { DockingModule, DockingSession } from './module.ts';
import type { TerminalStorage } from './storage.ts';
import { NO_FAULTS, storeEntry, type UploadFaults, type UploadHost } from './upload.ts';

export interface DockedTerminalDependencies {
  readonly line: LineDependencies;
  readonly tap: Omit<TerminalDependencies, 'psam' | 'batchNo' | 'storage'>;
  /** What outlives a loss of power; without it nothing does. */
  readonly storage?: TerminalStorage;
  /** The terminal's own local time, YYYYMMDDhhmmss; without it neither the clock nor ages are watched. */
  readonly localTime?: () => string;
  /** Sets the device's clock to a local time; without it a wrong clock is only named. */
  readonly setClock?: (local: string) => void;
  /** Parts of the day with their own files, called in this order. */
  readonly modules?: readonly DockingModule[];
}

export type HeldSets = Readonly<Record<ParameterSetName, DownloadedSet>>;

const MANAGEMENT_TRACE_FIRST = 900_001;
const MANAGEMENT_TRACE_LAST = 999_999;
/** Of the taps a batch takes before the next one is opened. */
const BATCH_NEARLY_FULL = 900;
const CLOCK_TOLERANCE_SECONDS = 120;
const REFRESH_MINUTES = 15;
const MINUTE_MS = 60_000;
/** What a new sign-in may mend: keys that the host has forgotten. */
const MENDED_BY_SIGN_IN = new Set(['POLYCARD_TERMINAL_PARAMETERS', 'POLYCARD_TERMINAL_ANSWER_MAC']);

export class DockedTerminal {
  readonly enrolled: EnrolledTerminal;
  /** Undefined until parameters are there. */
  terminal: Terminal | undefined;
  readonly #dependencies: DockedTerminalDependencies;
  readonly #link: HostLink;
  readonly #line: PatientLine;
  readonly #dialogues = new Dialogues();
  readonly #conditions: Conditions;
  #kept: Omit<KeptState, 'conditions'> = {};
  #managementTrace = MANAGEMENT_TRACE_FIRST - 1;
  #profile: CapabilitySet['profile'] | undefined;
  /** When the host was asked last for what may be newer, on the clock of the line. */
  #askedAtMs: number;
  /** How newer sets are taken: as the last ones were. */
  #taking:
    | {
        readonly sets: HeldSets;
        readonly compiler: ParameterCompiler;
        readonly mode: 'metro' | 'bus';
        readonly psam: UpdateMacSource;
      }
    | undefined;
  #psamOf: ((sets: HeldSets) => UpdateMacSource) | undefined;
  #givenShelf: SetShelf | undefined;

  constructor(enrolled: EnrolledTerminal, dependencies: DockedTerminalDependencies) {
    this.enrolled = enrolled;
    this.#dependencies = dependencies;
    this.#line = new PatientLine(dependencies.line);
    this.#conditions = new Conditions(() => this.#keep());
    const { terminalNo, merchantNo, tpdu, header, masterKey } = enrolled;
    this.#link = new HostLink({ terminalNo, merchantNo, tpdu, header, masterKey });
    this.#askedAtMs = dependencies.line.nowMs();
  }

  /**
   * After power-up: keys, sets and journal as they were; the terminal taps at once if its sets are here. Gives the sets
   * that are held. Throws `POLYCARD_TERMINAL_JOURNAL_DAMAGED`.
   */
  restore(
    compiler: ParameterCompiler,
    mode: 'metro' | 'bus',
    psamOf: (sets: HeldSets) => UpdateMacSource,
  ): HeldSets | undefined {
    const { storage, modules = [] } = this.#dependencies;
    this.#psamOf = psamOf;
    if (storage === undefined) return undefined;
    const { conditions, ...kept } = loadState(storage);
    this.#kept = kept;
    this.#conditions.restore(conditions);
    if (kept.keys === undefined) this.#begin('not-signed-in', 'no working keys yet');
    else this.#link.takeKeys(kept.keys);
    for (const module of modules) module.restore?.(storage);
    const shelf = new StoredShelf(storage);
    const held = PARAMETER_SETS.map((set) => [set, shelf.get(set)] as const);
    if (held.some(([, set]) => set === undefined)) {
      this.#begin(
        'parameters-missing',
        `not here: ${held
          .filter(([, set]) => set === undefined)
          .map(([name]) => name)
          .join(', ')}`,
      );
      return undefined;
    }
    const sets = Object.fromEntries(held) as HeldSets;
    this.takeSets(sets, compiler, mode, psamOf(sets));
    return sets;
  }

  /** Takes new working keys. Throws `POLYCARD_TERMINAL_SIGN_IN`, or what the line says. */
  async signIn(): Promise<void> {
    const frame = await this.#send(this.#link.signInRequest(this.#nextTrace(), this.#batchNo));
    let message: ReceivedMessage;
    try {
      message = this.#link.signedIn(frame);
    } catch (error) {
      if (error instanceof PolycardError && !this.#link.isSignedIn) this.#begin('not-signed-in', error.message);
      throw error;
    }
    this.#kept = { ...this.#kept, keys: Uint8Array.from(message.raw(62)!) };
    this.#conditions.end('not-signed-in');
    this.#keep();
    this.#checkClock(message);
  }

  /** Whether the host is there; its clock is compared. */
  async echo(): Promise<void> {
    const { message } = this.#link.answer(await this.#send(this.#link.echoRequest(this.#nextTrace(), this.#batchNo)));
    this.#checkClock(message);
    await this.refreshIfDue();
  }

  /** Ends the day at the host; the keys are forgotten here. */
  async signOff(): Promise<void> {
    this.#link.answer(await this.#send(this.#link.signOffRequest(this.#nextTrace(), this.#batchNo)));
    this.#forgetKeys('signed off');
    this.hangUp();
  }

  /** Every set of which the shelf has no newest version. The shelf is the terminal's memory unless another is given. */
  async downloadSets(shelf: SetShelf = this.#shelf()): Promise<HeldSets> {
    this.#givenShelf = shelf;
    const held: Partial<Record<ParameterSetName, DownloadedSet>> = {};
    for (const set of PARAMETER_SETS) {
      const known = shelf.get(set);
      const downloaded = await this.#download(set, known?.version ?? '');
      if (downloaded !== undefined) shelf.set(set, downloaded);
      const newest = downloaded ?? known;
      if (newest === undefined)
        throw new PolycardError('POLYCARD_TERMINAL_PARAMETERS', `the host has no parameter set ${set}`, { where: set });
      held[set] = newest;
    }
    this.#kept = { ...this.#kept, parametersConfirmedAt: this.#localTime() };
    this.#conditions.end('parameters-too-old');
    this.#keep();
    return held as HeldSets;
  }

  /** The terminal works under these sets from the next tap on; its journal stays. */
  takeSets(sets: HeldSets, compiler: ParameterCompiler, mode: 'metro' | 'bus', psam: UpdateMacSource): void {
    this.#taking = { sets, compiler, mode, psam };
    const { profile } = compiler.capabilities(sets.CAP);
    const configuration = configurationOf(this.enrolled, profile, mode);
    const parameters = compiler.compile(sets.TAR, sets.CAP, sets.CAK);
    this.#profile = profile;
    if (this.terminal === undefined) {
      const { storage, tap, modules = [] } = this.#dependencies;
      const journal = storage === undefined ? {} : { storage: new JournalLog(storage) };
      const { batchNo } = this.enrolled;
      const denyList = modules.find((module) => module.denyList !== undefined)?.denyList;
      const lists = denyList === undefined ? {} : { denyList };
      this.terminal = new Terminal(configuration, parameters, { ...tap, ...journal, ...lists, psam, batchNo });
    } else {
      this.terminal.configure(configuration, parameters, psam);
    }
    this.#conditions.end('parameters-missing');
  }

  /** The parts of the day that ask the host for something of their own. */
  async runModules(modules = this.#dependencies.modules ?? []): Promise<void> {
    const session = this.#session();
    for (const module of modules) await module.afterSignIn?.(session);
    this.#askedAtMs = this.#dependencies.line.nowMs();
  }

  /**
   * While the day goes on: asks for newer sets, lists and orders, when `refreshMinutes` of the profile are over since they
   * were asked for last; after each upload and echo by itself. Gives whether it asked; what fails is a condition.
   */
  async refreshIfDue(): Promise<boolean> {
    const { nowMs } = this.#dependencies.line;
    const intervalMs = (this.#profile?.refreshMinutes ?? REFRESH_MINUTES) * MINUTE_MS;
    if (this.#taking === undefined || nowMs() - this.#askedAtMs < intervalMs) return false;
    this.#askedAtMs = nowMs();
    try {
      await this.#refresh();
      this.#conditions.end('refresh-failed');
    } catch (error) {
      if (!this.#conditions.has('host-silent')) this.#begin('refresh-failed', (error as Error).message);
      if (!(error instanceof PolycardError) && !this.#conditions.has('host-silent')) throw error;
    }
    return true;
  }

  async #refresh(): Promise<void> {
    if (!this.#link.isSignedIn) await this.signIn();
    try {
      await this.#askAgain();
    } catch (error) {
      if (!(error instanceof PolycardError) || !MENDED_BY_SIGN_IN.has(error.code)) throw error;
      await this.signIn();
      await this.#askAgain();
    }
  }

  async #askAgain(): Promise<void> {
    const { sets: held, compiler, mode, psam } = this.#taking!;
    const sets = await this.downloadSets(this.#givenShelf);
    if (PARAMETER_SETS.some((set) => sets[set].version !== held[set].version))
      this.takeSets(sets, compiler, mode, this.#psamOf?.(sets) ?? psam);
    await this.runModules();
  }

  /** One card. A terminal that must not take cards refuses it before it looks at it. */
  tap(channel: CardChannel, request: TapRequest): TapOutcome {
    this.#checkAge(request.at);
    const refusing = this.#conditions.refusing;
    if (refusing !== undefined)
      return { result: 'refused', reason: refusing.reason, detail: refusing.condition.detail, exchanges: [] };
    const { terminal } = this;
    if (terminal === undefined)
      return { result: 'refused', reason: 'parameters-missing', detail: 'there are no parameters yet', exchanges: [] };
    try {
      for (const module of this.#dependencies.modules ?? []) module.beforeTap?.(terminal, request);
    } catch (error) {
      if (error instanceof Refusal)
        return { result: 'refused', reason: error.reason, detail: error.message, exchanges: [] };
      throw error;
    }
    const outcome = terminal.tap(channel, request);
    for (const module of this.#dependencies.modules ?? []) module.afterTap?.(terminal, request, outcome);
    return outcome;
  }

  /** The host for online business (online/), under this terminal's session. */
  get onlineHost(): OnlineHost {
    const batchNo = (): number => this.#batchNo;
    return {
      terminalNo: this.enrolled.terminalNo,
      merchantNo: this.enrolled.merchantNo,
      get batchNo() {
        return batchNo();
      },
      link: this.#link,
      send: (frame) => this.#send(frame),
      signIn: async (why) => {
        this.#forgetKeys(why);
        await this.signIn();
      },
    };
  }

  /** Keeps the dialogue of every n-th tap for upload, as the parameters ask. */
  keepDialogue(entry: JournalEntry, exchanges: readonly Exchange[]): void {
    this.#dialogues.add(this.#profile?.traceEvery ?? 0, entry, exchanges);
  }

  /**
   * Uploads everything in the journal, in order; signs in again where the keys are gone. What the host does not take
   * stays. Throws `POLYCARD_TERMINAL_UPLOAD_REFUSED`, or what the line says.
   */
  async upload(
    faults: UploadFaults = NO_FAULTS,
    onUploaded?: (entry: JournalEntry, frame: Uint8Array) => void,
  ): Promise<void> {
    const terminal = this.#ready();
    const { journal } = terminal;
    terminal.expireTornTaps();
    const host = this.#uploadHost();
    for (let entry = journal.entries[0]; entry !== undefined; entry = journal.entries[0]) {
      const frame = await storeEntry(host, entry, faults);
      onUploaded?.(entry, frame);
      journal.uploaded(entry);
      const copy = faults.copyOf(entry, journal);
      if (copy !== undefined) {
        this.#link.uploadAnswer(await this.#send(this.#link.upload(copy)), copy);
        journal.uploaded(copy);
      }
    }
    await this.#uploadDialogues();
    const session = this.#session();
    for (const module of this.#dependencies.modules ?? []) await module.afterUpload?.(session);
    await this.refreshIfDue();
    this.hangUp();
  }

  /**
   * Settles every batch, with its details where the totals differ, and goes on where a loss of power or of the line ended
   * it; gives whether all totals were equal. Throws `POLYCARD_TERMINAL_SETTLEMENT`, or what the line says.
   */
  async settle(): Promise<'equal' | 'unequal'> {
    const { journal } = this.#ready();
    const totals: ('equal' | 'unequal')[] = [];
    if (journal.closing !== undefined) totals.push(await this.#endBatch(journal.closing));
    // a batch is settled whole: what waits goes first (reference iso8583.md §1.8)
    if (journal.entries.length > 0) await this.upload();
    while (journal.full.length > 0) totals.push(await this.#endBatch(journal.closeBatch()));
    if (totals.length === 0 || journal.counters.uploadedCount > 0)
      totals.push(await this.#endBatch(journal.closeBatch()));
    return totals.includes('unequal') ? 'unequal' : 'equal';
  }

  async #endBatch(closing: ClosingBatch): Promise<'equal' | 'unequal'> {
    const totals = await endBatch(this.#uploadHost(), this.#ready().journal, closing, () => this.#nextTrace());
    this.hangUp();
    return totals;
  }

  /** What is wrong now, at this local time; the table in `conditions.ts` says what each means. */
  conditions(at = this.#localTime()): readonly Condition[] {
    this.#checkAge(at);
    const waiting = this.terminal?.journal;
    const { journalMax } = this.#profile ?? {};
    const isFull =
      waiting !== undefined &&
      journalMax !== undefined &&
      waiting.entries.length + waiting.pending.length >= journalMax;
    return [
      ...this.#conditions.list,
      ...(isFull ? [{ name: 'journal-full' as const, detail: `${journalMax} taps wait for upload`, since: at }] : []),
      ...(this.#dependencies.modules ?? []).flatMap((module) => module.conditions?.(at) ?? []),
    ];
  }

  /** A batch count has three digits: settle before it is full. */
  get isBatchNearlyFull(): boolean {
    const journal = this.terminal?.journal;
    return (
      journal !== undefined &&
      (journal.full.length > 0 || journal.counters.uploadedCount + journal.entries.length >= BATCH_NEARLY_FULL)
    );
  }

  get hasUnsettled(): boolean {
    const journal = this.terminal?.journal;
    if (journal === undefined) return false;
    return journal.counters.uploadedCount > 0 || journal.full.length > 0 || journal.closing !== undefined;
  }

  get isSignedIn(): boolean {
    return this.#link.isSignedIn;
  }

  hangUp(): void {
    this.#line.hangUp();
  }

  #uploadHost(): UploadHost {
    return {
      link: this.#link,
      conditions: this.#conditions,
      send: (frame) => this.#send(frame),
      signIn: async (why) => {
        this.#forgetKeys(why);
        await this.signIn();
      },
      localTime: () => this.#localTime(),
    };
  }

  #session(): DockingSession {
    return {
      terminalNo: this.enrolled.terminalNo,
      batchNo: this.#batchNo,
      link: this.#link,
      nextTrace: () => this.#nextTrace(),
      send: (frame) => this.#send(frame),
      download: (set, heldVersion) => this.#download(set, heldVersion),
    };
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

  async #send(frame: Uint8Array): Promise<Uint8Array> {
    try {
      const answer = await this.#line.exchange(frame);
      this.#conditions.end('host-silent');
      return answer;
    } catch (error) {
      this.#begin('host-silent', (error as Error).message);
      throw error;
    }
  }

  #checkClock(message: ReceivedMessage): void {
    const { localTime, setClock } = this.#dependencies;
    if (localTime === undefined) return;
    const own = localTime();
    const host = hostTime(message, own);
    if (host === undefined) return;
    const tolerance = this.#profile?.clockToleranceSeconds ?? CLOCK_TOLERANCE_SECONDS;
    const off = (clock: string): number => Math.abs(differenceSeconds(clock, host));
    if (off(own) > tolerance) setClock?.(host);
    const now = localTime();
    if (off(now) <= tolerance) this.#conditions.end('clock-wrong');
    else this.#begin('clock-wrong', `the clock says ${now}, the host ${host}`);
  }

  /** How long ago the host said that these parameters are its newest. */
  #checkAge(at: string): void {
    const { parametersMaxAgeHours } = this.#profile ?? {};
    const confirmedAt = this.#kept.parametersConfirmedAt;
    if (parametersMaxAgeHours === undefined || confirmedAt === undefined || confirmedAt === '') return;
    if (differenceHours(at, confirmedAt) > parametersMaxAgeHours)
      this.#begin('parameters-too-old', `last confirmed at ${confirmedAt}, allowed for ${parametersMaxAgeHours} h`);
    else this.#conditions.end('parameters-too-old');
  }

  #forgetKeys(why: string): void {
    this.#link.forgetKeys();
    const { keys: _keys, ...rest } = this.#kept;
    this.#kept = rest;
    this.#begin('not-signed-in', why);
    this.#keep();
  }

  #begin(name: Condition['name'], detail: string): void {
    this.#conditions.begin(name, detail, this.#localTime());
  }

  #keep(): void {
    const { storage } = this.#dependencies;
    if (storage !== undefined) saveState(storage, { ...this.#kept, conditions: this.#conditions.list });
  }

  #shelf(): SetShelf {
    const { storage } = this.#dependencies;
    return storage === undefined ? new Map<string, DownloadedSet>() : new StoredShelf(storage);
  }

  #localTime(): string {
    return this.#dependencies.localTime?.() ?? '';
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
