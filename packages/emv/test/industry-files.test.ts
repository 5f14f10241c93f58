import { concat, fromHex, toHex } from '@polycard/bytes';
import { type Algorithm, checkValue, disperseAlong } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import {
  decipherIndustry,
  encipherIndustry,
  externalCryptogram,
  type IndustryKey,
  industryCommandMac,
  industryTac,
  internalCryptogram,
} from '../src/index.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'ascii'));
const CITY = ascii('44010000');
const CARD = fromHex('4401000000012345');
const TREE_A = fromHex('404142434445464748494A4B4C4D4E4F');
const TREE_M = fromHex('0123456789ABCDEFFEDCBA9876543210');
const cardKey = (root: Uint8Array, industry: string, usage: string): Uint8Array =>
  disperseAlong('SM4', root, [ascii(industry), ascii(usage), CITY, CARD]);
const key = (bytes: Uint8Array): IndustryKey => ({ algorithm: 'SM4', key: bytes, session: 'split' });
const R = fromHex('1122334455667788');

describe('vectors of reference industries.md §0.8', () => {
  it('card keys of three industries and their check values', () => {
    const industries = {
      UTILWATR: ['C2B8DD4D50B080934E3C6569A3DEDD48', 'F29DD1', '513060', '7678DD'],
      HEALTHRH: ['FEDCD78BAD3BCF2603A50A88600EA789', '752488', 'B2FC3A', '2125E4'],
      TRAFDRVR: ['FE458BD6ADF6808B7BFB0C97D3C91CB0', 'B77811', 'CFE80D', '8A877C'],
    };
    for (const [industry, [activation, ...checks]] of Object.entries(industries)) {
      expect(toHex(cardKey(TREE_A, industry, 'USE-AK__'))).toBe(activation);
      const made = ['USE-MK__', 'USE-RK__', 'USE-UK1_'].map((usage) =>
        checkValue('SM4', cardKey(TREE_M, industry, usage)),
      );
      expect(made.map(toHex)).toEqual(checks);
    }
  });

  it('EXTERNAL AUTHENTICATE under the health read key', () => {
    const cryptogram = externalCryptogram(key(cardKey(TREE_M, 'HEALTHRH', 'USE-RK__')), R, fromHex('A1B2C3D4E5F60718'));
    expect(toHex(cryptogram)).toBe('D64E97C0B9C7F24D');
  });

  it('order MAC of a water purchase, and its enciphered write into EF04', () => {
    const meter = fromHex('00440100012345');
    const customer = fromHex('000001234567');
    const purchaseKey = fromHex('20B06F1A5BB5F14A0FAD252B3F3D2C07');
    const order = fromHex('2026110100000042 0007 00004E20 00000000 00000001E208 20261101103000 01 00 02 0000');
    const orderMac = industryTac('SM4', purchaseKey, concat(meter, customer, order));
    expect(toHex(orderMac)).toBe('3E5FF1AD');
    const line = key(fromHex('2E04CBD17142E2A0B34A370C664CB072'));
    const body = encipherIndustry(line, R, concat(order, orderMac));
    expect(toHex(body)).toBe(
      'EE122E134375DBBA18F7E65D0C3939D6FC2980C7BE94C4BB989D8F49198A584BF90B5532B7694B166D500D8F8EEF2BBE',
    );
    expect(toHex(industryCommandMac(line, R, fromHex('04D68400'), body))).toBe('670E8CB1');
    const tac = fromHex(`2026110100000042 0007 00004E20 000000000001 20261101103000`);
    expect(toHex(industryTac('SM4', fromHex('D798F3FB6D8F205F4DFB0892C60E6552'), tac))).toBe('59C28BE7');
  });

  it('update of a health index byte', () => {
    const line = key(fromHex('374072B30FD42C6043E339E42EBBE251'));
    const body = encipherIndustry(line, R, fromHex('00'));
    expect(toHex(body)).toBe('7EB4294D03DAC641B45950C349DD228A');
    expect(toHex(industryCommandMac(line, R, fromHex('04DC0234'), body))).toBe('E3F5F8D6');
  });
});

describe('secure messaging', () => {
  it('gives back every length, under both algorithms and both ways of session keys', () => {
    for (const algorithm of ['3DES', 'SM4'] as Algorithm[]) {
      for (const session of ['split', 'single'] as const) {
        const used: IndustryKey = { algorithm, key: TREE_M, session };
        for (let length = 0; length < 40; length++) {
          const plain = Uint8Array.from({ length }, (_, index) => index);
          const body = encipherIndustry(used, R, plain);
          expect(decipherIndustry(used, R, body)).toEqual(plain);
          expect(decipherIndustry(used, fromHex('1122334455667789'), body)).toBeUndefined();
        }
        expect(decipherIndustry(used, R, new Uint8Array(0))).toBeUndefined();
        expect(decipherIndustry(used, R, new Uint8Array(7))).toBeUndefined();
      }
    }
  });

  it('the card’s proof depends on all sixteen bytes of the terminal’s random', () => {
    const random = Uint8Array.from({ length: 16 }, (_, index) => index);
    const proofs = new Set([toHex(internalCryptogram(key(TREE_M), random))]);
    for (let index = 0; index < 16; index++) {
      const other = random.slice();
      other[index]! ^= 1;
      proofs.add(toHex(internalCryptogram(key(TREE_M), other)));
    }
    expect(proofs.size).toBe(17);
  });
});
