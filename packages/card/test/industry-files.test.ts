import { concat, findTlv, fromHex, parseTlv, toHex } from '@polycard/bytes';
import { checkValue } from '@polycard/crypto';
import { industryTac } from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import { VirtualCard } from '../src/index.ts';
import {
  cardKey,
  HOLDER,
  type IndustryHost,
  industryCard,
  industryHost,
  LICENCE,
  SERIAL,
  SPECIFICATIONS,
  type SpecificationName,
} from './industry-card.ts';

const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

describe('SELECT', () => {
  it('tells life cycle, algorithm and serial, and finds files by identifier', () => {
    const host = industryHost('health');
    const fci = parseTlv(host.select().data);
    expect(toHex(findTlv(fci, 'DF61')!) + toHex(findTlv(fci, 'DF62')!) + toHex(findTlv(fci, 'DF63')!)).toBe(
      `0104${toHex(SERIAL)}`,
    );
    expect(Buffer.from(findTlv(fci, '50')!).toString()).toBe('HEALTH');
    const file = parseTlv(host.send('00A4000002EF0700').data);
    expect([toHex(findTlv(file, '83')!), toHex(findTlv(file, '80')!), toHex(findTlv(file, '82')!)]).toEqual([
      'EF07',
      '0258',
      '01',
    ]);
    expect(host.send('00A4020C02EF06').sw).toBe('9000');
    expect(host.send('00A4000002EF99').sw).toBe('6A82');
    expect(host.send('00A4000001EF').sw).toBe('6700');
    expect(host.send('00A4010002EF06').sw).toBe('6A86');
    const traffic = industryHost('traffic');
    expect(toHex(findTlv(parseTlv(traffic.select().data), 'DF62')!)).toBe('00');
  });
});

describe('access conditions', () => {
  it('keep identifiers of a health card behind mutual authentication of a role that may read them', () => {
    const host = industryHost('health');
    const read = '00B0860036';
    expect(host.send(read).sw).toBe('6982');
    expect(host.authenticate(0x03)).toBe('9000');
    expect(host.send(read).sw).toBe('6982'); // the card has not proved itself yet
    expect(host.proveCard()).toBe(true);
    expect(toHex(host.send(read).data)).toBe(toHex(HOLDER));
    host.select();
    expect(host.send(read).sw).toBe('6982'); // a new session begins with nothing
    expect(host.mutual(0x05)).toBe('9000'); // another role
    expect(host.send(read).sw).toBe('6982');
    expect(host.send('00B08B0036').sw).toBe('9000'); // which may read emergency data
  });

  it('ask for the PIN beside the key where a file wants both', () => {
    const host = industryHost('health');
    expect(host.mutual(0x03)).toBe('9000');
    expect(host.send('00B2016C00').sw).toBe('6982');
    expect(host.verify()).toBe('9000');
    expect(host.send('00B2016C00').sw).toBe('9000');
    const pinOnly = industryHost('health');
    pinOnly.verify();
    expect(pinOnly.send('00B2016C00').sw).toBe('6982');
  });

  it('show a payment terminal the front of a decision and no licence', () => {
    const host = industryHost('traffic');
    const decision = Uint8Array.from({ length: 96 }, (_, index) => index);
    host.authenticate(0x04);
    expect(host.protect('04E20028', decision, { enc: true }).sw).toBe('9000');
    host.select();
    expect(host.mutual(0x0c)).toBe('9000');
    expect(toHex(host.send('00B2012C35').data)).toBe(toHex(decision.subarray(0, 53)));
    expect(host.send('00B2012C00').data).toHaveLength(53);
    expect(host.send('00B2012C60').sw).toBe('6C35');
    expect(host.send('00B0820000').sw).toBe('6982');
    host.select();
    host.mutual(0x03);
    expect(host.send('00B2012C00').data).toHaveLength(96);
    expect(toHex(host.send('00B0820000').data)).toBe(toHex(LICENCE.subarray(0, 256)));
    host.send('00A4020C02EF02');
    expect(toHex(host.send('00B0010040').data)).toBe(toHex(LICENCE.subarray(256)));
  });

  it('take no write without encipherment and key, and never change a file that is never changed', () => {
    const host = industryHost('water');
    expect(host.send('00D6840001AA').sw).toBe('6982');
    expect(host.protect('04D68400', bytes(40, 1), { enc: true }).sw).toBe('6982');
    host.authenticate(0x04);
    expect(host.send('00D6840001AA').sw).toBe('6982');
    expect(host.protect('04D68400', bytes(40, 1)).sw).toBe('6988'); // MAC alone is not what it asks for
    expect(host.protect('04D68400', bytes(40, 1), { enc: true, spoil: true }).sw).toBe('6988');
    expect(host.protect('04D68400', bytes(40, 1), { enc: true }).sw).toBe('9000');
    host.authenticate(0x03);
    expect(toHex(host.send('00B0840028').data)).toBe(toHex(bytes(40, 1)));
    expect(host.protect('04D68427', bytes(2, 1), { enc: true }).sw).toBe('6B00');
    const health = industryHost('health');
    health.authenticate(0x04);
    expect(health.protect('04D68600', bytes(1, 1), { enc: true }).sw).toBe('6982');
  });

  it('let a meter write under a MAC what a counter writes enciphered', () => {
    const host = industryHost('water');
    host.authenticate(0x05);
    expect(host.protect('04D68700', bytes(96, 3)).sw).toBe('9000');
    expect(host.protect('0CD68700', bytes(96, 4), { enc: true }).sw).toBe('9000'); // more than asked
    host.select();
    host.authenticate(0x04);
    expect(host.protect('04D68700', bytes(1, 0), { enc: true }).sw).toBe('9000');
    host.verify();
    expect(toHex(host.send('00B0870002').data)).toBe('0004');
  });
});

