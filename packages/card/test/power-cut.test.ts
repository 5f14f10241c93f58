import { seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import { PowerCut, VirtualCard } from '../src/index.ts';
import { activateMetro, CardTerminal, metroExit } from './card-terminal.ts';
import { CUT_FLOWS, restored, runCuts, visibleState } from './power-cuts.ts';
import { personalisedCard } from './transcript-card.ts';

describe('power cut at every physical write', () => {
  it.each(CUT_FLOWS)('of $name leaves the state before or after', (flow) => {
    const report = runCuts(flow);
    expect(report.violations).toEqual([]);
    expect(report.cutPoints).toBeGreaterThan(2);
  });

  it('is noticed when it does leave something in between', () => {
    const report = runCuts(CUT_FLOWS[0]!, (snapshot) => {
      const card = VirtualCard.restore(snapshot, { random: seededRandom('torn') });
      const terminal = new CardTerminal(card);
      terminal.select();
      terminal.purchase({ amount: 1 });
      terminal.last();
      return card.snapshot();
    });
    expect(report.violations.length).toBe(report.cutPoints);
  });

  it('may happen a second time while the card recovers', () => {
    const flow = CUT_FLOWS.find(({ name }) => name === 'CAPP with two updates')!;
    const fresh = new CardTerminal(personalisedCard());
    flow.prepare(fresh);
    fresh.card.reset();
    const start = fresh.card.snapshot();
    const { cutPoints } = runCuts(flow);
    for (let cut = 0; cut < cutPoints; cut++) {
      const terminal = restored(start);
      terminal.select();
      terminal.card.powerCut = (step) => step === cut;
      expect(() => flow.run(terminal)).toThrow(PowerCut);
      expect(terminal.card.isPowered).toBe(false);
      expect(() => terminal.select()).toThrow(expect.objectContaining({ code: 'POLYCARD_CHANNEL_CARD_LOST' }));
      terminal.card.powerCut = undefined;
      const once = terminal.card.snapshot();
      for (let again = 0; ; again++) {
        terminal.card.powerCut = (step) => step === again;
        let finished = true;
        try {
          terminal.card.reset();
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
