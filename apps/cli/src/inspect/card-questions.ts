/** Questions that change nothing on a card, asked within a budget, so that no card can keep an inspection for ever. */
import { type CardChannel, encodeCommand, PolycardError, parseResponse, type ResponseApdu } from '@polycard/bytes';

const EXCHANGES_MAX = 3000;
const NO_DATA = new Uint8Array(0);

export class CardQuestions {
  readonly #channel: CardChannel;
  exchanges = 0;

  constructor(channel: CardChannel) {
    this.#channel = channel;
  }

  select(name: Uint8Array): ResponseApdu {
    return this.#ask(0x00, 0xa4, 0x04, 0x00, name);
  }

  readRecord(sfi: number, record: number): ResponseApdu {
    return this.#ask(0x00, 0xb2, record, (sfi << 3) | 0x04);
  }

  readBinary(sfi: number): ResponseApdu {
    return this.#ask(0x00, 0xb0, 0x80 | sfi, 0x00);
  }

  getData(tag: string): ResponseApdu {
    const number = Number.parseInt(tag, 16);
    return this.#ask(0x80, 0xca, number >> 8, number & 0xff);
  }

  getBalance(p1: number, p2: number): ResponseApdu {
    return this.#ask(0x80, 0x5c, p1, p2, NO_DATA, 4);
  }

  readCapp(command: Uint8Array): ResponseApdu {
    return this.#send(command);
  }

  processingOptions(data: Uint8Array): ResponseApdu {
    return this.#ask(0x80, 0xa8, 0x00, 0x00, data);
  }

  #ask(cla: number, ins: number, p1: number, p2: number, data: Uint8Array = NO_DATA, le = 256): ResponseApdu {
    return this.#send(encodeCommand({ cla, ins, p1, p2, data, le }));
  }

  #send(command: Uint8Array): ResponseApdu {
    if (++this.exchanges > EXCHANGES_MAX) {
      throw new PolycardError('POLYCARD_READER_ENDLESS_CARD', `the card answers more than ${EXCHANGES_MAX} questions`, {
        expected: 'a card whose files come to an end',
      });
    }
    return parseResponse(this.#channel.transmit(command));
  }
}
