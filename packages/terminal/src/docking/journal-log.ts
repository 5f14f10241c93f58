/**
 * The offline journal as a log: one line for each change, each with its check sum, so that a tap costs one short write
 * however many wait. A line that was cut short by a loss of power is the last one and never happened; any other line
 * that does not fit its check sum is damage, and the terminal must not go on as if nothing were missing.
 */
import { crc32 } from 'node:zlib';
import { PolycardError } from '@polycard/bytes';
import {
  asDetail,
  type ClosingBatch,
  closingOf,
  countedToFull,
  detailedBatch,
  type FullBatch,
  type JournalChange,
  type JournalCounters,
  type JournalEntry,
  type JournalState,
  type JournalStorage,
  type LateTap,
  type PendingTap,
  settledBatch,
  withLate,
} from '../journal.ts';
import { decodePlain, encodePlain } from './plain-data.ts';
import type { TerminalStorage } from './storage.ts';

const NAME = 'journal';
/** Written whole again when the changes outnumber what they lead to by this. */
const CHANGES_MAX = 2_000;

interface LoggedChange {
  readonly counters: JournalCounters;
  readonly change: JournalChange;
}
type Line = { readonly state: JournalState } | LoggedChange;

export class JournalLog implements JournalStorage {
  readonly #storage: TerminalStorage;
  #lines = 0;

  constructor(storage: TerminalStorage) {
    this.#storage = storage;
  }

  /** Throws `POLYCARD_TERMINAL_JOURNAL_DAMAGED` naming the line. */
  load(): JournalState | undefined {
    const bytes = this.#storage.read(NAME);
    if (bytes === undefined || bytes.length === 0) return undefined;
    const { lines, isTorn } = linesOf(bytes);
    const state = replayed(lines);
    this.#lines = lines.length;
    // what was cut short must not stand before the next line
    if (isTorn) this.#rewrite(state);
    return state;
  }

  save(state: JournalState, change: JournalChange): void {
    if (this.#lines === 0 || this.#lines > CHANGES_MAX + state.entries.length + state.batch.length) {
      this.#rewrite(state);
      return;
    }
    const { pending: _p, entries: _e, late: _l, batch: _b, full: _f, closing: _c, ...counters } = state;
    this.#storage.append(NAME, encodeLine({ counters, change }));
    this.#lines++;
  }

  #rewrite(state: JournalState | undefined): void {
    this.#storage.write(NAME, state === undefined ? new Uint8Array(0) : encodeLine({ state }));
    this.#lines = state === undefined ? 0 : 1;
  }
}

const CHECK_DIGITS = 8;

function encodeLine(line: Line): Uint8Array {
  const text = encodePlain(line);
  return Buffer.from(`${checkSum(text)} ${text}\n`, 'utf8');
}

function checkSum(text: string): string {
  return crc32(text).toString(16).padStart(CHECK_DIGITS, '0');
}

function linesOf(bytes: Uint8Array): { lines: Line[]; isTorn: boolean } {
  const texts = Buffer.from(bytes).toString('utf8').split('\n');
  // whole lines end with a line feed, so the last piece is empty or cut short
  const isTorn = texts.pop() !== '';
  const lines = texts.map((text, index) => {
    const body = text.slice(CHECK_DIGITS + 1);
    if (text.slice(0, CHECK_DIGITS) !== checkSum(body)) {
      throw new PolycardError(
        'POLYCARD_TERMINAL_JOURNAL_DAMAGED',
        `line ${index + 1} of the journal does not fit its check sum: taps may be missing`,
        { where: `journal, line ${index + 1}`, expected: 'a memory that keeps what it wrote; hand the terminal in' },
      );
    }
    return decodePlain<Line>(body);
  });
  return { lines, isTorn };
}

/** Undefined when there is no line. */
function replayed(lines: readonly Line[]): JournalState | undefined {
  let counters: JournalCounters | undefined;
  let pending: PendingTap[] = [];
  let entries: JournalEntry[] = [];
  let late: LateTap[] = [];
  let batch: JournalEntry[] = [];
  let full: FullBatch[] = [];
  let closing: ClosingBatch | undefined;
  for (const line of lines) {
    if ('state' in line) {
      const { pending: held, entries: waiting, late: given, ...others } = line.state;
      const { batch: stored = [], full: filled = [], closing: ending, ...rest } = others;
      [counters, pending, entries, late] = [rest, [...held], [...waiting], [...given]];
      [batch, full, closing] = [[...stored], [...filled], ending];
      continue;
    }
    const before = counters;
    counters = line.counters;
    const { change } = line;
    switch (change.kind) {
      case 'prepared':
        pending.push(change.pending);
        break;
      case 'confirmed':
        late = withLate(late, change.entry, pending[change.position]);
        takeOut(pending, change.position);
        entries.push(change.entry);
        break;
      case 'dropped':
        takeOut(pending, change.position);
        break;
      case 'uploaded': {
        const entry = change.copy ?? entries[change.position]!;
        const counted = countedToFull(full, entry);
        if (counted === undefined) batch.push(asDetail(entry));
        else full = counted;
        takeOut(entries, change.position);
        break;
      }
      case 'filled':
        full.push(openBatch(before!, batch));
        batch = [];
        break;
      case 'closing': {
        const oldest = full.shift();
        closing = closingOf(oldest ?? openBatch(before!, batch));
        if (oldest === undefined) batch = [];
        break;
      }
      case 'settled':
        closing = settledBatch(closing!, change.totals);
        break;
      case 'detailed':
        closing = detailedBatch(closing!, change.position);
        break;
      case 'ended':
        closing = undefined;
        break;
      case 'forgotten':
        takeOut(late, change.position);
        break;
      case 'counted':
    }
  }
  return counters === undefined
    ? undefined
    : { ...counters, pending, entries, late, batch, full, ...(closing === undefined ? {} : { closing }) };
}

function openBatch(
  { batchNo, uploadedFen, uploadedCount }: JournalCounters,
  uploaded: readonly JournalEntry[],
): FullBatch {
  return { batchNo, uploadedFen, uploadedCount, uploaded };
}

function takeOut<T>(list: T[], position: number): void {
  if (position >= 0) list.splice(position, 1);
}
