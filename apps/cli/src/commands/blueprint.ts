/** `polycard blueprint`: check, rules, diff, docs, example and schema of a region's specification. */
import { Command } from 'commander';
import { blueprintCheckCommand } from './blueprint-check.ts';
import { blueprintRulesCommand } from './blueprint-rules.ts';

export function blueprintCommand(): Command {
  const command = new Command('blueprint')
    .description('Check, compare and document the specification of a region')
    .addHelpText(
      'after',
      `
Examples:
  polycard blueprint check blueprints/guangdong
  polycard blueprint rules --json`,
    );
  for (const part of [blueprintCheckCommand(), blueprintRulesCommand()]) command.addCommand(part);
  return command;
}
