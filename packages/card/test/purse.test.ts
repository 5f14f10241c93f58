import { fromHex, toHex } from '@polycard/bytes';
import { reloadPinMac } from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import { VirtualCard } from '../src/index.ts';
import {
  journalRecord,
  KEYS,
  openedPurse,
  PIN,
  PUBLIC_INFORMATION,
  PurseHost,
  purseCard,
  TERMINAL,
  tripRecord,
} from './purse-card.ts';

const fixedRandom = (hex: string) => (lengthBytes: number) => fromHex(hex).subarray(0, lengthBytes);

describe('V7, the second set on the card itself (reference pboc.md §8)', () => {
  const random = fixedRandom('A1B2C3D4');

  it('a purchase answers MAC2 and the TAC of type 06', () => {
    const host = openedPurse({ random });
    const opened = host.initialize(0x01, 0xc8);
    expect(toHex(opened.data)).toBe('000003E8 0005 000000 01 00 A1B2C3D4'.replaceAll(' ', ''));
    const done = host.send('805401000F 00000123 20250101120000 BDD514C6 08');
    expect(done).toMatchObject({ sw: '9000' });
    expect(toHex(done.data)).toBe('A7FE2B1BD9B4C92C');
  });

  it('a CAPP purchase of type 09 takes its own MAC1 and gives its own TAC', () => {
    const host = openedPurse({ random });
    expect(host.initialize(0x03, 0xc8).sw).toBe('9000');
    const done = host.send('805401000F 00000123 20250101120000 E8BB888B 08');
    expect(toHex(done.data)).toBe('15056871D9B4C92C');
    expect(host.prove(0x09, 6).sw).toBe('9000');
  });

  it('a load answers MAC1 and gives the TAC with the balance after it', () => {
    const host = openedPurse({ random });
    host.verify();
    const opened = host.send('805000020B 01 00001388 000000000001 10');
    expect(toHex(opened.data)).toBe('000003E8 0003 01 00 A1B2C3D4 B297DFE2'.replaceAll(' ', ''));
    const done = host.send('805200000B 20250101120000 4A88D3D6 04');
    expect(done.sw).toBe('9000');
    expect(toHex(done.data)).toBe('8BFD7B05');
    expect(host.balance()).toBe(0x1770);
  });

  it('APPLICATION BLOCK takes the line-protection MAC of the vector', () => {
    const host = openedPurse({ random: fixedRandom('11223344') });
    expect(toHex(host.send('0084000004').data)).toBe('11223344');
    expect(host.send('841E000004BA717E41').sw).toBe('9000');
    expect(host.select().sw).toBe('6283');
  });
});

