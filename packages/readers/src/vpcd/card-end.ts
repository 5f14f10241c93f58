/**
 * The card's end of vpcd: it dials the reader, answers it, and dials again when the reader went away. Bytes in and out
 * are the card's own; this file only moves them.
 */
import { connect, type Socket } from 'node:net';
import { PolycardError } from '@polycard/bytes';
import type { ServedCard } from '../connected-card.ts';
import {
  encodeMessage,
  MessageReader,
  VPCD_00_POWER_OFF,
  VPCD_01_POWER_ON,
  VPCD_02_RESET,
  VPCD_04_ATR,
} from './messages.ts';

export interface ReaderAddress {
  readonly host: string;
  readonly port: number;
}

export type CardEndEvent =
  | { readonly event: 'connected' }
  /** The reader is not there (yet, or any more); `reason` is what the system says. */
  | { readonly event: 'waiting'; readonly reason: string }
  | { readonly event: 'reset' }
  | { readonly event: 'exchange'; readonly command: Uint8Array; readonly response: Uint8Array };

export interface CardEnd {
  /** Settles when the end was stopped, or the card failed inside, which is a defect. */
  readonly stopped: Promise<void>;
  stop(): void;
}

const RETRY_MS = 500;
/** Names that no waiting mends: the host is unknown, or this user may not dial it. */
const HOPELESS: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_NONAME', 'EACCES', 'EPERM', 'EADDRNOTAVAIL']);

export function serveOverVpcd(
  card: ServedCard,
  address: ReaderAddress,
  report: (event: CardEndEvent) => void,
): CardEnd {
  let socket: Socket | undefined;
  let retry: NodeJS.Timeout | undefined;
  let isStopped = false;
  let lastReason: string | undefined;
  let finish: (error?: unknown) => void = () => undefined;
  const stopped = new Promise<void>((resolve, reject) => {
    finish = (error) => (error === undefined ? resolve() : reject(error));
  });

  const end = (error?: unknown): void => {
    isStopped = true;
    clearTimeout(retry);
    socket?.destroy();
    finish(error);
  };

  const dial = (): void => {
    const messages = new MessageReader();
    const line = connect(address);
    let reason = 'the reader closed the line';
    socket = line;
    line.setNoDelay(true);
    line.on('connect', () => {
      lastReason = undefined;
      card.reset();
      report({ event: 'connected' });
    });
    line.on('data', (chunk) => {
      try {
        messages.push(chunk);
        for (let message = messages.next(); message !== undefined; message = messages.next()) answer(line, message);
      } catch (error) {
        end(error);
      }
    });
    line.on('error', (error: NodeJS.ErrnoException) => {
      reason = error.code ?? error.message;
      if (HOPELESS.has(reason))
        end(
          new PolycardError(
            'POLYCARD_READER_ADDRESS',
            `the reader ${address.host}:${address.port} cannot be dialled: ${reason}`,
            {
              where: '--vpcd',
              expected: 'HOST:PORT of a vpcd reader',
            },
          ),
        );
    });
    line.on('close', () => {
      if (isStopped) return;
      if (reason !== lastReason) report({ event: 'waiting', reason });
      lastReason = reason;
      retry = setTimeout(dial, RETRY_MS);
    });
  };

  const answer = (line: Socket, message: Uint8Array): void => {
    if (message.length === 0) return;
    if (message.length > 1) {
      const response = card.transmit(message);
      line.write(encodeMessage(response));
      report({ event: 'exchange', command: message, response });
      return;
    }
    switch (message[0]) {
      case VPCD_04_ATR:
        line.write(encodeMessage(card.atr));
        return;
      case VPCD_00_POWER_OFF:
      case VPCD_01_POWER_ON:
      case VPCD_02_RESET:
        card.reset();
        report({ event: 'reset' });
    }
  };

  dial();
  return { stopped, stop: () => end() };
}
