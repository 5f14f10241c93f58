/** The line to the host, as a terminal sees it: given from outside, lost at any time, opened again with patience. */
import { PolycardError } from '@polycard/bytes';

/** Code of an error by which a line says that another try is of no use: a certificate that is not believed, say. */
export const LINE_REFUSED = 'POLYCARD_TERMINAL_LINE_REFUSED';

/** One open line: a request, its answer, in order. Frames with their length prefix. */
export interface HostLine {
  /** Rejects when the line is lost or nothing is answered in time. */
  exchange(frame: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  close(): void;
}

export interface LineDependencies {
  readonly openLine: (timeoutMs: number) => Promise<HostLine>;
  readonly nowMs: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** How long a lost or silent line is tried again before the work gives up. */
  readonly patienceMs: number;
  readonly answerTimeoutMs?: number;
}

const ANSWER_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5_000;
const RETRY_FIRST_MS = 200;
const RETRY_LONGEST_MS = 3_000;

/** Sends each frame until it is answered; the host does what it gets twice only once. */
export class PatientLine {
  readonly #dependencies: LineDependencies;
  #line: HostLine | undefined;

  constructor(dependencies: LineDependencies) {
    this.#dependencies = dependencies;
  }

  /** Throws what the line said last when patience is over. */
  async exchange(frame: Uint8Array): Promise<Uint8Array> {
    const { openLine, nowMs, pause, patienceMs, answerTimeoutMs = ANSWER_TIMEOUT_MS } = this.#dependencies;
    const deadline = nowMs() + patienceMs;
    for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(RETRY_LONGEST_MS, waitMs * 2)) {
      try {
        this.#line ??= await openLine(CONNECT_TIMEOUT_MS);
        return await this.#line.exchange(frame, answerTimeoutMs);
      } catch (error) {
        this.hangUp();
        const isFinal = error instanceof PolycardError && error.code === LINE_REFUSED;
        if (isFinal || nowMs() > deadline) throw error;
        await pause(waitMs);
      }
    }
  }

  hangUp(): void {
    this.#line?.close();
    this.#line = undefined;
  }
}
