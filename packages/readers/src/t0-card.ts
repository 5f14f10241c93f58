/**
 * The card's side of T=0 (ISO 7816-3:2006 §10.3, §12.2): one length byte, data of a case 4 command wait for GET RESPONSE,
 * a wrong Le is answered 6Cxx. A command that was answered 6Cxx is not done twice when it comes again: its answer waits.
 */
import {
  encodeResponse,
  equalBytes,
  parseResponse,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
} from '@polycard/bytes';
import type { ServedCard } from './connected-card.ts';

const INS_C0_GET_RESPONSE = 0xc0;
const HEADER_BYTES = 4;
const TPDU_BYTES = 5;
const DATA_BYTES_MAX = 256;

interface Waiting {
  /** CLA INS P1 P2 of the case 2 command; undefined when the data wait for GET RESPONSE. */
  readonly header: Uint8Array | undefined;
  readonly data: Uint8Array;
  readonly sw: number;
}

const lengthByte = (bytes: number): number => Math.min(bytes, DATA_BYTES_MAX) & 0xff;

export function serveAsT0(card: ServedCard): ServedCard {
  let waiting: Waiting | undefined;

  const deliver = (from: Waiting, le: number): Uint8Array => {
    const wanted = le === 0 ? DATA_BYTES_MAX : le;
    const part = from.data.subarray(0, Math.min(from.data.length, DATA_BYTES_MAX));
    if (from.header !== undefined || wanted > part.length) {
      if (wanted !== part.length) {
        waiting = from;
        return encodeResponse(0x6c00 | lengthByte(part.length));
      }
    }
    const given = part.subarray(0, wanted);
    const rest = from.data.subarray(given.length);
    waiting = rest.length === 0 ? undefined : { header: undefined, data: rest, sw: from.sw };
    return encodeResponse(rest.length === 0 ? from.sw : 0x6100 | lengthByte(rest.length), given);
  };

  const transmit = (command: Uint8Array): Uint8Array => {
    if (command.length < HEADER_BYTES) return encodeResponse(SW_6700_WRONG_LENGTH);
    const header = command.subarray(0, HEADER_BYTES);
    const kept = waiting;
    waiting = undefined;
    if (command[1] === INS_C0_GET_RESPONSE) {
      if (kept === undefined || kept.header !== undefined) return encodeResponse(SW_6985_CONDITIONS_NOT_SATISFIED);
      return deliver(kept, command[TPDU_BYTES - 1] ?? 0);
    }
    const isCase2 = command.length === TPDU_BYTES;
    if (isCase2 && kept?.header !== undefined && equalBytes(kept.header, header)) return deliver(kept, command[4]!);
    const { data, sw } = parseResponse(card.transmit(command));
    if (data.length === 0) return encodeResponse(sw);
    if (isCase2) return deliver({ header: header.slice(), data, sw }, command[4]!);
    waiting = { header: undefined, data, sw };
    // a warning with data keeps its own status word, the data wait all the same
    return encodeResponse(sw === 0x9000 ? 0x6100 | lengthByte(data.length) : sw);
  };

  return {
    atr: card.atr,
    reset: () => {
      waiting = undefined;
      card.reset();
    },
    transmit,
  };
}
