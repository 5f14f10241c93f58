/** Case files: YAML with a list of cases. A mistake in one is named by file, case and field before anything is played. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PolycardError } from '@polycard/bytes';
import { parse } from 'yaml';
import { CASE_CLASSES, type CaseClass, type CaseHead } from './case.ts';

/** The cases that come with the kit. */
export const CASES_DIRECTORY = fileURLToPath(new URL('../cases', import.meta.url));

export interface CaseFile extends CaseHead {
  readonly steps: readonly Readonly<Record<string, unknown>>[];
  /** Anything else of the case, read by the player of its kind. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export function caseError(where: string, expected: string): PolycardError {
  return new PolycardError('POLYCARD_CONFORM_CASE', `${where} is not ${expected}`, { where, expected });
}

/** Every case of a folder's files, in the order of file names. Throws `POLYCARD_CONFORM_CASE`. */
export function readCases(directory: string): CaseFile[] {
  let names: string[];
  try {
    names = readdirSync(directory)
      .filter((name) => name.endsWith('.yaml'))
      .sort();
  } catch (cause) {
    throw new PolycardError('POLYCARD_CONFORM_CASE', `there are no cases in ${directory}`, { where: directory, cause });
  }
  const cases = names.flatMap((name) => parseCases(readFileSync(join(directory, name), 'utf8'), name));
  const seen = new Set<string>();
  for (const { id } of cases) {
    if (seen.has(id)) throw caseError(id, 'the only case of its name');
    seen.add(id);
  }
  return cases;
}

export function parseCases(text: string, file: string): CaseFile[] {
  let content: unknown;
  try {
    content = parse(text);
  } catch (cause) {
    throw new PolycardError('POLYCARD_CONFORM_CASE', `${file}: ${(cause as Error).message}`, { where: file, cause });
  }
  if (!Array.isArray(content)) throw caseError(file, 'a list of cases');
  return content.map((entry: unknown, index) => caseOf(entry, `${file}, case ${index + 1}`));
}

function caseOf(entry: unknown, place: string): CaseFile {
  if (!isRecord(entry)) throw caseError(place, 'a case: id, class, title, clause, steps');
  const { id, class: caseClass, title, clause, steps, ...settings } = entry;
  const where = typeof id === 'string' ? id : place;
  if (typeof id !== 'string' || !/^[a-z0-9.-]+$/.test(id))
    throw caseError(`${where}, id`, 'lower case letters, . and -');
  if (!CASE_CLASSES.includes(caseClass as CaseClass)) throw caseError(`${where}, class`, CASE_CLASSES.join(', '));
  if (
    !isRecord(title) ||
    typeof title['en'] !== 'string' ||
    typeof title['zh'] !== 'string' ||
    Object.keys(title).length > 2
  )
    throw caseError(`${where}, title`, 'two texts, en and zh (in quotation marks, if they have a comma)');
  if (typeof clause !== 'string') throw caseError(`${where}, clause`, 'a text: where it is written');
  if (!Array.isArray(steps) || steps.length === 0 || !steps.every(isRecord))
    throw caseError(`${where}, steps`, 'a list of steps');
  return {
    ...{ id, class: caseClass as CaseClass, title: { en: title['en'], zh: title['zh'] }, clause },
    ...{ steps: steps as Record<string, unknown>[], settings },
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
