/** A card in a PC/SC reader (PC/SC Part 5 as pcsc-lite implements it), as a channel like any other. */
import { ATR_BYTES_MAX, PolycardError } from '@polycard/bytes';
import type { ConnectedCard } from '../connected-card.ts';
import { IO_REQUEST_BYTES, type PcscLibrary, pcscLibrary } from './library.ts';
import { pcscError, SCARD_E_NO_READERS_AVAILABLE, SCARD_E_TIMEOUT, SCARD_S_SUCCESS } from './return-codes.ts';

const SCOPE_SYSTEM = 2;
const SHARE_SHARED = 2;
const PROTOCOL_T0 = 1;
const PROTOCOL_T1 = 2;
const LEAVE_CARD = 0;
const RESET_CARD = 1;
const STATE_UNAWARE = 0;
const STATE_PRESENT = 0x20;
const STATE_EVENT_MASK = 0xffff;
const RESPONSE_BYTES_MAX = 65_538;
const READER_NAME_BYTES_MAX = 256;
/** One wait for a card is cut into these, so that a signal ends the command soon. */
const POLL_MS = 200;

/** A connection to the PC/SC service. */
export class PcscClient {
  readonly #library: PcscLibrary;
  readonly #context: number | bigint;

  /** Throws `POLYCARD_READER_LIBRARY` or `POLYCARD_READER_NO_SERVICE`. */
  constructor() {
    this.#library = pcscLibrary();
    const context: [number | bigint | null] = [null];
    const returned = this.#library.establishContext(SCOPE_SYSTEM, null, null, context);
    if (returned !== SCARD_S_SUCCESS || context[0] === null) throw pcscError('SCardEstablishContext', returned);
    this.#context = context[0];
  }

  /** Names of the readers; none is an empty list. */
  readers(): string[] {
    const length: [number] = [0];
    let returned = this.#library.listReaders(this.#context, null, null, length);
    if (returned >>> 0 === SCARD_E_NO_READERS_AVAILABLE) return [];
    if (returned !== SCARD_S_SUCCESS) throw pcscError('SCardListReaders', returned);
    const names = new Uint8Array(length[0]);
    returned = this.#library.listReaders(this.#context, null, names, length);
    if (returned >>> 0 === SCARD_E_NO_READERS_AVAILABLE) return [];
    if (returned !== SCARD_S_SUCCESS) throw pcscError('SCardListReaders', returned);
    return Buffer.from(names)
      .toString('utf8')
      .split('\0')
      .filter((name) => name !== '');
  }

  /** The reader whose name is or contains `wanted`. Throws `POLYCARD_READER_NO_READER` with the names there are. */
  findReader(wanted: string): string {
    const names = this.readers();
    const same = names.find((name) => name === wanted);
    const found = same ?? names.find((name) => name.toLowerCase().includes(wanted.toLowerCase()));
    if (found !== undefined) return found;
    throw new PolycardError('POLYCARD_READER_NO_READER', `no reader is called ${wanted}`, {
      where: `pcsc:${wanted}`,
      expected: names.length === 0 ? 'a reader attached to this machine' : names.join(', '),
    });
  }

  /** Waits until a card is in the reader; throws `POLYCARD_READER_NO_CARD` when none comes in time. */
  waitForCard(reader: string, timeoutMs: number): void {
    let known = STATE_UNAWARE;
    for (let waitedMs = 0; ; waitedMs += POLL_MS) {
      const states = [
        {
          szReader: reader,
          pvUserData: null,
          dwCurrentState: known,
          dwEventState: 0,
          cbAtr: 0,
          rgbAtr: new Array<number>(ATR_BYTES_MAX).fill(0),
        },
      ];
      const returned = this.#library.getStatusChange(this.#context, POLL_MS, states, 1);
      const isTimeout = returned >>> 0 === SCARD_E_TIMEOUT;
      if (returned !== SCARD_S_SUCCESS && !isTimeout) throw pcscError('SCardGetStatusChange', returned, reader);
      const state = states[0]!.dwEventState;
      if (!isTimeout && (state & STATE_PRESENT) !== 0) return;
      if (waitedMs >= timeoutMs) throw pcscError('SCardGetStatusChange', SCARD_E_TIMEOUT, reader);
      if (!isTimeout) known = state & STATE_EVENT_MASK;
    }
  }

  /** Powers the card up. Throws `POLYCARD_READER_*` by what is wrong. */
  connect(reader: string): ConnectedCard {
    const card: [number | bigint | null] = [null];
    const protocol: [number | null] = [null];
    const both = PROTOCOL_T0 | PROTOCOL_T1;
    const returned = this.#library.connect(this.#context, reader, SHARE_SHARED, both, card, protocol);
    if (returned !== SCARD_S_SUCCESS || card[0] === null) throw pcscError('SCardConnect', returned, reader);
    const handle = card[0];
    const close = (): void => void this.#library.disconnect(handle, LEAVE_CARD);
    let active = protocol[0] ?? PROTOCOL_T1;
    try {
      return {
        reader,
        atr: this.#atr(handle, reader),
        protocol: active === PROTOCOL_T0 ? 'T=0' : 'T=1',
        transmit: (command) => this.#transmit(handle, active, command, reader),
        reset: () => {
          const again: [number | null] = [null];
          const result = this.#library.reconnect(handle, SHARE_SHARED, both, RESET_CARD, again);
          if (result !== SCARD_S_SUCCESS) throw pcscError('SCardReconnect', result, reader);
          active = again[0] ?? active;
        },
        close,
      };
    } catch (error) {
      close();
      throw error;
    }
  }

  close(): void {
    this.#library.releaseContext(this.#context);
  }

  #atr(handle: number | bigint, reader: string): Uint8Array {
    const name = new Uint8Array(READER_NAME_BYTES_MAX);
    const atr = new Uint8Array(ATR_BYTES_MAX);
    const lengths: [[number], [number]] = [[name.length], [atr.length]];
    const returned = this.#library.status(handle, name, lengths[0], [null], [null], atr, lengths[1]);
    if (returned !== SCARD_S_SUCCESS) throw pcscError('SCardStatus', returned, reader);
    return atr.slice(0, lengths[1][0]);
  }

  #transmit(handle: number | bigint, protocol: number, command: Uint8Array, reader: string): Uint8Array {
    const response = new Uint8Array(RESPONSE_BYTES_MAX);
    const length: [number] = [response.length];
    const header = { dwProtocol: protocol, cbPciLength: IO_REQUEST_BYTES };
    const returned = this.#library.transmit(handle, header, command, command.length, null, response, length);
    if (returned !== SCARD_S_SUCCESS) throw pcscError('SCardTransmit', returned, reader);
    return response.slice(0, length[0]);
  }
}
