/**
 * A light terminal: a real conversation with the host (sign-in, parameters, uploads under its MAC, settlement) over taps
 * of light cards, without kernel and card. It forgets a tap only when the host says it has it, and keeps its own counts:
 * what the host's are compared with.
 */
import { type RandomSource, randomInteger } from '@polycard/crypto';
import type { GatewayAddress } from '@polycard/fleet';
import { HostLink, type HostLinkOptions, type JournalEntry, PARAMETER_SETS, type TapData } from '@polycard/terminal';
import { happens } from './light-card.ts';
import { type LineCount, SoakLine } from './line.ts';

/** Of every ten thousand uploads. */
export interface Disturbances {
  readonly sentTwice: number;
  /** The line breaks after the frame was written, before its answer. */
  readonly lostAnswer: number;
  readonly lostFrame: number;
  /** The same frame at the same moment on two lines of the terminal. */
  readonly onTwoLines: number;
}

export const DISTURBANCES: Disturbances = { sentTwice: 200, lostAnswer: 100, lostFrame: 50, onTwoLines: 50 };

export interface Disturbed {
  sentTwice: number;
  lostAnswer: number;
  lostFrame: number;
  onTwoLines: number;
  lostLines: number;
}

export interface SoakWorld {
  readonly gateway: GatewayAddress;
  readonly lines: LineCount;
  readonly disturbances: Disturbances;
  readonly disturbed: Disturbed;
  /** Nothing is tried again after this moment. */
  readonly deadlineMs: number;
  readonly onStored: () => void;
}

/** A batch as the terminal has it. */
export interface HeldBatch {
  readonly batchNo: number;
  count: number;
  fen: number;
  /** As the host said at settlement. */
  totals?: 'equal' | 'unequal';
}

const RETRY_FIRST_MS = 100;
const RETRY_LONGEST_MS = 2000;
const FIRST_MANAGEMENT_TRACE = 900_000;
/** Answers after which the same frame is sent again. */
const TRY_AGAIN = new Set(['96']);

export class LightTerminal {
  readonly terminalNo: string;
  readonly batches: HeldBatch[];
  /** Bytes of parameters by set. */
  readonly parameters = new Map<string, number>();
  readonly #link: HostLink;
  readonly #world: SoakWorld;
  readonly #random: RandomSource;
  #line: SoakLine | undefined;
  #sequenceNo = 0;
  #traceNo = 0;
  #managementTrace = FIRST_MANAGEMENT_TRACE;

  constructor(link: HostLinkOptions, batchNo: number, world: SoakWorld, random: RandomSource) {
    this.terminalNo = link.terminalNo;
    this.#link = new HostLink(link);
    this.#world = world;
    this.#random = random;
    this.batches = [{ batchNo, count: 0, fen: 0 }];
  }

  get batch(): HeldBatch {
    return this.batches.at(-1)!;
  }

  async signIn(): Promise<void> {
    this.#link.signedIn(await this.#exchange(this.#link.signInRequest(this.#nextTrace(), this.batch.batchNo)));
  }

  /** Every page of every set. */
  async download(): Promise<void> {
    for (const set of PARAMETER_SETS) {
      let bytes = 0;
      for (let page = 0, status = 'more'; status === 'more'; page++) {
        const request = this.#link.parameterRequest(this.#nextTrace(), this.batch.batchNo, set, '', page);
        const answer = this.#link.parameterAnswer(await this.#exchange(request));
        bytes += answer.chunk.length;
        status = answer.status;
      }
      this.parameters.set(set, bytes);
    }
  }

  /** Numbers the tap, sends it until the host has it, and counts it. */
  async upload(tap: TapData): Promise<void> {
    const { batch } = this;
    const entry: JournalEntry = {
      ...tap,
      sequenceNo: ++this.#sequenceNo,
      batchNo: batch.batchNo,
      traceNo: ++this.#traceNo,
    };
    const frame = this.#link.upload(entry);
    await this.#disturb(frame);
    await this.#store(frame, entry);
    batch.count++;
    batch.fen += entry.amountFen;
    this.#world.onStored();
    if (happens(this.#random, this.#world.disturbances.sentTwice)) {
      this.#world.disturbed.sentTwice++;
      await this.#store(frame, entry);
    }
  }

  async settle(): Promise<void> {
    const { batch } = this;
    const request = this.#link.settlementRequest(this.#nextTrace(), batch.batchNo, batch.fen, batch.count);
    batch.totals = this.#link.settlementAnswer(await this.#exchange(request));
    const end = this.#link.batchEndRequest(this.#nextTrace(), batch.batchNo, batch.count, batch.totals);
    this.#link.answer(await this.#exchange(end));
    this.batches.push({ batchNo: batch.batchNo + 1, count: 0, fen: 0 });
    this.#traceNo = 0;
  }

  close(): void {
    this.#line?.close();
  }

  async #store(frame: Uint8Array, entry: JournalEntry): Promise<void> {
    for (;;) {
      const answer = this.#link.uploadAnswer(await this.#exchange(frame), entry);
      if (answer.isStored) return;
      if (!TRY_AGAIN.has(answer.code))
        throw new Error(`terminal ${this.terminalNo}: trace ${entry.traceNo} was refused with ${answer.code}`);
      await pause(RETRY_FIRST_MS + randomInteger(this.#random, RETRY_FIRST_MS));
    }
  }

  /** What goes wrong on the way before the frame is sent as it should be. */
  async #disturb(frame: Uint8Array): Promise<void> {
    const { disturbances, disturbed, gateway, lines } = this.#world;
    if (happens(this.#random, disturbances.lostFrame)) {
      disturbed.lostFrame++;
      await this.#line?.sendAndBreak(frame.subarray(0, 1 + randomInteger(this.#random, frame.length - 1)));
    }
    if (happens(this.#random, disturbances.lostAnswer)) {
      disturbed.lostAnswer++;
      await this.#line?.sendAndBreak(frame);
    }
    if (happens(this.#random, disturbances.onTwoLines)) {
      disturbed.onTwoLines++;
      const second = await SoakLine.open(gateway, lines).catch(() => undefined);
      const answer = second?.exchange(frame).catch(() => undefined);
      void answer?.finally(() => second?.close());
    }
  }

  /** One request until it is answered: a lost line is opened again, as long as there is time. */
  async #exchange(frame: Uint8Array): Promise<Uint8Array> {
    const { gateway, lines, disturbed, deadlineMs } = this.#world;
    for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(RETRY_LONGEST_MS, waitMs * 2)) {
      try {
        if (this.#line === undefined || this.#line.isEnded) this.#line = await SoakLine.open(gateway, lines);
        return await this.#line.exchange(frame);
      } catch (cause) {
        if (Date.now() > deadlineMs)
          throw new Error(`terminal ${this.terminalNo}: the host did not answer in time`, { cause });
        disturbed.lostLines++;
        await pause(waitMs / 2 + randomInteger(this.#random, waitMs / 2));
      }
    }
  }

  #nextTrace(): number {
    return ++this.#managementTrace;
  }
}

const pause = (timeMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, timeMs));
