import { concat, fromHex, toHex } from '@polycard/bytes';
import { encryptBlocks, seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import {
  AID_PBOC_DEBIT,
  AID_PPSE,
  type DataGrouping,
  encipherGrouping,
  encodeStoreData,
  personalise,
  VirtualCard,
} from '../src/index.ts';
import { activateMetro, CardTerminal, metroExit } from './card-terminal.ts';
import { blankCard, groupingsOf, PERSONALISATION_KEY, personalisedCard } from './transcript-card.ts';

const SELECT = fromHex('00A4040008A00000033301010100');

/** Status word of each STORE DATA. */
function store(card: VirtualCard, commands: readonly Uint8Array[]): string[] {
  card.transmit(SELECT);
  return commands.map((command) => toHex(card.transmit(command)));
}

function replaced(dgi: string, data: string | undefined): DataGrouping[] {
  const base = groupingsOf('base');
  if (data === undefined) return base.filter((grouping) => grouping.dgi !== dgi);
  return base.map((grouping) => (grouping.dgi === dgi ? { dgi, data: fromHex(data) } : grouping));
}

describe('STORE DATA on the host side', () => {
  it('numbers the blocks and marks the last', () => {
    const commands = encodeStoreData([
      { dgi: '9102', data: fromHex('A500') },
      { dgi: '9010', data: fromHex('0303') },
    ]);
    expect(commands.map(toHex)).toEqual(['80E2000005910202A500', '80E280010590100203' + '03']);
  });

  it('enciphers keys and nothing else', () => {
    const key = PERSONALISATION_KEY;
    const clear = fromHex('00112233445566778899AABBCCDDEEFF');
    expect(encipherGrouping({ dgi: '8020', data: clear }, key)).toEqual(encryptBlocks('des-ede-ecb', key, clear));
    expect(encipherGrouping({ dgi: '8205', data: clear }, key).length).toBe(24);
    expect(encipherGrouping({ dgi: '9010', data: clear }, key)).toEqual(clear);
    expect(() => encipherGrouping({ dgi: '8000', data: clear.subarray(1) }, key)).toThrow(
      expect.objectContaining({ code: 'POLYCARD_CARD_PERSONALISATION', where: '8000' }),
    );
  });

  it('names the block a card refuses', () => {
    const card = personalisedCard();
    expect(() => personalise(card, AID_PBOC_DEBIT, groupingsOf('base'), PERSONALISATION_KEY)).toThrow(
      expect.objectContaining({ code: 'POLYCARD_CARD_PERSONALISATION', where: 'STORE DATA block 0' }),
    );
    expect(() => personalise(card, fromHex('A000000999'), [])).toThrow(expect.objectContaining({ where: 'SELECT' }));
  });
});

describe('STORE DATA on the card', () => {
  it('is selectable while blank, and answers nothing else', () => {
    const terminal = new CardTerminal(blankCard());
    expect(terminal.select().sw).toBe('9000');
    expect(terminal.data('9F79')).toBe('6D00');
    expect(terminal.send('00A404000E325041592E5359532E444446303100').sw).toBe('9000');
    expect(new CardTerminal(blankCard()).data('9F79')).toBe('6A88'); // after reset the issuer domain answers
  });

  it('takes a whole set and then no more', () => {
    const card = blankCard();
    const commands = encodeStoreData(groupingsOf('base'), PERSONALISATION_KEY);
    expect(new Set(store(card, commands))).toEqual(new Set(['9000']));
    expect(toHex(card.transmit(commands[0]!))).toBe('6985');
  });

  it('wants its blocks in order, and starts over after a wrong one', () => {
    const card = blankCard();
    const commands = encodeStoreData(groupingsOf('base'), PERSONALISATION_KEY);
    expect(store(card, [commands[0]!, commands[2]!, commands[1]!, commands[0]!])).toEqual([
      '9000',
      '6A86',
      '6A86',
      '9000',
    ]);
    card.reset();
    expect(new Set(store(card, commands))).toEqual(new Set(['9000']));
  });

  it('takes a long grouping over several blocks', () => {
    const card = blankCard();
    const long = concat(fromHex('A582012CBF0C820127DF50820122'), new Uint8Array(0x122));
    const commands = encodeStoreData([{ dgi: '9102', data: long }]);
    expect(commands.length).toBe(2);
    card.transmit(fromHex('00A404000E325041592E5359532E444446303100'));
    expect(commands.map((command) => toHex(card.transmit(command)))).toEqual(['9000', '9000']);
    card.reset('contactless');
    const fci = card.transmit(fromHex('00A404000E325041592E5359532E444446303100'));
    expect(toHex(fci)).toContain(toHex(long));
  });

  it.each([
    ['a wrong check value of the card keys', '9000', '8FE418A126F7BF9628'],
    ['a wrong check value of the opening keys', '9020', '8BAF47A4B7D69DCB15'],
    ['check values of too few keys', '9020', '8BAF47A4B7D6'],
    ['missing card keys', '8000', undefined],
    ['missing check values', '9000', undefined],
    ['an amount that is no number', '0D01', '9F7906' + '0000000000A0'],
    ['a counter of the wrong length', '0D01', '9F360100'],
    ['internal data that are no TLV', '0D01', '9F7906'],
    ['an AFL with a record that was not stored', '0303', undefined],
    ['a missing key although the AIP has DDA', '8205', undefined],
    ['an opening key too many', 'A001', '15010000800200160100008001' + '00'],
    ['a PDOL with a wrong length', '9103', 'A5099F38069F66049F0205'],
    ['an FCI template that is no A5', '9103', '9F38039F6604'],
    ['issuer application data that do not fit', '9207', '82027C0094040801010' + '09F1003070101'],
  ])('refuses %s', (_, dgi, data) => {
    const card = blankCard();
    const answers = store(card, encodeStoreData(replaced(dgi, data), PERSONALISATION_KEY));
    expect(answers).toContain('6A80');
    expect(card.snapshot().applications[toHex(AID_PBOC_DEBIT)]).toBeUndefined();
  });

  it('refuses keys that were enciphered under another key', () => {
    const card = blankCard();
    expect(store(card, encodeStoreData(groupingsOf('base'), fromHex('11'.repeat(16))))).toContain('6A80');
  });

  it('starts over after a loss of power', () => {
    const card = blankCard();
    const commands = encodeStoreData(groupingsOf('base'), PERSONALISATION_KEY);
    store(card, commands.slice(0, 5));
    card.reset();
    expect(store(card, commands.slice(5, 6))).toEqual(['6A86']);
    card.powerCut = () => true;
    expect(() => store(card, commands)).toThrow(expect.objectContaining({ code: 'POLYCARD_CHANNEL_CARD_LOST' }));
    card.powerCut = undefined;
    card.reset();
    expect(new Set(store(card, commands))).toEqual(new Set(['9000']));
  });

  it('checks the length of the personalisation key', () => {
    const options = { random: seededRandom('x'), personalisationKey: new Uint8Array(8) };
    expect(() => new VirtualCard(options)).toThrow(expect.objectContaining({ code: 'POLYCARD_CARD_KEY' }));
  });
});

describe('application selection', () => {
  it('shows the PPSE on the contactless and the PSE on the contact interface only', () => {
    const card = personalisedCard();
    const ppse = '00A404000E325041592E5359532E444446303100';
    const pse = '00A404000E315041592E5359532E444446303100';
    const sw = (command: string) => toHex(card.transmit(fromHex(command))).slice(-4);
    expect([sw(ppse), sw(pse)]).toEqual(['9000', '6A82']);
    card.reset('contact');
    expect([sw(ppse), sw(pse)]).toEqual(['6A82', '9000']);
    expect(sw('00B2010C00')).toBe('9000');
    expect(sw('00B2020C00')).toBe('6A83');
    expect(sw('00B2011400')).toBe('6A82');
    expect(sw('00B2010D00')).toBe('6A86');
    expect(sw('80E2800003910200')).toBe('6985');
    expect(sw('80CA9F3600')).toBe('6D00');
  });

  it('finds no second application behind the first', () => {
    const terminal = new CardTerminal(personalisedCard());
    expect(terminal.send('00A4040005A00000033300').sw).toBe('9000');
    expect(terminal.send('00A4040205A00000033300').sw).toBe('6A82');
    expect(terminal.send('00A4040108A00000033301010100').sw).toBe('6A86');
    expect(terminal.send('80A4040008A00000033301010100').sw).toBe('6E00');
    expect(terminal.send('00A4040004A000000300').sw).toBe('6A82');
  });
});

describe('a card as plain data', () => {
  it('comes back the same, small enough for tens of thousands in one process', () => {
    const terminal = new CardTerminal(personalisedCard());
    activateMetro(terminal);
    metroExit(terminal, 300, 7);
    const text = JSON.stringify(terminal.card.snapshot());
    expect(text.length).toBeLessThan(8 * 1024);
    const again = VirtualCard.restore(JSON.parse(text), { random: seededRandom('again') });
    expect(JSON.stringify(again.snapshot())).toBe(text);
    const twin = new CardTerminal(again);
    twin.select();
    expect(twin.balance()).toBe(99_700);
    expect(twin.prove(1).sw).toBe('9000');
    metroExit(twin, 300, 8);
    terminal.select();
    expect(terminal.balance()).toBe(99_700); // not the same card
  });

  it('keeps a blank card, and a half personalised one as blank', () => {
    const card = blankCard();
    personalise(card, AID_PPSE, [{ dgi: '9102', data: fromHex('A500') }]);
    store(card, encodeStoreData(groupingsOf('base'), PERSONALISATION_KEY).slice(0, 3));
    const again = VirtualCard.restore(card.snapshot(), { random: seededRandom('again') });
    expect(Object.keys(again.snapshot().applications)).toEqual([toHex(AID_PPSE)]);
    expect(new Set(store(again, encodeStoreData(groupingsOf('base'), PERSONALISATION_KEY)))).toEqual(new Set(['9000']));
  });
});
