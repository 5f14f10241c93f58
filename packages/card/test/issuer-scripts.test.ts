/** Issuer authentication, scripts and the offline PIN on contact: every status word, both sides of every check. */
import { fromHex, toHex } from '@polycard/bytes';
import { describe, expect, it } from 'vitest';
import type { PbocSwitches } from '../src/index.ts';
import { ContactTerminal } from './contact-terminal.ts';
import { type CardOptions, groupingsOf, personalisedCard } from './transcript-card.ts';

function contactCard(options: CardOptions = {}): ContactTerminal {
  return new ContactTerminal(personalisedCard({ interface: 'contact', ...options }));
}

function withInternal(values: Readonly<Record<string, string>>): CardOptions {
  let data = toHex(groupingsOf('base').find((grouping) => grouping.dgi === '0D01')!.data);
  for (const [tag, value] of Object.entries(values)) {
    data = data.replace(new RegExp(`${tag}..${'.'.repeat(value.length)}`), (found) => found.slice(0, 6) + value);
  }
  return { changes: [{ dgi: '0D01', data }] };
}

function online(options: CardOptions = {}): ContactTerminal {
  const card = contactCard(options);
  card.initiate(0);
  card.generate('ARQC', 0);
  return card;
}

const cvrOf = (card: ContactTerminal): string => {
  card.initiate(0);
  return ContactTerminal.cvr(card.generate('ARQC', 0)).slice(-6);
};

describe('when scripts are accepted', () => {
  it('after the first GENERATE AC and until the next SELECT, not before and not after', () => {
    const card = contactCard();
    card.initiate(0);
    expect(card.putData('9F58', fromHex('09'))).toBe('6985');
    card.generate('ARQC', 0);
    expect(card.putData('9F58', fromHex('09'))).toBe('9000');
    card.authenticate('00');
    card.generate('TC', 0);
    expect(card.putData('9F58', fromHex('0A'))).toBe('9000');
    card.terminal.select();
    expect(card.putData('9F58', fromHex('0B'))).toBe('6985');
    expect(card.terminal.data('9F58')).toBe('0A');
  });

  it('not after an offline approval, nor after issuer authentication failed', () => {
    const card = contactCard();
    card.initiate(800, { electronicCash: true });
    card.generate('TC', 800);
    expect(card.putData('9F58', fromHex('09'))).toBe('6985');
    const failed = online();
    expect(failed.terminal.send('008200000A00000000000000003030').sw).toBe('6300');
    expect(failed.putData('9F58', fromHex('09'))).toBe('6985');
    expect(failed.authenticate('00')).toBe('6985');
  });

  it('a wrong MAC ends them: 6988, then 6985; the next CVR tells of it', () => {
    const card = online();
    expect(card.terminal.send('04DA9F58050900000000').sw).toBe('6988');
    expect(card.putData('9F58', fromHex('09'))).toBe('6985');
    expect(cvrOf(card)).toBe('A09008');
  });

  it('a hundred wrong MACs in a row end them for ever, a right one in between does not let it come to that', () => {
    const card = contactCard();
    const attempt = (): string => {
      card.initiate(0);
      card.generate('ARQC', 0);
      return card.terminal.send('04DA9F58050900000000').sw;
    };
    for (let count = 0; count < 99; count++) expect(attempt()).toBe('6988');
    card.initiate(0);
    card.generate('ARQC', 0);
    expect(card.putData('9F58', fromHex('09'))).toBe('9000');
    for (let count = 0; count < 100; count++) expect(attempt()).toBe('6988');
    expect(attempt()).toBe('6985');
    card.initiate(0);
    card.generate('ARQC', 0);
    expect(card.putData('9F58', fromHex('0A'))).toBe('6985');
  });

  it('a hundred wrong issuer cryptograms end issuer authentication for ever', () => {
    const card = contactCard();
    for (let count = 0; count < 100; count++) {
      card.initiate(0);
      card.generate('ARQC', 0);
      expect(card.terminal.send('008200000A00000000000000003030').sw).toBe('6300');
    }
    card.initiate(0);
    card.generate('ARQC', 0);
    expect(card.authenticate('00')).toBe('6985');
  });
});

