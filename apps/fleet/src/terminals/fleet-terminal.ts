/** One simulated terminal with its line to the gateway: sign-in, download, taps, upload with retry, settlement. */
import { deflateRawSync } from 'node:zlib';
import { PolycardError, toHex } from '@polycard/bytes';
import {
  type Exchange,
  HostLink,
  type JournalEntry,
  type Psam,
  Terminal,
  type TerminalDependencies,
} from '@polycard/terminal';
import type { UploadFaults } from '../faults.ts';
import { type GatewayAddress, GatewayLine } from '../link/gateway-line.ts';
import type { CapabilitySet, DownloadedSet, ParameterCompiler } from './parameters.ts';

const ANSWER_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5_000;
const RETRY_FIRST_MS = 200;
const RETRY_LONGEST_MS = 3_000;

export interface EnrolledTerminal {
  readonly terminalNo: string;
  readonly merchantNo: string;
  readonly operatorCode: string;
  readonly placeCode: string;
  readonly route: string | undefined;
  readonly batchNo: number;
  readonly masterKey: Uint8Array;
  readonly tpdu: Uint8Array;
  readonly header: Uint8Array;
}

export interface FleetSettings {
  readonly gateway: () => GatewayAddress;
  /** How long a lost line is tried again before the work gives up. */
  readonly patienceMs: number;
  readonly dependencies: Omit<TerminalDependencies, 'psam' | 'batchNo'>;
  readonly onUploaded?: (entry: JournalEntry, frame: Uint8Array) => void;
}

export class FleetTerminal {
  readonly enrolled: EnrolledTerminal;
  terminal: Terminal | undefined;
  psam: Psam | undefined;
  readonly #settings: FleetSettings;
  readonly #link: HostLink;
  readonly #dialogues: { readonly entry: JournalEntry; readonly exchanges: readonly Exchange[] }[] = [];
  #line: GatewayLine | undefined;
  #managementTrace = 900_000;
  #loadPsam: ((keys: Parameters<ParameterCompiler['psamKeys']>[1]) => void) | undefined;
  #batchFen = 0;
  #batchCount = 0;
  #traceEvery = 0;
  #taps = 0;