describe('a CAPP purchase', () => {
  it('writes records, balance, counter, log and proof in its DEBIT and not before', () => {
    const host = openedPurse();
    const opened = host.initialize(0x03, 200);
    expect(host.update(0x00, 0xd0, tripRecord(0x2701, 0x11))).toBe('9000');
    expect(host.update(0x02, 0xd0, tripRecord(0x2702, 0x22))).toBe('9000'); // P1 the low identifier byte, as one terminal sends it
    expect(host.update(0x00, 0xf0, journalRecord(0x04))).toBe('9000');
    const before = new PurseHost(VirtualCard.restore(host.card.snapshot(), { random: fixedRandom('00000000') }));
    before.select();
    expect(toHex(before.send('00B201D400').data)).toBe(toHex(tripRecord(0x2701, 0)));
    expect(before.send('00B201F400').sw).toBe('6A83');

    const done = host.debit(opened, 200);
    const { tac, mac2 } = host.expectedProof(opened, 200);
    expect(done.sw + toHex(done.data)).toBe(`9000${tac}${mac2}`);
    expect(host.balance()).toBe(800);
    expect(toHex(host.send('00B201D400').data)).toBe(toHex(tripRecord(0x2701, 0x11)));
    expect(toHex(host.send('00B202D000').data)).toBe(toHex(tripRecord(0x2702, 0x22)));
    expect(toHex(host.send('00B201F400').data)).toBe(toHex(journalRecord(0x04)));
    expect(toHex(host.send('00B200F400').data)).toBe(toHex(journalRecord(0x04)));
    expect(toHex(host.send('00B201C417').data)).toBe(
      '0005 000000 000000C8 09 000000000001 20250101120000'.replaceAll(' ', ''),
    );
    expect(toHex(host.prove(0x09, 6).data)).toBe(mac2 + tac);
    expect(host.prove(0x09, 5).sw).toBe('9406');
    expect(host.prove(0x06, 6).sw).toBe('9406');
  });

  it('of amount 0 is an entry: records are written, the balance stays, the counter moves', () => {
    const host = openedPurse({ balanceFen: 0 });
    expect(host.cappPurchase(0, 0x33).sw).toBe('9000');
    expect(host.balance()).toBe(0);
    expect(host.parsePurchase(host.initialize(0x03, 0)).sequence).toBe(6);
  });

  it('with a wrong MAC1 changes nothing and is over', () => {
    const host = openedPurse();
    const opened = host.initialize(0x03, 200);
    host.update(0x00, 0xd0, tripRecord(0x2701, 0x11));
    expect(host.debit(opened, 200, { spoil: true }).sw).toBe('9302');
    expect(host.debit(opened, 200).sw).toBe('6901');
    expect(host.balance()).toBe(1000);
    expect(toHex(host.send('00B201D400').data)).toBe(toHex(tripRecord(0x2701, 0)));
    expect(host.prove(0x09, 6).sw).toBe('9406');
  });

  it('keeps ten log entries and thirty journal records, newest first', () => {
    const host = openedPurse();
    for (let trip = 1; trip <= 32; trip++) expect(host.cappPurchase(1, trip).sw).toBe('9000');
    expect(toHex(host.send('00B201F400').data.subarray(0, 1))).toBe('20');
    expect(toHex(host.send('00B21EF400').data.subarray(0, 1))).toBe('03');
    expect(host.send('00B21FF400').sw).toBe('6A83');
    expect(toHex(host.send('00B201C400').data.subarray(0, 2))).toBe('0024');
    expect(toHex(host.send('00B20AC400').data.subarray(0, 2))).toBe('001B');
    expect(host.send('00B20BC400').sw).toBe('6A83');
  });

  it('refuses updates that fit nowhere, and two updates of the journal give two records', () => {
    const host = openedPurse();
    expect(host.update(0x00, 0xd0, tripRecord(0x2701, 1))).toBe('6901');
    const opened = host.initialize(0x03, 1);
    expect(host.update(0x00, 0xd0, tripRecord(0x2707, 1))).toBe('6A83'); // never opened
    expect(host.update(0x02, 0xd0, tripRecord(0x2701, 1))).toBe('6A80'); // another record than it says
    expect(host.update(0x00, 0xd0, tripRecord(0x2701, 1).subarray(0, 127))).toBe('6A80');
    expect(host.update(0x00, 0xf0, new Uint8Array(49))).toBe('6A84');
    expect(host.update(0x00, 0x48, new Uint8Array(48))).toBe('6A82');
    expect(host.update(0x01, 0xf0, journalRecord(1))).toBe('6A86');
    expect(host.update(0x00, 0xf0, journalRecord(0x01))).toBe('9000');
    expect(host.update(0x00, 0xf0, journalRecord(0x02))).toBe('9000');
    expect(host.debit(opened, 1).sw).toBe('9000');
    expect(toHex(host.send('00B201F400').data.subarray(0, 1))).toBe('02');
    expect(toHex(host.send('00B202F400').data.subarray(0, 1))).toBe('01');
  });

  it('caches at most what the switch says', () => {
    const host = openedPurse({ switches: { updateCacheBytes: 133 } });
    const opened = host.initialize(0x03, 1);
    expect(host.update(0x00, 0xd0, tripRecord(0x2701, 1))).toBe('9000');
    expect(host.update(0x00, 0xd0, tripRecord(0x2702, 1))).toBe('6581');
    expect(host.debit(opened, 1).sw).toBe('9000');
  });

  it('takes line-protected updates, each with its own challenge', () => {
    const host = openedPurse();
    const opened = host.initialize(0x03, 1);
    expect(host.protect('84DC00D0', tripRecord(0x2701, 0x55))).toBe('9000');
    expect(host.protect('84DC00D0', tripRecord(0x2702, 0x66), { spoil: true })).toBe('6988');
    expect(host.debit(opened, 1).sw).toBe('9000');
    expect(toHex(host.send('00B201D400').data)).toBe(toHex(tripRecord(0x2701, 0x55)));
    expect(toHex(host.send('00B202D400').data)).toBe(toHex(tripRecord(0x2702, 0)));
  });
});

