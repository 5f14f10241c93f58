/** Our own terminal for the kit to be tried on: the library's, with a memory that outlives a restart. */
import { PolycardError } from '@polycard/bytes';
import { GatewayLine } from '@polycard/fleet';
import {
  DockedTerminal,
  type EnrolledTerminal,
  type HeldSets,
  type LoadedKey,
  NO_FAULTS,
  type ParameterCompiler,
  Psam,
  type TapOutcome,
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
}

/** Short, so that the cases with a silent host do not take minutes. */
const PATIENCE_MS = 1_600;
const ANSWER_MS = 1_500;
const FARE_FEN = 200;
const FIRST_DAY = '20180901';

export class OwnTerminal implements TerminalDriver {
  protected readonly options: OwnTerminalOptions;
  protected storage = new VolatileStorage();
  protected docked: DockedTerminal;
  #taps = 0;

  constructor(options: OwnTerminalOptions) {
    this.options = options;
    this.docked = this.#build();
  }

  async act(act: Act, card: TestCard | undefined): Promise<ActOutcome> {
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
    const outcome = this.docked.tap(card, {
      ...{ kind: 'boarding' as const, declaredBaseFen: FARE_FEN },
      at: `${FIRST_DAY}${clockOf(this.#taps++)}`,
    });
    return { ok: outcome.result === 'accepted', result: outcome.result, said: wordsOf(outcome) };
  }

  #psamOf(sets: HeldSets): Psam {
    return new Psam(this.options.compiler.psamKeys(sets.TAR, this.options.psam));
  }

  #build(): DockedTerminal {
    const { identity, gateway, random } = this.options;
    const enrolled: EnrolledTerminal = {
      ...{ terminalNo: identity.terminal, merchantNo: identity.merchant, operatorCode: identity.operatorCode },
      ...{ placeCode: '0000', route: '101', batchNo: Number(identity.batch), masterKey: identity.masterKey },
      ...{ tpdu: identity.tpdu, header: identity.header },
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
