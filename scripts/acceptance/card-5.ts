/**
 * card.5: a million random and mutated commands, shared out evenly over every applet in every situation of
 * `packages/card/test/fuzz/subjects.ts`. POLYCARD_FUZZ_SEED and POLYCARD_FUZZ_COMMANDS choose another run.
 */
import { type FuzzPlant, runFuzz } from '../../packages/card/test/fuzz/fuzz.ts';
import { fuzzSubjects } from '../../packages/card/test/fuzz/subjects.ts';
import { type AcceptanceItem, Findings, figure } from './item.ts';

const COMMANDS = 1_000_000;

export const CARD_5: AcceptanceItem = {
  title: 'random and mutated commands against every applet',
  plants: ['crash', 'silent-change', 'short-answer'],
  async run(plant) {
    const findings = new Findings();
    const subjects = await fuzzSubjects();
    const seed = process.env['POLYCARD_FUZZ_SEED'] ?? 'acceptance';
    const wanted = Number(process.env['POLYCARD_FUZZ_COMMANDS'] ?? COMMANDS);
    findings.expect(Number.isInteger(wanted) && wanted > 0, 'POLYCARD_FUZZ_COMMANDS is no number');
    const each = Math.ceil(wanted / subjects.length);
    figure('seed', seed);
    let total = 0;
    for (const subject of subjects) {
      const report = runFuzz(subject, each, seed, plant as FuzzPlant | undefined);
      total += report.commands;
      const { commands, done, changes, slowestMs } = report;
      const counts = [commands, done, changes].map((count) => count.toLocaleString('en')).join(', ');
      figure(subject.name, `${counts} (slowest ${slowestMs.toFixed(1)} ms)`);
      findings.list.push(...report.violations);
    }
    figure('commands in all (of each: sent, done, changed something)', total);
    if (plant === undefined) findings.expect(total >= wanted, `only ${total} commands were sent`);
    return findings.list;
  },
};
