/**
 * The trace of a replay: for every record its APDUs, the uploaded frame and the fare's explanation, one JSON object a
 * line, in the order of the records. Account numbers are those of simulated cards and stand in full.
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import { toHex } from '@polycard/bytes';
import type { JournalEntry, TapOutcome } from '@polycard/terminal';
import type { TapObserver } from './perform.ts';
import type { Step } from './plan/plan.ts';

export class TraceFile implements TapObserver {
  readonly #stream: WriteStream;
  readonly #lines: readonly number[];
  readonly #failed: Promise<never>;
  readonly #waiting = new Map<JournalEntry, { record: number; line: Record<string, unknown> }>();
  readonly #ready = new Map<number, string>();
  #next = 0;

  /** `lines`: for each record the line of the source file it stands on; empty for generated taps. */
  constructor(path: string, lines: readonly number[]) {
    this.#lines = lines;
    this.#stream = createWriteStream(path);
    this.#failed = new Promise((_, reject) => this.#stream.once('error', reject));
    this.#failed.catch(() => undefined);
  }

  tapped(step: Step, outcome: TapOutcome): void {
    if (step.record === undefined) return;
    const line = {
      record: step.record,
      ...(this.#lines[step.record] === undefined ? {} : { line: this.#lines[step.record] }),
      kind: step.kind,
      at: step.at,
      result: outcome.result,
      ...(outcome.result === 'refused' ? { reason: outcome.reason, detail: outcome.detail } : {}),
      exchanges: outcome.exchanges.map(({ phase, command, response, startUs, cardUs }) => ({
        phase,
        command: toHex(command),
        response: toHex(response),
        startUs,
        cardUs,
      })),
      fare: outcome.result === 'accepted' ? (outcome.fare ?? null) : null,
    };
    if (outcome.result === 'accepted') this.#waiting.set(outcome.entry, { record: step.record, line });
    else this.#write(step.record, { ...line, frame: null });
  }

  uploaded(entry: JournalEntry, frame: Uint8Array): void {
    const waiting = this.#waiting.get(entry);
    if (waiting === undefined) return;
    this.#waiting.delete(entry);
    this.#write(waiting.record, { ...waiting.line, frame: toHex(frame) });
  }

  async close(): Promise<void> {
    for (const [record, line] of [...this.#ready].sort(([a], [b]) => a - b)) {
      this.#stream.write(line);
      this.#ready.delete(record);
    }
    await Promise.race([new Promise<void>((resolve) => this.#stream.end(resolve)), this.#failed]);
  }

  #write(record: number, line: Record<string, unknown>): void {
    this.#ready.set(record, `${JSON.stringify(line)}\n`);
    for (let text = this.#ready.get(this.#next); text !== undefined; text = this.#ready.get(this.#next)) {
      this.#stream.write(text);
      this.#ready.delete(this.#next++);
    }
  }
}
