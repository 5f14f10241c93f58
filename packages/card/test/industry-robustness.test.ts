import { fromHex, toHex } from '@polycard/bytes';
import { type RandomSource, randomInteger, seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import { type DataGrouping, encodeStoreData, industryFileGroupings, VirtualCard } from '../src/index.ts';
import { recordedIndustryCommands } from './fuzz/industry-subjects.ts';
import { cardKey, industryCard, SERIAL, SPECIFICATIONS, type SpecificationName, WATER } from './industry-card.ts';

const names = Object.keys(SPECIFICATIONS) as SpecificationName[];

const seeds = recordedIndustryCommands();

function mutate(random: RandomSource, seed: Uint8Array): Uint8Array {
  const command = seed.slice(0, randomInteger(random, 8) === 0 ? randomInteger(random, seed.length + 1) : seed.length);
  for (let flip = randomInteger(random, 3); flip > 0 && command.length > 0; flip--) {
    const where = randomInteger(random, randomInteger(random, 2) === 0 ? Math.min(7, command.length) : command.length);
    command[where] = randomInteger(random, 256);
  }
  return command;
}

/** A refused command changes nothing but the counters of tries. */
const COUNTS_TRIES = /(63C.|6983|6988|6A80|6700|6A8.)$/;

describe('broken commands to industry file applications', () => {
  it('are answered at every truncation, random and mutated, 6,000 of them, and touch no other application', () => {
    const random = seededRandom('industry fuzz');
    const start = industryCard().snapshot();
    let card = VirtualCard.restore(start, { random });
    let selected = SPECIFICATIONS.water.aid;
    let changes = 0;
    const truncated = seeds.flatMap((seed) =>
      Array.from({ length: seed.length }, (_, length) => seed.subarray(0, length)),
    );
    for (let round = 0; round < 6_000; round++) {
      if (round % 200 === 0) card = VirtualCard.restore(start, { random });
      if (round % 200 === 0 || randomInteger(random, 15) === 0) {
        selected = SPECIFICATIONS[names[randomInteger(random, names.length)]!].aid;
        card.transmit(fromHex(`00A4040007${selected}00`));
      }
      const before = card.snapshot().applications;
      const isTruncated = randomInteger(random, 5) === 0;
      const command = isTruncated
        ? truncated[randomInteger(random, truncated.length)]!
        : mutate(random, seeds[randomInteger(random, seeds.length)]!);
      if (command[1] === 0xa4) continue;
      const answer = toHex(card.transmit(command));
      expect(answer.slice(-4), toHex(command)).not.toBe('6F00');
      const after = card.snapshot().applications;
      const changed = Object.keys(after).filter((aid) => JSON.stringify(after[aid]) !== JSON.stringify(before[aid]));
      if (changed.length === 0) continue;
      changes++;
      expect(changed, toHex(command)).toEqual([selected]);
      expect(answer, toHex(command)).toMatch(answer.endsWith('9000') ? /9000$/ : COUNTS_TRIES);
    }
    expect(changes).toBeGreaterThan(100);
  });
});

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
