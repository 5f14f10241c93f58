/** card.6: a second province as an overlay runs the whole path; one card with every application runs all flows interleaved. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBlueprint } from '@polycard/platform';
import { type InterleavedPlant, runInterleaved } from '../../e2e/interleaved/run.ts';
import { comparableDay, HUNAN, provinceDay, provinceFindings } from '../../e2e/province-scenario.ts';
import { type AcceptanceItem, Findings, figure } from './item.ts';

const TAPS = 20_000;
const TAPS_PLANTED = 300;

/** The province with its keys back at 3DES: what is said of its cards must then no longer be true. */
function withTripleDes(directory: string): string {
  const trees = readBlueprint(HUNAN).keys.map(({ label }) => `  - { label: ${label}, algorithm: 3DES }`);
  writeFileSync(join(directory, 'blueprint.yaml'), `extends: ${HUNAN}\nblueprint: hunan-triple-des\n`);
  writeFileSync(join(directory, 'keys.yaml'), `trees:\n${trees.join('\n')}\n`);
  return directory;
}

/** The second half: one card, every application, all flows interleaved. */
async function oneCard(plant: InterleavedPlant | undefined): Promise<string[]> {
  const report = await runInterleaved({
    ...{ flows: 500, interruptions: 1000, seed: '7' },
    ...(plant === undefined ? {} : { plant }),
  });
  figure('applications of the one card', report.applications.length);
  figure('its bytes, all compared, belong to', report.belongings.join(', '));
  for (const [name, count] of Object.entries(report.flows)) figure(`flows: ${name}`, count);
  figure('flows broken into by another', report.interruptions);
  figure('changes outside what a flow owns, failures', report.findings.length);
  return [...report.findings];
}

async function secondProvince(plant: string | undefined): Promise<string[]> {
  const findings = new Findings();
  if (plant === 'byte-changed' || plant === undefined) {
    findings.list.push(...(await oneCard(plant)));
    if (plant !== undefined) return findings.list;
  }
  const directory = mkdtempSync(join(tmpdir(), 'polycard-overlay-'));
  try {
    const taps = plant === undefined ? TAPS : TAPS_PLANTED;
    const day = await provinceDay({
      blueprint: plant === 'triple-des' ? withTripleDes(directory) : HUNAN,
      taps,
      seed: '7',
      ...(plant === 'cryptogram-changed' ? { faults: 'cryptogram=1' } : {}),
    });
    const { result } = day;
    figure('taps performed, cards, terminals', `${result.taps.performed}, ${result.cards}, ${result.terminals}`);
    figure('fares charged, matched', `${result.fares.charged}, ${result.fares.matched}`);
    figure('charged, fen', result.fares.chargedFen);
    figure('cryptograms verified, failed', `${result.cryptograms.verified}, ${result.cryptograms.failed}`);
    figure('algorithm named by the cards (9F10)', JSON.stringify(day.algorithms));
    figure('metro and bus records written, by bytes', JSON.stringify(day.recordBytes));
    figure('postings, sum', `${result.ledger.postings}, ${result.ledger.sumFen}`);
    for (const { party, netFen } of result.settlement) figure(`net of ${party}, fen`, netFen);
    figure('elapsed, ms', result.elapsedMs);
    findings.list.push(...provinceFindings(day, taps));
    findings.equal(day.algorithms, { SM4: taps }, 'algorithms named by the cards');
    findings.equal(Object.keys(day.recordBytes), ['48'], 'bytes of metro and bus records');
    if (plant !== undefined) return findings.list;
    const small = { blueprint: HUNAN, taps: TAPS_PLANTED, seed: '7' };
    const [one, two] = [await provinceDay(small), await provinceDay(small)];
    findings.equal(comparableDay(two), comparableDay(one), 'the same seed twice');
    figure(
      'the same seed twice',
      JSON.stringify(comparableDay(two)) === JSON.stringify(comparableDay(one)) ? 'equal' : 'different',
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return findings.list;
}

export const CARD_6: AcceptanceItem = {
  title: 'a second province as an overlay runs the whole path; one card runs every flow, none touches another',
  plants: ['cryptogram-changed', 'triple-des', 'byte-changed'],
  run: secondProvince,
};
