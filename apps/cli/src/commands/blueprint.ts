/** `polycard blueprint`: check, rules, diff, docs, examples and schemas of a region's specification. */
import { Command } from 'commander';
import { blueprintCheckCommand } from './blueprint-check.ts';
import { blueprintDiffCommand } from './blueprint-diff.ts';
import { blueprintDocsCommand } from './blueprint-docs.ts';
import { blueprintExampleCommand } from './blueprint-example.ts';
import { blueprintRulesCommand } from './blueprint-rules.ts';
import { blueprintSchemaCommand } from './blueprint-schema.ts';

export function blueprintCommand(): Command {
  const command = new Command('blueprint').addHelpText(
    'after',
    `
Examples:
  polycard blueprint check blueprints/guangdong
  polycard blueprint rules --json
  polycard blueprint diff blueprints/guangdong ../guangdong-2019
  polycard blueprint docs blueprints/guangdong --out /tmp/guangdong
  polycard blueprint schema blueprints/guangdong --out /tmp/schema`,
  );
  for (const part of [
    blueprintCheckCommand(),
    blueprintRulesCommand(),
    blueprintDiffCommand(),
    blueprintDocsCommand(),
    blueprintExampleCommand(),
    blueprintSchemaCommand(),
  ])
    command.addCommand(part);
  return command;
}