  constructor(enrolled: EnrolledTerminal, settings: FleetSettings) {
    this.enrolled = enrolled;
    this.#settings = settings;
    this.#link = new HostLink({
      terminalNo: enrolled.terminalNo,
      merchantNo: enrolled.merchantNo,
      tpdu: enrolled.tpdu,
      header: enrolled.header,
      masterKey: enrolled.masterKey,
    });
  }

  /** Signs in and downloads what it does not hold; `shared` keeps sets between terminals of one site. */
  async start(
    psamOf: (region: DownloadedSet) => Psam,
    compiler: ParameterCompiler,
    shared: Map<string, DownloadedSet>,
    mode: 'metro' | 'bus',
  ): Promise<void> {
    await this.#signIn();
    const region = await this.#download('TAR', shared);
    const capabilities = await this.#download('CAP', shared);
    const caKeys = await this.#download('CAK', shared);
    this.#hangUp();
    const { profile } = compiler.capabilities(capabilities);
    this.#traceEvery = profile.traceEvery;
    const psam = psamOf(region);
    this.psam = psam;
    this.#loadPsam = (keys) => psam.load(compiler.psamKeys(region, keys));
    this.terminal = new Terminal(
      configurationOf(this.enrolled, profile, mode),
      compiler.compile(region, capabilities, caKeys),
      {
        ...this.#settings.dependencies,
        psam: this.psam,
        batchNo: this.enrolled.batchNo,
      },
    );
  }

  /** Newer versions of the keys of its PSAM, which the site's terminals share. */
  loadPsam(keys: readonly { readonly label: string; readonly version: number; readonly key: Uint8Array }[]): void {
    this.#loadPsam?.(keys);
  }

  /** Keeps the dialogue of every n-th tap for upload, as the parameters ask. */
  keepDialogue(entry: JournalEntry, exchanges: readonly Exchange[]): void {
    if (this.#traceEvery > 0 && this.#taps % this.#traceEvery === 0) this.#dialogues.push({ entry, exchanges });
    this.#taps++;
  }

  /** Uploads everything in the journal, in order. A lost line is opened again; the host tells what it has already. */
  async upload(faults: UploadFaults): Promise<void> {
    const journal = this.terminal!.journal;
    this.terminal!.expireTornTaps();
    for (let entry = journal.entries[0]; entry !== undefined; entry = journal.entries[0]) {
      const current = entry;
      const frame = faults.disturb(this.#link.upload(current), current, this.#link);
      let answer = this.#link.uploadAnswer(await this.#send(() => frame), current);
      if (!answer.isStored) {
        // refused on its way (a wrong MAC, say): the journal still has the tap, it goes again as it was
        answer = this.#link.uploadAnswer(await this.#send(() => this.#link.upload(current)), current);
      }
      if (!answer.isStored) {
        throw new PolycardError(
          'POLYCARD_FLEET_UPLOAD',
          `terminal ${this.enrolled.terminalNo}: upload of trace ${current.traceNo} was refused with ${answer.code}`,
          { where: 'F39' },
        );
      }
      this.#settings.onUploaded?.(current, frame);
      journal.uploaded(current);
      this.#count(current);
      const copy = faults.copyOf(current, journal);
      if (copy !== undefined) {
        this.#link.uploadAnswer(await this.#send(() => this.#link.upload(copy)), copy);
        this.#count(copy);
      }
    }
    await this.#uploadDialogues();
    this.#hangUp();
  }

  /** Settles the batch; gives whether the totals were equal. */
  async settle(): Promise<'equal' | 'unequal'> {
    const journal = this.terminal!.journal;
    const batchNo = journal.batchNo;
    const frame = await this.#send(() =>
      this.#link.settlementRequest(this.#nextTrace(), batchNo, this.#batchFen, this.#batchCount),
    );
    const totals = this.#link.settlementAnswer(frame);
    const end = await this.#send(() =>
      this.#link.batchEndRequest(this.#nextTrace(), batchNo, this.#batchCount, totals),
    );
    this.#link.answer(end);
    journal.nextBatch();
    this.#batchFen = 0;
    this.#batchCount = 0;
    this.#hangUp();
    return totals;
  }

  /** A batch count has three digits: settle before it is full. */
  get isBatchNearlyFull(): boolean {
    return this.#batchCount + (this.terminal?.journal.entries.length ?? 0) >= 900;
  }

  get hasUnsettled(): boolean {
    return this.#batchCount > 0;
  }

  async #signIn(): Promise<void> {
    const frame = await this.#send(() => this.#link.signInRequest(this.#nextTrace(), this.enrolled.batchNo));
    this.#link.signedIn(frame);
  }

  async #download(set: string, shared: Map<string, DownloadedSet>): Promise<DownloadedSet> {
    const held = shared.get(set);
    const chunks: Uint8Array[] = [];
    for (let page = 0; ; page++) {
      const frame = await this.#send(() =>
        this.#link.parameterRequest(this.#nextTrace(), this.enrolled.batchNo, set, held?.version ?? '', page),
      );
      const answer = this.#link.parameterAnswer(frame);
      if (answer.status === 'nothing-newer' && held !== undefined) return held;
      chunks.push(Uint8Array.from(answer.chunk));
      if (answer.status === 'more') continue;
      const downloaded = { version: answer.version, bytes: Buffer.concat(chunks) };
      shared.set(set, downloaded);
      return downloaded;
    }
  }

  async #uploadDialogues(): Promise<void> {
    for (const { entry, exchanges } of this.#dialogues.splice(0)) {
      const stored = exchanges.map(({ phase, command, response, startUs, cardUs }) => [
        phase,
        toHex(command),
        toHex(response),
        startUs,
        cardUs,
      ]);
      const dialogue = deflateRawSync(JSON.stringify(stored));
      for (const request of this.#link.traceRequests(
        () => this.#nextTrace(),
        this.terminal!.journal.batchNo,
        entry,
        dialogue,
      )) {
        this.#link.answer(await this.#send(() => request));
      }
    }
  }

  async #send(request: () => Uint8Array): Promise<Uint8Array> {
    const frame = request();
    const deadline = Date.now() + this.#settings.patienceMs;
    for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(RETRY_LONGEST_MS, waitMs * 2)) {
      try {
        this.#line ??= await GatewayLine.open(this.#settings.gateway(), CONNECT_TIMEOUT_MS);
        return await this.#line.exchange(frame, ANSWER_TIMEOUT_MS);
      } catch (error) {
        this.#hangUp();
        if (Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  #hangUp(): void {
    this.#line?.close();
    this.#line = undefined;
  }

  #count(entry: JournalEntry): void {
    this.#batchFen += entry.amountFen;
    this.#batchCount++;
  }

  #nextTrace(): number {
    this.#managementTrace = this.#managementTrace >= 999_999 ? 900_001 : this.#managementTrace + 1;
    return this.#managementTrace;
  }
}

function configurationOf(enrolled: EnrolledTerminal, profile: CapabilitySet['profile'], mode: 'metro' | 'bus') {
  const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
  return {
    terminalNo: enrolled.terminalNo,
    merchantNo: enrolled.merchantNo,
    mode,
    operatorCode: enrolled.operatorCode,
    placeCode: enrolled.placeCode,
    ...(enrolled.route === undefined ? {} : { route: enrolled.route }),
    ttq: hex(profile.ttq),
    capabilities: hex(profile.capabilities),
    terminalType: hex(profile.terminalType),
    smAlgorithms: profile.smAlgorithms ?? false,
    country: profile.terminalCountry,
    currency: profile.terminalCountry,
    tornRecordMs: profile.tornRecordMs,
    tornRecordsMax: profile.tornRecordsMax,
    journalMax: profile.journalMax,
  };
}
