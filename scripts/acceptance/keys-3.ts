/** keys.3: a ceremony with 3 of 5 custodians: backup, destruction, restore; two are not enough, a wrong share is named. */
import { type CeremonyPlant, runCeremony } from '../../e2e/ceremony-scenario.ts';
import { type AcceptanceItem, Findings, figure, tests } from './item.ts';

async function ceremony(plant: string | undefined): Promise<string[]> {
  const findings = new Findings();
  const report = runCeremony(plant as CeremonyPlant | undefined);
  figure('keys generated, by check value', report.checkValues.join(' '));
  figure('signatures in the transcript', report.generated.transcript?.signatures ?? 0);
  findings.equal(report.generated.status, 0, 'generate ended with');
  findings.equal(report.generated.transcript?.verdict, 'whole', 'transcript of generate');
  findings.equal(
    [report.destroyed.status, report.destroyed.keystoreIsGone],
    [0, true],
    'destroy, the keystore is gone',
  );
  findings.equal(report.withTwo.status, 1, 'restore with two of five ended with');
  findings.equal(report.withWrongShare.status, 1, 'restore with a wrong share ended with');
  findings.expect(
    report.withWrongShare.output.includes('the share of sun-hao is wrong'),
    'the wrong share was not named',
  );
  findings.equal(report.withOneTwice.status, 1, 'restore with one share twice ended with');
  findings.equal(report.restored.status, 0, 'restore with three ended with');
  findings.equal(report.restored.checkValues, report.checkValues, 'check values after restore');
  findings.equal(report.restored.transcript?.verdict, 'whole', 'transcript of restore');
  findings.expect(
    !report.secrets.some((secret) => report.written.includes(secret)),
    'a share or passphrase was written',
  );
  if (plant === undefined)
    findings.list.push(...(await tests(['e2e/console-ceremony.test.ts'], { POLYCARD_SCREENSHOTS: 'screenshots' })));
  return findings.list;
}

export const KEYS_3: AcceptanceItem = {
  title: 'a ceremony with 3 of 5 custodians: backup, destruction, restore',
  plants: ['two-suffice', 'share-exchanged'],
  run: ceremony,
};
