import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { REACHED_HALF } from '@polycard/blueprint';
import { PlatformApi } from '@polycard/fleet';
import { type RunningPlatform, startPlatform } from '@polycard/platform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RIGHTS_WITH } from '../apps/platform/src/modules/approvals/permissions.ts';
import { polycard } from './polycard-command.ts';
import { GUANGDONG } from './small-site.ts';

const POLYCARD = fileURLToPath(new URL('../apps/cli/bin/polycard.js', import.meta.url));
const ACTIVATION = { cardToken: '0123456789ABCDEF', record: 'bus', atc: 0, content: '0215'.padEnd(44, '0') };
const REQUEST = 'rotation-of-bus-management-1';

let directory: string;
let platform: RunningPlatform;
const people = new Map<string, PlatformApi>();

async function as(name: string): Promise<PlatformApi> {
  let api = people.get(name);
  if (api === undefined) {
    await platform.setPassword(name, name === 'operator' ? 'operator' : 'person', 'duties-test');
    api = new PlatformApi(platform.url);
    await api.signIn(name, 'duties-test');
    people.set(name, api);
  }
  return api;
}
const decide = async (name: string, verdict = 'approved') =>
  (await as(name)).post<{ state: string; decisions: unknown[] }>(`/api/approvals/${REQUEST}/decisions`, {
    verdict,
    why: 'seen',
  });

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'polycard-duties-'));
  platform = await startPlatform({
    ...{ dataDirectory: directory, blueprintDirectory: GUANGDONG, host: '127.0.0.1', port: 0, gatewayPort: 0 },
    ...{ version: 'test', logLevel: 'silent', simulationSeed: 'duties' },
  });
}, 300_000);
afterAll(async () => {
  await platform?.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('activation and management are separate at the API', () => {
  it.each(['zheng-yi', 'wei-dong', 'zhao-lei', 'operator', 'zhu-hong'])(
    '%s cannot open an application',
    async (name) => {
      const api = await as(name);
      await expect(api.post('/api/keys/activations', ACTIVATION)).rejects.toMatchObject({
        code: 'POLYCARD_SESSION_FORBIDDEN',
      });
    },
  );

  it.each(['zhao-lei', 'wu-fan', 'zheng-yi', 'operator'])('%s cannot issue a management key', async (name) => {
    const api = await as(name);
    await expect(api.post('/api/keys/psam-keys', { label: 'bus-management', zoneId: 'shop' })).rejects.toMatchObject({
      code: 'POLYCARD_SESSION_FORBIDDEN',
    });
  });

  it('the officers of each half can, and only see check values of their own half', async () => {
    const [activation, management] = [await as('wu-fan'), await as('wei-dong')];
    await expect(activation.post('/api/keys/activations', ACTIVATION)).rejects.toMatchObject({
      code: 'POLYCARD_CARD_UNKNOWN',
    });
    const path = { paths: [['5840FFFFFFFFFFFF', '0200000000000000']] };
    const answer = await management.post<{ checkValues: string[] }>('/api/keys/dispersions', {
      name: 'bus-management',
      ...path,
    });
    expect(answer.checkValues[0]).toMatch(/^[0-9A-F]{6}$/);
    await expect(management.post('/api/keys/dispersions', { name: 'bus-activation', ...path })).rejects.toMatchObject({
      code: 'POLYCARD_VAULT_RIGHT',
    });
    await expect(activation.post('/api/keys/dispersions', { name: 'bus-management', ...path })).rejects.toMatchObject({
      code: 'POLYCARD_VAULT_RIGHT',
    });
  });
});

describe('cards and terminals are prepared by different people', () => {
  const publicKey = '09'.repeat(32).toUpperCase();
  const cards = {
    cardPublicKeys: ['AB'.repeat(128)],
    cards: [{ product: 'ordinary-lingnan', homeCity: '5840', cardKey: 0 }],
  };

  it('no account has both, nor the platform operator either of them', async () => {
    for (const [name, purpose] of [
      ['operator', 'cards'],
      ['operator', 'terminals'],
      ['cao-jun', 'terminals'],
      ['peng-fei', 'cards'],
    ] as const)
      await expect(
        (await as(name)).post('/api/enrolment/zones', { name: 'shop', purpose, publicKey }),
      ).rejects.toMatchObject({ code: 'POLYCARD_SESSION_FORBIDDEN' });
    await expect(
      (await as('cao-jun')).post('/api/enrolment/terminals', { zoneId: 'x', terminals: [] }),
    ).rejects.toMatchObject({ code: 'POLYCARD_SESSION_FORBIDDEN' });
    await expect((await as('peng-fei')).post('/api/personalisation', { zoneId: 'x', ...cards })).rejects.toMatchObject({
      code: 'POLYCARD_SESSION_FORBIDDEN',
    });
  });

  it('a transport key carries keys of one half only', async () => {
    const [bureau, terminals] = [await as('cao-jun'), await as('peng-fei')];
    const open = (api: PlatformApi, purpose: 'cards' | 'terminals') =>
      api.post<{ zoneId: string }>('/api/enrolment/zones', { name: 'shop', purpose, publicKey });
    const [cardZone, terminalZone] = [await open(bureau, 'cards'), await open(terminals, 'terminals')];
    const terminal = { deviceNo: '700101101', profile: 'metro-gate', operatorId: 'shenzhen-metro' };
    await expect(
      terminals.post('/api/enrolment/terminals', { zoneId: cardZone.zoneId, terminals: [terminal] }),
    ).rejects.toMatchObject({ code: 'POLYCARD_VAULT_ZONE' });
    await expect(
      bureau.post('/api/personalisation', {
        ...{ zoneId: terminalZone.zoneId, ...cards },
      }),
    ).rejects.toMatchObject({ code: 'POLYCARD_VAULT_ZONE' });
    const { psam } = await terminals.post<{ psam: unknown[] }>('/api/enrolment/terminals', {
      ...{ zoneId: terminalZone.zoneId, terminals: [terminal] },
    });
    expect(psam.length).toBeGreaterThan(0);
  });

  it('every permission that reaches keys of a half is known to the checker as of that half', () => {
    for (const [permission, rights] of Object.entries(RIGHTS_WITH))
      for (const half of ['activation', 'management'] as const)
        if (rights.includes(half)) expect([permission, REACHED_HALF[permission]]).toEqual([permission, half]);
  });
});

describe('first passwords', () => {
  it('serve until their person changes them', async () => {
    const passwords = readFileSync(join(directory, 'first-passwords.txt'), 'utf8');
    const first = /^shi-hua +(\S+)$/m.exec(passwords)![1]!;
    const [own, api] = ['a-password-of-my-own', new PlatformApi(platform.url)];
    await expect(api.signIn('shi-hua', own)).rejects.toMatchObject({ code: 'POLYCARD_SESSION_REFUSED' });
    await api.signIn('shi-hua', first);
    await api.post('/api/session/password', { before: first, after: own });
    await expect(api.signIn('shi-hua', first)).rejects.toMatchObject({ code: 'POLYCARD_SESSION_REFUSED' });
    await api.signIn('shi-hua', own);
  });
});

describe('an act that others approve', () => {
  it('shows its effect in words, in both languages', async () => {
    const api = await as('zheng-yi');
    const body = { id: REQUEST, act: 'keys.management.rotate', subject: 'bus-management', why: 'yearly' };
    const approval = await api.post<{ effect: { en: string; zh: string }; state: string }>('/api/approvals', body);
    expect(approval.effect.en).toMatch(/bus-management.*1 terminals.*0 cards.*1 keys/);
    expect(approval.effect.zh).toContain('1 台终端');
    expect(await api.post('/api/approvals', body)).toEqual(approval);
    await expect(api.post('/api/approvals', { ...body, subject: 'metro-management' })).rejects.toMatchObject({
      code: 'POLYCARD_APPROVAL_CONFLICT',
    });
  });

  it('cannot be asked for by the other half, nor for a key of the other half', async () => {
    const body = { id: 'never-0001', act: 'keys.management.rotate', subject: 'bus-management', why: 'never' };
    await expect((await as('zhao-lei')).post('/api/approvals', body)).rejects.toMatchObject({
      code: 'POLYCARD_SESSION_FORBIDDEN',
    });
    await expect(
      (await as('zheng-yi')).post('/api/approvals', { ...body, subject: 'bus-activation' }),
    ).rejects.toMatchObject({
      code: 'POLYCARD_APPROVAL_ACT',
    });
  });

  it('is not for officers of another industry', async () => {
    const body = { id: 'water-0001', act: 'keys.management.rotate', subject: 'bus-management', why: 'not theirs' };
    await expect((await as('lu-ping')).post('/api/approvals', body)).rejects.toMatchObject({
      code: 'POLYCARD_SESSION_FORBIDDEN',
    });
    const own = { ...body, id: 'water-0002', subject: 'water-management', why: 'ours' };
    expect(await (await as('lu-ping')).post('/api/approvals', own)).toMatchObject({ state: 'waiting' });
    await expect(
      (await as('zheng-yi')).post('/api/approvals/water-0002/decisions', { verdict: 'approved', why: '' }),
    ).rejects.toMatchObject({ code: 'POLYCARD_SESSION_FORBIDDEN' });
  });

  it('gives nobody the other half, one after the other', async () => {
    const grant = (act: string, subject: string, role: string) =>
      as('he-min').then((api) =>
        api.post('/api/approvals', {
          ...{ id: `grant-${subject}-${role}`, act, subject, why: 'a new task', parameters: { role } },
        }),
      );
    await expect(grant('accounts.grant-management', 'bureau-agent', 'terminal-agent')).rejects.toMatchObject({
      code: 'POLYCARD_APPROVAL_ACT',
    });
    await expect(grant('accounts.grant-management', 'cao-jun', 'terminal-agent')).rejects.toMatchObject({
      code: 'POLYCARD_APPROVAL_ACT',
    });
  });

  it('is never approved by who asked, nor by the other half, nor twice by one person', async () => {
    await expect(decide('zheng-yi')).rejects.toMatchObject({ code: 'POLYCARD_APPROVAL_OWN' });
    for (const name of ['zhao-lei', 'he-min', 'operator', 'wei-dong'])
      await expect(decide(name)).rejects.toMatchObject({ code: 'POLYCARD_SESSION_FORBIDDEN' });
    expect(await decide('wang-bo')).toMatchObject({ state: 'waiting' });
    expect((await decide('wang-bo')).decisions).toHaveLength(1);
    await expect(decide('wang-bo', 'refused')).rejects.toMatchObject({ code: 'POLYCARD_APPROVAL_TWICE' });
  });

  it('is carried out once by the last approval, and the trail says who approved', async () => {
    expect(await decide('feng-xue')).toMatchObject({ state: 'done' });
    await expect(decide('chen-li')).rejects.toMatchObject({ code: 'POLYCARD_APPROVAL_DECIDED' });
    const { versions } = await (await as('zheng-yi')).get<{ versions: { version: number; state: string }[] }>(
      '/api/keys/bus-management',
    );
    expect(versions.map(({ version, state }) => [version, state])).toEqual([
      [1, 'retired'],
      [2, 'active'],
    ]);
    const auditor = await as('zhu-hong');
    const trail = await auditor.get<{ rows: { what: string; who: string; approvedBy: string[]; why: string }[] }>(
      '/api/audit?subject=bus-management',
    );
    expect(trail.rows.find(({ what }) => what === 'keys.management.rotate')).toMatchObject({
      ...{ who: 'zheng-yi', approvedBy: ['wang-bo', 'feng-xue'], why: 'yearly' },
    });
    const refused = await auditor.get<{ rows: { who: string }[] }>(
      '/api/audit?what=permission.refused&subject=keys.activation.use',
    );
    expect(refused.rows.map(({ who }) => who)).toEqual(expect.arrayContaining(['zheng-yi', 'operator']));
    expect(await auditor.get('/api/audit/verification')).toMatchObject({ verdict: 'whole' });
  });

  it('ends when one refuses', async () => {
    const body = { id: 'refused-0001', act: 'keys.activation.state', subject: 'metro-activation', why: 'test' };
    const api = await as('zhao-lei');
    await api.post('/api/approvals', { ...body, parameters: { to: 'suspended' } });
    const decisions = `/api/approvals/${body.id}/decisions`;
    expect(await (await as('li-na')).post(decisions, { verdict: 'refused', why: 'not now' })).toMatchObject({
      state: 'refused',
    });
    await expect((await as('sun-hao')).post(decisions, { verdict: 'approved', why: '' })).rejects.toMatchObject({
      code: 'POLYCARD_APPROVAL_DECIDED',
    });
  });
});

describe('the command line', () => {
  it('refuses activation with the rights of a management custodian, and the other way round', async () => {
    const run = (name: string, ...args: string[]) =>
      polycard(['keys', ...args, '--platform', platform.url, '--as', name], { POLYCARD_PASSWORD: 'duties-test' });
    const card = ['--card', ACTIVATION.cardToken, '--record', 'bus', '--content', ACTIVATION.content];
    const [opened, issued, listed] = await Promise.all([
      run('zheng-yi', 'activate', ...card),
      run('zhao-lei', 'psam', 'bus-management', '--zone', 'shop'),
      run('zheng-yi', 'list', '--json'),
    ]);
    expect(opened).toMatchObject({ code: 1, err: expect.stringContaining('POLYCARD_SESSION_FORBIDDEN') });
    expect(issued).toMatchObject({ code: 1, err: expect.stringContaining('POLYCARD_SESSION_FORBIDDEN') });
    expect(JSON.parse(listed.out).keys.length).toBeGreaterThan(8);
  }, 300_000);
});

describe('the command line on a data directory', () => {
  it('asks for the password all the same, and takes the first one from its file', async () => {
    const data = mkdtempSync(join(tmpdir(), 'polycard-duties-data-'));
    const run = (args: string[]) =>
      spawnSync(process.execPath, [POLYCARD, ...args, '--data', data], {
        ...{
          encoding: 'utf8' as const,
          env: { ...process.env, POLYCARD_PASSWORD: '', POLYCARD_SIMULATION_SEED: 'data' },
        },
      });
    try {
      const first = await startPlatform({
        ...{ dataDirectory: data, blueprintDirectory: GUANGDONG, host: '127.0.0.1', port: 0, gatewayPort: 0 },
        ...{ version: 'test', logLevel: 'silent', simulationSeed: 'data' },
      });
      await first.close();
      const passwords = join(data, 'first-passwords.txt');
      expect(first.peoplePasswords).toBe(passwords);
      expect(statSync(passwords).mode & 0o077).toBe(0);
      const list = ['keys', 'list', '--as', 'zheng-yi'];
      expect(run(list)).toMatchObject({ status: 2, stderr: expect.stringContaining('a password is needed') });
      expect(run([...list, '--password', 'guessed-it'])).toMatchObject({
        ...{ status: 1, stderr: expect.stringContaining('POLYCARD_SESSION_REFUSED') },
      });
      expect(run([...list, '--password-file', passwords])).toMatchObject({ status: 0 });
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  }, 300_000);
});
