import { fromHex, toHex } from '@polycard/bytes';
import { type RandomSource, randomInteger, seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import { VirtualCard } from '../src/index.ts';
import { recordedCommands } from './fuzz/purse-subjects.ts';
import { openedPurse, PurseHost } from './purse-card.ts';

const PURSE = 'A000000632010105';

const seeds = recordedCommands();

function mutate(random: RandomSource, seed: Uint8Array): Uint8Array {
  const command = seed.slice(0, randomInteger(random, 8) === 0 ? randomInteger(random, seed.length + 1) : seed.length);
  for (let flip = randomInteger(random, 4); flip > 0 && command.length > 0; flip--) {
    const where = randomInteger(random, randomInteger(random, 2) === 0 ? Math.min(7, command.length) : command.length);
    command[where] = randomInteger(random, 256);
  }
  return command;
}

/** A refused command changes nothing but the counters of tries. */
const COUNTS_TRIES = /(63C.|6983|9303|6988|6A80)$/;

describe('broken commands to a purse', () => {
  it('are answered at every truncation, with nothing stored changed', () => {
    const start = openedPurse().card.snapshot();
    const host = new PurseHost(VirtualCard.restore(start, { random: seededRandom('truncation') }));
    host.select();
    const stored = JSON.stringify(host.card.snapshot());
    for (const seed of seeds) {
      for (let length = 0; length < seed.length - 1; length++) {
        const command = seed.subarray(0, length);
        if (seed[1] === 0x20 || seed[1] === 0x5e) continue; // a shorter PIN is a try
        const answer = toHex(host.card.transmit(command));
        expect(answer.slice(-4), toHex(command)).not.toBe('6F00');
      }
    }
    expect(JSON.stringify(host.card.snapshot())).toBe(stored);
  });

  it('random and mutated, 8,000 of them, crash nothing and touch no other application', () => {
    const random = seededRandom('purse fuzz');
    const start = openedPurse({ depositFen: 100, secondTicketFen: 100 }).card.snapshot();
    let card = VirtualCard.restore(start, { random });
    let changes = 0;
    for (let round = 0; round < 8_000; round++) {
      if (round % 250 === 0) card = VirtualCard.restore(start, { random });
      if (randomInteger(random, 12) === 0 || round % 250 === 0) card.transmit(fromHex(`00A4040008${PURSE}00`));
      const before = card.snapshot();
      const command =
        randomInteger(random, 10) === 0
          ? random(randomInteger(random, 40))
          : mutate(random, seeds[randomInteger(random, seeds.length)]!);
      const answer = toHex(card.transmit(command));
      expect(answer.slice(-4), toHex(command)).not.toBe('6F00');
      const after = card.snapshot();
      if (JSON.stringify(after.applications[PURSE]) === JSON.stringify(before.applications[PURSE])) continue;
      changes++;
      expect(answer, toHex(command)).toMatch(answer.endsWith('9000') ? /9000$/ : COUNTS_TRIES);
      expect({ ...after.applications, [PURSE]: undefined }).toEqual({ ...before.applications, [PURSE]: undefined });
    }
    expect(changes).toBeGreaterThan(40);
  });
});
