import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { blueprintSchemas, recordSchemas } from '@polycard/blueprint';
import { readBlueprint } from '@polycard/platform/blueprint-files';
import { Command } from 'commander';

export function blueprintSchemaCommand(): Command {
  return new Command('schema')
    .description("Write JSON Schemas: of a blueprint's files, and of what its records decode to")
    .argument('[dir]', 'folder of a blueprint: schemas of its decoded records too')
    .option('--out <dir>', 'folder for the schemas', 'schema')
    .option('--json', 'print {"out","schemas":[name]}')
    .addHelpText('after', '\nExample:\n  polycard blueprint schema blueprints/guangdong --out /tmp/schema')
    .action((directory: string | undefined, options: { readonly out: string; readonly json?: boolean }) => {
      const out = resolve(options.out);
      const records = directory === undefined ? [] : recordSchemas(readBlueprint(resolve(directory)));
      const schemas = [
        ...blueprintSchemas(),
        ...records.map(({ fileName, schema }) => ({ fileName: `records/${fileName}`, schema })),
      ];
      for (const { fileName, schema } of schemas) {
        const path = join(out, fileName);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, `${JSON.stringify(schema, null, 2)}\n`);
      }
      const names = schemas.map(({ fileName }) => fileName);
      process.stdout.write(
        options.json === true ? `${JSON.stringify({ out, schemas: names })}\n` : `${names.length} schemas in ${out}\n`,
      );
    });
}
