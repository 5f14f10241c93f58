/** Where the repository's parts are, seen from the command. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const repository = new URL('../../../', import.meta.url);
export const DEFAULT_BLUEPRINT = fileURLToPath(new URL('blueprints/guangdong', repository));
export const CONSOLE_DIRECTORY = fileURLToPath(new URL('apps/console/dist', repository));
export const COMMAND_FILE = fileURLToPath(new URL('apps/cli/src/main.ts', repository));
export const VERSION = (JSON.parse(readFileSync(new URL('package.json', repository), 'utf8')) as { version: string })
  .version;
