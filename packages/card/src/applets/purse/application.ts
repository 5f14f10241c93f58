/**
 * Electronic purse (ED/EP) with CAPP purchases, as T-Union and city cards use it: what holds its commands together.
 * Each command is a file of its own; the table below is the whole list.
 *
 * PBOC 2.0 Parts 1 and 2, JT/T 978 as publicly described (reference pboc.md §4). A transaction lives from INITIALIZE to
 * its completing command; any other command ends it. All that it changes becomes true in one commit.
 */
import {
  type CommandApdu,
  encodeResponse,
  encodeTlv,
  SW_6A80_WRONG_DATA,
  SW_6A81_FUNCTION_NOT_SUPPORTED,
  SW_6D00_INS_NOT_SUPPORTED,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
  SW_9303_PERMANENTLY_BLOCKED,
} from '@polycard/bytes';
import type { Applet, AppletSnapshot, CardEnvironment } from '../../os/applet.ts';
import { fromBase64, PersistentMemory, toBase64 } from '../../os/memory.ts';
import { readGrouping } from '../../os/read-grouping.ts';
import { packGroupings, StoreDataReceiver, writeGroupings } from '../../os/store-data.ts';
import { applicationBlock, applicationUnblock } from './application-block.ts';
import { reloadOrChangePin, unblockPin } from './change-pin.ts';
import {
  type CommandHandler,
  INS_50_INITIALIZE,
  INS_52_CREDIT_FOR_LOAD,
  INS_54_DEBIT,
  INS_58_UPDATE_OVERDRAFT,
  INS_84_GET_CHALLENGE,
  INS_DC_UPDATE_RECORD,
  newPurseSession,
  type PendingTransaction,
  type PurseContext,
  type PurseSession,
} from './context.ts';
import { creditForLoad } from './credit-for-load.ts';
import { debit } from './debit.ts';
import { PurseFiles } from './files.ts';
import { getBalance } from './get-balance.ts';
import { getChallenge } from './get-challenge.ts';
import { getTransactionProve } from './get-transaction-prove.ts';
import { compiledPurse } from './image.ts';
import { initialize } from './initialize.ts';
import { FIELD, FILES_OFFSET, STATE_BLOCKED, STATE_OPEN, STATE_PERMANENTLY_BLOCKED } from './layout.ts';
import { layOutPurse } from './personalised-data.ts';
import { readBinary } from './read-binary.ts';
import { readRecord } from './read-record.ts';
import type { PurseSwitches } from './switches.ts';
import { updateBinary } from './update-binary.ts';
import { updateCappDataCache } from './update-capp-data-cache.ts';
import { updateOverdraft } from './update-overdraft.ts';
import { updateRecord } from './update-record.ts';
import { verifyPin } from './verify-pin.ts';

const INS_18_APPLICATION_UNBLOCK = 0x18;
const INS_E2_STORE_DATA_OR_APPEND_RECORD = 0xe2;

const COMMANDS: ReadonlyMap<number, CommandHandler> = new Map<number, CommandHandler>([
  [INS_18_APPLICATION_UNBLOCK, applicationUnblock],
  [0x1e, applicationBlock],
  [0x20, verifyPin],
  [0x24, unblockPin],
  [INS_50_INITIALIZE, initialize],
  [INS_52_CREDIT_FOR_LOAD, creditForLoad],
  [INS_54_DEBIT, debit],
  [INS_58_UPDATE_OVERDRAFT, updateOverdraft],
  [0x5a, getTransactionProve],
  [0x5c, getBalance],
  [0x5e, reloadOrChangePin],
  [INS_84_GET_CHALLENGE, getChallenge],
  [0xb0, readBinary],
  [0xb2, readRecord],
  [0xd6, updateBinary],
  [
    INS_DC_UPDATE_RECORD,
    (context, command) =>
      context.session.transaction === undefined
        ? updateRecord(context, command)
        : updateCappDataCache(context, command),
  ],
  [
    INS_E2_STORE_DATA_OR_APPEND_RECORD,
    (context, command) =>
      command.cla === 0x80 ? { sw: SW_6985_CONDITIONS_NOT_SATISFIED } : updateRecord(context, command),
  ],
]);

