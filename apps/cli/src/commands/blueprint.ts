/** `polycard blueprint`: check, rules, diff, docs and examples of a region's specification. */
import { Command } from 'commander';
import { blueprintCheckCommand } from './blueprint-check.ts';
import { blueprintDiffCommand } from './blueprint-diff.ts';
import { blueprintDocsCommand } from './blueprint-docs.ts';
import { blueprintExampleCommand } from './blueprint-example.ts';
import { blueprintRulesCommand } from './blueprint-rules.ts';

export function blueprintCommand(): Command {
  const command = new Command('blueprint')
    .description('Check, compare and document the specification of a region')
    .addHelpText(
      'after',
      `
Examples:
  polycard blueprint check blueprints/guangdong
  polycard blueprint rules --json
  polycard blueprint diff blueprints/guangdong ../guangdong-2019
  polycard blueprint docs blueprints/guangdong --out /tmp/guangdong`,
    );
  for (const part of [
    blueprintCheckCommand(),
    blueprintRulesCommand(),
    blueprintDiffCommand(),
    blueprintDocsCommand(),
    blueprintExampleCommand(),
  ])
    command.addCommand(part);
  return command;
}
