import { concat, encodeResponse, fromHex, parseResponse, toHex } from '@polycard/bytes';
import { describe, expect, it } from 'vitest';
import { type ServedCard, serveAsT0, wholeResponses } from '../src/index.ts';

/** Answers every command with data of the length in P1 P2 and the status word given; counts what it was asked. */
function echoCard(sw = 0x9000): ServedCard & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    atr: fromHex('3B00'),
    reset: () => undefined,
    transmit: (command) => {
      asked.push(toHex(command));
      const length = (command[2]! << 8) | command[3]!;
      return encodeResponse(sw, new Uint8Array(length).fill(0xab));
    },
  };
}

const send = (card: { transmit(command: Uint8Array): Uint8Array }, hex: string): string =>
  toHex(card.transmit(fromHex(hex)));

describe('a card on T=0', () => {
  it('keeps the data of a command with data for GET RESPONSE', () => {
    const card = serveAsT0(echoCard());
    expect(send(card, '00A4000301AA')).toBe('6103');
    expect(send(card, '00C0000003')).toBe('ABABAB9000');
    expect(send(card, '00C0000003')).toBe('6985');
  });

  it('gives a warning with data as it is and lets the data wait (a locked application on contact)', () => {
    const card = serveAsT0(echoCard(0x6283));
    expect(send(card, '00A4000201AA')).toBe('6283');
    expect(send(card, '00C0000002')).toBe('ABAB6283');
  });

  it('answers a wrong length with 6Cxx and does the command once', () => {
    const inner = echoCard();
    const card = serveAsT0(inner);
    expect(send(card, '00B2000400')).toBe('6C04');
    expect(send(card, '00B2000404')).toBe('ABABABAB9000');
    expect(inner.asked).toEqual(['00B2000400']);
    expect(send(card, '00B2000404')).toBe('ABABABAB9000');
    expect(inner.asked).toHaveLength(2);
  });

  it('forgets waiting data at the next command and at reset', () => {
    const card = serveAsT0(echoCard());
    send(card, '00A4000301AA');
    send(card, '00A4000001AA');
    expect(send(card, '00C0000003')).toBe('6985');
    send(card, '00A4000301AA');
    card.reset();
    expect(send(card, '00C0000003')).toBe('6985');
  });

  it('refuses what is shorter than a header', () => {
    expect(send(serveAsT0(echoCard()), '00A4')).toBe('6700');
  });
});

describe('whole answers', () => {
  it.each([0, 1, 2, 16, 255, 256])('come from a T=0 card as from any other, %i bytes of data', (length) => {
    const [high, low] = [length >> 8, length & 0xff];
    const whole = encodeResponse(0x9000, new Uint8Array(length).fill(0xab));
    for (const tail of [[0x01, 0xaa], [0x01, 0xaa, 0x00], [0x00]]) {
      const channel = wholeResponses(serveAsT0(echoCard()), 'T=0');
      expect(toHex(channel.transmit(Uint8Array.of(0x00, 0xa4, high, low, ...tail)))).toBe(toHex(whole));
    }
  });

  it('join several parts, and take the last status word', () => {
    const parts = ['AA6102', 'BB6101', 'CC9000'];
    const channel = wholeResponses({ transmit: () => fromHex(parts.shift()!) }, 'T=1');
    expect(send(channel, '80CA9F7900')).toBe('AABBCC9000');
  });

  it('ask again with the length the card wants, once', () => {
    const asked: string[] = [];
    const channel = wholeResponses(
      {
        transmit: (command) => {
          asked.push(toHex(command));
          return fromHex('6C05');
        },
      },
      'T=1',
    );
    expect(send(channel, '80CA9F7900')).toBe('6C05');
    expect(asked).toEqual(['80CA9F7900', '80CA9F7905']);
  });

  it('of a card that always has more are refused, not waited for', () => {
    const endless = wholeResponses({ transmit: () => concat(new Uint8Array(16), fromHex('6110')) }, 'T=1');
    expect(() => endless.transmit(fromHex('00A4040000'))).toThrow(
      expect.objectContaining({ code: 'POLYCARD_READER_ENDLESS_ANSWER' }),
    );
  });

  it('keep the logical channel in GET RESPONSE', () => {
    const asked: Uint8Array[] = [];
    const answers = ['6101', 'AA9000'];
    const channel = wholeResponses(
      {
        transmit: (command) => {
          asked.push(command);
          return fromHex(answers.shift()!);
        },
      },
      'T=1',
    );
    expect(parseResponse(channel.transmit(fromHex('81CA9F7900'))).sw).toBe(0x9000);
    expect(asked[1]![0]).toBe(0x01);
  });
});
