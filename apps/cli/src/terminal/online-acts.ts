/** What a counter does with a card while its host is on the line: load, industry activation and inquiry. */
import { type CardChannel, fromHex, maskPan, PolycardError } from '@polycard/bytes';
import { systemRandom } from '@polycard/crypto';
import {
  CashLoadCounter,
  type ContactConfiguration,
  type DockedTerminal,
  IndustryCounter,
  OnlineStore,
  type TerminalStorage,
} from '@polycard/terminal';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { yuanOption } from '../arguments.ts';
import type { CardReport } from './kinds.ts';

export interface OnlineActOptions {
  /** Fen. */
  readonly load?: number;
  /** Name of an application in the blueprint. */
  readonly activate?: string;
  /** The same, or true for all of the card. */
  readonly inquire?: string | true;
  readonly set?: RecordField;
}

/** One field of a record as it shall be. */
export interface RecordField {
  /** Application, by its name in the blueprint. */
  readonly application: string;
  readonly field: string;
  readonly value: string;
}

type Act = keyof OnlineActOptions;
const ACTS: readonly Act[] = ['load', 'activate', 'inquire', 'set'];
/** Records of the payment application that a counter rewrites, by their application. */
const RECORD_OF = { metro: 'metro', bus: 'bus', transit: 'combinedRide' } as const;

export function withOnlineActs(command: Command): Command {
  return command
    .addOption(
      new Option('--load <yuan>', 'a counter loads the electronic cash of a card against cash')
        .argParser(yuanOption)
        .conflicts(['activate', 'inquire', 'repair', 'proof']),
    )
    .addOption(
      new Option('--activate <application>', 'a counter opens an industry application, e.g. water').conflicts([
        'inquire',
        'repair',
        'proof',
      ]),
    )
    .addOption(
      new Option('--inquire [application]', 'a counter asks what applications a card has').conflicts([
        'repair',
        'proof',
      ]),
    )
    .addOption(
      new Option('--set <application:field=value>', 'a counter without a PSAM rewrites a record, e.g. metro:lock=00')
        .argParser(recordField)
        .conflicts(['load', 'activate', 'inquire', 'repair', 'proof']),
    );
}

function recordField(text: string): RecordField {
  const parts = /^([a-z-]+):([A-Za-z]\w*)=(.*)$/.exec(text);
  if (parts === null || !(parts[1]! in RECORD_OF))
    throw new InvalidArgumentError(
      `expected APPLICATION:FIELD=VALUE with an application of ${Object.keys(RECORD_OF).join(', ')}`,
    );
  return { application: parts[1]!, field: parts[2]!, value: parts[3]! };
}

const actOf = (options: OnlineActOptions): Act | undefined => ACTS.find((act) => options[act] !== undefined);

export const isOnlineAct = (options: OnlineActOptions): boolean => actOf(options) !== undefined;

/** Throws `POLYCARD_CLI_ARGUMENT` for an act that is not of this kind of terminal. */
export function checkOnlineActs(options: OnlineActOptions & { readonly profile: string }): void {
  const act = actOf(options);
  if (act === undefined || options.profile === 'counter') return;
  throw new PolycardError('POLYCARD_CLI_ARGUMENT', `--${act} is of a counter, not of a ${options.profile}`, {
    where: `--${act}`,
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

  async act(channel: CardChannel, at: string, options: OnlineActOptions): Promise<CardReport> {
    try {
      return await this.#act(channel, at, options);
    } finally {
      this.#terminal.hangUp();
    }
  }

  /** What the host has to hear before a settlement: reversals, script results, openings. */
  async sendDue(): Promise<void> {
    await this.#loads('')?.sendDue();
    this.#terminal.hangUp();
  }

  async #act(channel: CardChannel, at: string, options: OnlineActOptions): Promise<CardReport> {
    const act = actOf(options)!;
    if (act === 'load') {
      const outcome = await this.#loads(at)?.load(channel, { amountFen: options.load!, at });
      return outcome === undefined
        ? { kind: act, result: 'refused', reason: 'parameters-missing' }
        : { kind: act, ...masked(outcome) };
    }
    const counter = new IndustryCounter({ host: this.#terminal.onlineHost, store: this.#store, aids: AIDS });
    const visit = { channel, at };
    if (act === 'activate') return { kind: act, ...masked(await counter.activate(visit, options.activate!)) };
    if (act === 'set') return this.#set(counter, channel, at, options.set!);
    const application = options.inquire === true ? undefined : options.inquire;
    return { kind: act, ...masked(await counter.inquire(visit, application)) };
  }

  async #set(
    counter: IndustryCounter,
    channel: CardChannel,
    at: string,
    { application, field, value }: RecordField,
  ): Promise<CardReport> {
    const ready = this.#terminal.terminal;
    if (ready === undefined) return { kind: 'set', result: 'refused', reason: 'parameters-missing' };
    const record = ready.parametersAt(at).records[RECORD_OF[application as keyof typeof RECORD_OF]];
    if (record.codec.field(field) === undefined)
      throw new PolycardError('POLYCARD_CLI_ARGUMENT', `the record ${record.codec.name} has no field ${field}`, {
        where: '--set',
        expected: 'a field of the record as the blueprint names it',
      });
    const own = { configuration: ready.configuration, random: systemRandom };
    const request = { application, record, change: { [field]: value }, at };
    return { kind: 'set', ...masked(await counter.update(channel, request, own)) };
  }

  #loads(at: string): CashLoadCounter | undefined {
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

/** The same without the full account number. */
function masked<T extends { readonly result: string }>(outcome: T): Omit<T, 'pan'> & { readonly result: string } {
  const { pan, ...report } = outcome as T & { readonly pan?: string };
  return pan === undefined ? (report as T) : { ...(report as T), panMasked: maskPan(pan) };
}
