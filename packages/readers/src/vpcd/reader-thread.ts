/** Runs in a thread of its own: listens as a vpcd reader on loopback and answers one question at a time. */
import { createServer, type Socket } from 'node:net';
import { workerData } from 'node:worker_threads';
import { encodeMessage, MessageReader, VPCD_01_POWER_ON, VPCD_02_RESET, VPCD_04_ATR } from './messages.ts';
import type { ThreadAnswer, ThreadQuestion, ThreadSetup } from './reader-end.ts';

const { port, questions, signal } = workerData as ThreadSetup;
const flag = new Int32Array(signal);

interface PresentCard {
  readonly socket: Socket;
  readonly messages: MessageReader;
  /** Takes the next message; undefined when the card left. */
  waiting: ((message: Uint8Array | undefined) => void) | undefined;
}

let card: PresentCard | undefined;
let cardArrived: (() => void) | undefined;

const server = createServer((socket) => {
  if (card !== undefined) {
    socket.destroy(); // one card at a time, as in a reader's slot
    return;
  }
  const mine: PresentCard = { socket, messages: new MessageReader(), waiting: undefined };
  card = mine;
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    try {
      mine.messages.push(chunk);
    } catch {
      socket.destroy();
      return;
    }
    const message = mine.waiting === undefined ? undefined : mine.messages.next();
    if (message === undefined) return;
    const { waiting } = mine;
    mine.waiting = undefined;
    waiting?.(message);
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (card === mine) card = undefined;
    mine.waiting?.(undefined);
  });
  cardArrived?.();
});

function send(content: Uint8Array): void {
  card?.socket.write(encodeMessage(content));
}

/** The next message of the card; undefined when it left or is silent for too long. */
function receive(timeoutMs: number): Promise<Uint8Array | undefined> {
  const mine = card;
  if (mine === undefined) return Promise.resolve(undefined);
  const ready = mine.messages.next();
  if (ready !== undefined) return Promise.resolve(ready);
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      mine.waiting = undefined;
      mine.socket.destroy();
      resolve(undefined);
    }, timeoutMs);
    mine.waiting = (message) => {
      clearTimeout(timer);
      resolve(message);
    };
  });
}

async function askAtr(timeoutMs: number): Promise<ThreadAnswer> {
  send(Uint8Array.of(VPCD_04_ATR));
  const atr = await receive(timeoutMs);
  return atr === undefined ? { kind: 'lost' } : { kind: 'bytes', bytes: atr };
}

async function answerTo(question: ThreadQuestion): Promise<ThreadAnswer> {
  switch (question.ask) {
    case 'wait': {
      if (card === undefined) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, question.timeoutMs);
          cardArrived = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      if (card === undefined) return { kind: 'no-card' };
      send(Uint8Array.of(VPCD_01_POWER_ON));
      return await askAtr(question.timeoutMs);
    }
    case 'reset':
      send(Uint8Array.of(VPCD_02_RESET));
      return await askAtr(question.timeoutMs);
    case 'transmit': {
      send(question.command);
      const response = await receive(question.timeoutMs);
      return response === undefined ? { kind: 'lost' } : { kind: 'bytes', bytes: response };
    }
    case 'close':
      card?.socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      return { kind: 'closed' };
  }
}

function reply(answer: ThreadAnswer): void {
  questions.postMessage(answer);
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
}

server.on('error', (error: NodeJS.ErrnoException) => reply({ kind: 'failed', reason: error.code ?? error.message }));
server.listen(port, '127.0.0.1', () => {
  const address = server.address();
  reply({ kind: 'listening', port: typeof address === 'object' && address !== null ? address.port : port });
});
questions.on('message', (question: ThreadQuestion) => {
  answerTo(question).then(reply, (error: unknown) => reply({ kind: 'failed', reason: String(error) }));
});
