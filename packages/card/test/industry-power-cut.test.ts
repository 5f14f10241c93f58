import { concat, toHex } from '@polycard/bytes';
import { seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import { type CardSnapshot, PowerCut, VirtualCard } from '../src/index.ts';
import { IndustryHost, industryCard, SPECIFICATIONS, type SpecificationName } from './industry-card.ts';

const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

function restored(snapshot: CardSnapshot, name: SpecificationName): IndustryHost {
  const host = new IndustryHost(VirtualCard.restore(snapshot, { random: seededRandom('industry tear') }), name);
  host.select();
  return host;
}

/** What is in the memory of one application, its retry counters left out: files, keys, state. */
function contents(snapshot: CardSnapshot, name: SpecificationName): string {
  const recovered = restored(snapshot, name).card.snapshot();
  const memory = Buffer.from(recovered.applications[SPECIFICATIONS[name].aid]!.memory!.bytes, 'base64');
  for (const index of SPECIFICATIONS[name].keys.keys()) memory[10 + index * 18 + 1] = 0;
  memory[1] = 0;
  return memory.toString('hex');
}

interface Flow {
  readonly name: SpecificationName;
  readonly dormant?: boolean;
  readonly prepare: (host: IndustryHost) => void;
  readonly run: (host: IndustryHost) => void;
}

const flows: Readonly<Record<string, Flow>> = {
  'an enciphered update': {
    name: 'health',
    prepare: (host) => host.authenticate(0x04),
    run: (host) => host.protect('04D68B00', bytes(54, 7), { enc: true }),
  },
  'an APPEND RECORD': {
    name: 'traffic',
    prepare: (host) => host.authenticate(0x04),
    run: (host) => host.protect('04E20028', bytes(96, 7), { enc: true }),
  },
  'a water purchase of three updates': {
    name: 'water',
    prepare(host) {
      host.authenticate(0x04);
      host.send('80100001');
      host.protect('04D68400', bytes(40, 1), { enc: true });
      host.protect('04D68700', bytes(1, 2), { enc: true });
      host.protect('04E20040', bytes(32, 3), { enc: true });
    },
    run: (host) => host.protect('84100002', new Uint8Array(0)),
  },
  'an activation': {
    name: 'water',
    dormant: true,
    prepare: () => undefined,
    run: (host) =>
      host.protect('84440000', host.activation([2, 3, 4, 5, 7, 8, 9, 0x0a, 0x0b, 0x0c]), { key: 1, enc: true }),
  },
  'a closing that erases the keys': {
    name: 'health',
    prepare: () => undefined,
    run: (host) => host.protect('84E60000', new Uint8Array(0), { key: 2 }),
  },
  'a change of the PIN': {
    name: 'health',
    prepare: () => undefined,
    run: (host) => host.send('0024000110 26123456FFFFFFFF 26654321FFFFFFFF'),
  },
};

describe.each(Object.entries(flows))('power cut in %s', (_title, { name, dormant = false, prepare, run }) => {
  const start = industryCard({ dormant }).snapshot();
  const begin = (): IndustryHost => {
    const host = restored(start, name);
    prepare(host);
    return host;
  };
  const whole = begin();
  whole.card.powerCut = () => false;
  run(whole);
  const steps = whole.card.physicalWrites;
  const [before, after] = [contents(start, name), contents(whole.card.snapshot(), name)];

  it('leaves the contents before or after, at every physical write', () => {
    expect(steps).toBeGreaterThan(3);
    expect(after).not.toBe(before);
    const seen = new Set<string>();
    for (let cut = 0; cut < steps; cut++) {
      const host = begin();
      host.card.powerCut = (step) => step === cut;
      expect(() => run(host)).toThrow(PowerCut);
      host.card.powerCut = undefined;
      const state = contents(host.card.snapshot(), name);
      expect([before, after], `write ${cut}`).toContain(state);
      seen.add(state);
      host.card.reset();
      expect(contents(host.card.snapshot(), name), `recovered after write ${cut}`).toBe(state);
    }
    expect(seen.size).toBe(2);
  });
});

describe('authentication counters', () => {
  it('count a try however the power goes: a card that compared has counted', () => {
    for (let cut = 0; cut < 4; cut++) {
      const host = restored(industryCard().snapshot(), 'water');
      host.card.powerCut = (step) => step === cut;
      expect(() => host.authenticate(0x03, { spoil: true })).toThrow(PowerCut);
      host.card.powerCut = undefined;
      host.card.reset();
      host.select();
      expect(host.authenticate(0x03, { spoil: true })).toBe(cut < 2 ? '63C4' : '63C3');
    }
    expect(toHex(concat(bytes(1, 1)))).toBe('01');
  });
});
