import { resolve } from 'node:path';
import { type BlueprintProblem, checkBlueprint } from '@polycard/blueprint';
import { Command } from 'commander';
import { readBlueprintFolder } from '../blueprint-folder.ts';

const EXIT_FOUND = 1;

export function blueprintCheckCommand(): Command {
  return new Command('check')
    .description('Find what is wrong with a blueprint: exit code 1 if anything is')
    .argument('<dir>', 'folder of the blueprint')
    .option('--json', 'print {"findings":[{code,file,path,reason,remedy}]}')
    .addHelpText(
      'after',
      `
Examples:
  polycard blueprint check blueprints/guangdong
  polycard blueprint check blueprints/hunan --json`,
    )
    .action((directory: string, options: { readonly json?: boolean }) => {
      const { files, problems } = readBlueprintFolder(resolve(directory));
      const findings = problems.length > 0 ? problems : checkBlueprint(files);
      process.stdout.write(options.json === true ? `${JSON.stringify({ findings })}\n` : inWords(directory, findings));
      if (findings.length > 0) process.exitCode = EXIT_FOUND;
    });
}

function inWords(directory: string, findings: readonly BlueprintProblem[]): string {
  if (findings.length === 0) return `${directory}: nothing wrong\n`;
  const lines = findings.map(
    ({ code, file, path, reason, remedy, title, remedyZh }) =>
      `${file}${path === '' ? '' : `#${path}`}  [${code}]\n  ${reason}\n  ${remedy}\n  ${title.zh}：${remedyZh}\n`,
  );
  return `${lines.join('\n')}\n${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}\n`;
}
