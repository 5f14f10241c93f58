import { fromHex, toHex } from '@polycard/bytes';
import { type RandomSource, randomInteger, seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import { type CardInterface, VirtualCard } from '../src/index.ts';
import { activateMetro, CardTerminal, metroExit } from './card-terminal.ts';
import { changedParts, forbiddenChanges, memoryOf } from './pboc-invariant.ts';
import { blankCard, personalisedCard, scenarios } from './transcript-card.ts';

function expectOnlyAllowedChanges(command: Uint8Array, answer: string, changed: readonly string[]): void {
  expect(
    forbiddenChanges(command, answer, changed),
    `${toHex(command.subarray(0, 8))} answered ${answer.slice(-4)}`,
  ).toEqual([]);
}

/** Commands of every kind that the recorded scenarios send on an interface. */
const seedsOf = (cardInterface: CardInterface): Uint8Array[] =>
  [
    ...new Set(
      scenarios
        .filter((scenario) => scenario.interface === cardInterface)
        .flatMap((scenario) => scenario.steps.map((step) => step.c).filter((command) => command !== undefined)),
    ),
  ].map(fromHex);

function mutate(random: RandomSource, seed: Uint8Array): Uint8Array {
  const command = seed.slice(0, randomInteger(random, 8) === 0 ? randomInteger(random, seed.length + 1) : seed.length);
  const flips = randomInteger(random, 4);
  for (let flip = 0; flip < flips && command.length > 0; flip++) {
    // Often in the header, where instruction, parameters and length are.
    const where = randomInteger(random, randomInteger(random, 2) === 0 ? Math.min(7, command.length) : command.length);
    command[where] =
      randomInteger(random, 2) === 0 ? randomInteger(random, 256) : command[where]! ^ (1 << randomInteger(random, 8));
  }
  return command;
}

function liveCard(): VirtualCard {
  const terminal = new CardTerminal(personalisedCard());
  activateMetro(terminal);
  metroExit(terminal, 100, 1);
  return terminal.card;
}

const SELECT = fromHex('00A4040008A00000033301010100');

describe.each([
  ['contactless', 60, 100],
  ['contact', 30, 100],
] as const)('broken commands on the %s interface', (cardInterface, shapesMin, changesMin) => {
  const seeds = seedsOf(cardInterface);

  it('are answered at every truncation of every command, with nothing stored changed', () => {
    const start = liveCard().snapshot();
    const card = VirtualCard.restore(start, { random: seededRandom('truncation') });
    card.reset(cardInterface);
    card.transmit(SELECT);
    const shapes = new Map(seeds.map((seed) => [toHex(seed.subarray(0, 4)) + seed.length, seed]));
    expect(shapes.size).toBeGreaterThan(shapesMin);
    let before = memoryOf(card.snapshot());
    for (const seed of shapes.values()) {
      for (let length = 0; length < seed.length; length++) {
        const command = seed.subarray(0, length);
        const answer = toHex(card.transmit(command));
        expect(answer, toHex(command)).toMatch(/^(..)*$/);
        expect(answer.slice(-4)).not.toBe('6F00');
        const after = memoryOf(card.snapshot());
        expectOnlyAllowedChanges(command, answer, changedParts(before, after));
        before = after;
      }
    }
  });

  it('random and mutated, 10,000 of them, neither crash the card nor change what they may not', () => {
    const random = seededRandom('fuzz');
    let card = liveCard();
    const start = card.snapshot();
    let before = memoryOf(start);
    let changes = 0;
    for (let round = 0; round < 10_000; round++) {
      if (round % 500 === 0) {
        card = VirtualCard.restore(start, { random });
        card.reset(cardInterface);
        before = memoryOf(start);
      }
      if (randomInteger(random, 12) === 0) card.transmit(SELECT);
      const raw = randomInteger(random, 10) === 0;
      const command = raw
        ? random(randomInteger(random, 40))
        : mutate(random, seeds[randomInteger(random, seeds.length)]!);
      const answer = toHex(card.transmit(command));
      expect(answer.slice(-4), toHex(command)).not.toBe('6F00');
      const after = memoryOf(card.snapshot());
      const changed = changedParts(before, after);
      if (changed.length > 0) changes++;
      expectOnlyAllowedChanges(command, answer, changed);
      before = after;
    }
    expect(changes).toBeGreaterThan(changesMin); // the mutations do reach working commands
  });
});

describe('broken personalisation', () => {
  it('leaves a blank card blank', () => {
    const random = seededRandom('blank');
    const card = blankCard();
    card.transmit(SELECT);
    for (let round = 0; round < 3_000; round++) {
      const dgi = ['0101', '8000', '9207', 'A001', '8201', '9000', '9103', '0D01'][randomInteger(random, 8)]!;
      const body = random(randomInteger(random, 60));
      const p1 = randomInteger(random, 2) === 0 ? '80' : '00';
      const length = (body.length + 3).toString(16).padStart(2, '0');
      const inner = body.length.toString(16).padStart(2, '0');
      const answer = toHex(card.transmit(fromHex(`80E2${p1}00${length}${dgi}${inner}${toHex(body)}`)));
      expect(answer).not.toBe('6F00');
    }
    expect(card.snapshot().applications).toEqual({});
  });
});
