/**
 * An industry file application: ISO 7816-4 files made from a specification, behind the access conditions it states. What
 * holds its commands together; each is a file of its own and the table below is the whole list.
 *
 * Reference industries.md Part 0 (ours, a subset of ISO/IEC 7816-4 and -9).
 */
import {
  type CommandApdu,
  concat,
  encodeResponse,
  encodeTlv,
  SW_6A80_WRONG_DATA,
  SW_6D00_INS_NOT_SUPPORTED,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import type { IndustryKey } from '@polycard/emv';
import type { Applet, AppletSnapshot, CardEnvironment } from '../../os/applet.ts';
import { fromBase64, PersistentMemory, toBase64 } from '../../os/memory.ts';
import { readGrouping } from '../../os/read-grouping.ts';
import { packGroupings, StoreDataReceiver, writeGroupings } from '../../os/store-data.ts';
import { readBinary, updateBinary } from './binary.ts';
import {
  type CommandHandler,
  INS_44_ACTIVATE,
  INS_84_GET_CHALLENGE,
  INS_A4_SELECT,
  INS_E6_TERMINATE,
  type IndustryContext,
  type IndustrySession,
  newIndustrySession,
} from './context.ts';
import { externalAuthenticate } from './external-authenticate.ts';
import { IndustryFiles } from './files.ts';
import { getChallenge } from './get-challenge.ts';
import { compiledIndustryFiles, type IndustryImage, STATE_ACTIVE, STATE_CLOSED, STATE_OFFSET } from './image.ts';
import { internalAuthenticate } from './internal-authenticate.ts';
import { beginOrCommit } from './journal.ts';
import { lifeCycle } from './life-cycle.ts';
import { layOutIndustryFiles } from './personalised-data.ts';
import { changeReferenceData, resetRetryCounter, verify } from './pin.ts';
import { putKey } from './put-key.ts';
import { appendRecord, readRecord, updateRecord } from './records.ts';
import { applicationFci, selectFile } from './select-file.ts';

const INS_E2_STORE_DATA_OR_APPEND_RECORD = 0xe2;

const COMMANDS: ReadonlyMap<number, CommandHandler> = new Map<number, CommandHandler>([
  [0x04, lifeCycle],
  [0x10, beginOrCommit],
  [0x1e, lifeCycle],
  [0x20, verify],
  [0x24, changeReferenceData],
  [0x2c, resetRetryCounter],
  [INS_44_ACTIVATE, lifeCycle],
  [0x82, externalAuthenticate],
  [INS_84_GET_CHALLENGE, getChallenge],
  [0x88, internalAuthenticate],
  [INS_A4_SELECT, selectFile],
  [0xb0, readBinary],
  [0xb2, readRecord],
  [0xd4, putKey],
  [0xd6, updateBinary],
  [0xdc, updateRecord],
  [INS_E2_STORE_DATA_OR_APPEND_RECORD, appendRecord],
  [INS_E6_TERMINATE, lifeCycle],
]);

/** Commands an application takes that is not active: to open it, to wake it up, to close it. */
const WHILE_NOT_ACTIVE: readonly number[] = [INS_44_ACTIVATE, INS_84_GET_CHALLENGE, INS_E6_TERMINATE];

interface Personalised {
  readonly image: Uint8Array;
  readonly memory: PersistentMemory;
}

export class IndustryFileApplication implements Applet {
  readonly aid: Uint8Array;
  readonly #environment: CardEnvironment;
  #personalised: Personalised | undefined;
  #receiver: StoreDataReceiver | undefined;
  #session: IndustrySession | undefined;

  constructor(aid: Uint8Array, environment: CardEnvironment, saved: AppletSnapshot) {
    this.aid = aid;
    this.#environment = environment;
    if (saved.image !== undefined && saved.memory !== undefined) {
      const memory = PersistentMemory.restore(environment.power, saved.memory);
      this.#personalised = { image: fromBase64(saved.image), memory };
    }
  }

  /** A closed application is gone for every terminal. */
  isSelectable(): boolean {
    return this.#personalised === undefined || this.#personalised.memory.u8(STATE_OFFSET) !== STATE_CLOSED;
  }

  isPersonalised(): boolean {
    return this.#personalised !== undefined;
  }

  select(): Uint8Array {
    this.#session = newIndustrySession();
    this.#receiver?.restart();
    const context = this.#context();
    if (context === undefined) {
      const empty = concat(encodeTlv('84', this.aid), encodeTlv('A5', new Uint8Array(0)));
      return encodeResponse(SW_9000_SUCCESS, encodeTlv('6F', empty));
    }
    const { sw, data } = applicationFci(context, this.aid);
    return encodeResponse(sw, data);
  }

  selectFile(command: CommandApdu): Uint8Array {
    return this.process(command);
  }

  process(command: CommandApdu): Uint8Array {
    const context = this.#context();
    if (context === undefined) return encodeResponse(this.#processBlank(command));
    const handler = COMMANDS.get(command.ins);
    if (handler === undefined) return encodeResponse(SW_6D00_INS_NOT_SUPPORTED);
    const isActive = context.memory.u8(STATE_OFFSET) === STATE_ACTIVE;
    if (!isActive && !WHILE_NOT_ACTIVE.includes(command.ins)) return encodeResponse(SW_6985_CONDITIONS_NOT_SATISFIED);
    const { sw, data } = handler(context, command);
    return encodeResponse(sw, data);
  }

  #context(): IndustryContext | undefined {
    if (this.#personalised === undefined) return undefined;
    const { memory } = this.#personalised;
    const image = compiledIndustryFiles(this.#personalised.image);
    this.#session ??= newIndustrySession();
    return {
      ...{ image, memory, files: new IndustryFiles(memory), session: this.#session },
      random: this.#environment.random,
      key: (reference) => keyOf(image, memory, reference),
    };
  }

  #processBlank(command: CommandApdu): number {
    if (command.ins !== INS_E2_STORE_DATA_OR_APPEND_RECORD) return SW_6D00_INS_NOT_SUPPORTED;
    const { secrets, power } = this.#environment;
    this.#receiver ??= new StoreDataReceiver((dgi, value, soFar) => readGrouping(secrets, dgi, value, soFar));
    const { sw, complete } = this.#receiver.receive(command);
    if (complete === undefined) return sw;
    let bytes: Uint8Array;
    try {
      bytes = layOutIndustryFiles(complete);
    } catch {
      return SW_6A80_WRONG_DATA; // missing or misshapen groupings; the personaliser starts over
    }
    writeGroupings(power, complete, () => {
      this.#personalised = { image: packGroupings(complete), memory: new PersistentMemory(power, bytes) };
      this.#receiver = undefined;
    });
    return sw;
  }

  reset(): void {
    this.#session = undefined;
    this.#receiver = undefined;
    this.#personalised?.memory.recover();
  }

  snapshot(): AppletSnapshot {
    if (this.#personalised === undefined) return {};
    return { image: toBase64(this.#personalised.image), memory: this.#personalised.memory.snapshot() };
  }
}

function keyOf(image: IndustryImage, memory: PersistentMemory, reference: number): IndustryKey | undefined {
  const slot = image.keys.find((each) => each.reference === reference);
  if (slot === undefined || memory.u8(slot.offset) === 0) return undefined;
  const { algorithm, session } = image;
  return { algorithm, session, key: memory.view(slot.offset + 2, 16).slice() };
}
