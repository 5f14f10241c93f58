/** YAML text as plain values; what is wrong with it becomes findings with line numbers. */
import { parseDocument, type Tags } from 'yaml';
import type { BlueprintFinding } from './findings.ts';

/** Undefined when there is nothing to use, with a finding for each reason. */
export function parseYaml(
  file: { readonly path: string; readonly text: string },
  findings: BlueprintFinding[],
): unknown {
  const document = parseDocument(file.text, {
    ...{ prettyErrors: false, uniqueKeys: true, logLevel: 'error' as const },
    customTags: codesAsText,
  });
  for (const error of document.errors) {
    const line = file.text.slice(0, error.pos[0]).split('\n').length;
    findings.push({
      code: 'yaml-unreadable',
      file: file.path,
      path: `line ${line}`,
      expected: 'YAML',
      found: error.message.split('\n')[0]!,
    });
  }
  if (document.errors.length > 0) return undefined;
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    if (value !== null && value !== undefined) return value;
    findings.push({
      code: 'yaml-unreadable',
      file: file.path,
      path: '',
      expected: 'an object',
      found: 'an empty document',
    });
  } catch (error) {
    findings.push({
      code: 'yaml-unreadable',
      file: file.path,
      path: '',
      expected: 'YAML',
      found: (error as Error).message,
    });
  }
  return undefined;
}

const INT = 'tag:yaml.org,2002:int';
const FLOAT = 'tag:yaml.org,2002:float';

/**
 * Codes are text even where a YAML writer left their quotes out: `08` is no number, nor is `5E10`. (YAML 1.1 writers
 * quote neither.)
 */
function codesAsText(tags: Tags): Tags {
  return tags
    .filter((tag) => typeof tag === 'string' || tag.tag !== FLOAT || !('format' in tag) || tag.format !== 'EXP')
    .map((tag) => {
      if (typeof tag === 'string' || !('test' in tag) || tag.tag !== INT || tag.format !== undefined) return tag;
      return { ...tag, test: /^[-+]?(0|[1-9][0-9]*)$/ } as typeof tag;
    });
}
