/** Applies a rule's patch to the files of a blueprint. */
import { PolycardError } from '@polycard/bytes';
import { parse, stringify } from 'yaml';
import type { BlueprintFile } from '../overlay.ts';
import type { PatchOperation } from './rule.ts';

/** Throws `POLYCARD_BLUEPRINT_PATCH` when a file or place is not there. */
export function applyPatch(files: readonly BlueprintFile[], patch: readonly PatchOperation[]): BlueprintFile[] {
  const changed = new Map(files.map((file) => [file.path, file]));
  for (const operation of patch) {
    const { file, op, path, value } = operation;
    if (op === 'text') changed.set(file, { path: file, text: String(value) });
    else if (path === '' && op === 'remove') changed.delete(file);
    else if (path === '') changed.set(file, { path: file, text: stringify(value) });
    else {
      const known = changed.get(file);
      if (known === undefined) throw nothingThere(operation);
      // JSON in between: an alias would carry the change to every place that shares its value
      const root: unknown = JSON.parse(JSON.stringify(parse(known.text)));
      edit(root, operation);
      changed.set(file, { path: file, text: JSON.stringify(root, null, 1) });
    }
  }
  return [...changed.values()];
}

function edit(root: unknown, operation: PatchOperation): void {
  const keys = operation.path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop()!;
  const holder = keys.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], root);
  if (typeof holder !== 'object' || holder === null) throw nothingThere(operation);
  if (Array.isArray(holder)) {
    const index = last === '-' ? holder.length : Number(last);
    if (operation.op === 'add') holder.splice(index, 0, operation.value);
    else if (!(index in holder)) throw nothingThere(operation);
    else if (operation.op === 'remove') holder.splice(index, 1);
    else holder[index] = operation.value;
    return;
  }
  const object = holder as Record<string, unknown>;
  if (operation.op === 'replace' && !(last in object)) throw nothingThere(operation);
  if (operation.op === 'remove') delete object[last];
  else object[last] = operation.value;
}

function nothingThere({ file, path }: PatchOperation): PolycardError {
  return new PolycardError('POLYCARD_BLUEPRINT_PATCH', `there is nothing at ${file}#${path} to change`, {
    where: `${file}#${path}`,
  });
}
