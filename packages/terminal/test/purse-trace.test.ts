/**
 * A recorded toll purchase of a real purse (reference pboc.md §8, ETC trace; its keys are unknown, so MACs cannot be
 * recomputed): what our terminal sends must be the trace's bytes, and what the card answered must be understood. The
 * trace holds no answer to INITIALIZE; that one is made up.
 */
import { type CardChannel, fromHex, toHex } from '@polycard/bytes';
import { describe, expect, it } from 'vitest';
import { CardSession } from '../src/kernel/exchange.ts';
import { PurseCard } from '../src/purse/purse-card.ts';

/** Answers in the order of the trace; stops at the first command that differs. */
function scripted(steps: readonly (readonly [command: string, answer: string])[]): CardChannel {
  let next = 0;
  return {
    transmit(command) {
      const [expected, answer] = steps[next++]!;
      expect(toHex(command)).toBe(expected.replaceAll(' ', ''));
      return fromHex(answer);
    },
  };
}

describe('the ETC trace', () => {
  it('is spoken byte for byte, and TAC and MAC2 are told apart in DEBIT and in its proof', () => {
    const channel = scripted([
      ['8050030 20B 01 00000000 014400019C8B 0F', '00000000 0027 000000 01 00 11223344 9000'],
      ['805401000F 0077433B 20210125095628 A24781CB 08', 'F3183336 622083C8 9000'],
      ['805A000902 0028 08', '0410385D 807979F8 9000'],
      ['805A000902 0027 08', '9406'],
    ]);
    const card = new PurseCard(new CardSession(channel, () => 0));
    const terminal = fromHex('014400019C8B');
    const opened = card.initialize({ keyIndex: 1, amountFen: 0, terminal, capp: true });
    expect(opened).toMatchObject({ balanceFen: 0, offlineSequence: 0x27, keyVersion: 1, algorithmId: 0 });
    const proof = card.debit({
      terminalSequence: fromHex('0077433B'),
      at: fromHex('20210125095628'),
      mac1: fromHex('A24781CB'),
    });
    expect(proof).toEqual({ tac: fromHex('F3183336'), mac2: fromHex('622083C8') });
    // asked with the counter after the debit; the proof answers MAC2 first
    expect(card.prove(0x09, 0x28)).toEqual({ mac2: fromHex('0410385D'), tac: fromHex('807979F8') });
    expect(card.prove(0x09, 0x27)).toBeUndefined();
  });
});
