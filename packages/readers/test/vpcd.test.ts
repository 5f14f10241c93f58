import { connect, createServer, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { fromHex, toHex } from '@polycard/bytes';
import { afterEach, describe, expect, it } from 'vitest';
import { type CardEndEvent, openVpcdReader, type ServedCard, serveOverVpcd } from '../src/index.ts';
import { encodeMessage, MessageReader } from '../src/vpcd/messages.ts';

const ATR = fromHex('3B80800101');
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

function countingCard(): ServedCard & { resets: number } {
  return {
    atr: ATR,
    resets: 0,
    reset() {
      this.resets++;
    },
    transmit: (command) => Uint8Array.of(...command, 0x90, 0x00),
  };
}

/** A reader of the test: what a vpcd does, by hand. */
async function listen(port = 0): Promise<{ server: Server; port: number; card: Promise<Socket> }> {
  const server = createServer();
  const card = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  closing.push(() => server.close());
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0, card };
}

function asker(socket: Socket): (hex: string) => Promise<string> {
  const messages = new MessageReader();
  socket.on('data', (chunk) => messages.push(chunk));
  closing.push(() => socket.destroy());
  return async (hex) => {
    socket.write(encodeMessage(fromHex(hex)));
    for (;;) {
      const message = messages.next();
      if (message !== undefined) return toHex(message);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
}

/** A card end in a thread of its own, since the reader end waits in this one. */
function cardInThread(port: number, answers: string): void {
  const code = `
    const { connect } = require('node:net');
    const answers = ${answers};
    const line = connect({ host: '127.0.0.1', port: ${port} });
    let pending = Buffer.alloc(0);
    line.on('error', () => undefined);
    line.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const message = pending.subarray(2, 2 + pending.readUInt16BE(0));
        pending = pending.subarray(2 + message.length);
        const answer = answers(message.toString('hex').toUpperCase(), line);
        if (answer !== undefined) {
          const bytes = Buffer.from(answer, 'hex');
          line.write(Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]));
        }
      }
    });`;
  const thread = new Worker(code, { eval: true });
  closing.push(() => void thread.terminate());
}

describe("the card's end of vpcd", () => {
  it('dials, gives its ATR even when powered off, answers commands and resets', async () => {
    const { port, card } = await listen();
    const served = countingCard();
    const events: CardEndEvent[] = [];
    const end = serveOverVpcd(served, { host: '127.0.0.1', port }, (event) => events.push(event));
    closing.push(() => end.stop());
    const ask = asker(await card);
    expect(await ask('04')).toBe(toHex(ATR));
    expect(await ask('00A4040000')).toBe('00A40400009000');
    const before = served.resets;
    (await card).write(encodeMessage(fromHex('00')));
    expect(await ask('04')).toBe(toHex(ATR));
    expect(served.resets).toBe(before + 1);
    expect(events.map(({ event }) => event)).toContain('connected');
  });

  it('dials again when the reader went away, and says why it waits', async () => {
    const first = await listen();
    const events: CardEndEvent[] = [];
    const end = serveOverVpcd(countingCard(), { host: '127.0.0.1', port: first.port }, (event) => events.push(event));
    closing.push(() => end.stop());
    (await first.card).destroy();
    await new Promise<void>((resolve) => {
      first.server.close(() => resolve());
    });
    await new Promise((resolve) => setTimeout(resolve, 700));
    const second = await listen(first.port);
    expect(await asker(await second.card)('04')).toBe(toHex(ATR));
    expect(events.filter(({ event }) => event === 'waiting').length).toBeGreaterThan(0);
  });

  it('refuses by name a host that does not exist', async () => {
    const end = serveOverVpcd(countingCard(), { host: 'no-such-host.invalid', port: 1 }, () => undefined);
    await expect(end.stopped).rejects.toMatchObject({ code: expect.stringMatching(/POLYCARD_READER_ADDRESS/) });
  });

  it('ends when it is stopped', async () => {
    const end = serveOverVpcd(countingCard(), { host: '127.0.0.1', port: 1 }, () => undefined);
    end.stop();
    await end.stopped;
  });
});

describe("the reader's end of vpcd", () => {
  it('waits in place for a card, powers it up and exchanges commands', () => {
    const reader = openVpcdReader(0);
    closing.push(() => reader.close());
    cardInThread(
      reader.port,
      `(message) => message === '04' ? '3B80800101' : message.length > 2 ? message + '9000' : undefined`,
    );
    const card = reader.waitForCard(10_000);
    expect(toHex(card.atr)).toBe(toHex(ATR));
    expect(toHex(card.transmit(fromHex('00A4040000')))).toBe('00A40400009000');
    card.reset();
    expect(toHex(card.transmit(fromHex('80CA9F3600')))).toBe('80CA9F36009000');
  });

  it('says that no card came', () => {
    const reader = openVpcdReader(0);
    closing.push(() => reader.close());
    expect(() => reader.waitForCard(50)).toThrow(expect.objectContaining({ code: 'POLYCARD_READER_NO_CARD' }));
  });

  it.each([
    ['is silent', `(message) => message === '04' ? '3B80800101' : undefined`],
    [
      'leaves',
      `(message, line) => message === '04' ? '3B80800101' : message.length > 2 ? (line.destroy(), undefined) : undefined`,
    ],
  ])('takes a card that %s for lost, within its time', (_what, answers) => {
    const reader = openVpcdReader(0, 300);
    closing.push(() => reader.close());
    cardInThread(reader.port, answers);
    const card = reader.waitForCard(10_000);
    expect(() => card.transmit(fromHex('00A4040000'))).toThrow(
      expect.objectContaining({ code: 'POLYCARD_CHANNEL_CARD_LOST' }),
    );
  });

  it('listens on loopback only, and names a port that is taken', () => {
    const reader = openVpcdReader(0);
    closing.push(() => reader.close());
    expect(() => openVpcdReader(reader.port)).toThrow(
      expect.objectContaining({ code: 'POLYCARD_READER_PORT', message: expect.stringContaining('EADDRINUSE') }),
    );
  });

  it('drops a card that floods the line', async () => {
    const reader = openVpcdReader(0, 500);
    closing.push(() => reader.close());
    const socket = connect({ host: '127.0.0.1', port: reader.port });
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    const flood = setInterval(() => socket.write(new Uint8Array(200_000).fill(0xff)), 1);
    await closed;
    clearInterval(flood);
  });
});
