/**
 * What a terminal must not forget of its online business: loads whose end is open, and messages that the host has to get
 * before anything new (reversals, script results). Written whole, before the step it protects (reference iso8583.md §1.9).
 */
import type { Message } from '@polycard/iso8583';
import { decodePlain, encodePlain } from '../docking/plain-data.ts';
import type { TerminalStorage } from '../docking/storage.ts';

/**
 * How far a load came: `asked`: the host may have granted it, the card has nothing; `script-sent`: the card may have it,
 * only the card can tell.
 */
export type LoadPhase = 'asked' | 'script-sent';

export interface OpenLoad {
  readonly phase: LoadPhase;
  /** The 0200 without its MAC. */
  readonly request: Message;
  readonly pan: string;
  readonly atc: number;
  readonly amountFen: number;
  /** 9F79 before, fen. */
  readonly balanceBeforeFen: number;
  /** 9F18 of the script, once there is one. */
  readonly scriptIdentifier?: Uint8Array;
}

interface Kept {
  readonly lastTrace: number;
  readonly open: readonly OpenLoad[];
  readonly due: readonly Message[];
}

const NAME = 'online';
/** Apart from the numbers of taps and of management messages: one batch never uses a number twice. */
const TRACE_FIRST = 700_001;
const TRACE_LAST = 899_999;

export class OnlineStore {
  readonly #storage: TerminalStorage;
  #kept: Kept;

  constructor(storage: TerminalStorage) {
    this.#storage = storage;
    const bytes = storage.read(NAME);
    this.#kept =
      bytes === undefined
        ? { lastTrace: TRACE_FIRST - 1, open: [], due: [] }
        : decodePlain<Kept>(Buffer.from(bytes).toString('utf8'));
  }

  get open(): readonly OpenLoad[] {
    return this.#kept.open;
  }

  /** Oldest first. */
  get due(): readonly Message[] {
    return this.#kept.due;
  }

  nextTrace(): number {
    const { lastTrace } = this.#kept;
    this.#write({ ...this.#kept, lastTrace: lastTrace >= TRACE_LAST ? TRACE_FIRST : lastTrace + 1 });
    return this.#kept.lastTrace;
  }

  /** Goes on from another number: the host has this one from a memory that was lost. `random` is two or more bytes. */
  leap(random: Uint8Array): void {
    const by = random.reduce((sum, byte) => (sum * 256 + byte) % (TRACE_LAST - TRACE_FIRST), 0);
    const from = this.#kept.lastTrace + 1 + by;
    this.#write({ ...this.#kept, lastTrace: from > TRACE_LAST ? from - (TRACE_LAST - TRACE_FIRST + 1) : from });
  }

  opened(load: OpenLoad): void {
    this.#write({ ...this.#kept, open: [...this.#kept.open, load] });
  }

  changed(load: OpenLoad, change: Partial<OpenLoad>): OpenLoad {
    const next = { ...load, ...change };
    this.#write({ ...this.#kept, open: this.#kept.open.map((other) => (other === load ? next : other)) });
    return next;
  }

  /** The load has its end, and the host is to hear these of it: one write. */
  ended(load: OpenLoad, ...due: readonly Message[]): void {
    this.#write({
      ...this.#kept,
      open: this.#kept.open.filter((other) => other !== load),
      due: [...this.#kept.due, ...due],
    });
  }

  /** The host has to hear this. */
  owe(message: Message): void {
    this.#write({ ...this.#kept, due: [...this.#kept.due, message] });
  }

  told(message: Message): void {
    this.#write({ ...this.#kept, due: this.#kept.due.filter((other) => other !== message) });
  }

  #write(kept: Kept): void {
    this.#storage.write(NAME, Buffer.from(encodePlain(kept), 'utf8'));
    this.#kept = kept;
  }
}
