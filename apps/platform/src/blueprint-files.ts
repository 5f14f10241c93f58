/** Reads a blueprint's folder; the loader itself is pure and takes texts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Blueprint, loadBlueprint } from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';

export function readBlueprint(directory: string): Blueprint {
  if (!existsSync(join(directory, 'blueprint.yaml'))) {
    throw new PolycardError('POLYCARD_BLUEPRINT_NOT_FOUND', `there is no blueprint in ${directory}`, {
      where: directory,
      expected: 'a folder with blueprint.yaml, e.g. blueprints/guangdong',
    });
  }
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path: relative(directory, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }));
  return loadBlueprint(files);
}
