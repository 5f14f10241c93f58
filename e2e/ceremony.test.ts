import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyAudit } from '@polycard/audit/verifier';
import { seededRandom } from '@polycard/crypto';
import { PlatformApi } from '@polycard/fleet';
import { readBlueprint, startPlatform } from '@polycard/platform';
import { Ceremony, type CeremonyRole, printedScript } from '@polycard/platform/ceremonies';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CeremonyReport, CUSTODIANS, runCeremony } from './ceremony-scenario.ts';
import { GUANGDONG } from './small-site.ts';

describe('a ceremony with 3 of 5 custodians on the command line', () => {
  let report: CeremonyReport;
  beforeAll(() => {
    report = runCeremony();
  }, 300_000);

  it('generates and activates every key of the tree and hands each custodian a share', () => {
    expect(report.generated.status).toBe(0);
    expect(report.generated.transcript).toMatchObject({ verdict: 'whole' });
    expect(report.generated.transcript!.signatures).toBeGreaterThan(30);
    expect(report.checkValues.length).toBeGreaterThanOrEqual(3);
  });

  it('destroys the keystore, and two of five do not bring it back', () => {
    expect(report.destroyed).toMatchObject({ status: 0, keystoreIsGone: true });
    expect(report.withTwo.status).toBe(1);
    expect(report.withTwo.output).toContain('2 of 5 custodians entered a share, 3 are needed');
  });

  it('names a wrong share and who entered it, and one share entered by two', () => {
    expect(report.withWrongShare.status).toBe(1);
    expect(report.withWrongShare.output).toContain('the share of sun-hao is wrong: share 3');
    expect(report.withWrongShare.transcript).toMatchObject({ verdict: 'whole' });
    expect(report.withOneTwice.status).toBe(1);
    expect(report.withOneTwice.output).toContain('share 1 was entered by zhao-lei already');
  });

  it('restores from three shares the same keys by check value', () => {
    expect(report.restored.status).toBe(0);
    expect(report.restored.checkValues).toEqual(report.checkValues);
    expect(report.restored.transcript).toMatchObject({ verdict: 'whole' });
  });

  it('writes no share and no passphrase into transcripts or output', () => {
    for (const secret of report.secrets) {
      expect(report.written.includes(secret)).toBe(false);
      expect(report.written.includes(secret.replaceAll('-', ''))).toBe(false);
    }
  });
});

