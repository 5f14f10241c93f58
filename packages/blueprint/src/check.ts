/**
 * Everything that is wrong with a blueprint, whatever state it is in: the loader's findings, and what the loader lets
 * pass but a card, a gate or a person would suffer from.
 */
import { PolycardError } from '@polycard/bytes';
import type { Blueprint } from './blueprint.ts';
import { checkAccess } from './checks/access.ts';
import { checkCappMeaning, checkFileMeaning, checkFinancialMeaning, checkIdentifiers } from './checks/applications.ts';
import {
  checkApplicationClasses,
  checkCaKeys,
  checkClasses,
  checkFullFares,
  checkMemory,
  checkPlaces,
  checkProducts,
  checkProvider,
} from './checks/cards.ts';
import { checkApplicationKeys, checkKeyTrees } from './checks/keys.ts';
import { type BlueprintFinding, FileFindings } from './findings.ts';
import { whereWritten } from './load.ts';
import type { BlueprintFile } from './overlay.ts';
import { readFiles } from './read-files.ts';
import { referenceChecks } from './references.ts';
import { RULES, type RuleCode } from './rules/rules.ts';

/** A finding as people and tools read it. */
export interface BlueprintProblem {
  readonly code: RuleCode;
  readonly file: string;
  /** JSON Pointer inside the file, or `line N` for text that is no YAML. */
  readonly path: string;
  readonly reason: string;
  readonly remedy: string;
  readonly title: { readonly en: string; readonly zh: string };
  readonly remedyZh: string;
}

export function checkBlueprint(files: readonly BlueprintFile[]): BlueprintProblem[] {
  const { findings, blueprint, fileOf } = readFiles(files);
  const found: BlueprintFinding[] = [...findings];
  const isBroken = findings.length > 0;
  const parts = present(blueprint);
  for (const check of [...referenceChecks(parts, fileOf, found), ...furtherChecks(parts, fileOf, found)]) {
    try {
      check();
    } catch (error) {
      // a part that is missing or of another form has its finding; what was to be compared with it cannot be
      if (!isBroken) throw error;
    }
  }
  const seen = new Set<string>();
  return found
    .map((finding) => problemOf(whereWritten(finding, files)))
    .filter((problem) => {
      const key = `${problem.code} ${problem.file} ${problem.path} ${problem.reason}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}

export function problemOf({ code, file, path, expected, found }: BlueprintFinding): BlueprintProblem {
  const { title, remedy } = RULES[code];
  const reason = `${title.en}: expected ${expected}, found ${found}.`;
  return { code, file, path, reason, remedy: `${remedy.en}.`, title, remedyZh: `${remedy.zh}。` };
}

/** Parts that are not there throw when they are asked for, so that the check that needs them ends. */
function present(blueprint: Partial<Blueprint>): Blueprint {
  return new Proxy(blueprint, {
    get(target, key) {
      const part = target[key as keyof Blueprint];
      if (part !== undefined) return part;
      throw new PolycardError('POLYCARD_BLUEPRINT_MISSING', `the blueprint lacks ${String(key)}`);
    },
  }) as Blueprint;
}

function furtherChecks(
  blueprint: Blueprint,
  fileOf: (part: object) => string,
  found: BlueprintFinding[],
): (() => void)[] {
  const of = (file: string): FileFindings => new FileFindings(file, found);
  const { applications } = blueprint;
  return [
    () => checkIdentifiers(blueprint, fileOf, found),
    () => checkKeyTrees(blueprint, of('keys.yaml')),
    () => checkClasses(blueprint, fileOf, of('cards.yaml')),
    () => checkFullFares(blueprint, fileOf, found),
    () => checkProducts(blueprint, of('cards.yaml')),
    () => checkPlaces(blueprint, of('terminals.yaml')),
    () => checkCaKeys(blueprint, of('terminals.yaml')),
    ...applications.flatMap((application) => {
      const findings = of(fileOf(application));
      return [
        () => {
          if (application.kind === 'capp') checkCappMeaning(application, findings);
          else if (application.kind === 'files') checkFileMeaning(application, findings);
          else checkFinancialMeaning(application, findings);
        },
        () => checkAccess(application, findings),
        () => checkApplicationKeys(application, blueprint.keys, findings),
        () => checkApplicationClasses(application, blueprint, findings),
        () => checkMemory(application, findings),
        () => checkProvider(application, blueprint, findings),
      ];
    }),
  ];
}
