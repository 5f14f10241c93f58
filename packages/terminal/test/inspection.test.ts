import { seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import { inspectCard, Terminal, type TerminalConfiguration } from '../src/index.ts';
import { personalisedCard, truthOf } from './personalised-card.ts';
import { BUS, ENTRY_GATE, EXIT_GATE, parameters, psam } from './region.ts';

const gate = (configuration: TerminalConfiguration): Terminal =>
  new Terminal(configuration, parameters, {
    psam,
    random: seededRandom('gate'),
    monotonicUs: () => 0,
    nowMs: () => 0,
  });
const at = (time: string): string => `20180901${time}00`;

describe('an inspection', () => {
  it('says whether the rider is validly inside, and leaves money and counters alone', () => {
    const card = personalisedCard();
    expect(inspectCard(card, ENTRY_GATE, parameters, { at: at('0800') })).toMatchObject({
      verdict: 'not-inside',
      penaltyFen: 1600,
    });
    card.reset();
    gate(ENTRY_GATE).tap(card, { kind: 'entry', at: at('0800') });
    const before = truthOf(card);
    const inside = inspectCard(card, ENTRY_GATE, parameters, { at: at('0812') });
    expect(inside).toMatchObject({ verdict: 'valid', entry: { placeCode: '0101', minutesAgo: 12 } });
    expect(inside.penaltyFen).toBeUndefined();
    expect(truthOf(card)).toEqual(before);
    gate(EXIT_GATE).tap(card, { kind: 'exit', at: at('0830') });
    card.reset();
    expect(inspectCard(card, ENTRY_GATE, parameters, { at: at('0831') }).verdict).toBe('not-inside');
  });

  it('on a bus says whether the card paid on this one, not long ago', () => {
    const card = personalisedCard();
    const request = { at: at('0840'), validators: [BUS.terminalNo] };
    expect(inspectCard(card, BUS, parameters, request).verdict).toBe('not-on-this-bus');
    card.reset();
    gate(BUS).tap(card, { kind: 'boarding', at: at('0830'), declaredBaseFen: 300 });
    card.reset();
    expect(inspectCard(card, BUS, parameters, request)).toMatchObject({
      verdict: 'valid',
      boarding: { minutesAgo: 10 },
    });
    card.reset();
    const elsewhere = { at: at('0840'), validators: ['99999999'] };
    expect(inspectCard(card, BUS, parameters, elsewhere).verdict).toBe('not-on-this-bus');
    card.reset();
    expect(inspectCard(card, BUS, parameters, { at: at('1031') }).verdict).toBe('not-on-this-bus');
  });

  it('of a card that leaves or has no records is an answer, not a fault', () => {
    const blank = personalisedCard({ openRecords: false });
    expect(inspectCard(blank, ENTRY_GATE, parameters, { at: at('0800') }).verdict).toBe('unreadable');
  });
});
