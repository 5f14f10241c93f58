/**
 * The personaliser's side of STORE DATA: which groupings are secret, and the short way without a secure channel.
 *
 * EMV CPS 1.1 as publicly described. Cards are personalised through GlobalPlatform (`personaliseCard`), secret
 * groupings under the DEK of the channel. The short way is for simulations that make tens of thousands of cards: secret
 * groupings come 3DES-ECB under the card's personalisation key, which real cards do not have. In both, CRT components
 * (8201 to 8205) are completed with 80 00‥ first, always by at least one byte.
 */
import {
  type CardChannel,
  concat,
  encodeCommand,
  fromHex,
  PolycardError,
  parseResponse,
  SW_9000_SUCCESS,
  swHex,
} from '@polycard/bytes';
import { encryptBlocks, pad80 } from '@polycard/crypto';
import type { Grouping } from '@polycard/globalplatform';

export interface DataGrouping {
  /** Four hex digits, e.g. `8000`. */
  readonly dgi: string;
  readonly data: Uint8Array;
}

const BLOCK_BYTES_MAX = 255;

/** Card keys, PIN block, opening keys. */
const ENCIPHERED_AS_THEY_ARE: ReadonlySet<string> = new Set(['8000', '8010', '8020']);
/** RSA CRT components; 8206 is the private key of SM2 (our own number, the sources name none). */
const ENCIPHERED_PADDED: ReadonlySet<string> = new Set(['8201', '8202', '8203', '8204', '8205', '8206']);

export function isSecretGrouping(dgi: string): boolean {
  return ENCIPHERED_AS_THEY_ARE.has(dgi) || ENCIPHERED_PADDED.has(dgi);
}

export function isPaddedGrouping(dgi: string): boolean {
  return ENCIPHERED_PADDED.has(dgi);
}

/** With how each secret grouping goes under the DEK of a secure channel. */
export function groupingsForChannel(groupings: readonly DataGrouping[]): Grouping[] {
  return groupings.map(({ dgi, data }) => {
    if (!isSecretGrouping(dgi)) return { dgi, data };
    return { dgi, data, secret: isPaddedGrouping(dgi) ? 'padded' : 'whole-blocks' };
  });
}

/** Secret groupings enciphered, all others as they are. */
export function encipherGrouping({ dgi, data }: DataGrouping, personalisationKey: Uint8Array): Uint8Array {
  if (!isSecretGrouping(dgi)) return data;
  const blocks = isPaddedGrouping(dgi) ? pad80(data, 8) : data;
  if (blocks.length % 8 !== 0) {
    throw new PolycardError('POLYCARD_CARD_PERSONALISATION', `DGI ${dgi} has ${data.length} bytes, no whole blocks`, {
      where: dgi,
    });
  }
  return encryptBlocks('des-ede-ecb', personalisationKey, blocks);
}

function headerOf(dgi: string, lengthBytes: number): Uint8Array {
  const tag = fromHex(dgi);
  if (lengthBytes < 0xff) return concat(tag, Uint8Array.of(lengthBytes));
  return concat(tag, Uint8Array.of(0xff, lengthBytes >> 8, lengthBytes & 0xff));
}

/** STORE DATA commands in order, the last one marked. With a key, clear secret groupings are enciphered here. */
export function encodeStoreData(groupings: readonly DataGrouping[], personalisationKey?: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (const grouping of groupings) {
    const data = personalisationKey === undefined ? grouping.data : encipherGrouping(grouping, personalisationKey);
    const whole = concat(headerOf(grouping.dgi, data.length), data);
    for (let offset = 0; offset < whole.length; offset += BLOCK_BYTES_MAX) {
      blocks.push(whole.subarray(offset, offset + BLOCK_BYTES_MAX));
    }
  }
  return blocks.map((data, index) =>
    encodeCommand({ cla: 0x80, ins: 0xe2, p1: index === blocks.length - 1 ? 0x80 : 0x00, p2: index & 0xff, data }),
  );
}

/** SELECT and all STORE DATA of one application. Throws `POLYCARD_CARD_PERSONALISATION` at the first refusal. */
export function personalise(
  channel: CardChannel,
  aid: Uint8Array,
  groupings: readonly DataGrouping[],
  personalisationKey?: Uint8Array,
): void {
  const select = encodeCommand({ cla: 0x00, ins: 0xa4, p1: 0x04, p2: 0x00, data: aid, le: 256 });
  const commands = [select, ...encodeStoreData(groupings, personalisationKey)];
  for (const [index, command] of commands.entries()) {
    const { sw } = parseResponse(channel.transmit(command));
    if (sw === SW_9000_SUCCESS) continue;
    const what = index === 0 ? 'SELECT' : `STORE DATA block ${index - 1}`;
    throw new PolycardError('POLYCARD_CARD_PERSONALISATION', `${what} was answered ${swHex(sw)}`, {
      where: what,
      expected: '9000',
    });
  }
}