describe('protected reading', () => {
  it('gives identifiers enciphered and with a MAC', () => {
    const host = industryHost('health');
    host.mutual(0x03);
    const answer = host.protect('0CB08600', Uint8Array.of(), { enc: true });
    expect(toHex(answer.data)).toBe(toHex(HOLDER));
    const part = host.protect('0CB08624', Uint8Array.of(18), { enc: true });
    expect(toHex(part.data)).toBe(toHex(HOLDER.subarray(36)));
    const plain = host.send('00B0860036');
    expect(toHex(plain.data)).toBe(toHex(HOLDER));
    expect(host.protect('0CB08600', Uint8Array.of(), { enc: true, spoil: true }).sw).toBe('6988');
    host.select();
    expect(host.protect('0CB08600', Uint8Array.of(), { enc: true }).sw).toBe('6982');
  });

  it('gives a licence with a MAC, and refuses points without one', () => {
    const host = industryHost('traffic');
    host.mutual(0x03);
    expect(toHex(host.protect('04B08200', Uint8Array.of(0x20)).data)).toBe(toHex(LICENCE.subarray(0, 32)));
    expect(host.send('00B0840020').sw).toBe('6982');
    expect(host.protect('04B08400', Uint8Array.of()).data).toHaveLength(32);
    host.verify();
    expect(host.send('00B0840020').sw).toBe('9000');
  });
});

describe('challenges and retry counters', () => {
  it('a challenge is good once', () => {
    const host = industryHost('water');
    host.authenticate(0x04);
    const challenge = host.challenge();
    expect(host.protect('04D68400', bytes(40, 1), { enc: true, challenge }).sw).toBe('9000');
    expect(host.protect('04D68400', bytes(40, 1), { enc: true, challenge }).sw).toBe('6985');
    const [cryptogram] = ['00'.repeat(17)];
    expect(host.send(`0082000311${cryptogram}`).sw).toBe('6985');
    expect(host.authenticate(0x03, { version: 2 })).toBe('6A80');
    expect(host.authenticate(0x07)).toBe('6A88'); // no key for authenticating terminals
    expect(host.authenticate(0x99)).toBe('6A88');
  });

  it('a key is blocked after its tries, and only that key', () => {
    const host = industryHost('water');
    const answers = [1, 2, 3, 4, 5, 6].map(() => host.authenticate(0x03, { spoil: true }));
    expect(answers).toEqual(['63C4', '63C3', '63C2', '63C1', '63C0', '6983']);
    expect(host.authenticate(0x03)).toBe('6983');
    expect(host.authenticate(0x04)).toBe('9000');
    host.authenticate(0x04, { spoil: true });
    expect(host.send('00B0840028').sw).toBe('6982');
    expect(host.authenticate(0x04)).toBe('9000');
    const macs = [1, 2, 3, 4, 5, 6].map(() => host.protect('04D68400', bytes(40, 1), { enc: true, spoil: true }).sw);
    expect(macs).toEqual(['6988', '6988', '6988', '6988', '6988', '6983']);
  });

  it('the PIN has three tries, is changed by its holder and unblocked under its key', () => {
    const host = industryHost('health');
    expect([host.verify('111111'), host.verify('111111'), host.verify('111111'), host.verify()]).toEqual([
      '63C2',
      '63C1',
      '6983',
      '6983',
    ]);
    const block = fromHex('26654321FFFFFFFF');
    expect(host.protect('842C0001', block, { key: 0x0a, enc: true, spoil: true }).sw).toBe('6988');
    expect(host.protect('842C0001', fromHex('24654321FFFFFFFF'), { key: 0x0a, enc: true }).sw).toBe('6A80');
    expect(host.protect('84240001', block, { key: 0x0a, enc: true }).sw).toBe('9000');
    expect(host.verify('654321')).toBe('9000');
    expect(host.send('0024000110 26654321FFFFFFFF 26123456FFFFFFFF').sw).toBe('9000');
    expect(host.send('0024000110 26654321FFFFFFFF 26123456FFFFFFFF').sw).toBe('63C2');
    expect(host.send('0024000110 26123456FFFFFFFF 241234FFFFFFFFFF').sw).toBe('6A80');
    expect(host.verify('123456')).toBe('9000');
    expect(host.send('0020000208 26123456FFFFFFFF').sw).toBe('6A88');
  });

  it('INTERNAL AUTHENTICATE is answered under its own key only', () => {
    const host = industryHost('water');
    expect(host.proveCard()).toBe(true);
    expect(host.send(`0088000310${'00'.repeat(16)}10`).sw).toBe('6A88');
    expect(host.send('0088000908000000000000000010').sw).toBe('6700');
  });
});