describe('a purchase', () => {
  it('needs the money, a key of that index and its own DEBIT form', () => {
    const host = openedPurse();
    expect(host.initialize(0x01, 1001).sw).toBe('9401');
    expect(host.initialize(0x01, 1, 2, 9).sw).toBe('9403');
    expect(host.initialize(0x02, 1).sw).toBe('6A86');
    expect(host.initialize(0x01, 1, 1).sw).toBe('6A86'); // no ED on this card
    expect(host.debit(host.initialize(0x01, 1000), 1000, { type: 6, p1: 0x02 }).sw).toBe('9000');
    expect(host.balance()).toBe(0);
    expect(host.debit(host.initialize(0x01, 0), 0, { type: 6, p1: 0x12 }).sw).toBe('6A86');
    expect(host.debit(host.initialize(0x03, 0), 0, { p1: 0x02 }).sw).toBe('6A86');
  });

  it('is over as soon as another command comes', () => {
    const host = openedPurse();
    const opened = host.initialize(0x01, 10);
    host.balance();
    expect(host.debit(opened, 10, { type: 6 }).sw).toBe('6901');
    const again = host.initialize(0x01, 10);
    host.select();
    expect(host.debit(again, 10, { type: 6 }).sw).toBe('6901');
  });

  it('of the ED needs the PIN, of a second ticket its own P1', () => {
    const host = openedPurse({ depositFen: 500, secondTicketFen: 300 });
    expect(host.initialize(0x01, 10, 1).sw).toBe('6982');
    expect(host.balance(0, 1)).toBeNaN();
    host.verify();
    expect(host.debit(host.initialize(0x01, 10, 1), 10, { type: 5 }).sw).toBe('9000');
    expect(host.balance(0, 1)).toBe(490);
    expect(host.debit(host.initialize(0x13, 20), 20, { p1: 0x11 }).sw).toBe('9000');
    expect(host.debit(host.initialize(0x11, 30), 30, { type: 6, p1: 0x12 }).sw).toBe('9000');
    expect([host.balance(0x06), host.balance(0x00)]).toEqual([250, 1000]);
    expect(host.initialize(0x03, 1, 1).sw).toBe('6A86');
  });

  it('ends when the counter is used up', () => {
    const host = openedPurse({ offlineSequence: 0xfffe, onlineSequence: 0xffff });
    expect(host.cappPurchase(1, 1).sw).toBe('9000');
    expect(host.initialize(0x03, 1).sw).toBe('9402');
    host.verify();
    expect(host.load(1).sw).toBe('9402');
  });
});

describe('overdraft', () => {
  it('widens what may be spent; T-Union terminals read its five values', () => {
    const host = openedPurse({ balanceFen: 100, overdraftLimitFen: 800, capFen: 5000 });
    expect([0, 1, 2, 3, 4].map((p1) => host.balance(p1))).toEqual([900, 800, 0, 100, 5000]);
    expect(host.debit(host.initialize(0x01, 300), 300, { type: 6 }).sw).toBe('9000');
    expect([0, 1, 2, 3, 4].map((p1) => host.balance(p1))).toEqual([600, 800, 200, 0, 5000]);
    expect(host.initialize(0x01, 601).sw).toBe('9401');
    expect(host.balance(5)).toBeNaN();
    const signed = openedPurse({ balanceFen: -5, overdraftLimitFen: 10, switches: { actualBalance: 'signed' } });
    expect(signed.balance(3)).toBe(-5);
  });

  it('limit is changed by the host alone, never below what is used', () => {
    const host = openedPurse({ balanceFen: 0, overdraftLimitFen: 500 });
    expect(host.setOverdraft(800).sw).toBe('6982');
    host.verify();
    expect(host.setOverdraft(800, true).sw).toBe('9302');
    expect(host.balance(1)).toBe(500);
    expect(host.setOverdraft(800).sw).toBe('9000');
    expect(host.balance(1)).toBe(800);
    expect(host.debit(host.initialize(0x01, 700), 700, { type: 6 }).sw).toBe('9000');
    expect(host.setOverdraft(699).sw).toBe('6985');
    expect(host.setOverdraft(700).sw).toBe('9000');
    expect(host.balance(0)).toBe(0);
  });
});

