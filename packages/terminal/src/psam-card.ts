/**
 * A PSAM in the terminal's SAM slot, spoken to by APDUs (reference pboc.md §4.5): the purchase of an e-purse, line
 * protection, and the MAC of CAPP updates as a metro reader makes it (801A, then 80FA over the IV block and the
 * 80-padded command; §3.3).
 */
import {
  type CardChannel,
  type CommandApdu,
  concat,
  encodeCommand,
  PolycardError,
  parseResponse,
  type ResponseApdu,
  SW_9000_SUCCESS,
  swHex,
} from '@polycard/bytes';
import { type Algorithm, blockLengthBytes, pad80 } from '@polycard/crypto';
import { balanceBytes, CAPP_MAC_BYTES, counterBytes, PURSE_MAC_BYTES } from '@polycard/emv';
import type { PsamCard } from './configuration.ts';
import type { UpdateMacSource } from './psam.ts';

/** Where a management key is in the PSAM, by the label terminals use for it. */
export interface PsamKeyPlace {
  readonly label: string;
  /** Low bits of P1 of DELIVERY_KEY; 08 is MAC and encipher. */
  readonly type: number;
  readonly id: number;
  readonly algorithm: Algorithm;
  /** From where the PSAM's key ends down to the card. */
  readonly cardFactors: (card: PsamCard) => readonly Uint8Array[];
}

export interface PsamOptions {
  /** DF with the keys: 8011 on T-Union PSAMs. */
  readonly applicationFid?: number;
  readonly keys?: readonly PsamKeyPlace[];
  /** Data of one CIPHER_DATA command at most; terminals split at 48. */
  readonly cipherDataBytesMax?: number;
}

/** A purchase as the card opened it. Factors are bottom up on the line: the card's serial, then the issuer. */
export interface PsamPurchase {
  readonly random: Uint8Array;
  readonly offlineSequence: number;
  readonly amountFen: number;
  readonly type: number;
  readonly at: Uint8Array;
  readonly keyVersion: number;
  readonly algorithmId: number;
  readonly factorsTopDown: readonly Uint8Array[];
}

const P1_MAC_ONE = 0x05;
const P1_MAC_FIRST = 0x07;
const P1_MAC_NEXT = 0x03;
const P1_MAC_LAST = 0x01;
const APPLICATION_FID = 0x8011;
const CIPHER_DATA_BYTES_MAX = 0x30;

export class PsamCardClient implements UpdateMacSource {
  readonly #channel: CardChannel;
  readonly #options: PsamOptions;

  constructor(channel: CardChannel, options: PsamOptions = {}) {
    this.#channel = channel;
    this.#options = options;
  }

  /** Selects the application and reads the terminal number (6 bytes) and the index of the purchase key. */
  open(): { readonly terminalNo: Uint8Array; readonly purchaseKeyIndex: number } {
    const fid = this.#options.applicationFid ?? APPLICATION_FID;
    this.#expect({ cla: 0x00, ins: 0xa4, p1: 0x00, p2: 0x00, data: counterBytes(fid) }, 'SELECT');
    const read = (sfi: number, le: number): Uint8Array =>
      this.#expect({ cla: 0x00, ins: 0xb0, p1: 0x80 | sfi, p2: 0, data: new Uint8Array(0), le }, `file ${sfi}`);
    return { terminalNo: read(0x16, 6), purchaseKeyIndex: read(0x17, 1)[0]! };
  }

  /** INIT_SAM_FOR_PURCHASE: the terminal's number of the purchase (4 bytes) and MAC1. */
  initPurchase(purchase: PsamPurchase): { readonly terminalSequence: Uint8Array; readonly mac1: Uint8Array } {
    const data = concat(
      purchase.random,
      counterBytes(purchase.offlineSequence),
      balanceBytes(purchase.amountFen),
      Uint8Array.of(purchase.type),
      purchase.at,
      Uint8Array.of(purchase.keyVersion, purchase.algorithmId),
      ...purchase.factorsTopDown.toReversed(),
    );
    const answer = this.#expect({ cla: 0x80, ins: 0x70, p1: 0, p2: 0, data, le: 8 }, 'INIT_SAM_FOR_PURCHASE');
    return { terminalSequence: answer.slice(0, 4), mac1: answer.slice(4, 8) };
  }

