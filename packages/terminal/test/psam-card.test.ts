import { concat, fromHex, PolycardError, toHex } from '@polycard/bytes';
import { PowerCut } from '@polycard/card';
import { disperseAlong, randomInteger, seededRandom } from '@polycard/crypto';
import { computeUpdateMac, lineProtectionMac, purchaseMac1, purchaseMac2, purchaseSessionKey } from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import { Psam, PsamCardClient, type PsamKeyPlace } from '../src/index.ts';
import { CARD_PURCHASE_KEY, ISSUER, SERIAL, samSlot } from './purse-region.ts';

const purchase = {
  random: fromHex('A1B2C3D4'),
  offlineSequence: 5,
  amountFen: 0xc8,
  type: 0x09,
  at: fromHex('20250101120000'),
  keyVersion: 1,
  algorithmId: 0,
  factorsTopDown: [ISSUER, SERIAL],
};
const answerOf = (sam: ReturnType<typeof samSlot>, command: string): string => toHex(sam.transmit(fromHex(command)));

describe('the PSAM card', () => {
  it('makes MAC1 of vector V7 at the terminal transaction the vector names', () => {
    const client = new PsamCardClient(samSlot({ transactions: 0x122 }));
    expect(toHex(client.open().terminalNo)).toBe('000000000001');
    const { terminalSequence, mac1 } = client.initPurchase(purchase);
    expect([toHex(terminalSequence), toHex(mac1)]).toEqual(['00000123', 'E8BB888B']);
    expect(client.credit(fromHex('D9B4C92D'))).toBe(false);
    expect(client.credit(fromHex('D9B4C92C'))).toBe(true);
    expect(client.credit(fromHex('D9B4C92C'))).toBe(false); // once
  });

  it('answers as a T=0 card: 61xx, then GET RESPONSE; Lc is 14+8N', () => {
    const sam = samSlot();
    const body = `A1B2C3D4 0005 000000C8 09 20250101120000 01 00 ${toHex(SERIAL)}${toHex(ISSUER)}`;
    expect(answerOf(sam, `8070000024 ${body} 08`)).toBe('6985'); // the application is not selected
    expect(answerOf(sam, '00A40000029999')).toBe('6A82');
    expect(answerOf(sam, '00A40000028011')).toBe('9000');
    expect(answerOf(sam, `8070000024 ${body} 08`)).toBe('6108');
    expect(answerOf(sam, '00C0000009')).toBe('6C08');
    expect(answerOf(sam, '00C0000008')).toMatch(/^00000001.{8}9000$/);
    expect(answerOf(sam, '00C0000008')).toBe('6985');
    expect(answerOf(sam, `807000001C ${body.slice(0, -16)} 08`)).toBe('9403'); // no key one level above the card
    expect(answerOf(sam, `8070000023 ${body.slice(0, -2)} 08`)).toBe('6700');
    expect(answerOf(sam, '00B096000' + '6')).toBe('0000000000019000');
    expect(answerOf(sam, '00B0970001')).toBe('019000');
    expect(answerOf(sam, '00B0950F01')).toBe('6B00');
    expect(answerOf(sam, '8072000004' + '00000000')).toBe('6985');
    expect(answerOf(sam, '80FE0000')).toBe('6D00');
  });

  it('never uses a number twice, or counts with MAC2 where a scheme wants that', () => {
    const client = new PsamCardClient(samSlot());
    client.open();
    const numbers = [1, 2, 3].map(() => toHex(client.initPurchase(purchase).terminalSequence));
    expect(numbers).toEqual(['00000001', '00000002', '00000003']);
    const late = new PsamCardClient(samSlot({ switches: { sequenceGoesUp: 'at-credit' } }));
    late.open();
    late.initPurchase(purchase);
    const { terminalSequence } = late.initPurchase(purchase);
    const session = purchaseSessionKey(
      { algorithm: '3DES', key: CARD_PURCHASE_KEY },
      { ...purchase, terminalSequence },
    );
    expect(late.credit(purchaseMac2(session, purchase.amountFen))).toBe(true);
    expect(toHex(late.initPurchase(purchase).terminalSequence)).toBe('00000002');
  });

  it('locks after too many wrong MAC2 in a row', () => {
    const sam = samSlot({ switches: { macErrorsMax: 3 } });
    const client = new PsamCardClient(sam);
    client.open();
    client.initPurchase(purchase);
    for (let error = 0; error < 3; error++) expect(client.credit(fromHex('00000000'))).toBe(false);
    expect(() => client.initPurchase(purchase)).toThrow('the PSAM answered 6983 to INIT_SAM_FOR_PURCHASE');
  });

  it('keeps its counter through a power cut at every write', () => {
    for (let cut = 0; cut < 4; cut++) {
      const sam = samSlot();
      const client = new PsamCardClient(sam);
      client.open();
      sam.powerCut = (step) => step === cut;
      let mac1: Uint8Array | undefined;
      try {
        mac1 = client.initPurchase(purchase).mac1;
      } catch (error) {
        expect(error).toBeInstanceOf(PowerCut);
      }
      sam.powerCut = undefined;
      sam.reset();
      client.open();
      const next = client.initPurchase(purchase);
      expect(toHex(next.terminalSequence)).toBe(cut < 2 ? '00000001' : '00000002');
      expect(mac1).toBeUndefined();
      const session = purchaseSessionKey({ algorithm: '3DES', key: CARD_PURCHASE_KEY }, { ...purchase, ...next });
      const terminal = fromHex('000000000001');
      expect(toHex(next.mac1)).toBe(toHex(purchaseMac1(session, { ...purchase, terminal })));
    }
  });

  it('makes line-protection MACs as a T-Union gate blocks a card: 801A 45 02 10, 80FA 05 00 10', () => {
    const sent: string[] = [];
    const sam = samSlot();
    const client = new PsamCardClient({
      transmit(command) {
        sent.push(toHex(command));
        return sam.transmit(command);
      },
    });
    client.open();
    const challenge = fromHex('11223344');
    const mac = client.lineProtectionMac({ type: 0x05, id: 0x02 }, [ISSUER, SERIAL], challenge, fromHex('841E000004'));
    const key = disperseAlong('3DES', fromHex('FEDCBA98765432100123456789ABCDEF'), [ISSUER, SERIAL]);
    const expected = lineProtectionMac({ algorithm: '3DES', key }, challenge, fromHex('841E000004'), new Uint8Array(0));
    expect(toHex(mac)).toBe(toHex(expected));
    expect(sent[3]).toBe(`801A450210${toHex(SERIAL)}${toHex(ISSUER)}`);
    expect(sent[4]).toBe('80FA0500101122334400000000841E000004800000');
  });

  it('gives no purchase key away and ciphers only with keys made for it', () => {
    const sam = samSlot();
    answerOf(sam, '00A40000028011');
    expect(answerOf(sam, `801A420110${toHex(SERIAL)}${toHex(ISSUER)}`)).toBe('6A86');
    expect(answerOf(sam, '80FA0500080000000000000000')).toBe('6985');
    expect(answerOf(sam, `801A450210${toHex(SERIAL)}${toHex(ISSUER)}`)).toBe('9000');
    expect(answerOf(sam, '80FA0000080000000000000000')).toBe('6985'); // a maintenance key makes MACs only
    expect(answerOf(sam, '80FA0100080000000000000000')).toBe('6985'); // a last block without a first
    expect(answerOf(sam, '80FA05000700000000000000')).toBe('6700');
    expect(answerOf(sam, `801A4502080000000000000000`)).toBe('6700');
    expect(answerOf(sam, `801A450910${toHex(SERIAL)}${toHex(ISSUER)}`)).toBe('9403');
    expect(answerOf(sam, `801A280108${toHex(SERIAL)}`)).toBe('9000');
    expect(answerOf(sam, '80FA000008 0000000000000000 08')).toBe('6108');
  });

  it('answers any bytes without failing inside', () => {
    const random = seededRandom('psam fuzz');
    const sam = samSlot();
    for (let round = 0; round < 5_000; round++) {
      const ins = [0x1a, 0x70, 0x72, 0x84, 0xa4, 0xb0, 0xfa, 0xc0][randomInteger(random, 8)]!;
      const command = concat(
        Uint8Array.of([0x00, 0x80][randomInteger(random, 2)]!, ins),
        random(randomInteger(random, 60)),
      );
      expect(toHex(sam.transmit(command)).slice(-4), toHex(command)).not.toBe('6F00');
      if (round % 50 === 0) sam.transmit(fromHex('00A40000028011'));
    }
  });
});