describe('load and unload', () => {
  it('need the PIN, and the right MAC2', () => {
    const host = openedPurse();
    expect(host.load(500).sw).toBe('6982');
    host.verify();
    expect(host.load(500, { spoil: true }).sw).toBe('9302');
    expect(host.balance()).toBe(1000);
    expect(host.load(500).sw).toBe('9000');
    expect(host.balance()).toBe(1500);
    expect(host.prove(0x02, 4).data.subarray(0, 4)).toEqual(new Uint8Array(4));
    expect(host.unload(1501).sw).toBe('9401');
    expect(host.unload(1400).sw).toBe('9000');
    expect(host.balance()).toBe(100);
    expect(toHex(host.send('00B201C400').data.subarray(9, 10))).toBe('03');
  });

  it('never above the cap', () => {
    const host = openedPurse({ capFen: 1200 });
    host.verify();
    expect(host.load(201).sw).toBe('6985');
    expect(host.load(200).sw).toBe('9000');
  });
});

describe('the PIN', () => {
  it('has three tries, is reloaded or changed, and unblocked by who knows it', () => {
    const host = openedPurse();
    expect(host.verify('111111')).toBe('63C2');
    expect(host.verify('11')).toBe('6700');
    expect(host.verify()).toBe('9000');
    expect([host.verify('111111'), host.verify('111111'), host.verify('111111')]).toEqual(['63C2', '63C1', '6983']);
    expect(host.verify()).toBe('6983');
    expect(host.load(1).sw).toBe('6982');
    expect(host.protect('84240001', fromHex(PIN), { key: 'unblock', encipher: true })).toBe('9000');
    expect(host.verify()).toBe('9000');
    expect(host.send('805E0100 07 123456 FF 654321').sw).toBe('9000');
    expect(host.verify()).toBe('63C2');
    expect(host.verify('654321')).toBe('9000');
    expect(host.send('805E0100 07 123456 FF 999999').sw).toBe('63C2');
  });

  it('wrongly unblocked three times blocks the application for ever', () => {
    const host = openedPurse();
    const unblock = (pin: string, spoil = false) =>
      host.protect('84240001', fromHex(pin), { key: 'unblock', encipher: true, spoil });
    expect(unblock('999999')).toBe('6A80');
    expect(unblock(PIN, true)).toBe('6988');
    expect(unblock('999999')).toBe('9303');
    expect(host.select().sw).toBe('9303');
    expect(host.send('805C000204').sw).toBe('9303');
  });

  it('is reloaded under its own key, over the PIN or over header and PIN', () => {
    for (const reloadPinMacInput of ['pin', 'header-and-pin'] as const) {
      const host = openedPurse({ switches: { reloadPinMacInput } });
      const input = fromHex(reloadPinMacInput === 'pin' ? '111111' : '805E000007111111');
      const mac = toHex(reloadPinMac(host.key('reload'), input));
      expect(host.send('805E0000 07 111111 00000000').sw).toBe('9302');
      expect(host.verify()).toBe('9000');
      for (let attempt = 0; attempt < 3; attempt++) host.verify('999999');
      expect(host.send(`805E0000 07 111111 ${mac}`).sw).toBe('9000');
      expect(host.verify()).toBe('63C2');
      expect(host.verify('111111')).toBe('9000');
    }
  });
});

describe('blocking', () => {
  it('for a time is undone by the issuer, wrong MACs end it for ever', () => {
    const host = openedPurse();
    expect(host.protect('841E0000', new Uint8Array(0), { spoil: true })).toBe('6988');
    expect(host.send('841E00000400000000').sw).toBe('6985'); // without a challenge
    expect(host.protect('841E0000', new Uint8Array(0))).toBe('9000');
    expect(host.select().sw).toBe('6283');
    expect(host.send('805C000204').sw).toBe('6985');
    expect(host.cappPurchase(1, 1).sw).toBe('6985');
    expect(host.protect('84180000', new Uint8Array(0))).toBe('9000');
    expect(host.balance()).toBe(1000);
    expect(host.protect('84180000', new Uint8Array(0))).toBe('6985');
    host.protect('841E0000', new Uint8Array(0));
    const tries = [1, 2, 3].map(() => host.protect('84180000', new Uint8Array(0), { spoil: true }));
    expect(tries).toEqual(['6988', '6988', '9303']);
  });

  it('for ever is for ever; SELECT of a blocked one may be 6A81', () => {
    const host = openedPurse();
    expect(host.protect('841E0001', new Uint8Array(0))).toBe('9000');
    expect(host.select().sw).toBe('9303');
    const strict = openedPurse({ switches: { blockedSelect: 0x6a81 } });
    strict.protect('841E0000', new Uint8Array(0));
    expect(strict.select()).toEqual({ sw: '6A81', data: new Uint8Array(0) });
  });
});

