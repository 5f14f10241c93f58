import { toHex } from '@polycard/bytes';
import { seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import { type CardSnapshot, PowerCut, VirtualCard } from '../src/index.ts';
import { openedPurse, PurseHost, tripRecord } from './purse-card.ts';

function restored(snapshot: CardSnapshot): PurseHost {
  const host = new PurseHost(VirtualCard.restore(snapshot, { random: seededRandom('purse tear') }));
  host.select();
  return host;
}

/** All a terminal can read of the purse. */
function visibleState(snapshot: CardSnapshot): string {
  const host = restored(snapshot);
  const numbers = [0, 1, 2, 3].map((p1) => host.balance(p1));
  const byte = (value: number): string => value.toString(16).padStart(2, '0');
  const records = [0xd4, 0xf4, 0xc4].flatMap((p2) =>
    Array.from({ length: 11 }, (_, index) => host.send(`00B2${byte(index + 1)}${byte(p2)}00`)),
  );
  const binaries = ['95', '96', '97', '85'].map((p1) => host.send(`00B0${p1}0000`));
  const proofs = [2, 3, 6, 7, 9].flatMap((type) => [4, 5, 6, 7].map((sequence) => host.prove(type, sequence)));
  const counters = [host.initialize(0x01, 0)].map(({ data }) => toHex(data.subarray(0, 6)));
  const answers = [...records, ...binaries, ...proofs].map(({ sw, data }) => sw + toHex(data));
  return [...numbers, ...counters, ...answers].join('|');
}

const flows: Readonly<Record<string, (host: PurseHost) => void>> = {
  'a purchase': (host) => {
    host.debit(host.initialize(0x01, 300), 300, { type: 6 });
  },
  'a CAPP purchase with two updates': (host) => {
    host.cappPurchase(200, 0x42);
  },
  'a load': (host) => {
    host.load(500);
  },
  'an unload': (host) => {
    host.unload(500);
  },
  'a change of the overdraft limit': (host) => {
    host.setOverdraft(900);
  },
  'a protected update of a record': (host) => {
    host.protect('04DC01D4', tripRecord(0x2701, 0x77));
  },
  'an APPEND RECORD': (host) => {
    host.protect('04E200D0', tripRecord(0x2705, 0x77));
  },
};

describe.each(Object.entries(flows))('power cut in %s', (_name, run) => {
  const fresh = openedPurse();
  fresh.cappPurchase(100, 0x21);
  const start = fresh.card.snapshot();
  const whole = restored(start);
  whole.verify();
  whole.card.powerCut = () => false;
  run(whole);
  const steps = whole.card.physicalWrites;
  const [before, after] = [visibleState(start), visibleState(whole.card.snapshot())];

  it('leaves the state before or the state after, at every physical write, and recovery may be cut too', () => {
    expect(steps).toBeGreaterThan(3);
    expect(after).not.toBe(before);
    const seen = new Set<string>();
    for (let cut = 0; cut < steps; cut++) {
      const host = restored(start);
      host.verify();
      host.card.powerCut = (step) => step === cut;
      expect(() => run(host)).toThrow(PowerCut);
      host.card.powerCut = undefined;
      const dead = host.card.snapshot();
      host.card.reset();
      const state = visibleState(host.card.snapshot());
      expect([before, after], `write ${cut}`).toContain(state);
      seen.add(state);
      const again = restored(dead);
      expect(visibleState(again.card.snapshot()), `dead card restored at write ${cut}`).toBe(state);
    }
    expect(seen.size).toBe(2);
  });
});

describe('a try of the PIN', () => {
  it('is counted however the power goes', () => {
    const host = openedPurse();
    const start = host.card.snapshot();
    for (let cut = 0; cut < 8; cut++) {
      const torn = restored(start);
      torn.card.powerCut = (step) => step === cut;
      try {
        torn.verify('999999');
      } catch (error) {
        expect(error).toBeInstanceOf(PowerCut);
      }
      torn.card.powerCut = undefined;
      torn.card.reset();
      torn.select();
      // either the card never compared, or the try is gone
      expect(torn.verify('999999')).toBe(cut < 2 ? '63C2' : '63C1');
    }
  });
});