describe('MACs of CAPP updates by APDUs (reference pboc.md §3.3)', () => {
  const cardFactors = () => [SERIAL];
  const places: readonly PsamKeyPlace[] = [
    { label: 'des', type: 0x08, id: 0x01, algorithm: '3DES', cardFactors },
    { label: 'sm4', type: 0x08, id: 0x04, algorithm: 'SM4', cardFactors },
  ];
  const card = { pan: '6228480000000011', homeCityCode: '5840' };

  it('equal those of the software PSAM, for both algorithms and every length of record', () => {
    const key = fromHex('00112233445566778899AABBCCDDEEFF');
    const software = new Psam([
      { label: 'des', algorithm: '3DES', key, cardFactors },
      { label: 'sm4', algorithm: 'SM4', key, cardFactors },
    ]);
    const client = new PsamCardClient(samSlot(), { keys: places });
    client.open();
    for (const { label } of places) {
      for (let length = 3; length < 140; length += 7) {
        const update = { atc: 2, p2: 0xa8, record: Uint8Array.from({ length }, (_, index) => index) };
        expect(toHex(client.updateMac(label, card, update))).toBe(toHex(software.updateMac(label, card, update)));
      }
    }
  });

  it('of a 64-byte record go out as the Xi’an reader sends them: 801A 28 01 08, 80FA over IV and command', () => {
    const sent: string[] = [];
    const sam = samSlot();
    const client = new PsamCardClient(
      {
        transmit(command) {
          sent.push(toHex(command));
          return sam.transmit(command);
        },
      },
      { keys: places, cipherDataBytesMax: 0xf0 },
    );
    client.open();
    const record = new Uint8Array(64).fill(0x5a);
    const mac = client.updateMac('des', card, { atc: 0x0102, p2: 0xa8, record });
    expect(sent[3]).toBe(`801A280108${toHex(SERIAL)}`);
    expect(sent[4]).toBe(`80FA050050000000000000010284DE00A844${toHex(record)}800000`);
    const recordKey = disperseAlong('3DES', fromHex('00112233445566778899AABBCCDDEEFF'), [SERIAL]);
    expect(toHex(mac)).toBe(toHex(computeUpdateMac({ recordKey, atc: 0x0102, p2: 0xa8, record })));
  });

  it('of a key the PSAM was not issued with are refused by name', () => {
    const client = new PsamCardClient(samSlot(), { keys: places });
    expect(() => client.updateMac('other', card, { atc: 1, p2: 0xa8, record: fromHex('00') })).toThrow(PolycardError);
    expect(() => client.updateMac('des', card, { atc: 1, p2: 0xa8, record: fromHex('00') })).toThrow('answered 6985');
  });
});
