/** Our own terminal for the kit to be tried on: the library's, with a memory that outlives a restart. */
import { PolycardError } from '@polycard/bytes';
import { GatewayLine } from '@polycard/fleet';
import {
  DenyListModule,
  DockedTerminal,
  type EnrolledTerminal,
  type HeldSets,
  type ListKey,
  type LoadedKey,
  listVerifier,
  NO_FAULTS,
  type ParameterCompiler,
  Psam,
  type TapOutcome,
  type TapRequest,
  type UploadFaults,
  VolatileStorage,
} from '@polycard/terminal';
import type { TestCard } from '../card/test-card.ts';
import type { HostAddress } from '../host/terminal-player.ts';
import type { TerminalIdentity } from '../line/identity.ts';
import type { Act, ActOutcome, TerminalDriver } from '../terminal/driver.ts';
import type { OwnPlatform } from './own-platform.ts';

export interface OwnTerminalOptions {
  readonly identity: TerminalIdentity;
  readonly psam: readonly LoadedKey[];
  readonly gateway: HostAddress;
  readonly random: OwnPlatform['random'];
  readonly compiler: ParameterCompiler;
  readonly listKey: ListKey | undefined;
  /** Of the region's local time. */
  readonly utcOffsetMinutes: number;
}

/** Short, so that the cases with a silent host do not take minutes. */
const PATIENCE_MS = 1_600;
const ANSWER_MS = 1_500;
const FARE_FEN = 200;
const PURCHASE_FEN = 350;
const FIRST_DAY = '20180901';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export class OwnTerminal implements TerminalDriver {
  protected readonly options: OwnTerminalOptions;
  protected storage = new VolatileStorage();
  protected docked: DockedTerminal;
  #taps = 0;
  #aheadMs = 0;

  constructor(options: OwnTerminalOptions) {
    this.options = options;
    this.docked = this.#build();
  }

  async act(act: Act, card: TestCard | undefined, hours = 0): Promise<ActOutcome> {
    try {
      switch (act) {
        case 'sign-in':
          await this.docked.signIn();
          return { ok: true, said: 'signed in' };
        case 'download':
          await this.download();
          return { ok: true, said: 'parameters are here' };
        case 'tap':
          return this.tap(card!);
        case 'purchase':
          return this.purchase(card!);
        case 'clock':
          this.#aheadMs = hours * HOUR_MS;
          return { ok: true, said: `the clock is ${hours} hours ahead` };
        case 'upload':
          await this.upload();
          return { ok: true, said: 'the journal is empty' };
        case 'settle': {
          const totals = await this.docked.settle();
          return { ok: true, said: `settled, totals ${totals}` };
        }
        case 'restart':
          this.restart();
          return { ok: true, said: 'restarted' };
      }
    } catch (error) {
      if (!(error instanceof PolycardError)) throw error;
      this.docked.hangUp();
      return { ok: false, said: error.message };
    }
  }

  close(): void {
    this.docked.hangUp();
  }

  protected async download(): Promise<void> {
    const sets = await this.docked.downloadSets();
    this.docked.takeSets(sets, this.options.compiler, 'bus', this.#psamOf(sets));
    await this.docked.runModules();
  }

  protected upload(faults: UploadFaults = NO_FAULTS): Promise<void> {
    return this.docked.upload(faults);
  }

  protected restart(): void {
    this.docked.hangUp();
    this.docked = this.#build();
    this.docked.restore(this.options.compiler, 'bus', (sets) => this.#psamOf(sets));
  }

  protected tap(card: TestCard): ActOutcome {
    return this.hold(card, { kind: 'boarding', declaredBaseFen: FARE_FEN, at: this.#tapTime() });
  }

  protected purchase(card: TestCard): ActOutcome {
    return this.hold(card, { kind: 'purchase', amountFen: PURCHASE_FEN, at: this.#tapTime() });
  }

  /** A card held to it, whatever for. */
  protected hold(card: TestCard, request: TapRequest): ActOutcome {
    const outcome = this.docked.tap(card, request);
    return { ok: outcome.result === 'accepted', result: outcome.result, said: wordsOf(outcome) };
  }

  /** Its own wall clock; a broken one may not know it. */
  protected nowMs(): number {
    return Date.now() + this.#aheadMs;
  }

  /** Taps lie on a day of their own, so that none is a transfer; a clock that was set ahead is meant. */
  #tapTime(): string {
    return this.#aheadMs === 0 ? `${FIRST_DAY}${clockOf(this.#taps++)}` : this.#localTime();
  }

  #localTime(): string {
    const local = new Date(this.nowMs() + this.options.utcOffsetMinutes * MINUTE_MS);
    return local.toISOString().slice(0, 19).replace(/[-T:]/g, '');
  }

  #psamOf(sets: HeldSets): Psam {
    return new Psam(this.options.compiler.psamKeys(sets.TAR, this.options.psam));
  }

  #build(): DockedTerminal {
    const { identity, gateway, random, listKey } = this.options;
    const lists =
      listKey === undefined ? [] : [new DenyListModule({ verifier: listVerifier(listKey), nowMs: () => this.nowMs() })];
    const enrolled: EnrolledTerminal = {
      ...{ terminalNo: identity.terminal, merchantNo: identity.merchant, operatorCode: identity.operatorCode },
      ...{ placeCode: '0000', route: '101', batchNo: Number(identity.batch), masterKey: identity.masterKey },
      ...{ tpdu: identity.tpdu, header: identity.header },
      ...(listKey === undefined ? {} : { listKey }),
    };
    return new DockedTerminal(enrolled, {
      line: {
        openLine: (timeoutMs) => GatewayLine.open(gateway, timeoutMs),
        nowMs: () => Date.now(),
        pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        ...{ patienceMs: PATIENCE_MS, answerTimeoutMs: ANSWER_MS },
      },
      tap: { random, monotonicUs: () => performance.now() * 1000, nowMs: () => Date.now() },
      storage: this.storage,
      localTime: () => this.#localTime(),
      setClock: () => {
        this.#aheadMs = 0;
      },
      modules: lists,
    });
  }
}

function wordsOf(outcome: TapOutcome): string {
  switch (outcome.result) {
    case 'accepted':
      return `accepted, ${outcome.entry.amountFen} fen${outcome.recovered ? ', recovered' : ''}`;
    case 'refused':
      return `refused: ${outcome.detail}`;
    case 'torn':
      return `torn, commit ${outcome.commit}`;
  }
}

/** One tap in two hours, so that none is a transfer or a second hold of the same card. */
function clockOf(tap: number): string {
  const minutes = (360 + tap * 7) % 1440;
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}${String(minutes % 60).padStart(2, '0')}00`;
}
