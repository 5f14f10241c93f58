import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { generateApiClient } from '../scripts/generate-api-client.ts';
import { blueprintSchemaFiles } from '../scripts/generate-blueprint-schemas.ts';
import { messageDocument } from '../scripts/generate-message-docs.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

it('the committed JSON Schemas of blueprints are fresh (npm run generate)', () => {
  for (const { name, text } of blueprintSchemaFiles())
    expect(readFileSync(join(root, 'blueprints/schema', name), 'utf8')).toBe(text);
});

it('the document of terminal messages is fresh (npm run generate)', () => {
  expect(readFileSync(join(root, 'docs/reference/messages.md'), 'utf8')).toBe(messageDocument());
});

it('every blueprint file names a schema that exists, for editors', () => {
  const files = globSync('blueprints/*/**/*.yaml', { cwd: root });
  expect(files.length).toBeGreaterThan(8);
  for (const file of files) {
    const named = /^# yaml-language-server: \$schema=(\S+)/.exec(readFileSync(join(root, file), 'utf8'))?.[1];
    expect([file, named !== undefined && existsSync(join(root, dirname(file), named))]).toEqual([file, true]);
  }
});

it("the console's API types are fresh (npm run generate)", async () => {
  const folder = join(root, 'apps/console/src/generated');
  const committed = globSync('*', { cwd: folder }).sort();
  const files = await generateApiClient();
  expect(committed).toEqual([...files.keys()].sort());
  for (const [name, text] of files) expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
});
