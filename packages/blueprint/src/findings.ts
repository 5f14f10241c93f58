/** What is wrong with a blueprint, collected: a person who edits one wants every finding at once. */
import { PolycardError } from '@polycard/bytes';
import type { RuleCode } from './rules/rules.ts';

/** One thing that is wrong: where, what was expected, what was found. */
export interface BlueprintFinding {
  /** The rule that is broken; `rules` says what it protects and what to do. */
  readonly code: RuleCode;
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

  add(code: RuleCode, path: string, expected: string, found: string | number): void {
    this.#into.push({ code, file: this.#file, path, expected, found: String(found) });
  }

  /** A name that must be among the known ones. */
  oneOf(code: RuleCode, path: string, value: string | undefined, known: Iterable<string>, what: string): void {
    if (value === undefined) return;
    const names = [...known];
    if (names.includes(value)) return;
    const shown = names.slice(0, NAMES_SHOWN).join(', ');
    this.add(code, path, `${what} (${shown}${names.length > NAMES_SHOWN ? ', …' : ''})`, value);
  }

  /** The same value at a second place: what is keyed by it would silently lose one of the two. */
  unique(code: RuleCode, values: Iterable<readonly [path: string, value: string]>, what: string): void {
    const places = Map.groupBy(values, ([, value]) => value);
    for (const [value, entries] of places) {
      if (entries.length === 1) continue;
      // each place is named: only a person knows which of them is the mistake
      for (const [path] of entries) {
        const others = entries.filter(([other]) => other !== path).map(([other]) => other);
        this.add(code, path, `${what} used once`, `${value}, also at ${others.join(', ')}`);
      }
    }
  }
}

/** A name that belongs to one file of the blueprint: whoever claims it again is named, and who had it. */
export class Claims {
  readonly #owners = new Map<string, { readonly file: string; readonly path: string; isNamed: boolean }>();
  readonly #into: BlueprintFinding[];

  constructor(into: BlueprintFinding[]) {
    this.#into = into;
  }

  claim(code: RuleCode, file: string, path: string, value: string, what: string): void {
    const key = `${code} ${what} ${value}`;
    const owner = this.#owners.get(key);
    if (owner === undefined) {
      this.#owners.set(key, { file, path, isNamed: false });
      return;
    }
    const expected = `${what} of its own`;
    this.#into.push({ code, file, path, expected, found: `${value}, which ${owner.file}#${owner.path} has` });
    if (owner.isNamed) return;
    owner.isNamed = true;
    this.#into.push({
      code,
      file: owner.file,
      path: owner.path,
      expected,
      found: `${value}, which ${file}#${path} has`,
    });
  }
}
