/**
 * The reader's end of vpcd: a card that dials `vpcd:PORT` is a card in our reader. The socket lives in a thread of its
 * own, so that `transmit` can wait in place like any other channel (docs/decisions/0010-synchronous-card-channels.md).
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { PolycardError, parseAtr } from '@polycard/bytes';
import type { ConnectedCard } from '../connected-card.ts';

export type ThreadQuestion =
  | { readonly ask: 'wait' | 'reset'; readonly timeoutMs: number }
  | { readonly ask: 'transmit'; readonly command: Uint8Array; readonly timeoutMs: number }
  | { readonly ask: 'close' };

export type ThreadAnswer =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'lost' | 'no-card' | 'closed' }
  | { readonly kind: 'failed'; readonly reason: string };

export interface ThreadSetup {
  readonly port: number;
  /** Set and notified when an answer was posted. */
  readonly signal: SharedArrayBuffer;
  readonly questions: MessagePort;
}

export interface VpcdReader {
  readonly port: number;
  /** Waits for a card; throws `POLYCARD_READER_NO_CARD` when none comes in time. */
  waitForCard(timeoutMs: number): ConnectedCard;
  close(): void;
}

const START_TIMEOUT_MS = 10_000;
/** A card that does not answer within this is taken for gone. */
const ANSWER_TIMEOUT_MS = 10_000;
const GRACE_MS = 2_000;

/** Listens on 127.0.0.1; port 0 takes a free one. Throws `POLYCARD_READER_PORT` when it cannot be had. */
export function openVpcdReader(port: number, answerTimeoutMs = ANSWER_TIMEOUT_MS): VpcdReader {
  const signal = new SharedArrayBuffer(4);
  const flag = new Int32Array(signal);
  const { port1: mine, port2: theirs } = new MessageChannel();
  const setup: ThreadSetup = { port, signal, questions: theirs };
  const thread = new Worker(new URL('./reader-thread.ts', import.meta.url), {
    workerData: setup,
    transferList: [theirs],
  });
  thread.unref();

  const wait = (timeoutMs: number): ThreadAnswer => {
    Atomics.wait(flag, 0, 0, timeoutMs);
    Atomics.store(flag, 0, 0);
    const received = receiveMessageOnPort(mine) as { message: ThreadAnswer } | undefined;
    return received?.message ?? { kind: 'failed', reason: 'the reader thread does not answer' };
  };
  const ask = (question: ThreadQuestion): ThreadAnswer => {
    mine.postMessage(question);
    return wait('timeoutMs' in question ? question.timeoutMs + GRACE_MS : START_TIMEOUT_MS);
  };

  const started = wait(START_TIMEOUT_MS);
  if (started.kind !== 'listening') {
    void thread.terminate();
    const reason = started.kind === 'failed' ? started.reason : started.kind;
    throw new PolycardError('POLYCARD_READER_PORT', `cannot listen as a vpcd reader on 127.0.0.1:${port}: ${reason}`, {
      where: `vpcd:${port}`,
      expected: 'a port nobody listens on',
    });
  }
  const name = `vpcd 127.0.0.1:${started.port}`;

  /** Bytes of the card; anything else is a card that left. */
  const bytesOf = (answer: ThreadAnswer): Uint8Array => {
    if (answer.kind === 'bytes') return answer.bytes;
    throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', `the card at ${name} left or does not answer`);
  };

  return {
    port: started.port,
    waitForCard: (timeoutMs) => {
      const answer = ask({ ask: 'wait', timeoutMs });
      if (answer.kind === 'no-card') {
        throw new PolycardError('POLYCARD_READER_NO_CARD', `no card dialled ${name} within ${timeoutMs / 1000} s`, {
          where: name,
          expected: 'a card end that dials this port, e.g. polycard card serve --vpcd HOST:PORT',
        });
      }
      const atr = bytesOf(answer);
      return {
        reader: name,
        atr,
        // vpcd moves whole APDUs; only a card that offers T=0 alone speaks in its pieces
        protocol: offersOnlyT0(atr) ? 'T=0' : 'T=1',
        transmit: (command) => bytesOf(ask({ ask: 'transmit', command, timeoutMs: answerTimeoutMs })),
        reset: () => void bytesOf(ask({ ask: 'reset', timeoutMs: answerTimeoutMs })),
        close: () => undefined,
      };
    },
    close: () => {
      ask({ ask: 'close' });
      void thread.terminate();
    },
  };
}

function offersOnlyT0(atr: Uint8Array): boolean {
  try {
    const { protocols } = parseAtr(atr);
    return protocols.every((protocol) => protocol === 0);
  } catch {
    return false; // a broken ATR says nothing about protocols
  }
}
