/**
 * STORE DATA (80 E2): receiving personalisation data, for every application on the card.
 *
 * EMV CPS 1.1 §4.3.4 as publicly described: one DGI per command, P2 the block number from 00, P1 b8 on the last block;
 * a DGI that is longer than a command goes on in the following blocks without a header of its own.
 */
import {
  type CommandApdu,
  concat,
  SW_6A80_WRONG_DATA,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
  toHex,
} from '@polycard/bytes';
import type { PowerSupply } from './power.ts';

/** Personalised data of an application by DGI, secret ones in clear. */
export type DataGroupings = Map<string, Uint8Array>;

export interface StoreDataResult {
  readonly sw: number;
  /** Present when the last block came and all is there. */
  readonly complete?: DataGroupings;
}

/** Takes a DGI's value as it came and gives what the card keeps, or a status word. */
export type DataGroupingReader = (dgi: string, value: Uint8Array, soFar: DataGroupings) => Uint8Array | number;

interface PendingGrouping {
  readonly dgi: string;
  readonly lengthBytes: number;
  value: Uint8Array;
}

/** Nothing is kept before the last block, so a card torn in the middle starts over. */
export class StoreDataReceiver {
  readonly #read: DataGroupingReader;
  #groupings: DataGroupings = new Map();
  #nextBlock = 0;
  #pending: PendingGrouping | undefined;

  constructor(read: DataGroupingReader) {
    this.#read = read;
  }

  restart(): void {
    this.#groupings = new Map();
    this.#nextBlock = 0;
    this.#pending = undefined;
  }

  receive(command: CommandApdu): StoreDataResult {
    if ((command.cla & 0xf0) !== 0x80) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
    if (command.p2 !== this.#nextBlock) {
      this.restart();
      return { sw: SW_6A86_INCORRECT_P1_P2 };
    }
    const sw = this.#pending === undefined ? this.#begin(command.data) : this.#continue(command.data);
    if (sw !== SW_9000_SUCCESS) {
      this.restart();
      return { sw };
    }
    this.#nextBlock = (this.#nextBlock + 1) & 0xff;
    if ((command.p1 & 0x80) === 0) return { sw };
    const complete = this.#groupings;
    const unfinished = this.#pending !== undefined;
    this.restart();
    return unfinished ? { sw: SW_6985_CONDITIONS_NOT_SATISFIED } : { sw, complete };
  }

  #begin(data: Uint8Array): number {
    if (data.length < 3) return SW_6700_WRONG_LENGTH;
    const dgi = toHex(data.subarray(0, 2));
    const long = data[2] === 0xff;
    if (long && data.length < 5) return SW_6700_WRONG_LENGTH;
    const lengthBytes = long ? (data[3]! << 8) | data[4]! : data[2]!;
    const value = data.slice(long ? 5 : 3);
    this.#pending = { dgi, lengthBytes, value };
    return this.#finishIfWhole();
  }

  #continue(data: Uint8Array): number {
    const pending = this.#pending!;
    pending.value = concat(pending.value, data);
    return this.#finishIfWhole();
  }

  #finishIfWhole(): number {
    const { dgi, lengthBytes, value } = this.#pending!;
    if (value.length < lengthBytes) return SW_9000_SUCCESS;
    this.#pending = undefined;
    if (value.length > lengthBytes) return SW_6A80_WRONG_DATA;
    const kept = this.#read(dgi, value, this.#groupings);
    if (typeof kept === 'number') return kept;
    this.#groupings.set(dgi, kept);
    return SW_9000_SUCCESS;
  }
}

/**
 * The end of personalisation: each grouping is written to a shadow area, then one indivisible write makes the area the
 * application's. Power may go at any of them: before the last the application is blank, after it personalised.
 */
export function writeGroupings(power: PowerSupply, groupings: DataGroupings, seal: () => void): void {
  const shadow: DataGroupings = new Map();
  for (const [dgi, value] of groupings) power.write(() => void shadow.set(dgi, value));
  power.write(seal);
}

/** One array for all groupings: DGI (2), length (2), value. Small, and quick to look through. */
export function packGroupings(groupings: DataGroupings): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [dgi, value] of groupings) {
    parts.push(Buffer.from(dgi, 'hex'), Uint8Array.of(value.length >> 8, value.length & 0xff), value);
  }
  return concat(...parts);
}

/** Views into a packed image. */
export function unpackGroupings(image: Uint8Array): DataGroupings {
  const groupings: DataGroupings = new Map();
  for (let offset = 0; offset < image.length; ) {
    const length = (image[offset + 2]! << 8) | image[offset + 3]!;
    groupings.set(toHex(image.subarray(offset, offset + 2)), image.subarray(offset + 4, offset + 4 + length));
    offset += 4 + length;
  }
  return groupings;
}
