/** The line to a card: sends commands, keeps the dialogue with its times, tells where in the tap each command belongs. */
import {
  type CardChannel,
  type CommandApdu,
  encodeCommand,
  PolycardError,
  parseResponse,
  type ResponseApdu,
} from '@polycard/bytes';
import { fromCard } from './outcome.ts';

export type Phase =
  | 'select'
  | 'recover'
  | 'read-capp'
  | 'gpo'
  | 'update-capp'
  | 'read-record'
  | 'proof'
  /** After the commit: the card's records get their next management keys. */
  | 'replace-key'
  /** E-purse and industry files: reading, authenticating, opening a transaction, completing it. */
  | 'read-file'
  | 'authenticate'
  | 'initialize'
  | 'debit'
  | 'update-file';

export interface Exchange {
  readonly phase: Phase;
  readonly command: Uint8Array;
  /** Empty when the card left before it answered. */
  readonly response: Uint8Array;
  /** Microseconds since the first command of the tap. */
  readonly startUs: number;
  readonly cardUs: number;
}

export const CARD_LOST = 'POLYCARD_CHANNEL_CARD_LOST';

export function isCardLost(error: unknown): boolean {
  return error instanceof PolycardError && error.code === CARD_LOST;
}

export class CardSession {
  readonly exchanges: Exchange[] = [];
  readonly #channel: CardChannel;
  readonly #monotonicUs: () => number;
  readonly #startedUs: number;

  constructor(channel: CardChannel, monotonicUs: () => number) {
    this.#channel = channel;
    this.#monotonicUs = monotonicUs;
    this.#startedUs = monotonicUs();
  }

  send(phase: Phase, command: CommandApdu): ResponseApdu {
    return this.sendBytes(phase, encodeCommand(command));
  }

  /** Throws `POLYCARD_CHANNEL_CARD_LOST` when the card left the field; the command stands in the dialogue all the same. */
  sendBytes(phase: Phase, command: Uint8Array): ResponseApdu {
    const sentUs = this.#monotonicUs();
    const exchange = { phase, command, startUs: Math.round(sentUs - this.#startedUs) };
    let response: Uint8Array = new Uint8Array(0);
    try {
      response = this.#channel.transmit(command);
    } finally {
      this.exchanges.push({ ...exchange, response, cardUs: Math.round(this.#monotonicUs() - sentUs) });
    }
    return fromCard(() => parseResponse(response));
  }
}
