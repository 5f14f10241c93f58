/** keys.7: a management key is rotated while taps go on; the report counts down to zero. */
import { type RotationPlant, RotationScenario } from '../../e2e/key-rotation-scenario.ts';
import { type AcceptanceItem, Findings, figure } from './item.ts';

const CARDS = 48;

async function rotation(plant: string | undefined): Promise<string[]> {
  const findings = new Findings();
  const scenario = await RotationScenario.open({ cards: CARDS, seed: 'acceptance' });
  try {
    const report = await scenario.run(plant as RotationPlant | undefined);
    figure('taps, refused', `${report.taps}, ${report.refused.length}`);
    figure('cards on the old version, step by step', report.onOldCards.join(' → '));
    figure('PSAMs on the old version, before and after', report.onOldPsams.join(' → '));
    figure(
      'a gate with the old version only',
      report.oldKeyRefusedAfterwards ? 'is refused by the card' : 'still writes',
    );
    figure('cryptograms verified, failed', `${report.cryptograms.verified}, ${report.cryptograms.failed}`);
    findings.equal([...new Set(report.refused)], [], 'refused taps');
    findings.equal(report.onOldCards[0], CARDS, 'cards on the old version at first');
    findings.equal(report.onOldCards.at(-1), 0, 'cards on the old version at the end');
    findings.equal(report.onOldPsams.at(-1), 0, 'PSAMs on the old version at the end');
    findings.expect(report.oldKeyRefusedAfterwards, 'the old version still writes on an updated card');
    findings.equal(report.cryptograms.failed, 0, 'cryptograms failed');
  } finally {
    await scenario.close();
  }
  return findings.list;
}

export const KEYS_7: AcceptanceItem = {
  title: 'rotation of a management key while taps go on',
  plants: ['psam-not-reloaded', 'cards-not-reported'],
  run: rotation,
};