describe('life cycle', () => {
  it('a dormant application opens under the activation key alone, in as many commands as its keys need', () => {
    const host = industryHost('health', industryCard({ dormant: true }));
    expect(host.verify()).toBe('6985');
    expect(host.send('00B0860036').sw).toBe('6985');
    const first = [0x02, 0x03, 0x04, 0x05, 0x07, 0x08];
    const second = [0x09, 0x0a, 0x0b, 0x0c];
    expect(host.protect('84440000', host.activation(first), { key: 0x02, enc: true }).sw).toBe('6988'); // under the management key
    expect(host.protect('84440000', host.activation(first), { key: 0x01, enc: true, spoil: true }).sw).toBe('6988');
    expect(host.protect('84440000', host.activation([0x01]), { key: 0x01, enc: true }).sw).toBe('6A80');
    expect(host.protect('84448000', host.activation(first), { key: 0x01, enc: true }).sw).toBe('9000');
    expect(host.send('00B0860036').sw).toBe('6985'); // not open before the last one
    const opened = host.protect('84440000', host.activation(second), { key: 0x01, enc: true });
    expect(toHex(opened.data)).toBe(host.checkValues([...first, ...second]));
    expect(host.protect('84440000', host.activation(second), { key: 0x01, enc: true }).sw).toBe('6985');
    expect(host.mutual(0x03)).toBe('9000');
    expect(host.send('00B0860036').sw).toBe('9000');
  });

  it('is suspended, resumed and closed under the management key, blocked under the lock key', () => {
    const host = industryHost('traffic');
    const none = new Uint8Array(0);
    expect(host.protect('84040000', none, { key: 0x01 }).sw).toBe('6988');
    expect(host.protect('84040000', none, { key: 0x02 }).sw).toBe('9000');
    expect(host.select().sw).toBe('6283');
    expect(host.mutual(0x03)).toBe('card refused');
    expect(host.protect('84440001', none, { key: 0x02, spoil: true }).sw).toBe('6988');
    expect(host.protect('84440001', none, { key: 0x02 }).sw).toBe('9000');
    expect(host.mutual(0x03)).toBe('9000');
    expect(host.protect('841E0000', none, { key: 0x0b }).sw).toBe('9000');
    expect(host.send('00B0820000').sw).toBe('6985');
    expect(host.protect('84440001', none, { key: 0x02 }).sw).toBe('9000');
    expect(host.send('00B0820000').sw).toBe('6982'); // what was authenticated is forgotten
    expect(host.protect('84E60000', none, { key: 0x02 }).sw).toBe('9000');
    expect(host.select().sw).toBe('6A82');
    const saved = JSON.stringify(host.card.snapshot().applications[SPECIFICATIONS.traffic.aid]);
    const memory = Buffer.from(JSON.parse(saved).memory.bytes, 'base64').toString('hex').toUpperCase();
    for (const { reference } of SPECIFICATIONS.traffic.keys)
      expect(memory).not.toContain(toHex(cardKey(SPECIFICATIONS.traffic, reference)));
  });

  it('PUT KEY rotates a key under the management key, never the activation key', () => {
    const host = industryHost('water');
    const fresh = fromHex('00112233445566778899AABBCCDDEEFF');
    const data = (version: number) => concat(fresh, Uint8Array.of(version), checkValue('SM4', fresh));
    expect(host.protect('84D40103', data(2), { key: 0x07, enc: true }).sw).toBe('6988');
    expect(host.protect('84D40101', data(2), { key: 0x02, enc: true }).sw).toBe('6A88');
    expect(host.protect('84D40103', concat(fresh, Uint8Array.of(2, 0, 0, 0)), { key: 0x02, enc: true }).sw).toBe(
      '6A80',
    );
    expect(host.authenticate(0x03)).toBe('9000');
    expect(host.protect('84D40103', data(2), { key: 0x02, enc: true }).sw).toBe('9000');
    expect(host.send('00B0840028').sw).toBe('6982');
    expect(host.authenticate(0x03)).toBe('6A80');
    expect(host.authenticate(0x03, { version: 2 })).toMatch(/^63C/);
  });
});