describe('PUT DATA', () => {
  it.each([
    ['9F52', '0000', '6A80'],
    ['DF63', '000000000000', '6A86'],
    ['9F79', '00000001', '6700'],
    ['9F79', '00000000000A', '6A80'],
    ['9F79', '000000200001', '6A80'],
    ['9F79', '000000200000', '9000'],
    ['DF79', '000000000001', '6985'],
    ['DF62', '999999800000', '6985'],
    ['DF62', '999999799999', '9000'],
    ['9F77', '999999950000', '6985'],
    ['9F77', '999999949999', '9000'],
    ['DF61', '82', '9000'],
  ])('%s = %s answers %s', (tag, value, sw) => {
    expect(online().putData(tag, fromHex(value))).toBe(sw);
  });

  it('that cannot be read is told in the next CVR; one with a refused value is not', () => {
    const unreadable = online();
    unreadable.putData('9F52', fromHex('0000'));
    expect(cvrOf(unreadable)).toBe('A09008');
    const refused = online();
    refused.load(200_001);
    expect(cvrOf(refused)).toBe('A09000');
    const outside = contactCard();
    outside.initiate(0);
    expect(outside.putData('9F52', fromHex('0000'))).toBe('6A80');
    expect(cvrOf(outside)).toBe('A01000'); // nobody authenticated could have sent that
  });
});

describe('UPDATE RECORD', () => {
  const record = groupingsOf('base').find(({ dgi }) => dgi === '0101')!.data;

  it('replaces a record whole, shorter too, and the update stays', () => {
    const card = online();
    const shorter = fromHex('70045F200141');
    expect(card.updateRecord(1, 1, shorter)).toBe('9000');
    expect(card.terminal.raw('00B2010C00')).toBe('70045F2001419000');
    expect(card.updateRecord(1, 1, record)).toBe('9000');
    card.terminal.card.reset();
    card.terminal.select();
    expect(card.terminal.raw('00B2010C00')).toBe(`${toHex(record)}9000`);
  });

  it('6A83 for one that is not there or longer than personalised', () => {
    expect(online().updateRecord(1, 2, record)).toBe('6A83');
    expect(online().updateRecord(0x0d, 1, fromHex('7000'))).toBe('6A83');
    const card = online();
    expect(card.updateRecord(1, 1, fromHex(`${toHex(record)}00`))).toBe('6A83');
    expect(cvrOf(card)).toBe('A09008');
  });
});

describe('blocks', () => {
  it('a blocked application declines, on contact its FCI comes by GET RESPONSE, and the issuer unblocks it', () => {
    const card = online();
    card.authenticate('00');
    expect(card.blockApplication()).toBe('9000');
    expect(card.generate('TC', 0).data[2]).toBe(0x00);
    const selected = card.terminal.select();
    expect([selected.sw, selected.data.length]).toEqual(['6283', 0]);
    expect(card.terminal.raw('00C0000050')).toMatch(/^6F4E.*9000$/);
    expect(card.terminal.raw('00C0000050')).toBe('6D00');
    card.initiate(0);
    expect(card.generate('TC', 0).data[2]).toBe(0x00);
    expect(card.unblockApplication()).toBe('9000');
    expect(card.terminal.select().sw).toBe('9000');
  });

  it('with the switch, 6283 comes with the FCI at once', () => {
    const card = online({ switches: { lockedFciOnContact: 'at-once' } });
    card.authenticate('00');
    card.blockApplication();
    expect(card.terminal.select().data.length).toBe(80);
  });

  it('a blocked card selects nothing any more, PSE and PPSE neither', () => {
    const card = online();
    expect(card.blockCard()).toBe('9000');
    for (const name of ['08A000000333010101', '0E315041592E5359532E4444463031', '0E325041592E5359532E4444463031']) {
      expect(card.terminal.raw(`00A40400${name}00`)).toBe('6A81');
    }
    card.terminal.card.reset('contactless');
    expect(card.terminal.select().sw).toBe('6A81');
    expect(card.terminal.raw('80CA9F3600')).toBe('6A81');
  });
});

