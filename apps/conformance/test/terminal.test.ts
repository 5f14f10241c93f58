/** The terminal cases against our own terminal, whole and broken; a short part of what docking.8 runs in full. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CASES_DIRECTORY, readCases } from '../src/case-files.ts';
import {
  BROKEN_TERMINALS,
  type CaseResult,
  type OwnPlatform,
  prepareOwnTerminal,
  startOwnPlatform,
} from '../src/index.ts';

const GUANGDONG = fileURLToPath(new URL('../../../blueprints/guangdong', import.meta.url));
let own: OwnPlatform;
let play: Awaited<ReturnType<typeof prepareOwnTerminal>>;

beforeAll(async () => {
  own = await startOwnPlatform(GUANGDONG, 'conform-terminal');
  play = await prepareOwnTerminal(own);
});
afterAll(() => own.close());

/** Whatever did not pass; times are for a machine that is not shared (docking.8). */
const wrong = (cases: readonly CaseResult[]): CaseResult[] =>
  cases.filter((result) => result.class !== 'performance' && result.verdict !== 'pass');

describe('conform terminal', () => {
  it('passes on our own terminal, every case of the kit', async () => {
    const cases = await play({});
    expect(wrong(cases).map(({ id, verdict, reason }) => [id, verdict, reason])).toEqual([]);
    expect(cases).toHaveLength(readCases(`${CASES_DIRECTORY}/terminal`).length);
  });

  it.each([
    'check-value-ignored',
    'missing-mac-believed',
    'totals-wrong',
    'batch-end-always-equal',
    'uploads-twice',
    'journal-lost-with-power',
    'signature-unchecked',
    'torn-tap-forgotten',
    'purchase-not-kept',
    'details-left-out',
    'age-ignored',
    'list-not-looked-into',
  ])('finds the terminal that is broken by %s', async (name) => {
    const variant = BROKEN_TERMINALS.find((candidate) => candidate.name === name)!;
    const cases = await play({ only: variant.fails }, variant);
    expect(cases.map(({ id, verdict }) => [id, verdict])).toEqual(variant.fails.map((id) => [id, 'fail']));
  });

  it('every broken variant names cases that exist', () => {
    const known = new Set(readCases(`${CASES_DIRECTORY}/terminal`).map(({ id }) => id));
    for (const { name, fails } of BROKEN_TERMINALS) for (const id of fails) expect(known, name).toContain(id);
  });
});