describe('BEGIN and COMMIT', () => {
  const order = bytes(40, 0x11);
  const log = Uint8Array.from({ length: 32 }, (_, index) => index);
  const write = (host: IndustryHost): void => {
    host.authenticate(0x04);
    host.send('80100001');
    host.protect('04D68400', order, { enc: true });
    host.protect('04D68700', Uint8Array.of(0), { enc: true });
    host.protect('04E20040', log, { enc: true });
  };

  it('make several updates true together and answer the TAC of the specification', () => {
    const host = industryHost('water');
    write(host);
    host.authenticate(0x03);
    expect(toHex(host.send('00B0840028').data)).toBe('00'.repeat(40));
    expect(host.send('00B2014400').sw).toBe('6A83');
    const done = host.protect('84100002', new Uint8Array(0));
    const parts = concat(log.subarray(0, 14), log.subarray(25, 31), log.subarray(18, 25));
    expect(toHex(done.data)).toBe(toHex(industryTac('SM4', cardKey(SPECIFICATIONS.water, 0x08), parts)));
    expect(toHex(host.send('00B0840028').data)).toBe(toHex(order));
    expect(toHex(host.send('00B2014400').data)).toBe(toHex(log));
    expect(host.protect('84100002', new Uint8Array(0)).sw).toBe('6985');
  });

  it('are forgotten with the session, and need the line key', () => {
    const host = industryHost('water');
    write(host);
    expect(host.protect('84100002', new Uint8Array(0), { spoil: true }).sw).toBe('6988');
    host.select();
    expect(host.protect('84100002', new Uint8Array(0)).sw).toBe('6985');
    host.authenticate(0x03);
    expect(toHex(host.send('00B0840028').data)).toBe('00'.repeat(40));
  });

  it('a cyclic file keeps the newest, also when several come in one commit', () => {
    const host = industryHost('water');
    for (let round = 1; round <= 3; round++) {
      host.authenticate(0x04);
      host.send('80100001');
      for (const fill of [2 * round, 2 * round + 1]) host.protect('04E20040', bytes(32, fill), { enc: true });
      expect(host.protect('84100002', new Uint8Array(0)).sw).toBe('9000');
    }
    host.verify();
    const newest = [1, 2, 3, 4].map((number) => host.send(`00B20${number}4400`));
    expect(newest.map(({ sw, data }) => (sw === '9000' ? data[0] : sw))).toEqual([7, 6, 5, '6A83']);
  });
});

describe('one card, several applications', () => {
  it('no command to one changes a byte of another, and snapshots bring all of them back', () => {
    const card = industryCard();
    for (const name of Object.keys(SPECIFICATIONS) as SpecificationName[]) {
      const before = card.snapshot().applications;
      const host = industryHost(name, card);
      host.authenticate(0x04);
      host.authenticate(0x04, { spoil: true });
      host.verify('999999');
      host.authenticate(0x04);
      const updated = { water: '04D68400', health: '04D68B00', traffic: '04D68400' }[name];
      expect(host.protect(updated, Uint8Array.of(0x5a), { enc: true }).sw).toBe('9000');
      const after = card.snapshot().applications;
      const changed = Object.keys(after).filter((aid) => JSON.stringify(after[aid]) !== JSON.stringify(before[aid]));
      expect(changed).toEqual([SPECIFICATIONS[name].aid]);
    }
    const again = VirtualCard.restore(card.snapshot(), { random: () => new Uint8Array(8) });
    expect(again.snapshot()).toEqual(card.snapshot());
    const host = industryHost('health', again);
    host.mutual(0x03);
    expect(toHex(host.send('00B0860036').data)).toBe(toHex(HOLDER));
  });
});
