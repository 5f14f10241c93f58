import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { BlueprintError, checkDuties, type DutyReport } from '@polycard/blueprint';
import { readBlueprint } from '@polycard/platform/blueprint-files';
import { Command } from 'commander';

const EXIT_FOUND = 1;
const EXIT_USAGE = 2;

export function dutiesCommand(): Command {
  const duties = new Command('duties').description('Who may do what with which key, and who approves');
  duties.addCommand(
    new Command('check')
      .description('Prove that nobody, alone or with those who approve, obtains activation and management')
      .argument('<directory>', 'the blueprint')
      .option('--json', 'print the report as one JSON object')
      .addHelpText(
        'after',
        `
Examples:
  polycard keys duties check blueprints/guangdong
  polycard keys duties check blueprints/guangdong --json

Exit codes: 0 duties are separate, 1 they are not (each fault is named), 2 there is no blueprint with duties.yaml.`,
      )
      .action(check),
  );
  return duties;
}

function check(directory: string, options: { json?: boolean }): void {
  if (!existsSync(resolve(directory, 'blueprint.yaml'))) {
    refuse(`there is no blueprint in ${directory}`);
    return;
  }
  let report: DutyReport;
  try {
    const { duties, keys } = readBlueprint(resolve(directory));
    if (duties === undefined) {
      refuse(`the blueprint in ${directory} has no duties.yaml`);
      return;
    }
    report = checkDuties(duties, keys);
  } catch (error) {
    if (!(error instanceof BlueprintError)) throw error;
    const findings = error.findings.map(({ file, path, expected, found }) => ({
      code: 'format',
      where: `${file}#${path}`,
      message: { en: `expected ${expected}, found ${found}`, zh: `应为 ${expected}，实为 ${found}` },
      people: [],
    }));
    report = { people: 0, roles: 0, acts: 0, chains: 0, findings };
  }
  const holds = report.findings.length === 0;
  if (options.json === true) process.stdout.write(`${JSON.stringify({ ok: holds, ...report })}\n`);
  else {
    for (const { code, where, message } of report.findings)
      process.stdout.write(`  ${code.padEnd(24)} ${where}\n      ${message.en}\n      ${message.zh}\n`);
    const looked = `${report.people} people, ${report.roles} roles, ${report.acts} acts, ${report.chains} approval chains`;
    process.stdout.write(holds ? `duties are separate: ${looked}\n` : `${report.findings.length} faults: ${looked}\n`);
  }
  process.exitCode = holds ? 0 : EXIT_FOUND;
}

function refuse(message: string): void {
  process.stderr.write(
    `polycard: ${message}\n  where:    DIR\n  expected: a folder with blueprint.yaml and duties.yaml\n`,
  );
  process.exitCode = EXIT_USAGE;
}
