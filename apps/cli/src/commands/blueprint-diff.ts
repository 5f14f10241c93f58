import { resolve } from 'node:path';
import { diffBlueprints, type Verdict } from '@polycard/blueprint';
import { readBlueprint } from '@polycard/platform/blueprint-files';
import { Command } from 'commander';

const WORDS: Readonly<Record<Verdict, string>> = {
  'keep-working': 'cards and terminals keep working · 卡片与终端继续可用',
  'parameter-download': 'terminals need a parameter download · 终端需下载参数',
  'issuer-script': 'cards need an issuer script · 卡片需发卡行脚本',
  'new-card': 'cards need to be replaced · 需更换卡片',
};

export function blueprintDiffCommand(): Command {
  return new Command('diff')
    .description('What changed between two editions, and what it asks of cards and terminals in use')
    .argument('<old>', 'folder of the edition in use')
    .argument('<new>', 'folder of the edition to come')
    .option('--json', 'print {"verdict","changes":[{kind,path,from,to,verdict}]}')
    .addHelpText(
      'after',
      `
Verdicts, from the least: keep-working, parameter-download, issuer-script, new-card.

Examples:
  polycard blueprint diff blueprints/guangdong ../guangdong-2019
  polycard blueprint diff blueprints/guangdong blueprints/hunan --json`,
    )
    .action((before: string, after: string, options: { readonly json?: boolean }) => {
      const { changes, verdict } = diffBlueprints(readBlueprint(resolve(before)), readBlueprint(resolve(after)));
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify({ verdict, changes })}\n`);
        return;
      }
      for (const { kind, path, from, to, verdict: own } of changes) {
        const values = kind === 'changed' ? `: ${shown(from)} → ${shown(to)}` : '';
        process.stdout.write(`${kind.padEnd(8)} ${path}${values}\n         ${WORDS[own]}\n`);
      }
      process.stdout.write(`\n${changes.length} changes; ${WORDS[verdict]}\n`);
    });
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