describe('files', () => {
  it('are read free, by offset, and changed only as their condition says', () => {
    const host = openedPurse();
    expect(toHex(host.send('00B095001E').data)).toBe(toHex(PUBLIC_INFORMATION));
    expect(toHex(host.send('00B0950C08').data)).toBe('2280000100001117');
    expect(host.send('00B095001F').sw).toBe('6C1E');
    expect(host.send('00B0951E01').sw).toBe('6B00');
    expect(host.send('00B08B0001').sw).toBe('6A82');
    expect(host.send('00B09A0001').sw).toBe('6A81');
    expect(host.send('00B0150001').sw).toBe('6A86');
    expect(host.send('00D6950001AA').sw).toBe('6982');
    expect(host.protect('04D69508', fromHex('03'))).toBe('9000');
    expect(toHex(host.send('00B0950801').data)).toBe('03');
    expect(host.protect('04D69508', fromHex('04'), { spoil: true })).toBe('6988');
    expect(host.protect('04D69600', fromHex('0102'))).toBe('6988'); // the holder's file wants it enciphered
    expect(host.protect('04D69600', fromHex('0102'), { encipher: true })).toBe('9000');
    expect(toHex(host.send('00B0960002').data)).toBe('0102');
    expect(host.send('00D6850001AA').sw).toBe('9000'); // city file, free
    expect(host.send('00D6852702AABB').sw).toBe('6B00');
  });

  it('open records of the trip file by APPEND RECORD, each identifier once', () => {
    const host = openedPurse();
    expect(host.send(`00E200D080${toHex(tripRecord(0x2703, 0))}`).sw).toBe('6982');
    const opened = host.protect('04E200D0', tripRecord(0x2703, 7));
    expect(opened).toBe('9000');
    expect(host.protect('04E200D0', tripRecord(0x2703, 8))).toBe('6985');
    expect(toHex(host.send('00B203D000').data)).toBe(toHex(tripRecord(0x2703, 7)));
    for (let id = 0x2704; id <= 0x2712; id++) expect(host.protect('04E200D0', tripRecord(id, 0))).toBe('9000');
    expect(host.protect('04E200D0', tripRecord(0x2713, 0))).toBe('6A84');
    expect(host.protect('04DC03D4', tripRecord(0x2703, 9))).toBe('9000');
    expect(toHex(host.send('00B203D400').data)).toBe(toHex(tripRecord(0x2703, 9)));
  });
});

describe('the SM4 purse (assumption of reference pboc.md §4.6)', () => {
  it('does the same journeys under SM4 keys', () => {
    const host = openedPurse({ algorithm: 'SM4' });
    const opened = host.initialize(0x03, 200);
    expect(toHex(opened.data.subarray(10, 11))).toBe('04');
    host.update(0x00, 0xd0, tripRecord(0x2701, 0x11));
    const done = host.debit(opened, 200);
    const { tac, mac2 } = host.expectedProof(opened, 200);
    expect(done.sw + toHex(done.data)).toBe(`9000${tac}${mac2}`);
    host.verify();
    expect(host.load(100).sw).toBe('9000');
    expect(host.protect('04D69600', fromHex('0102'), { encipher: true })).toBe('9000');
    expect(host.balance()).toBe(900);
  });
});

describe('uncertain facts', () => {
  it('are switches: proof number, type code, sequence error', () => {
    const before = openedPurse({ switches: { proofNumber: 'before' } });
    before.cappPurchase(1, 1);
    expect([before.prove(9, 5).sw, before.prove(9, 6).sw]).toEqual(['9000', '9406']);
    const either = openedPurse({ switches: { proofNumber: 'either', cappTypeCode: 0x0a, outOfSequence: 0x6985 } });
    expect(either.debit(either.initialize(0x03, 1), 1).sw).toBe('9302');
    expect(either.debit(either.initialize(0x03, 1), 1, { type: 0x0a }).sw).toBe('9000');
    expect([either.prove(0x0a, 5).sw, either.prove(0x0a, 6).sw]).toEqual(['9000', '9000']);
    expect(either.send('805200000B2025010112000000000000').sw).toBe('6985');
  });

  it('are kept by a snapshot', () => {
    const card = purseCard({ switches: { cappTypeCode: 0x0a } });
    const host = new PurseHost(VirtualCard.restore(card.snapshot(), { random: fixedRandom('00000000') }));
    host.select();
    expect(host.debit(host.initialize(0x03, 1), 1, { type: 0x0a }).sw).toBe('9000');
    expect(KEYS.purchase).toHaveLength(16);
    expect(TERMINAL).toHaveLength(6);
  });
});