describe('the offline PIN', () => {
  it('counts down, is exhausted, and is unblocked', () => {
    const card = online();
    expect(['9999', '9999', '9999', '1234'].map((pin) => card.verifyNow(pin))).toEqual([
      '63C2',
      '63C1',
      '63C0',
      '6983',
    ]);
    card.initiate(0);
    expect([card.verifyNow('1234'), card.verifyNow('1234')]).toEqual(['6984', '6983']);
    card.generate('ARQC', 0);
    card.authenticate('00');
    expect(card.unblockPin()).toBe('9000');
    expect(card.verifyNow('1234')).toBe('9000');
  });

  it('is changed with and without the current one; a wrong current one changes nothing', () => {
    const card = online();
    expect(card.changePin('123456', '9999')).toBe('6A80');
    expect(card.verifyNow('1234')).toBe('9000');
    expect(card.changePin('123456', '1234')).toBe('9000');
    expect(card.verifyNow('123456')).toBe('9000');
    expect(card.changePin('999988887777')).toBe('9000');
    expect(card.verifyNow('999988887777')).toBe('9000');
    expect(card.verifyNow('1234')).toBe('63C2');
  });

  it('ADA byte 2 b8: the last try lost blocks the application', () => {
    const card = contactCard(withInternal({ '9F52': 'C080' }));
    card.initiate(0);
    for (const sw of ['63C2', '63C1', '63C0']) expect(card.verifyNow('0000')).toBe(sw);
    expect(ContactTerminal.cvr(card.generate('TC', 0))).toMatch(/52/);
    expect(card.terminal.select().sw).toBe('6283');
  });

  it.each<[Partial<PbocSwitches>, string, number | undefined]>([
    [{}, '6985', undefined],
    [{ pinExceededBlock: 'aac' }, '9000', 0x00],
  ])('ADA byte 2 b3: exceeded earlier blocks, with %j answered %s', (switches, sw, cid) => {
    const card = contactCard({ ...withInternal({ '9F52': 'C004' }), switches });
    for (let count = 0; count < 3; count++) card.verify('0000');
    card.initiate(0);
    const answer = card.generate('TC', 0);
    expect([answer.sw, answer.data[2]]).toEqual([sw, cid]);
    expect(card.terminal.select().sw).toBe('6283');
  });
});

describe('GENERATE AC', () => {
  it.each([
    ['80AEC00034', '6A86'],
    ['80AE400134', '6A86'],
    ['00AE400034', '6E00'],
    ['80AE400033', '6700'],
  ])('%s answers %s', (header, sw) => {
    const card = contactCard();
    card.initiate(0);
    const length = Number.parseInt(header.slice(8), 16);
    expect(card.terminal.send(`${header}${'00'.repeat(length)}00`).sw).toBe(sw);
  });

  it('needs GET PROCESSING OPTIONS, comes twice, and the second is no ARQC', () => {
    const card = contactCard();
    card.terminal.select();
    expect(card.generate('TC', 0).sw).toBe('6985');
    card.initiate(0);
    card.generate('ARQC', 0);
    expect(card.generate('ARQC', 0).sw).toBe('6985');
    card.initiate(0);
    card.generate('ARQC', 0);
    card.authenticate('00');
    expect(card.generate('TC', 0).sw).toBe('9000');
    expect(card.generate('TC', 0).sw).toBe('6985');
  });

  it('an offline approval counts: velocity sends the next one online', () => {
    const card = online(withInternal({ '9F54': '000000001000' }));
    card.authenticate('00');
    card.generate('TC', 0);
    card.initiate(0);
    expect(card.generate('TC', 1000).data[2]).toBe(0x40);
    card.initiate(0);
    const second = card.generate('TC', 1);
    expect([second.data[2], ContactTerminal.cvr(second)]).toEqual([0x80, 'A02000']);
  });

  it('data authentication that failed before a decline is told next time', () => {
    const card = contactCard();
    card.initiate(0);
    card.generate('AAC', 0, '00', { tvr: '4800000000' });
    expect(cvrOf(card)).toBe('A01104');
  });

  it('a combined signature needs the AIP bit; nothing is spent without it', () => {
    const card = contactCard();
    card.initiate(800, { electronicCash: true });
    expect(card.generate('TC', 800, '00', { signed: true }).sw).toBe('6985');
    expect(card.terminal.balance()).toBe(100_000);
  });
});
