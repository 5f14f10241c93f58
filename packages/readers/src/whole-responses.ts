/**
 * The terminal's side of response chaining: 61xx is followed by GET RESPONSE until all data are there, 6Cxx repeats the
 * command with the length the card wants (ISO 7816-3:2006 §12.2, EMV 4.4 Book 1 §9.3.1). Callers see whole answers,
 * whatever the protocol; a card that never comes to an end is refused.
 */
import {
  type CardChannel,
  concat,
  encodeCommand,
  encodeResponse,
  PolycardError,
  parseCommand,
  parseResponse,
  type ResponseApdu,
} from '@polycard/bytes';

/** 64 rounds of up to 256 bytes: four times what a card answer may have. */
const ROUNDS_MAX = 64;
const SW1_61_MORE_DATA = 0x61;
const SW1_6C_WRONG_LE = 0x6c;
const INS_C0_GET_RESPONSE = 0xc0;

/** `protocol` T=0: Le of a case 4 command stays here, since a T=0 command has one length byte. */
export function wholeResponses(channel: CardChannel, protocol: 'T=0' | 'T=1'): CardChannel {
  return { transmit: (command) => transmitWhole(channel, protocol === 'T=0' ? withoutCase4Le(command) : command) };
}

function withoutCase4Le(command: Uint8Array): Uint8Array {
  const isCase4 = command.length > 5 && command.length === command[4]! + 6;
  return isCase4 ? command.subarray(0, command.length - 1) : command;
}

function ask(channel: CardChannel, command: Uint8Array): ResponseApdu {
  return parseResponse(channel.transmit(command));
}

function transmitWhole(channel: CardChannel, command: Uint8Array): Uint8Array {
  let answer = ask(channel, command);
  if (answer.sw >> 8 === SW1_6C_WRONG_LE) answer = ask(channel, withLe(command, answer.sw & 0xff));
  if (answer.sw >> 8 !== SW1_61_MORE_DATA) return encodeResponse(answer.sw, answer.data);
  const parts = [answer.data];
  for (let round = 0; answer.sw >> 8 === SW1_61_MORE_DATA; round++) {
    if (round === ROUNDS_MAX) {
      throw new PolycardError(
        'POLYCARD_READER_ENDLESS_ANSWER',
        `the card still has more data after ${round} GET RESPONSE`,
        {
          expected: `an answer of at most ${ROUNDS_MAX} parts`,
        },
      );
    }
    answer = getResponse(channel, command[0]!, answer.sw & 0xff);
    parts.push(answer.data);
  }
  return encodeResponse(answer.sw, concat(...parts));
}

/** GET RESPONSE on the command's logical channel (ISO 7816-4:2020 §11.8.1). */
function getResponse(channel: CardChannel, cla: number, le: number): ResponseApdu {
  const command = (length: number): Uint8Array => Uint8Array.of(cla & 0x03, INS_C0_GET_RESPONSE, 0, 0, length);
  const answer = ask(channel, command(le));
  return answer.sw >> 8 === SW1_6C_WRONG_LE ? ask(channel, command(answer.sw & 0xff)) : answer;
}

function withLe(command: Uint8Array, le: number): Uint8Array {
  return encodeCommand({ ...parseCommand(command), le: le === 0 ? 256 : le });
}
