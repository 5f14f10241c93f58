/**
 * A PSAM as a card of its own: what a terminal finds in its SAM slot. It answers as a T=0 card does: a command that
 * brings data and has an answer gives 61xx, and GET RESPONSE (00 C0) fetches it. Reference pboc.md §4.5.
 *
 * It keeps its keys and counter through power cuts like any other card here. Keys are put into it at issue; how real
 * PSAMs take them differs by maker and is not shown.
 */
import {
  type CardChannel,
  type CommandApdu,
  encodeResponse,
  PolycardError,
  parseCommand,
  SW_6A86_INCORRECT_P1_P2,
  SW_6D00_INS_NOT_SUPPORTED,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6F00_NO_PRECISE_DIAGNOSIS,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import { balanceBytes } from '@polycard/emv';
import { PersistentMemory } from '../os/memory.ts';
import { PowerCut, type PowerCutHook, PowerSupply } from '../os/power.ts';
import { cipherData } from './cipher-data.ts';
import type { PsamContents } from './contents.ts';
import { newPsamSession, PSAM_MEMORY_BYTES, type PsamContext, type PsamResult, type PsamSession } from './context.ts';
import { deliveryKey } from './delivery-key.ts';
import { creditSam, initSamForPurchase } from './init-sam-for-purchase.ts';
import { readBinary, selectFile } from './select-and-read.ts';
import { PSAM_SWITCHES_AS_PUBLICLY_DESCRIBED, type PsamSwitches } from './switches.ts';

export interface VirtualPsamOptions {
  readonly contents: PsamContents;
  readonly random: RandomSource;
  readonly switches?: Partial<PsamSwitches>;
}

const INS_C0_GET_RESPONSE = 0xc0;

function getChallenge({ random }: PsamContext, { cla, p1, p2, le }: CommandApdu): PsamResult {
  if (cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (p1 !== 0 || p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  return le === 4 || le === 8 ? { sw: SW_9000_SUCCESS, data: random(le) } : { sw: SW_6700_WRONG_LENGTH };
}

const COMMANDS: ReadonlyMap<number, (context: PsamContext, command: CommandApdu) => PsamResult> = new Map([
  [0x1a, deliveryKey],
  [0x70, initSamForPurchase],
  [0x72, creditSam],
  [0x84, getChallenge],
  [0xa4, selectFile],
  [0xb0, readBinary],
  [0xfa, cipherData],
]);

export class VirtualPsam implements CardChannel {
  readonly #power = new PowerSupply();
  readonly #memory: PersistentMemory;
  readonly #options: VirtualPsamOptions;
  #session: PsamSession = newPsamSession();
  #waiting: Uint8Array | undefined;

  constructor(options: VirtualPsamOptions) {
    this.#options = options;
    const memory = new Uint8Array(PSAM_MEMORY_BYTES);
    memory.set(balanceBytes(options.contents.transactions ?? 0));
    this.#memory = new PersistentMemory(this.#power, memory);
  }

  /** Set to cut the power at chosen physical writes. */
  set powerCut(hook: PowerCutHook | undefined) {
    this.#power.hook = hook;
  }

  reset(): void {
    this.#power.isOn = true;
    this.#session = newPsamSession();
    this.#waiting = undefined;
    this.#memory.recover();
  }

  transmit(commandBytes: Uint8Array): Uint8Array {
    if (!this.#power.isOn)
      throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', 'the PSAM has no power; reset it first');
    let command: CommandApdu;
    try {
      command = parseCommand(commandBytes);
    } catch {
      return encodeResponse(SW_6700_WRONG_LENGTH);
    }
    try {
      if (command.ins === INS_C0_GET_RESPONSE) return this.#getResponse(command);
      this.#waiting = undefined;
      const { sw, data } = this.#process(command);
      if (sw !== SW_9000_SUCCESS || data === undefined || command.data.length === 0) return encodeResponse(sw, data);
      this.#waiting = data;
      return encodeResponse(0x6100 | data.length);
    } catch (error) {
      if (error instanceof PowerCut) throw error;
      return encodeResponse(SW_6F00_NO_PRECISE_DIAGNOSIS);
    }
  }

  #process(command: CommandApdu): PsamResult {
    const handler = COMMANDS.get(command.ins);
    if (handler === undefined) return { sw: SW_6D00_INS_NOT_SUPPORTED };
    const { contents, random, switches } = this.#options;
    return handler(
      {
        contents,
        random,
        memory: this.#memory,
        session: this.#session,
        switches: { ...PSAM_SWITCHES_AS_PUBLICLY_DESCRIBED, ...switches },
      },
      command,
    );
  }

  #getResponse({ cla, p1, p2, le = 256 }: CommandApdu): Uint8Array {
    if (cla !== 0x00) return encodeResponse(SW_6E00_CLA_NOT_SUPPORTED);
    if (p1 !== 0 || p2 !== 0) return encodeResponse(SW_6A86_INCORRECT_P1_P2);
    const waiting = this.#waiting;
    if (waiting === undefined) return encodeResponse(SW_6985_CONDITIONS_NOT_SATISFIED);
    if (le !== 256 && le > waiting.length) return encodeResponse(0x6c00 | waiting.length);
    this.#waiting = undefined;
    return encodeResponse(SW_9000_SUCCESS, waiting.subarray(0, Math.min(le, waiting.length)));
  }
}
