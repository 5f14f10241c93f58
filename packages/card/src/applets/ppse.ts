/**
 * Payment system environments: the PPSE of the contactless interface and the PSE of the contact one.
 *
 * EMV Book B 2.11 §3.3 (PPSE), EMV 4.4 Book 1 §12.2 (PSE). DGI 9102 is the A5 template, 01xx are directory records.
 */
import {
  type CommandApdu,
  concat,
  encodeLength,
  encodeResponse,
  encodeTlv,
  SW_6A80_WRONG_DATA,
  SW_6A82_FILE_NOT_FOUND,
  SW_6A83_RECORD_NOT_FOUND,
  SW_6A86_INCORRECT_P1_P2,
  SW_6D00_INS_NOT_SUPPORTED,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import type { Applet, AppletSnapshot, CardEnvironment, CardInterface } from '../os/applet.ts';
import { fromBase64, toBase64 } from '../os/memory.ts';
import { packGroupings, StoreDataReceiver, unpackGroupings, writeGroupings } from '../os/store-data.ts';

const INS_B2_READ_RECORD = 0xb2;
const INS_E2_STORE_DATA = 0xe2;
const DIRECTORY_SFI = 1;

function fciOf(aid: Uint8Array, template: Uint8Array): Uint8Array {
  const body = concat(encodeTlv('84', aid), template);
  return concat(Uint8Array.of(0x6f), encodeLength(body.length), body);
}

export class DirectoryApplet implements Applet {
  readonly aid: Uint8Array;
  readonly #only: CardInterface;
  readonly #environment: CardEnvironment;
  #image: Uint8Array | undefined;
  #receiver: StoreDataReceiver | undefined;

  constructor(aid: Uint8Array, only: CardInterface, environment: CardEnvironment, saved: AppletSnapshot) {
    this.aid = aid;
    this.#only = only;
    this.#environment = environment;
    if (saved.image !== undefined) this.#image = fromBase64(saved.image);
  }

  /** A blank one answers on both interfaces, so that it can be personalised; then it has its own. */
  isSelectable(): boolean {
    return this.#image === undefined || this.#environment.interface === this.#only;
  }

  isPersonalised(): boolean {
    return this.#image !== undefined;
  }

  select(): Uint8Array {
    this.#receiver?.restart();
    const template = this.#grouping('9102') ?? encodeTlv('A5', new Uint8Array(0));
    return encodeResponse(SW_9000_SUCCESS, fciOf(this.aid, template));
  }

  process(command: CommandApdu): Uint8Array {
    switch (command.ins) {
      case INS_B2_READ_RECORD:
        return this.#readRecord(command);
      case INS_E2_STORE_DATA:
        return encodeResponse(this.#storeData(command));
      default:
        return encodeResponse(SW_6D00_INS_NOT_SUPPORTED);
    }
  }

  #grouping(dgi: string): Uint8Array | undefined {
    return this.#image === undefined ? undefined : unpackGroupings(this.#image).get(dgi);
  }

  #readRecord({ cla, p1, p2 }: CommandApdu): Uint8Array {
    if (cla !== 0x00) return encodeResponse(SW_6E00_CLA_NOT_SUPPORTED);
    if ((p2 & 0x07) !== 0x04) return encodeResponse(SW_6A86_INCORRECT_P1_P2);
    if (p2 >> 3 !== DIRECTORY_SFI) return encodeResponse(SW_6A82_FILE_NOT_FOUND);
    const record = this.#grouping(`01${p1.toString(16).padStart(2, '0').toUpperCase()}`);
    return record === undefined ? encodeResponse(SW_6A83_RECORD_NOT_FOUND) : encodeResponse(SW_9000_SUCCESS, record);
  }

  #storeData(command: CommandApdu): number {
    if (this.#image !== undefined) return SW_6985_CONDITIONS_NOT_SATISFIED;
    this.#receiver ??= new StoreDataReceiver((_dgi, value) => value);
    const { sw, complete } = this.#receiver.receive(command);
    if (complete === undefined) return sw;
    if (complete.get('9102')?.[0] !== 0xa5) return SW_6A80_WRONG_DATA;
    writeGroupings(this.#environment.power, complete, () => {
      this.#image = packGroupings(complete);
      this.#receiver = undefined;
    });
    return sw;
  }

  reset(): void {
    this.#receiver = undefined;
  }

  snapshot(): AppletSnapshot {
    return this.#image === undefined ? {} : { image: toBase64(this.#image) };
  }
}
