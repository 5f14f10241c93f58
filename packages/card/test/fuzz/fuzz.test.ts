import { describe, expect, it } from 'vitest';
import { runFuzz } from './fuzz.ts';
import { fuzzSubjects } from './subjects.ts';

const subjects = await fuzzSubjects();
const COMMANDS = 2_000;

describe('random and mutated commands', () => {
  it.each(subjects.map((subject) => [subject.name, subject] as const))('%s', (_, subject) => {
    const { violations, commands, done } = runFuzz(subject, COMMANDS, 'suite');
    expect(violations).toEqual([]);
    expect(commands).toBe(COMMANDS);
    expect(done).toBeGreaterThan(0);
  });

  it.each(['crash', 'silent-change', 'short-answer'] as const)('a card with the fault "%s" is found', (plant) => {
    expect(runFuzz(subjects[0]!, 5_000, 'suite', plant).violations.length).toBeGreaterThan(0);
  });
});
