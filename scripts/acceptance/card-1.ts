/**
 * card.1: a mistake planted for each rule is found by `polycard blueprint check`, with its code, place, reason and
 * remedy; clean blueprints give none; every record of every specification is the same after encoding and decoding.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applyPatch, type BlueprintProblem, RULES, type Rule } from '@polycard/blueprint';
import { blueprintFilesIn } from '@polycard/platform';
import { type AcceptanceItem, Findings, figure, tests } from './item.ts';

const COMMAND = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
const BLUEPRINTS = fileURLToPath(new URL('../../blueprints/', import.meta.url));
const RULES_LEAST = 25;
/** Values tried for each record in each direction; the test suite tries fewer. */
const RUNS = '300';

export const CARD_1: AcceptanceItem = {
  title: 'seeded mistakes are all found, clean blueprints give none, records survive encoding and decoding',
  plants: ['rule-dropped', 'codec-changed'],
  async run(plant) {
    const findings = new Findings();
    const directory = mkdtempSync(join(tmpdir(), 'polycard-card-1-'));
    try {
      for (const name of ['guangdong', 'hunan'])
        findings.equal(check(join(BLUEPRINTS, name)), { codes: [], status: 0 }, `check of ${name}`);
      const rules = Object.entries(RULES);
      for (const [code, rule] of rules) {
        const found = check(plantIn(directory, rule));
        const codes = plant === 'rule-dropped' ? found.codes.filter((other) => other !== 'sfi-collision') : found.codes;
        findings.expect(codes.includes(code), `the mistake ${code} is not found; found ${codes.join(', ') || 'none'}`);
        findings.equal(found.status, 1, `exit code for ${code}`);
      }
      figure('rules, a mistake planted for each', rules.length);
      findings.expect(
        rules.length >= RULES_LEAST,
        `there are ${rules.length} rules, at least ${RULES_LEAST} are asked`,
      );
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
    const environment = { POLYCARD_RUNS: RUNS, ...(plant === undefined ? {} : { POLYCARD_PLANT: plant }) };
    findings.list.push(...(await tests(['packages/blueprint/test/codec.test.ts'], environment)));
    return findings.list;
  },
};

/** The blueprints in a folder of their own, with the rule's patch in the one it is for. */
function plantIn(directory: string, { blueprint = 'guangdong', patch }: Rule): string {
  for (const name of ['guangdong', 'hunan']) {
    const files = blueprintFilesIn(join(BLUEPRINTS, name));
    rmSync(join(directory, name), { recursive: true, force: true });
    for (const { path, text } of name === blueprint ? applyPatch(files, patch) : files) {
      const file = join(directory, name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
  return join(directory, blueprint);
}

function check(directory: string): { codes: string[]; status: number | null } {
  const { stdout, status } = spawnSync(process.execPath, [COMMAND, 'blueprint', 'check', directory, '--json'], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  try {
    const { findings } = JSON.parse(stdout) as { findings: BlueprintProblem[] };
    const isWhole = findings.every(({ code, file, path, reason, remedy }) =>
      [code, file, path, reason, remedy].every((part) => typeof part === 'string'),
    );
    return {
      codes: isWhole ? [...new Set(findings.map(({ code }) => code))] : ['a finding without its parts'],
      status,
    };
  } catch {
    return { codes: ['no JSON'], status };
  }
}
