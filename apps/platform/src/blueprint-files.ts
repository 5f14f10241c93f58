/** Reads a blueprint's folder, and the folders it extends; the loader itself is pure and takes texts. */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import {
  type Blueprint,
  type BlueprintFile,
  type BlueprintLayer,
  extendedBlueprint,
  loadBlueprint,
  overlayFiles,
} from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';

const MANIFEST = 'blueprint.yaml';

export function readBlueprint(directory: string): Blueprint {
  return loadBlueprint(readBlueprintFiles(directory));
}

/** The files that hold in a blueprint's folder: its own over those of the blueprints it extends. */
export function readBlueprintFiles(directory: string): readonly BlueprintFile[] {
  if (!existsSync(join(directory, MANIFEST))) {
    throw new PolycardError('POLYCARD_BLUEPRINT_NOT_FOUND', `there is no blueprint in ${directory}`, {
      where: directory,
      expected: 'a folder with blueprint.yaml, e.g. blueprints/guangdong',
    });
  }
  const layers: BlueprintLayer[] = [];
  const chain: string[] = [];
  let next: string | undefined = directory;
  while (next !== undefined) {
    const folder: string = realpathSync(next);
    const names = [...chain, folder].map((path) => basename(path)).join(' → ');
    if (chain.includes(folder)) {
      throw new PolycardError('POLYCARD_BLUEPRINT_EXTENDS', `blueprints extend each other in a circle: ${names}`, {
        where: `${join(chain.at(-1)!, MANIFEST)}#/extends`,
        expected: 'a chain that ends at a blueprint without extends',
      });
    }
    chain.push(folder);
    const path = relative(realpathSync(directory), folder).replaceAll('\\', '/');
    const layer: BlueprintLayer = { prefix: path === '' ? '' : `${path}/`, files: blueprintFilesIn(folder) };
    layers.unshift(layer);
    const parent = extendedBlueprint(layer);
    next = parent === undefined ? undefined : resolve(folder, parent);
    if (next !== undefined && !existsSync(join(next, MANIFEST))) {
      throw new PolycardError('POLYCARD_BLUEPRINT_EXTENDS', `${names} extends ${parent}, where there is no blueprint`, {
        where: `${join(folder, MANIFEST)}#/extends`,
        expected: 'the folder of a blueprint, from this one, e.g. ../guangdong',
      });
    }
  }
  return overlayFiles(layers);
}

/** The YAML files of one folder, whether they make a blueprint or not. */
export function blueprintFilesIn(directory: string): BlueprintFile[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path: relative(directory, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }));
}
