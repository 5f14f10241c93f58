import { inspect } from 'node:util';
import { fromHex, toHex } from '@polycard/bytes';
import { computeUpdateMac } from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import { Psam } from '../src/index.ts';
import { blueprint, keyOfCard, psam, recordNamed } from './region.ts';

const update = { atc: 7, p2: 0xa8, record: recordNamed('metro').codec.initial() };

describe('the PSAM', () => {
  it("makes the MAC of a card's own management key, from where its key ends to the card", () => {
    for (const [pan, homeCityCode] of [
      ['6228480000000011', '5840'],
      ['6228480000000000029', '5840'],
      ['6228480000000011', '5810'],
      ['6228480000000011', '5840'],
    ] as const) {
      const recordKey = keyOfCard('metro-management', { pan, homeCityCode });
      const mac = psam.updateMac('metro-management', { pan, homeCityCode }, update);
      expect(toHex(mac)).toBe(toHex(computeUpdateMac({ recordKey, ...update })));
    }
  });

  it('disperses and makes MACs with SM4 under an SM4 key, and with 3DES where its parameters say so', () => {
    const key = fromHex('0123456789ABCDEFFEDCBA9876543210');
    const factors = [fromHex('09981001FFFFFFFF'), fromHex('2280000100001117')];
    const recordKey = fromHex('6F2F7655E3E05A9046549A0279C66674'); // V2 of the reference
    const card = { pan: '', homeCityCode: '' };
    for (const macAlgorithm of ['SM4', '3DES'] as const) {
      const own = new Psam([{ label: 'k', algorithm: 'SM4', macAlgorithm, key, cardFactors: () => factors }]);
      const mac = toHex(computeUpdateMac({ recordKey, algorithm: macAlgorithm, ...update }));
      expect(toHex(own.updateMac('k', card, update))).toBe(mac);
    }
    const plain = new Psam([{ label: 'k', algorithm: 'SM4', key, cardFactors: () => factors }]);
    const mac = toHex(computeUpdateMac({ recordKey, algorithm: 'SM4', ...update }));
    expect(toHex(plain.updateMac('k', card, update))).toBe(mac);
  });

  it('holds no activation key and says which key is missing', () => {
    const activation = blueprint.keys.filter(({ usage }) => usage === 'activation').map(({ label }) => label);
    expect(activation.length).toBeGreaterThan(0);
    for (const label of activation) {
      expect(() => psam.updateMac(label, { pan: '6228480000000011', homeCityCode: '5840' }, update)).toThrow(
        `the PSAM holds no key ${label}`,
      );
    }
  });

  it('shows no key when it is printed', () => {
    const key = fromHex('0123456789ABCDEFFEDCBA9876543210');
    const own = new Psam([{ label: 'k', algorithm: '3DES', key, cardFactors: () => [] }]);
    own.updateMac('k', { pan: '', homeCityCode: '' }, update);
    const printed = inspect(own, { depth: 9, showHidden: true }) + JSON.stringify(own);
    expect(printed.toUpperCase()).not.toContain('0123456789ABCDEF');
    expect(printed).not.toContain('1, 35, 69');
  });
});
