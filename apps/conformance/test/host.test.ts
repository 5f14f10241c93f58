/** The host cases against our own host, whole and broken; a short part of what docking.8 runs in full. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CASES_DIRECTORY, readCases } from '../src/case-files.ts';
import { BROKEN_HOSTS, htmlReport, type OwnPlatform, reportOf, runOwnHost, startOwnPlatform } from '../src/index.ts';

const GUANGDONG = fileURLToPath(new URL('../../../blueprints/guangdong', import.meta.url));
const localTime = (): string => '20180901090000';
let own: OwnPlatform;

beforeAll(async () => {
  own = await startOwnPlatform(GUANGDONG, 'conform-host');
});
afterAll(() => own.close());

describe('conform host', () => {
  it('passes on our own host, with decoded frames as evidence and no whole account number or key', async () => {
    const cases = await runOwnHost(own, {
      localTime,
      only: [
        'host.sign-in',
        'host.upload',
        'host.mac',
        'host.settlement',
        'host.frame',
        'host.purchase',
        'host.online',
        'host.tls',
      ],
    });
    const report = reportOf({ kind: 'host', target: 'our own host', startedAt: '' }, cases);
    expect(report.summary.failed).toEqual([]);
    expect(report.verdict).toBe('pass');
    expect(report.summary.pass).toBeGreaterThan(10);
    const text = JSON.stringify(report) + htmlReport(report);
    expect([text.includes('0230'), text.includes('6222020000000000005')]).toEqual([true, false]);
  });

  it.each([
    'wrong-check-value',
    'missing-mac-accepted',
    'repeat-counted-twice',
    'totals-always-equal',
    'pieces-unread',
    'merchant-unchecked',
    'purchases-refused',
    'unknown-card-approved',
    'void-again',
    'certificates-unchecked',
  ])('finds the host that is broken by %s', async (name) => {
    const variant = BROKEN_HOSTS.find((candidate) => candidate.name === name)!;
    const cases = await runOwnHost(own, { localTime, only: variant.fails }, variant);
    expect(cases.map(({ id, verdict }) => [id, verdict])).toEqual(variant.fails.map((id) => [id, 'fail']));
    expect(cases[0]!.evidence.at(-1)).toMatchObject({ holds: false });
  });

  it('every broken variant names cases that exist', async () => {
    const known = new Set(readCases(`${CASES_DIRECTORY}/host`).map(({ id }) => id));
    for (const { name, fails } of BROKEN_HOSTS) for (const id of fails) expect(known, name).toContain(id);
  });
});
