import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ParameterRegion, SCENARIO_PASSWORD } from './parameters-scenario.ts';
import { polycard } from './polycard-command.ts';

const TERMINALS = 12;
const region = new ParameterRegion('parameters-test');

beforeAll(async () => {
  await region.open(TERMINALS, 4);
}, 120_000);
afterAll(() => region.close());

interface MetroTariff {
  baseFare: { startFen: number; sameStationFen: number };
}
const dearer = (content: { tariffs: Record<string, unknown> }): void => {
  const metro = content.tariffs['tariffs/metro.yaml'] as MetroTariff;
  metro.baseFare = { ...metro.baseFare, startFen: 250, sameStationFen: 250 };
};

describe('a tariff change', { timeout: 180_000 }, () => {
  let version: string;

  it('is drafted from the version in force, and one with findings cannot be proposed', async () => {
    region.now = '2026-12-01T06:00:00';
    region.ride('2026-12-01T06:30:00');
    expect(region.refused).toEqual([]);
    await region.upload();
    const draft = await region.drafted('negative', (content) => {
      (content.tariffs['tariffs/metro.yaml'] as unknown as MetroTariff).baseFare.startFen = -1;
    });
    const checked = await region.act(draft.version, 'check', {});
    expect(checked.state).toBe('draft');
    expect(checked.problems[0]).toMatchObject({ code: 'amount-negative', file: 'tariffs/metro.yaml' });
    const plan = {
      effectiveAt: '2026-12-01T10:00:00',
      stages: [{ name: 'canary', sharePercent: 10 }, { name: 'all' }],
    };
    await expect(
      region.act(draft.version, 'proposal', { id: 'proposal-negative', why: 'try it', plan }),
    ).rejects.toMatchObject({ code: 'POLYCARD_PARAMETERS_STATE' });
  });

  it('is checked, rehearsed over recorded rides and approved by a second person', async () => {
    const canary = region.numbersOf(region.terminalsOf([0]));
    const approved = await region.approved('metro starts at 2.50', dearer, {
      effectiveAt: '2026-12-01T10:00:00',
      stages: [{ name: 'Luohu', terminals: canary, effectiveAt: '2026-12-01T08:00:00' }, { name: 'all others' }],
      limits: { ridesMin: 2, beyondRehearsalPercentMax: 30 },
    });
    version = approved.version;
    expect(approved.state).toBe('approved');
    expect(approved.rehearsal?.result).toMatchObject({ rides: 8, more: 4, same: 4, less: 0, notComputed: 0 });
    expect(approved.changes.map(({ words }) => words.en)).toContain(
      'Tariff › Shenzhen metro › base fare › starting fare: ¥2.00 → ¥2.50',
    );
    const supervisor = await region.as('you-jia', 'supervisor');
    const request = await supervisor.get<{ effect: { en: string } }>(`/api/approvals/proposal-${version}`);
    expect(request.effect.en).toContain('Luohu: 3 terminals from 2026-12-01 08:00:00; all others: 9 terminals');
  });

  it('reaches the canary first, which switches at the instant without a line', async () => {
    region.now = '2026-12-01T07:00:00';
    await region.act(version, 'rollout', { why: 'as approved' });
    await region.talk();
    region.rides.length = 0;
    region.ride('2026-12-01T07:59:59');
    region.ride('2026-12-01T08:00:00');
    expect(region.refused).toEqual([]);
    const canary = new Set(region.numbersOf(region.terminalsOf([0])));
    for (const { terminalNo, at, version: used } of region.rides)
      expect(used === version, `${terminalNo} at ${at}`).toBe(canary.has(terminalNo) && at >= '2026-12-01T08:00:00');
    region.now = '2026-12-01T08:10:00';
    await region.upload();
    expect(await region.exceptions()).toEqual({});
    const seen = await region.version(version);
    expect(seen.canary).toMatchObject({ verdict: 'good', rides: 2, terminals: 3 });
    expect(seen.stages[0]).toMatchObject({ terminals: 3, taken: 3 });
  });

  it('then all others, after a restart of the platform, and taps are cleared under the version used', async () => {
    await region.act(version, 'stages', { why: 'the canary is good', stage: 1 });
    await region.restart();
    await region.talk();
    region.rides.length = 0;
    region.ride('2026-12-01T09:59:59');
    region.ride('2026-12-01T10:00:00');
    const before = region.rides.filter(({ at, version: used }) => at < '2026-12-01T10:00:00' && used === version);
    const after = region.rides.filter(({ at, version: used }) => at >= '2026-12-01T10:00:00' && used === version);
    expect([before.length, after.length]).toEqual([2, 8]);
    region.now = '2026-12-01T10:05:00';
    await region.upload();
    expect(await region.exceptions()).toEqual({});
    await region.until('in force', async () =>
      (await region.version(version)).state === 'in-force' ? true : undefined,
    );
  });

  it('under which cards are turned away stops at the canary, and nobody else ever gets it', async () => {
    region.now = '2026-12-01T10:30:00';
    const canary = region.numbersOf(region.terminalsOf([0, 1]));
    const faulty = await region.approved(
      'no bus above seven yuan',
      (content) => {
        const bus = content.tariffs['tariffs/bus.yaml'] as unknown as { baseFare: { maximumFen: number } };
        bus.baseFare.maximumFen = 700;
      },
      {
        effectiveAt: '2026-12-01T12:00:00',
        stages: [{ name: 'canary', terminals: canary, effectiveAt: '2026-12-01T10:31:00' }, { name: 'all others' }],
        limits: { ridesMin: 6, changePercentMax: 1000, beyondRehearsalPercentMax: 1000 },
      },
    );
    await region.act(faulty.version, 'rollout', { why: 'as approved' });
    await region.talk();
    region.rides.length = 0;
    region.ride('2026-12-01T10:40:00', region.sites, 800);
    expect(region.refused.splice(0).map((line) => line.split(': ')[1]!.split(',')[0])).toEqual([
      'fare-unknown',
      'fare-unknown',
    ]);
    expect(region.rides.filter(({ version: used }) => used === faulty.version)).toHaveLength(2);
    region.now = '2026-12-01T10:45:00';
    await region.upload();
    await region.talk();
    const stopped = await region.until('the stop', async () => {
      const found = await region.version(faulty.version);
      return found.state === 'stopped' ? found : undefined;
    });
    expect(stopped.events.at(-1)).toMatchObject({ who: 'platform', what: 'parameters.stopped' });
    expect(stopped.events.at(-1)?.detail.why).toMatch(/refusalsPerMilleMax: \d+/);
    expect(stopped.stages[1]).toMatchObject({ taken: 0, using: 0 });
    await region.talk();
    region.rides.length = 0;
    region.ride('2026-12-01T10:50:00', region.sites, 800);
    expect(new Set(region.rides.map(({ version: used }) => used))).toEqual(new Set([version]));
    region.now = '2026-12-01T10:55:00';
    await region.upload();
    expect(await region.exceptions()).toEqual({});
  });

  it('goes back by one act; a terminal that has not talked since is not blamed, one that has is', async () => {
    region.now = '2026-12-01T11:00:00';
    await region.act(version, 'rollback', { why: 'complaints' });
    const [silent, ...others] = region.sites;
    await region.talk(region.terminalsOf(others));
    region.rides.length = 0;
    region.ride('2026-12-01T11:30:00');
    const silentNumbers = new Set(region.numbersOf(region.terminalsOf([silent!])));
    for (const { terminalNo, version: used } of region.rides)
      expect(used === version, terminalNo).toBe(silentNumbers.has(terminalNo));
    region.now = '2026-12-01T12:00:00';
    await region.upload();
    expect(await region.exceptions()).toEqual({});
    expect((await region.version(version)).state).toBe('rolled-back');
  });

  it('is driven from the command line too: JSON, and exit codes by what was found', async () => {
    const platform = ['--platform', region.platform.url, '--password', SCENARIO_PASSWORD, '--json'];
    const list = await polycard(['parameters', 'list', ...platform]);
    expect(list.code).toBe(0);
    const states = (JSON.parse(list.out) as { version: string; state: string }[]).map(({ state }) => state);
    expect(states).toContain('in-force');
    const back = await polycard(['parameters', 'rollback', version, '--why', 'once more', ...platform]);
    expect([back.code, back.err]).toEqual([1, expect.stringContaining('POLYCARD_PARAMETERS_STATE')]);
    expect((await polycard(['parameters', 'show', 'none', ...platform])).code).toBe(2);
    expect((await polycard(['parameters', 'draft', ...platform])).code).toBe(2);
  });
});
