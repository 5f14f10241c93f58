/** What a counter does with a card while its host is on the line: load. */
import { type AsyncCardChannel, fromHex, maskPan, PolycardError } from '@polycard/bytes';
import { systemRandom } from '@polycard/crypto';
import {
  CashLoadCounter,
  type ContactConfiguration,
  type DockedTerminal,
  OnlineStore,
  type TerminalStorage,
} from '@polycard/terminal';
import type { Command } from 'commander';
import { yuanOption } from '../arguments.ts';
import type { CardReport } from './kinds.ts';

export interface OnlineActOptions {
  /** Fen. */
  readonly load?: number;
}

export function withOnlineActs(command: Command): Command {
  return command.option('--load <yuan>', 'a counter loads the electronic cash of a card against cash', yuanOption);
}

export const isOnlineAct = ({ load }: OnlineActOptions): boolean => load !== undefined;

/** Throws `POLYCARD_CLI_ARGUMENT` for an act that is not of this kind of terminal. */
export function checkOnlineActs(options: OnlineActOptions & { readonly profile: string }): void {
  if (!isOnlineAct(options) || options.profile === 'counter') return;
  throw new PolycardError('POLYCARD_CLI_ARGUMENT', `a ${options.profile} does not load cards`, {
    where: '--load',
    expected: '--profile counter',
  });
}

/** Applications a counter takes: PBOC debit, credit and quasi-credit. */
const AIDS = [fromHex('A000000333')];
const APPLICATION_VERSION = fromHex('0030');
const NO_CODES = { denial: new Uint8Array(5), online: new Uint8Array(5), default: new Uint8Array(5) };

export class OnlineActs {
  readonly #terminal: DockedTerminal;
  readonly #store: OnlineStore;

  constructor(terminal: DockedTerminal, storage: TerminalStorage) {
    this.#terminal = terminal;
    this.#store = new OnlineStore(storage);
  }

  async act(channel: AsyncCardChannel, at: string, { load }: OnlineActOptions): Promise<CardReport> {
    const counter = this.#counter(at);
    if (counter === undefined) return { kind: 'load', result: 'refused', reason: 'parameters-missing' };
    const outcome = await counter.load(channel, { amountFen: load ?? 0, at });
    this.#terminal.hangUp();
    if (outcome.result !== 'loaded') return { kind: 'load', ...outcome };
    const { pan, ...report } = outcome;
    return { kind: 'load', ...report, panMasked: maskPan(pan) };
  }

  /** What the host has to hear before a settlement: reversals, script results. */
  async sendDue(): Promise<void> {
    await this.#counter('')?.sendDue();
    this.#terminal.hangUp();
  }

  get waiting(): number {
    return this.#store.due.length + this.#store.open.length;
  }

  #counter(at: string): CashLoadCounter | undefined {
    const ready = this.#terminal.terminal;
    if (ready === undefined) return undefined;
    const { capabilities, terminalType, country, currency, smAlgorithms = false } = ready.configuration;
    const configuration: ContactConfiguration = {
      ...{ capabilities, terminalType, country, currency, smAlgorithms, applicationVersion: APPLICATION_VERSION },
      ...{ floorLimitFen: 0, actionCodes: NO_CODES, aids: AIDS, caKeys: ready.parametersAt(at).caKeys },
    };
    const { terminalNo } = this.#terminal.enrolled;
    return new CashLoadCounter({
      ...{ host: this.#terminal.onlineHost, store: this.#store, random: systemRandom, configuration },
      serialNo: terminalNo,
    });
  }
}
