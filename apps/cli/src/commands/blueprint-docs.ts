import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { blueprintDocuments } from '@polycard/blueprint';
import { readBlueprint } from '@polycard/platform/blueprint-files';
import { Command } from 'commander';

export function blueprintDocsCommand(): Command {
  return new Command('docs')
    .description('Write the specification as HTML in Chinese and English: an index and a page for each application')
    .argument('<dir>', 'folder of the blueprint')
    .option('--out <dir>', 'folder for the pages', 'specification')
    .option('--json', 'print {"out","documents":[name]}')
    .addHelpText('after', '\nExample:\n  polycard blueprint docs blueprints/guangdong --out /tmp/guangdong')
    .action((directory: string, options: { readonly out: string; readonly json?: boolean }) => {
      const out = resolve(options.out);
      const documents = blueprintDocuments(readBlueprint(resolve(directory)));
      mkdirSync(out, { recursive: true });
      for (const { name, html } of documents) writeFileSync(join(out, name), html);
      const names = documents.map(({ name }) => name);
      process.stdout.write(
        options.json === true
          ? `${JSON.stringify({ out, documents: names })}\n`
          : `${names.length} pages in ${out}; begin with ${join(out, 'index.html')}\n`,
      );
    });
}
