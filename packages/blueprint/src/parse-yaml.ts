/** YAML text as plain values; what is wrong with it becomes findings with line numbers. */
import { parseDocument } from 'yaml';
import type { BlueprintFinding } from './findings.ts';

/** Undefined when there is nothing to use, with a finding for each reason. */
export function parseYaml(
  file: { readonly path: string; readonly text: string },
  findings: BlueprintFinding[],
): unknown {
  const document = parseDocument(file.text, { prettyErrors: false, uniqueKeys: true, logLevel: 'error' });
  for (const error of document.errors) {
    const line = file.text.slice(0, error.pos[0]).split('\n').length;
    findings.push({ file: file.path, path: `line ${line}`, expected: 'YAML', found: error.message.split('\n')[0]! });
  }
  if (document.errors.length > 0) return undefined;
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    if (value !== null && value !== undefined) return value;
    findings.push({ file: file.path, path: '', expected: 'an object', found: 'an empty document' });
  } catch (error) {
    findings.push({ file: file.path, path: '', expected: 'YAML', found: (error as Error).message });
  }
  return undefined;
}