/** Commands that go on with a transaction; every other one ends it. */
const CONTINUES: Readonly<Record<PendingTransaction['kind'], readonly number[]>> = {
  load: [INS_52_CREDIT_FOR_LOAD],
  unload: [INS_54_DEBIT],
  purchase: [INS_54_DEBIT],
  // line-protected updates need a challenge each
  capp: [INS_DC_UPDATE_RECORD, INS_84_GET_CHALLENGE, INS_54_DEBIT],
  overdraft: [INS_58_UPDATE_OVERDRAFT],
};

interface Personalised {
  readonly image: Uint8Array;
  readonly memory: PersistentMemory;
}

export class PurseApplication implements Applet {
  readonly aid: Uint8Array;
  readonly #environment: CardEnvironment;
  readonly #switches: PurseSwitches;
  #personalised: Personalised | undefined;
  #receiver: StoreDataReceiver | undefined;
  #session: PurseSession | undefined;

  constructor(aid: Uint8Array, environment: CardEnvironment, switches: PurseSwitches, saved: AppletSnapshot) {
    this.aid = aid;
    this.#environment = environment;
    this.#switches = switches;
    if (saved.image !== undefined && saved.memory !== undefined) {
      const memory = PersistentMemory.restore(environment.power, saved.memory);
      this.#personalised = { image: fromBase64(saved.image), memory };
    }
  }

  isSelectable(): boolean {
    return true;
  }

  isPersonalised(): boolean {
    return this.#personalised !== undefined;
  }

  select(): Uint8Array {
    this.#session = newPurseSession();
    this.#receiver?.restart();
    const context = this.#context();
    if (context === undefined) {
      const name = encodeTlv('84', this.aid);
      const body = new Uint8Array(name.length + 2);
      body.set(name);
      body[name.length] = 0xa5;
      return encodeResponse(SW_9000_SUCCESS, encodeTlv('6F', body));
    }
    const state = context.memory.u8(FIELD.state.offset);
    if (state === STATE_PERMANENTLY_BLOCKED) return encodeResponse(SW_9303_PERMANENTLY_BLOCKED);
    if (state === STATE_OPEN) return encodeResponse(SW_9000_SUCCESS, context.image.fci);
    const { blockedSelect } = this.#switches;
    return encodeResponse(
      blockedSelect,
      blockedSelect === SW_6A81_FUNCTION_NOT_SUPPORTED ? undefined : context.image.fci,
    );
  }

  process(command: CommandApdu): Uint8Array {
    const context = this.#context();
    if (context === undefined) return encodeResponse(this.#processBlank(command));
    const { session } = context;
    const { ins } = command;
    if (session.transaction !== undefined && !CONTINUES[session.transaction.kind].includes(ins)) {
      session.transaction = undefined;
    }
    const blocked = this.#blockedAnswer(context, ins);
    if (blocked !== undefined) return encodeResponse(blocked);
    const handler = COMMANDS.get(ins);
    if (handler === undefined) return encodeResponse(SW_6D00_INS_NOT_SUPPORTED);
    const { sw, data } = handler(context, command);
    if (ins !== INS_84_GET_CHALLENGE) session.challenge = undefined;
    return encodeResponse(sw, data);
  }

  /** A blocked application still takes the commands that may open it again. */
  #blockedAnswer({ memory }: PurseContext, ins: number): number | undefined {
    const state = memory.u8(FIELD.state.offset);
    if (state === STATE_PERMANENTLY_BLOCKED) return SW_9303_PERMANENTLY_BLOCKED;
    const isAllowed = ins === INS_84_GET_CHALLENGE || ins === INS_18_APPLICATION_UNBLOCK;
    return state === STATE_BLOCKED && !isAllowed ? SW_6985_CONDITIONS_NOT_SATISFIED : undefined;
  }

  #context(): PurseContext | undefined {
    if (this.#personalised === undefined) return undefined;
    const { memory } = this.#personalised;
    const image = compiledPurse(this.aid, this.#personalised.image, FILES_OFFSET);
    this.#session ??= newPurseSession();
    return {
      image,
      memory,
      files: new PurseFiles(memory, image.files),
      session: this.#session,
      switches: this.#switches,
      random: this.#environment.random,
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
      bytes = layOutPurse(this.aid, complete);
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
