/** The card cases against our own card, whole and broken (the slow one is in docking.8). */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CASES_DIRECTORY, readCases } from '../src/case-files.ts';
import { BROKEN_CARDS, type CaseResult, type OwnPlatform, prepareOwnCard, startOwnPlatform } from '../src/index.ts';

const GUANGDONG = fileURLToPath(new URL('../../../blueprints/guangdong', import.meta.url));
const localTime = (): string => '20180901090000';
let own: OwnPlatform;
let play: Awaited<ReturnType<typeof prepareOwnCard>>;

beforeAll(async () => {
  own = await startOwnPlatform(GUANGDONG, 'conform-card');
  play = await prepareOwnCard(own);
});
afterAll(() => own.close());

/** Whatever did not pass; times are for a machine that is not shared (docking.8). */
const wrong = (cases: readonly CaseResult[]): CaseResult[] =>
  cases.filter((result) => result.class !== 'performance' && result.verdict !== 'pass');

describe('conform card', () => {
  it('passes on our own card, every case of the kit', async () => {
    const cases = await play({ localTime });
    expect(wrong(cases).map(({ id, verdict, reason }) => [id, verdict, reason])).toEqual([]);
    expect(cases).toHaveLength(readCases(`${CASES_DIRECTORY}/card`).length);
    const approved = cases.find(({ id }) => id === 'card.oda.signature')!;
    expect(approved.evidence.some(({ received }) => /\d{6}\*+\d{4}/.test(received ?? ''))).toBe(true);
    expect(approved.evidence.some(({ received }) => /57\d\d\d{16,19}D/.test(received ?? ''))).toBe(false);
  });

  it.each(BROKEN_CARDS.map(({ name }) => name).filter((name) => name !== 'slow'))(
    'finds the card that is broken by %s',
    async (name) => {
      const variant = BROKEN_CARDS.find((candidate) => candidate.name === name)!;
      const cases = await play({ localTime, only: variant.fails }, variant);
      expect(cases.map(({ id, verdict }) => [id, verdict])).toEqual(variant.fails.map((id) => [id, 'fail']));
    },
  );
});
