/** The line to a contact card: commands, answers and the dialogue. Works in process and behind a reader alike. */
import {
  type AsyncCardChannel,
  type CommandApdu,
  encodeCommand,
  parseResponse,
  type ResponseApdu,
} from '@polycard/bytes';
import { fromCard } from '../kernel/outcome.ts';

export interface ContactExchange {
  readonly command: Uint8Array;
  readonly response: Uint8Array;
}

const NO_DATA = new Uint8Array(0);

export class CardLine {
  readonly exchanges: ContactExchange[] = [];
  readonly #channel: AsyncCardChannel;

  constructor(channel: AsyncCardChannel) {
    this.#channel = channel;
  }

  async bytes(command: Uint8Array): Promise<ResponseApdu> {
    const response = await this.#channel.transmit(command);
    this.exchanges.push({ command, response });
    return fromCard(() => parseResponse(response));
  }

  send(command: Omit<CommandApdu, 'data'> & { readonly data?: Uint8Array }): Promise<ResponseApdu> {
    return this.bytes(encodeCommand({ data: NO_DATA, le: 256, ...command }));
  }

  /** A command whose answer is a status word alone. */
  sendQuietly(command: Omit<CommandApdu, 'le'>): Promise<ResponseApdu> {
    return this.bytes(encodeCommand(command));
  }

  /** Value of a GET DATA object of two bytes' tag; undefined when the card does not have it. */
  async getData(p1: number, p2: number): Promise<Uint8Array | undefined> {
    const { sw, data } = await this.send({ cla: 0x80, ins: 0xca, p1, p2 });
    return sw === 0x9000 && data[0] === p1 && data[1] === p2 ? data.slice(3, 3 + data[2]!) : undefined;
  }
}
