import { resolve } from 'node:path';
import { exampleOf } from '@polycard/blueprint';
import { PolycardError, toHex } from '@polycard/bytes';
import { readBlueprint } from '@polycard/platform/blueprint-files';
import { Command } from 'commander';

export function blueprintExampleCommand(): Command {
  return new Command('example')
    .description('Example records of an application: bytes and the values they decode to')
    .argument('<dir>', 'folder of the blueprint')
    .requiredOption('--application <id>', 'e.g. metro')
    .option('--json', 'print {"application","records":[{sfi,record,hex,values}]}')
    .addHelpText('after', '\nExample:\n  polycard blueprint example blueprints/guangdong --application metro --json')
    .action((directory: string, options: { readonly application: string; readonly json?: boolean }) => {
      const { applications } = readBlueprint(resolve(directory));
      const application = applications.find((candidate) => candidate.application === options.application);
      if (application === undefined) {
        throw new PolycardError('POLYCARD_CLI_ARGUMENT', `there is no application ${options.application}`, {
          where: '--application',
          expected: applications.map((known) => known.application).join(', '),
        });
      }
      const records = application.files.flatMap((file) =>
        (file.records ?? []).map((record) => {
          const { bytes, values } = exampleOf(record);
          return { sfi: file.sfi, record: record.name, hex: toHex(bytes), values };
        }),
      );
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify({ application: application.application, records })}\n`);
        return;
      }
      for (const { sfi, record, hex, values } of records) {
        process.stdout.write(`SFI ${sfi} ${record}\n  ${hex}\n`);
        for (const [name, value] of Object.entries(values)) process.stdout.write(`  ${name.padEnd(28)} ${value}\n`);
      }
    });
}
