import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  applyPatch,
  BlueprintError,
  type BlueprintFile,
  type BlueprintLayer,
  checkBlueprint,
  extendedBlueprint,
  overlayFiles,
  problemOf,
  RULES,
} from '../src/index.ts';

/** For acceptance: `rule-dropped` lets findings of one rule be lost. */
const PLANT = process.env['POLYCARD_PLANT'];

const filesOf = (name: string): BlueprintFile[] => {
  const folder = fileURLToPath(new URL(`../../../blueprints/${name}/`, import.meta.url));
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => ({ path, text: readFileSync(folder + path, 'utf8') }));
};
const guangdong = filesOf('guangdong');
const hunan = filesOf('hunan');

const check = (files: readonly BlueprintFile[]): { code: string; file: string; path: string; reason: string }[] =>
  checkBlueprint(files).filter(({ code }) => PLANT !== 'rule-dropped' || code !== 'personal-data-free');

/** As `polycard blueprint check` reads a folder that extends another. */
function checkHunan(own: readonly BlueprintFile[]): { code: string; file: string; path: string; reason: string }[] {
  const layer: BlueprintLayer = { prefix: '', files: own };
  const parent = extendedBlueprint(layer);
  if (parent !== '../guangdong')
    return [problemOf({ code: 'overlay-parent', file: 'blueprint.yaml', path: '/extends', expected: '', found: '' })];
  try {
    return check(overlayFiles([{ prefix: '../guangdong/', files: guangdong }, layer]));
  } catch (error) {
    if (!(error instanceof BlueprintError)) throw error;
    return error.findings.map(problemOf);
  }
}

describe('a clean blueprint', () => {
  it('gives no finding: Guangdong, and Hunan over it', () => {
    expect(check(guangdong)).toEqual([]);
    expect(checkHunan(hunan)).toEqual([]);
  });
});

describe('a planted mistake', () => {
  it.each(Object.entries(RULES))('%s is found where it was planted, with reason and remedy', (code, rule) => {
    const isHunan = rule.blueprint === 'hunan';
    const findings = isHunan ? checkHunan(applyPatch(hunan, rule.patch)) : check(applyPatch(guangdong, rule.patch));
    const own = findings.filter((finding) => finding.code === code);
    expect(own.length, JSON.stringify(findings)).toBeGreaterThan(0);
    for (const finding of own) expect(finding.reason).toMatch(/: expected .*, found .*\.$/s);
    const { title, protects, remedy } = RULES[code as keyof typeof RULES];
    for (const words of [title, protects, remedy]) {
      expect(words.en).toMatch(/[a-z]/);
      expect(words.zh).toMatch(/[\u4e00-\u9fff]/);
    }
  });

  it('does not hide another: all that leave their file readable are found at once', () => {
    // these need what another mistake of the lot takes away, such as the AID or the SFI they would collide with
    const alone = new Set([
      ...['yaml-unreadable', 'file-missing', 'tariff-missing', 'aid-collision', 'sfi-collision', 'party-collision'],
      ...['memory-beyond-chip', 'key-algorithm-mixed', 'terminal-place-unknown', 'station-unknown'],
      'network-coordinates',
    ]);
    const files = new Map<string, number>();
    const together = Object.entries(RULES).filter(([code, { blueprint, patch }]) => {
      if (blueprint !== undefined || alone.has(code) || patch.some(({ op }) => op === 'remove')) return false;
      const { file, path } = patch[0]!;
      const place = `${file}${path.split('/').slice(0, 4).join('/')}`;
      files.set(place, (files.get(place) ?? 0) + 1);
      return files.get(place) === 1;
    });
    const patched = applyPatch(
      guangdong,
      together.flatMap(([, { patch }]) => patch),
    );
    const codes = new Set(check(patched).map(({ code }) => code));
    expect(together.length).toBeGreaterThanOrEqual(25);
    expect(together.map(([code]) => code).filter((code) => !codes.has(code))).toEqual([]);
  });
});

describe('what is no blueprint', () => {
  it('an empty folder, text in place of every file, a file of another kind: findings, nothing else', () => {
    expect(check([]).map(({ code }) => code)).toEqual(Array.from({ length: 6 }, () => 'file-missing'));
    for (const { path } of guangdong) {
      for (const text of ['', '42', '[]', 'null', '{}', 'a: &a [*a]', '\u0000', 'parties: 7', 'trees: [{}]']) {
        const broken = guangdong.map((file) => (file.path === path ? { path, text } : file));
        const found = check(broken);
        expect(
          found.some((finding) => finding.file === path),
          `${path}: ${text}`,
        ).toBe(true);
      }
    }
  });

  it('every file named by a patch exists', () => {
    for (const { patch, blueprint = 'guangdong' } of Object.values(RULES)) {
      for (const { file, op, path } of patch) {
        const known = existsSync(fileURLToPath(new URL(`../../../blueprints/${blueprint}/${file}`, import.meta.url)));
        expect(known || (op === 'add' && path === ''), file).toBe(true);
      }
    }
  });
});
