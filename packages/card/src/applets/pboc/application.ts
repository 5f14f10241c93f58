/**
 * PBOC debit/credit application with qPBOC, electronic cash and the extended application, on both interfaces: what
 * holds its commands together. Each command is a file of its own; the table below is the whole list.
 *
 * PBOC 3.0 (2013) Parts 5, 7, 12, 13 and 14 as publicly described.
 */
import { type CommandApdu, encodeResponse, SW_6D00_INS_NOT_SUPPORTED, SW_9000_SUCCESS } from '@polycard/bytes';
import { INS_EA_REPLACE_RECORD_KEY } from '@polycard/emv';
import type { Applet, AppletSnapshot, CardEnvironment } from '../../os/applet.ts';
import { fromBase64, type MemoryWrite, PersistentMemory, toBase64 } from '../../os/memory.ts';
import { readGrouping } from '../../os/read-grouping.ts';
import { packGroupings, StoreDataReceiver, writeGroupings } from '../../os/store-data.ts';
import { appendRecord } from './append-record.ts';
import { applicationBlock, applicationUnblock, cardBlock } from './application-block.ts';
import {
  type CommandHandler,
  INS_A8_GET_PROCESSING_OPTIONS,
  INS_B2_READ_RECORD,
  INS_DE_UPDATE_CAPP_DATA_CACHE,
  type PbocContext,
} from './context.ts';
import { ExtendedFiles } from './extended-files.ts';
import { externalAuthenticate } from './external-authenticate.ts';
import { generateAc } from './generate-ac.ts';
import { getData } from './get-data.ts';
import { getProcessingOptions } from './get-processing-options.ts';
import { getResponse } from './get-response.ts';
import { getTransProve } from './get-trans-prove.ts';
import { compiledImage } from './image.ts';
import { internalAuthenticate } from './internal-authenticate.ts';
import { FIELD, KEPT_NOTHING, LOG_OFFSET, STATE_CARD_BLOCKED, writeField } from './layout.ts';
import { logsLengthBytes } from './load-log.ts';
import { layOutMemory } from './personalised-data.ts';
import { pinChange } from './pin-change.ts';
import { putData } from './put-data.ts';
import { readCappData } from './read-capp-data.ts';
import { readRecord } from './read-record.ts';
import { replaceRecordKey } from './replace-record-key.ts';
import { selectAnswer, selectBlankAnswer } from './select.ts';
import { newSession, type Session } from './session.ts';
import { storeData } from './store-data.ts';
import type { PbocSwitches } from './switches.ts';
import { updateCappDataCache } from './update-capp-data-cache.ts';
import { updateRecord } from './update-record.ts';
import { getChallenge, verify } from './verify.ts';

const INS_20_VERIFY = 0x20;
const INS_84_GET_CHALLENGE = 0x84;
const INS_E2_STORE_DATA_OR_APPEND_RECORD = 0xe2;

const COMMANDS: ReadonlyMap<number, CommandHandler> = new Map<number, CommandHandler>([
  [0x16, cardBlock],
  [0x18, applicationUnblock],
  [0x1e, applicationBlock],
  [INS_20_VERIFY, verify],
  [0x24, pinChange],
  [0x5a, getTransProve],
  [0x82, externalAuthenticate],
  [INS_84_GET_CHALLENGE, getChallenge],
  [0x88, internalAuthenticate],
  [INS_A8_GET_PROCESSING_OPTIONS, getProcessingOptions],
  [0xae, generateAc],
  [INS_B2_READ_RECORD, readRecord],
  [0xb4, readCappData],
  [0xc0, getResponse],
  [0xca, getData],
  [0xda, putData],
  [0xdc, updateRecord],
  [INS_DE_UPDATE_CAPP_DATA_CACHE, updateCappDataCache],
  [INS_E2_STORE_DATA_OR_APPEND_RECORD, appendRecord],
  [INS_EA_REPLACE_RECORD_KEY, replaceRecordKey],
]);

interface Personalised {
  readonly image: Uint8Array;
  readonly memory: PersistentMemory;
}

export class PbocApplication implements Applet {
  readonly aid: Uint8Array;
  readonly #environment: CardEnvironment;
  readonly #switches: PbocSwitches;
  #personalised: Personalised | undefined;
  #receiver: StoreDataReceiver | undefined;
  #session: Session | undefined;

  constructor(aid: Uint8Array, environment: CardEnvironment, switches: PbocSwitches, saved: AppletSnapshot) {
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

  blocksCard(): boolean {
    const memory = this.#personalised?.memory;
    return memory !== undefined && (memory.u8(FIELD.state.offset) & STATE_CARD_BLOCKED) !== 0;
  }

  isPersonalised(): boolean {
    return this.#personalised !== undefined;
  }

  select(): Uint8Array {
    this.#session = newSession();
    this.#receiver?.restart();
    const context = this.#context();
    const result = context === undefined ? selectBlankAnswer(this.aid) : selectAnswer(context);
    return encodeResponse(result.sw, result.data);
  }

  process(command: CommandApdu): Uint8Array {
    const context = this.#context();
    if (context === undefined) return encodeResponse(this.#processBlank(command));
    if (command.ins !== INS_B2_READ_RECORD) this.#dropKeptRecord(context.memory);
    const handler = COMMANDS.get(command.ins);
    if (handler === undefined) return encodeResponse(SW_6D00_INS_NOT_SUPPORTED);
    const { sw, data } = handler(context, command);
    if (command.ins !== INS_84_GET_CHALLENGE) context.session.challenge = undefined;
    if (sw === SW_9000_SUCCESS) context.session.previousIns = command.ins;
    return encodeResponse(sw, data);
  }

  #context(): PbocContext | undefined {
    if (this.#personalised === undefined) return undefined;
    const { image, memory } = this.#personalised;
    const compiled = compiledImage(this.aid, image);
    this.#session ??= newSession();
    return {
      image: compiled,
      memory,
      files: new ExtendedFiles(memory, compiled.files, LOG_OFFSET + logsLengthBytes(compiled)),
      session: this.#session,
      switches: this.#switches,
      random: this.#environment.random,
      environment: this.#environment,
    };
  }

  /** PBOC 3.0 Part 12: the copy of the last record lives until any command but READ RECORD and SELECT. */
  #dropKeptRecord(memory: PersistentMemory): void {
    if (memory.u8(FIELD.keptRecord.offset) === KEPT_NOTHING) return;
    const drop: MemoryWrite = writeField('keptRecord', Uint8Array.of(KEPT_NOTHING));
    memory.commit([drop]);
  }

  #processBlank(command: CommandApdu): number {
    if (command.ins !== INS_E2_STORE_DATA_OR_APPEND_RECORD) return SW_6D00_INS_NOT_SUPPORTED;
    const { secrets, power } = this.#environment;
    this.#receiver ??= new StoreDataReceiver((dgi, value, soFar) => readGrouping(secrets, dgi, value, soFar));
    const { sw, complete } = storeData(this.#receiver, command, (groupings) =>
      layOutMemory(this.aid, groupings, this.#switches),
    );
    if (complete === undefined) return sw;
    writeGroupings(power, complete.groupings, () => {
      const memory = new PersistentMemory(power, complete.memory);
      this.#personalised = { image: packGroupings(complete.groupings), memory };
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
