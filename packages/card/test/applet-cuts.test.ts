import { seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import { type CardSnapshot, PowerCut, VirtualCard } from '../src/index.ts';
import { APPLET_CUTS, halfWritten } from './applet-cuts.ts';
import { IndustryHost, industryCard } from './industry-card.ts';
import { openedPurse, PurseHost } from './purse-card.ts';

describe('power cut at every physical write', () => {
  it.each(APPLET_CUTS)('of $name leaves the state before or after', ({ run }) => {
    const report = run();
    expect(report.violations).toEqual([]);
    expect(report.cutPoints).toBeGreaterThan(3);
    expect(report.states).toBe(2);
  });

  it('is noticed when it does leave something in between', () => {
    const report = APPLET_CUTS[0]!.run(halfWritten);
    expect(report.violations).toHaveLength(report.cutPoints);
  });
});

describe('counters of tries count however the power goes', () => {
  const restore = (snapshot: CardSnapshot) => VirtualCard.restore(snapshot, { random: seededRandom('tries') });

  it('of the purse’s PIN', () => {
    const start = openedPurse().card.snapshot();
    for (let cut = 0; cut < 4; cut++) {
      const torn = new PurseHost(restore(start));
      torn.select();
      torn.card.powerCut = (step) => step === cut;
      expect(() => torn.verify('999999')).toThrow(PowerCut);
      torn.card.powerCut = undefined;
      torn.card.reset();
      torn.select();
      // either the card never compared, or the try is gone
      expect(torn.verify('999999')).toBe(cut < 2 ? '63C2' : '63C1');
    }
  });

  it('of an authentication key', () => {
    const start = industryCard().snapshot();
    for (let cut = 0; cut < 4; cut++) {
      const host = new IndustryHost(restore(start), 'water');
      host.select();
      host.card.powerCut = (step) => step === cut;
      expect(() => host.authenticate(0x03, { spoil: true })).toThrow(PowerCut);
      host.card.powerCut = undefined;
      host.card.reset();
      host.select();
      expect(host.authenticate(0x03, { spoil: true })).toBe(cut < 2 ? '63C4' : '63C3');
    }
  });
});
