/** JSON Schemas of blueprint files for editors: `blueprints/schema/<name>.schema.json`, named in each file's first line. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { blueprintSchemas } from '@polycard/blueprint';

const FOLDER = fileURLToPath(new URL('../blueprints/schema/', import.meta.url));

/** File name and text of every schema; a test compares them with what is committed. */
export function blueprintSchemaFiles(): { readonly name: string; readonly text: string }[] {
  return blueprintSchemas().map(({ fileName, schema }) => ({
    name: fileName,
    text: `${JSON.stringify(schema, null, 2)}\n`,
  }));
}

export function run(): void {
  mkdirSync(`${FOLDER}overlay`, { recursive: true });
  for (const { name, text } of blueprintSchemaFiles()) writeFileSync(FOLDER + name, text);
}