describe('who may take part', () => {
  const blueprint = readBlueprint(GUANGDONG);
  const people = (...changed: [string, CeremonyRole][]) =>
    [
      ...([
        ['he-min', 'administrator'],
        ['yang-guang', 'witness'],
        ['zhu-hong', 'auditor'],
      ] as [string, CeremonyRole][]),
      ...CUSTODIANS.map((who) => [who, 'custodian'] as [string, CeremonyRole]),
      ...changed,
    ].map(([who, role]) => ({ who, role, passphrase: `signing phrase of ${who}` }));
  const open = (participants = people(), source = blueprint) =>
    new Ceremony({
      ...{ id: 'test', tree: 'activation', blueprint: source, participants },
      ...{ random: seededRandom('ceremony'), now: () => new Date('2026-09-01T08:00:00Z') },
    });

  it('is never one person twice, nor under two names', () => {
    expect(() => open(people(['zhao-lei', 'witness']))).toThrow(
      expect.objectContaining({ code: 'POLYCARD_CEREMONY_TWICE' }),
    );
    const duties = structuredClone(blueprint.duties!);
    const [first, second] = duties.people.filter(({ id }) => id === 'zhao-lei' || id === 'qian-ying');
    second!.staffNo = first!.staffNo;
    expect(() => open(people(), { ...blueprint, duties })).toThrow(
      expect.objectContaining({ code: 'POLYCARD_CEREMONY_TWICE' }),
    );
  });

  it('is nobody without the role: a management custodian has no share of activation', () => {
    expect(() => open(people(['wang-bo', 'custodian']))).toThrow(
      expect.objectContaining({ code: 'POLYCARD_CEREMONY_ROLE' }),
    );
    expect(() => open(people().filter(({ role }) => role !== 'witness'))).toThrow('a ceremony has a witness');
    expect(() => open(people(['nobody', 'custodian']))).toThrow('nobody is nobody in duties.yaml');
  });

  it('a keystore with keys of the other half is refused', async () => {
    const ceremony = open();
    const record = { label: 'bus-management', usage: 'management' };
    const keystore = { load: () => JSON.stringify({ keys: [{ record }] }), save: () => undefined };
    await expect(ceremony.generate(keystore, 'daily phrase')).rejects.toMatchObject({ code: 'POLYCARD_CEREMONY_TREE' });
  });

  it('what it makes becomes the keys a platform works with; other keys in their place are refused', async () => {
    let document = '';
    const keystore = {
      load: () => (document === '' ? undefined : document),
      save: (text: string) => (document = text),
    };
    await open().generate(keystore, 'daily phrase');
    const data = mkdtempSync(join(tmpdir(), 'polycard-adopted-'));
    const start = (dataDirectory: string, ceremonyKeystores: { document: string; passphrase: string }[]) =>
      startPlatform({
        ...{ dataDirectory, blueprintDirectory: GUANGDONG, host: '127.0.0.1', port: 0, gatewayPort: 0 },
        ...{ version: 'test', logLevel: 'silent', simulationSeed: 'adopted', ceremonyKeystores },
      });
    try {
      const platform = await start(data, [{ document, passphrase: 'daily phrase' }]);
      await platform.setPassword('zhao-lei', 'person', 'sees the keys');
      const api = new PlatformApi(platform.url);
      await api.signIn('zhao-lei', 'sees the keys');
      const { keys } = await api.get<{ keys: { name: string; checkValue: string }[] }>('/api/keys');
      await platform.close();
      const records = (JSON.parse(document) as { keys: { record: { label: string; checkValue: string } }[] }).keys;
      const made = records.map(({ record }) => record).filter(({ label }) => label.endsWith('-activation'));
      expect(made.length).toBeGreaterThan(4);
      for (const { label, checkValue } of made)
        expect([label, keys.find(({ name }) => name === `${label}#1`)?.checkValue]).toEqual([label, checkValue]);
      document = '';
      await open().generate(keystore, 'daily phrase');
      const { keys: others } = JSON.parse(document) as { keys: { record: { checkValue: string } }[] };
      others[2]!.record.checkValue = '000000';
      const tampered = start(data, [
        { document: JSON.stringify({ ...JSON.parse(document), keys: others }), passphrase: 'daily phrase' },
      ]);
      await expect(tampered).rejects.toMatchObject({
        code: expect.stringMatching(/^POLYCARD_VAULT_(TAMPERED|CONFLICT)$/),
      });
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  }, 300_000);

  it('a transcript with a signature, a step or a signer changed is not whole, even chained anew', () => {
    const text = open().close();
    expect(verifyAudit(Buffer.from(text))).toMatchObject({ verdict: 'whole', entries: 2, signatures: 6 });
    expect(verifyAudit(Buffer.from(text.replace('step 1', 'step 9'))).problem).toMatchObject({ entry: 1 });
    const forgery = open(people().map((person) => ({ ...person, passphrase: 'somebody else altogether' })));
    const [header, first] = text.split('\n');
    const lines = forgery.close().split('\n');
    expect(verifyAudit(Buffer.from([header, first, ...lines.slice(2)].join('\n'))).verdict).toBe('broken');
  });

  it('the script is printed for the file in both languages', () => {
    const printed = printedScript('generate', 'activation', 'A-1', people());
    expect(printed).toContain('each receives one share, alone at the screen');
    expect(printed).toContain('逐一单独领取分量并封存');
    expect(printed).toContain('| custodian | zhou-jie | |');
    expect(readFileSync(new URL('../docs/reference/audit-format.md', import.meta.url), 'utf8')).toContain(
      'ceremony.share-entered',
    );
  });
});
