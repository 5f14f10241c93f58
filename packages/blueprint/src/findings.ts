/** What is wrong with a blueprint, collected: a person who edits one wants every finding at once. */
import { PolycardError } from '@polycard/bytes';

/** One thing that is wrong: where, what was expected, what was found. */
export interface BlueprintFinding {
  readonly file: string;
  /** JSON Pointer inside the file, or `line N` for text that is no YAML. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

export class BlueprintError extends PolycardError {
  readonly findings: readonly BlueprintFinding[];

  constructor(findings: readonly BlueprintFinding[]) {
    const first = findings[0]!;
    const more = findings.length === 1 ? '' : ` (and ${findings.length - 1} more)`;
    super(
      'POLYCARD_BLUEPRINT_INVALID',
      `${first.file}${first.path === '' ? '' : `#${first.path}`}: expected ${first.expected}, found ${first.found}${more}`,
      {
        where: `${first.file}#${first.path}`,
        expected: first.expected,
      },
    );
    this.findings = findings;
  }
}

const NAMES_SHOWN = 12;

/** Findings of one file. */
export class FileFindings {
  readonly #file: string;
  readonly #into: BlueprintFinding[];

  constructor(file: string, into: BlueprintFinding[]) {
    this.#file = file;
    this.#into = into;
  }

  add(path: string, expected: string, found: string | number): void {
    this.#into.push({ file: this.#file, path, expected, found: String(found) });
  }

  /** A name that must be among the known ones. */
  oneOf(path: string, value: string | undefined, known: Iterable<string>, what: string): void {
    if (value === undefined) return;
    const names = [...known];
    if (names.includes(value)) return;
    const shown = names.slice(0, NAMES_SHOWN).join(', ');
    this.add(path, `${what} (${shown}${names.length > NAMES_SHOWN ? ', …' : ''})`, value);
  }

  /** The same value at a second place: what is keyed by it would silently lose one of the two. */
  unique(values: Iterable<readonly [path: string, value: string]>, what: string): void {
    const seen = new Map<string, string>();
    for (const [path, value] of values) {
      const first = seen.get(value);
      if (first === undefined) seen.set(value, path);
      else this.add(path, `${what} used once`, `${value}, also at ${first}`);
    }
  }
}