  /** CREDIT_SAM: true when the card's MAC2 is right. */
  credit(mac2: Uint8Array): boolean {
    return this.#send({ cla: 0x80, ins: 0x72, p1: 0, p2: 0, data: mac2 }).sw === SW_9000_SUCCESS;
  }

  /** Line-protection MAC of a purse command under key `type`/`id`; the challenge fills the IV block. */
  lineProtectionMac(
    key: { readonly type: number; readonly id: number; readonly algorithm?: Algorithm },
    factorsTopDown: readonly Uint8Array[],
    challenge: Uint8Array,
    message: Uint8Array,
  ): Uint8Array {
    this.#deliver(key.type, key.id, factorsTopDown);
    return this.#mac(key.algorithm ?? '3DES', challenge, message).subarray(0, PURSE_MAC_BYTES);
  }

  updateMac(
    label: string,
    card: PsamCard,
    { atc, p2, record }: { readonly atc: number; readonly p2: number; readonly record: Uint8Array },
  ): Uint8Array {
    const place = this.#options.keys?.find((key) => key.label === label);
    if (place === undefined) {
      throw new PolycardError('POLYCARD_TERMINAL_PSAM_KEY', `the PSAM holds no key ${label}`, {
        where: label,
        expected: 'a PSAM issued for this application',
      });
    }
    this.#deliver(place.type, place.id, place.cardFactors(card));
    const iv = concat(new Uint8Array(6), counterBytes(atc));
    const header = Uint8Array.of(0x84, 0xde, 0x00, p2, record.length + CAPP_MAC_BYTES);
    return this.#mac(place.algorithm, iv, concat(header, record)).subarray(0, CAPP_MAC_BYTES);
  }

  #deliver(type: number, id: number, factorsTopDown: readonly Uint8Array[]): void {
    const p1 = (factorsTopDown.length << 5) | type;
    const data = concat(...factorsTopDown.toReversed());
    this.#expect({ cla: 0x80, ins: 0x1a, p1, p2: id, data }, 'DELIVERY_KEY');
  }

  /** The IV as a block of its own, then the padded message, in pieces the PSAM takes. */
  #mac(algorithm: Algorithm, iv: Uint8Array, message: Uint8Array): Uint8Array {
    const blockBytes = blockLengthBytes(algorithm);
    const ivBlock = new Uint8Array(blockBytes);
    ivBlock.set(iv.subarray(0, blockBytes));
    const whole = concat(ivBlock, pad80(message, blockBytes));
    const most = this.#options.cipherDataBytesMax ?? CIPHER_DATA_BYTES_MAX;
    const pieceBytes = most - (most % blockBytes);
    let answer: Uint8Array = new Uint8Array(0);
    for (let offset = 0; offset < whole.length; offset += pieceBytes) {
      const isFirst = offset === 0;
      const isLast = offset + pieceBytes >= whole.length;
      const p1 = isFirst ? (isLast ? P1_MAC_ONE : P1_MAC_FIRST) : isLast ? P1_MAC_LAST : P1_MAC_NEXT;
      const data = whole.subarray(offset, offset + pieceBytes);
      answer = this.#expect({ cla: 0x80, ins: 0xfa, p1, p2: 0, data }, 'CIPHER_DATA');
    }
    return answer;
  }

  /** One command; what a T=0 PSAM keeps back (61xx) or corrects (6Cxx) is fetched. */
  #send(command: CommandApdu): ResponseApdu {
    const transmit = (each: CommandApdu): ResponseApdu => parseResponse(this.#channel.transmit(encodeCommand(each)));
    const answer = transmit(command);
    if (answer.sw >> 8 === 0x6c) return transmit({ ...command, le: answer.sw & 0xff || 256 });
    if (answer.sw >> 8 !== 0x61) return answer;
    return transmit({ cla: 0, ins: 0xc0, p1: 0, p2: 0, data: new Uint8Array(0), le: answer.sw & 0xff || 256 });
  }

  #expect(command: CommandApdu, what: string): Uint8Array {
    const { sw, data } = this.#send(command);
    if (sw !== SW_9000_SUCCESS) {
      throw new PolycardError('POLYCARD_TERMINAL_PSAM', `the PSAM answered ${swHex(sw)} to ${what}`, {
        where: what,
        expected: '9000',
      });
    }
    return data;
  }
}
