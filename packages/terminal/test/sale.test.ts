/** Purchases on cards that are not ours: an independent card's data, cards that lack things, and cards that misbehave. */
import {
  type CardChannel,
  encodeResponse,
  encodeTlv,
  encodeTlvs,
  fromHex,
  PolycardError,
  toHex,
} from '@polycard/bytes';
import { seededRandom } from '@polycard/crypto';
import { openRsaPublicKey } from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import { personalisedCard, recordedCapk, recordedPan } from '../../card/test/transcript-card.ts';
import { wholeResponses } from '../../readers/src/whole-responses.ts';
import { type DescribedTerminal, makeSale, type SaleResult } from '../src/index.ts';

const caKeys = new Map([
  [
    `${recordedCapk.rid}${recordedCapk.index}`,
    openRsaPublicKey(fromHex(recordedCapk.modulus), fromHex(recordedCapk.exponent)),
  ],
]);
const terminal = (ttq: string): DescribedTerminal => ({
  ...{ ttq: fromHex(ttq), capabilities: fromHex('E0F8C8'), terminalType: fromHex('22') },
  ...{ country: '156', currency: '156', merchantName: 'TEST' },
});
const AT = '20261122091500';

function sale(
  channel: CardChannel,
  { ttq = '26000080', amountFen = 500, keys = caKeys }: { ttq?: string; amountFen?: number; keys?: typeof caKeys } = {},
): SaleResult {
  const dependencies = { caKeys: keys, random: seededRandom('sale'), monotonicUs: () => 0 };
  return makeSale(channel, terminal(ttq), { amountFen, at: AT }, dependencies);
}

/** A card whose answers are changed on their way. */
function changed(
  card: CardChannel,
  change: (command: string, response: Uint8Array, index: number) => Uint8Array,
): CardChannel {
  let index = 0;
  return { transmit: (command) => change(toHex(command), card.transmit(command), index++) };
}

const PPSE = '00A404000E325041592E5359532E4444463031';

describe('a purchase on a foreign PBOC card', () => {
  it.each([
    ['26000080', '01'],
    ['26000000', '00'],
  ])('is approved with TTQ %s, and its fDDA %s holds', (ttq, version) => {
    const result = sale(personalisedCard(), { ttq });
    expect(result).toMatchObject({
      outcome: 'approved',
      oda: { result: 'passed', method: 'fDDA', version },
      card: { aid: 'A000000333010101', pan: recordedPan, cryptogram: 'TC' },
    });
  });

  it('takes the money once, and says what is left', () => {
    const card = personalisedCard();
    const first = sale(card);
    card.reset();
    const second = sale(card);
    expect(first.card!.availableFen! - second.card!.availableFen!).toBe(500);
  });

  it('finds the application by name on a card without a directory', () => {
    const card = changed(personalisedCard(), (command, response) =>
      command.startsWith(PPSE) ? fromHex('6A82') : response,
    );
    expect(sale(card).outcome).toBe('approved');
  });

  it('goes to the issuer, or is declined, when the card does not have the money', () => {
    expect(sale(personalisedCard(), { amountFen: 9_000_000 })).toMatchObject({
      outcome: 'online',
      oda: { result: 'not-performed' },
    });
    expect(sale(personalisedCard(), { amountFen: 9_000_000, ttq: '28000080' }).outcome).toBe('declined');
  });

  it('is declined when the signature, or the authority behind it, cannot be trusted', () => {
    expect(sale(personalisedCard(), { keys: new Map() })).toMatchObject({
      outcome: 'declined',
      oda: { result: 'failed', reason: expect.stringContaining('no certification authority key') },
    });
    const forged = changed(personalisedCard(), (command, response) => {
      if (!command.startsWith('80A8')) return response;
      const flipped = response.slice();
      const at = toHex(flipped).indexOf('9F4B') / 2;
      flipped[at + 20]! ^= 1;
      return flipped;
    });
    expect(sale(forged)).toMatchObject({ outcome: 'declined', oda: { result: 'failed' } });
  });

  it('says so when nothing on the card can be selected', () => {
    expect(sale({ transmit: () => fromHex('6A82') })).toMatchObject({
      outcome: 'other',
      reason: expect.stringContaining('no application'),
    });
  });
});

const OUTCOMES = ['approved', 'declined', 'online', 'other'];
const DIALOGUE = sale(personalisedCard()).exchanges.length;

describe('a card that misbehaves', () => {
  it.each(Array.from({ length: DIALOGUE }, (_, index) => index))(
    'with answer %i cut anywhere, empty or of another status ends in an outcome',
    (wrong) => {
      const whole = sale(personalisedCard()).exchanges[wrong]!.response;
      const step = Math.max(1, Math.floor(whole.length / 24));
      const answers = [
        ...Array.from({ length: Math.ceil(whole.length / step) }, (_, part) => whole.subarray(0, part * step)),
        ...['6A82', '6985', '6283', '6F00', '9000', '6300'].map(fromHex),
      ];
      for (const answer of answers) {
        const card = changed(personalisedCard(), (_command, response, index) => (index === wrong ? answer : response));
        expect(OUTCOMES).toContain(sale(card).outcome);
      }
    },
  );

  it('with random answers never breaks the terminal, and is never approved', () => {
    const random = seededRandom('hostile');
    for (let round = 0; round < 300; round++) {
      const card: CardChannel = {
        transmit: () => encodeResponse(random(1)[0]! < 200 ? 0x9000 : 0x6a82, random(random(1)[0]!)),
      };
      const { outcome } = sale(card);
      expect(['declined', 'other', 'online']).toContain(outcome);
    }
  });

  it('that names sixteen thousand records or always has more data is refused', () => {
    const objects = encodeTlvs([
      ['82', fromHex('7C00')],
      ['94', fromHex('0801FF00'.repeat(16))],
      ['9F36', fromHex('0001')],
      ['9F26', fromHex('00'.repeat(8))],
      ['9F10', fromHex('0701010390000001')],
    ]);
    const greedy = changed(personalisedCard(), (command, response) =>
      command.startsWith('80A8') ? encodeResponse(0x9000, encodeTlv('77', objects)) : response,
    );
    expect(sale(greedy)).toMatchObject({ outcome: 'other', reason: expect.stringContaining('names 4080 records') });
    const endless = wholeResponses({ transmit: () => fromHex('AABB6110') }, 'T=1');
    expect(sale(endless)).toMatchObject({ outcome: 'other', reason: expect.stringContaining('GET RESPONSE') });
  });

  it('that leaves at any command is an outcome too', () => {
    for (let lost = 0; lost < DIALOGUE; lost++) {
      const card = personalisedCard();
      let index = 0;
      const leaving: CardChannel = {
        transmit: (command) => {
          if (index++ === lost) throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', 'gone');
          return card.transmit(command);
        },
      };
      expect(sale(leaving)).toMatchObject({ outcome: 'other', reason: expect.stringContaining('left') });
    }
  });
});
