import { RULES } from '@polycard/blueprint';
import { Command } from 'commander';

export function blueprintRulesCommand(): Command {
  return new Command('rules')
    .description('List the rules of `check`, each with a patch that breaks it')
    .option('--json', 'print {"rules":[{code,title,protects,remedy,blueprint,patch}]}')
    .addHelpText(
      'after',
      `
A patch is a list of edits {file, op, path, value} of the blueprint named: op and path as RFC 6902 (add, replace, remove;
the path is a JSON Pointer into the YAML file's value). With an empty path, add makes the file and remove deletes it; op
"text" puts value in place of the file's text. Applied, \`check\` finds the rule's code.

Examples:
  polycard blueprint rules
  polycard blueprint rules --json`,
    )
    .action((options: { readonly json?: boolean }) => {
      const rules = Object.entries(RULES).map(([code, rule]) => ({ code, blueprint: 'guangdong', ...rule }));
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify({ rules })}\n`);
        return;
      }
      for (const { code, title, protects, remedy } of rules) {
        process.stdout.write(`${code}\n  ${title.en} · ${title.zh}\n  ${protects.en}. ${protects.zh}。\n`);
        process.stdout.write(`  ${remedy.en}. ${remedy.zh}。\n\n`);
      }
      process.stdout.write(`${rules.length} rules\n`);
    });
}
