/** Loads a blueprint from (path, text) pairs: YAML, schema validation, references between files. */
import type { Blueprint } from './blueprint.ts';
import { BlueprintError, type BlueprintFinding } from './findings.ts';
import type { BlueprintFile } from './overlay.ts';
import { readFiles } from './read-files.ts';
import { checkReferences } from './references.ts';

/** Throws BlueprintError with every finding: file, path inside it, expectation. Of a merged file, where it was written. */
export function loadBlueprint(files: readonly BlueprintFile[]): Blueprint {
  const { findings, blueprint, fileOf } = readFiles(files);
  if (findings.length > 0) throw new BlueprintError(findings.map((finding) => whereWritten(finding, files)));
  const whole = blueprint as Blueprint;
  const references = checkReferences(whole, fileOf);
  if (references.length > 0) throw new BlueprintError(references.map((finding) => whereWritten(finding, files)));
  return deepFreeze(whole);
}

/** A finding at the place a person wrote, which in a merged file may be another folder's. */
export function whereWritten(finding: BlueprintFinding, files: readonly BlueprintFile[]): BlueprintFinding {
  const origin = files.find((file) => file.path === finding.file)?.origin;
  return origin === undefined ? finding : { ...finding, ...origin(finding.path) };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
