import { toHex } from '@polycard/bytes';
import { seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import { type CardSnapshot, PowerCut, VirtualCard } from '../src/index.ts';
import { activateMetro, CardTerminal, metroExit, metroRecord, SFI_METRO } from './card-terminal.ts';
import { personalisedCard } from './transcript-card.ts';

function restored(snapshot: CardSnapshot): CardTerminal {
  return new CardTerminal(VirtualCard.restore(snapshot, { random: seededRandom('tear') }));
}

/** All a terminal can see, the transaction counter and the kept record apart. */
function visibleState(snapshot: CardSnapshot): string {
  const terminal = restored(snapshot);
  terminal.select();
  const parts = ['9F79', 'DF62', 'DF63', '9F5D', 'DF61'].map((tag) => terminal.data(tag));
  const records = [2, 0x2701].map((id) => terminal.readCapp(SFI_METRO, id));
  const cyclic = Array.from({ length: 11 }, (_, index) =>
    terminal.send([0x00, 0xb2, index + 1, 0xf4, 0x00].map((byte) => byte.toString(16).padStart(2, '0')).join('')),
  );
  const log = Array.from({ length: 11 }, (_, index) =>
    terminal.send([0x00, 0xb2, index + 1, 0x5c, 0x00].map((byte) => byte.toString(16).padStart(2, '0')).join('')),
  );
  const proofs = [1, 2, 3, 4].map((atc) => terminal.prove(atc));
  const answers = [...records, ...cyclic, ...log, ...proofs].map(({ data, sw }) => toHex(data) + sw);
  return [...parts, ...answers].join('|');
}

function atcOf(snapshot: CardSnapshot): number {
  const terminal = restored(snapshot);
  terminal.select();
  return terminal.atc();
}

interface Flow {
  readonly name: string;
  readonly variant?: string;
  prepare(terminal: CardTerminal): void;
  run(terminal: CardTerminal): void;
}

const flows: readonly Flow[] = [
  {
    name: 'a metro exit with two updates',
    prepare(terminal) {
      activateMetro(terminal);
      metroExit(terminal, 0, 0x11);
    },
    run(terminal) {
      metroExit(terminal, 400, 0x22);
    },
  },
  {
    name: 'an activation',
    prepare: activateMetro,
    run(terminal) {
      terminal.activate(SFI_METRO, metroRecord(0x2701, 1));
    },
  },
  {
    name: 'a pre-authorisation',
    prepare: activateMetro,
    run(terminal) {
      terminal.select();
      terminal.readCapp(SFI_METRO, 2);
      terminal.purchase({ amount: 5000, capp: 2 });
      terminal.update(SFI_METRO, metroRecord(2, 0x33), 1);
      terminal.last();
    },
  },
  {
    name: 'a prepaid online request, deducted at once',
    variant: 'prepaid',
    prepare: activateMetro,
    run(terminal) {
      terminal.purchase({ amount: 700, ttq: '26800080' });
    },
  },
  {
    name: 'a command that ends the life of the kept record',
    prepare(terminal) {
      activateMetro(terminal);
      metroExit(terminal, 100, 0x44);
    },
    run(terminal) {
      terminal.data('9F79');
    },
  },
];

describe.each(flows)('power cut in $name', (flow) => {
  const fresh = new CardTerminal(personalisedCard(flow.variant === undefined ? {} : { variant: flow.variant }));
  flow.prepare(fresh);
  fresh.card.reset();
  fresh.select();
  const start = fresh.card.snapshot();
  const whole = restored(start);
  whole.select();
  whole.card.powerCut = () => false;
  flow.run(whole);
  const steps = whole.card.physicalWrites;
  const before = visibleState(start);
  const after = visibleState(whole.card.snapshot());

  it('leaves the state before or the state after, at every physical write', () => {
    expect(steps).toBeGreaterThan(3);
    const seen = new Set<string>();
    for (let cut = 0; cut < steps; cut++) {
      const terminal = restored(start);
      terminal.select();
      terminal.card.powerCut = (step) => step === cut;
      expect(() => flow.run(terminal)).toThrow(PowerCut);
      expect(terminal.card.isPowered).toBe(false);
      expect(() => terminal.select()).toThrow(expect.objectContaining({ code: 'POLYCARD_CHANNEL_CARD_LOST' }));
      const dead = terminal.card.snapshot();
      terminal.card.powerCut = undefined;
      terminal.card.reset();
      const state = visibleState(terminal.card.snapshot());
      expect([before, after], `write ${cut}`).toContain(state);
      expect(visibleState(dead), `dead card saved and restored at write ${cut}`).toBe(state);
      expect(atcOf(terminal.card.snapshot()) - atcOf(start)).toBeLessThanOrEqual(1);
      seen.add(state);
    }
    expect(seen.size).toBe(before === after ? 1 : 2);
  });

  it('survives a second cut while it recovers', () => {
    for (let cut = 0; cut < steps; cut++) {
      const terminal = restored(start);
      terminal.select();
      terminal.card.powerCut = (step) => step === cut;
      expect(() => flow.run(terminal)).toThrow(PowerCut);
      terminal.card.powerCut = undefined;
      const once = terminal.card.snapshot();
      for (let again = 0; ; again++) {
        const second = new CardTerminal(terminal.card);
        second.card.powerCut = (step) => step === again;
        let finished = true;
        try {
          second.card.reset();
        } catch (error) {
          expect(error).toBeInstanceOf(PowerCut);
          finished = false;
        }
        if (finished) break;
      }
      terminal.card.powerCut = undefined;
      expect(visibleState(terminal.card.snapshot()), `write ${cut}`).toBe(visibleState(once));
    }
  });
});

describe('the lost answer', () => {
  it('is read again from the kept record, until another command comes', () => {
    const terminal = new CardTerminal(personalisedCard());
    activateMetro(terminal);
    const lost = metroExit(terminal, 300, 0x55);
    terminal.card.reset();
    terminal.card.reset();
    terminal.select();
    expect(terminal.send('00B2010C00').sw).toBe('9000');
    expect(terminal.last().data).toEqual(lost.data);
    expect(terminal.last().data).toEqual(lost.data);
    expect(lost.tlv.has('9F69')).toBe(true);
    expect(terminal.prove(9).sw).toBe('9406'); // even a refused command ends it
    expect(terminal.last().tlv.has('9F69')).toBe(false);
    expect(terminal.balance()).toBe(100000 - 300);
    expect(terminal.prove(1).sw).toBe('9000');
  });

  it('of a torn transaction takes away the copy of the one before, not its proof', () => {
    const terminal = new CardTerminal(personalisedCard());
    activateMetro(terminal);
    metroExit(terminal, 300, 0x55);
    terminal.card.reset();
    terminal.select();
    terminal.purchase({ amount: 100, ttq: '26000080' });
    terminal.card.reset();
    terminal.select();
    expect(terminal.last().tlv.has('9F69')).toBe(false);
    expect(terminal.prove(1).sw).toBe('9000');
    expect(terminal.balance()).toBe(100000 - 300);
  });
});
