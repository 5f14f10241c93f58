import { fromHex, toHex } from '@polycard/bytes';
import { randomInteger, seededRandom } from '@polycard/crypto';
import { industryFileGroupings } from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import { type DataGrouping, encodeStoreData, VirtualCard } from '../src/index.ts';
import { cardKey, SERIAL, WATER } from './industry-card.ts';

describe('broken specifications', () => {
  const whole = industryFileGroupings(WATER, {
    serial: SERIAL,
    keys: new Map(WATER.keys.map(({ reference }) => [reference, cardKey(WATER, reference)])),
    pin: '123456',
    state: 'active',
  });
  const key = fromHex('404142434445464748494A4B4C4D4E4F');
  const stored = (groupings: readonly DataGrouping[]): string => {
    const card = new VirtualCard({
      random: seededRandom('blank'),
      personalisationKey: key,
      applications: [{ module: 'industry-files', aid: fromHex(WATER.aid) }],
    });
    card.transmit(fromHex(`00A4040007${WATER.aid}00`));
    const answers = encodeStoreData(groupings, key).map((command) => toHex(card.transmit(command)));
    expect(answers.at(-1)).not.toBe('6F00');
    const isPersonalised = card.snapshot().applications[WATER.aid] !== undefined;
    expect(isPersonalised).toBe(answers.at(-1) === '9000');
    return answers.at(-1)!;
  };

  it('whole they are taken; truncated anywhere or with a grouping missing the card stays blank', () => {
    expect(stored(whole)).toBe('9000');
    for (const [index, { dgi, data }] of whole.entries()) {
      const optional = ['A015', '8010', '9010', 'A014'].includes(dgi) || dgi.startsWith('C0');
      if (!optional) expect(stored(whole.filter((_, each) => each !== index)), dgi).not.toBe('9000');
      if (dgi === 'A014' || dgi === 'A015') continue;
      const lengths = new Set([0, 1, Math.floor(data.length / 2), data.length - 1]);
      for (const length of lengths) {
        if (length >= data.length || (dgi === 'A010' && length >= 20)) continue;
        const shorter = whole.map((each, at) => (at === index ? { dgi, data: data.subarray(0, length) } : each));
        if (length === 0 && dgi.startsWith('C0')) continue;
        if (['8020', '8010'].includes(dgi) && length % 8 !== 0) continue;
        expect(stored(shorter), `${dgi} cut to ${length}`).not.toBe('9000');
      }
    }
  });

  it('with random bytes in any grouping crash nothing', () => {
    const random = seededRandom('specification fuzz');
    for (let round = 0; round < 400; round++) {
      const index = randomInteger(random, whole.length);
      const broken = whole.map((each, at) => {
        if (at !== index || each.data.length === 0) return each;
        const data = each.data.slice();
        data[randomInteger(random, data.length)] = randomInteger(random, 256);
        return { dgi: each.dgi, data };
      });
      stored(broken);
    }
  });
});
