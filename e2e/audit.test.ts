import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { verifyAudit } from '@polycard/audit/verifier';
import { seededRandom } from '@polycard/crypto';
import { PlatformApi } from '@polycard/fleet';
import { startPlatform } from '@polycard/platform';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyUses } from '../apps/platform/src/modules/audit/key-uses.ts';
import { audit } from '../apps/platform/src/modules/audit/service.ts';
import { exportTrail, searchTrail, verifyTrail } from '../apps/platform/src/modules/audit/trail.ts';
import { type OpenDatabase, openDatabase } from '../apps/platform/src/store/database.ts';
import { startPostgresql, type TestPostgresql } from './postgresql.ts';
import { GUANGDONG } from './small-site.ts';

const POLYCARD = fileURLToPath(new URL('../apps/cli/bin/polycard.js', import.meta.url));
const ABOUT = { chain: 'test', exportedAt: new Date('2026-09-09T00:00:00Z'), exportedBy: 'test' };
const act = (subject: string) => ({ who: 'tester', what: 'test.done', subject, detail: {} });

let directory: string;
let postgresql: TestPostgresql;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'polycard-audit-'));
  postgresql = await startPostgresql();
});
afterAll(async () => {
  await postgresql?.close();
  rmSync(directory, { recursive: true, force: true });
});

async function exported(store: OpenDatabase): Promise<string> {
  let text = '';
  for await (const piece of exportTrail(store.database, ABOUT)) text += piece;
  return text;
}

describe.each(['PGlite', 'PostgreSQL'])('the trail on %s', (kind) => {
  let store: OpenDatabase;
  let clock = new Date('2026-09-01T23:59:00Z');
  const now = (): Date => clock;
  beforeAll(async () => {
    store = await openDatabase({
      directory,
      url: kind === 'PostgreSQL' ? postgresql.url : undefined,
      now,
    });
  });
  afterAll(() => store?.close());

  it('has one head however many write at once, and an anchor for each finished day', async () => {
    for (let day = 0; day < 3; day++) {
      clock = new Date(Date.UTC(2026, 8, 1 + day, 12));
      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          store.database.transaction().execute((transaction) => audit(transaction, now(), act(`a${index}`), act('b'))),
        ),
      );
    }
    expect(verifyAudit(Buffer.from(await exported(store)))).toMatchObject({
      verdict: 'whole',
      entries: 120,
      anchors: 2,
    });
  });

  it('does not hold an act whose transaction failed, nor leave a hole for it', async () => {
    const failing = store.database.transaction().execute(async (transaction) => {
      await audit(transaction, now(), act('lost'));
      throw new Error('after the entry');
    });
    await expect(failing).rejects.toThrow('after the entry');
    await store.database.transaction().execute((transaction) => audit(transaction, now(), act('kept')));
    expect(await verifyTrail(store.database, ABOUT)).toMatchObject({ verdict: 'whole', entries: 121 });
    expect(await exported(store)).not.toContain('lost');
  });

  it('uses no key while entries cannot be written, and uses it again when they can', async () => {
    const uses = new KeyUses(store.database, now);
    const use = { label: 'bus-management', use: 'test', right: 'management', count: 1 } as const;
    expect(() => uses.count([use])).toThrow(expect.objectContaining({ code: 'POLYCARD_AUDIT_UNAVAILABLE' }));
    await uses.open();
    await sql`ALTER TABLE audit RENAME TO audit_away`.execute(store.database);
    await expect(uses.record([use])).rejects.toMatchObject({ code: 'POLYCARD_AUDIT_UNAVAILABLE' });
    expect(() => uses.count([use])).toThrow(expect.objectContaining({ code: 'POLYCARD_AUDIT_UNAVAILABLE' }));
    await sql`ALTER TABLE audit_away RENAME TO audit`.execute(store.database);
    await uses.record([use]);
    uses.count([use]);
    await uses.close();
    expect(() => uses.count([use])).toThrow(expect.objectContaining({ code: 'POLYCARD_AUDIT_UNAVAILABLE' }));
    // the span opened, two uses, their sum with the next span, its close
    const { rows } = await searchTrail(store.database, { pageSize: 5 });
    expect(rows.map(({ what, detail }) => [what, detail['count'] ?? [detail['closed'], detail['opened']]])).toEqual([
      ['key.counted-span', [2, undefined]],
      ['key.counted-span', [1, 2]],
      ['key.used', 1],
      ['key.used', 1],
      ['key.counted-span', [undefined, 1]],
    ]);
    expect(await verifyTrail(store.database, ABOUT)).toMatchObject({ verdict: 'whole', entries: 126 });
  });

  it('keeps the refusals of a transaction that was rolled back', async () => {
    const uses = new KeyUses(store.database, now);
    const use = { label: 'metro-activation', use: 'activate', right: 'activation', count: 3 } as const;
    const failing = uses.transaction(async () => {
      await uses.record([{ ...use, label: 'used-and-rolled-back' }]);
      await uses.record([use], 'POLYCARD_VAULT_RIGHT');
      throw new Error('refused');
    });
    await expect(failing).rejects.toThrow('refused');
    await uses.close();
    const text = await exported(store);
    expect(text).toContain('"code":"POLYCARD_VAULT_RIGHT","count":3,"use":"activate"');
    expect(text).not.toContain('used-and-rolled-back');
  });

  it('shows a row that somebody changed in the database, text or column', async () => {
    await sql`UPDATE audit SET who = 'somebody else' WHERE sequence = 7`.execute(store.database);
    expect((await verifyTrail(store.database, ABOUT)).problem).toMatchObject({ entry: 7 });
    await sql`UPDATE audit SET who = 'tester' WHERE sequence = 7`.execute(store.database);
    await sql`UPDATE audit SET text = replace(text, 'tester', 'nobody') WHERE sequence = 9`.execute(store.database);
    expect((await verifyTrail(store.database, ABOUT)).problem).toMatchObject({ entry: 9 });
    await sql`DELETE FROM audit WHERE sequence = 5`.execute(store.database);
    expect((await verifyTrail(store.database, ABOUT)).problem).toMatchObject({ entry: 5 });
  });
});

describe('a region at work', () => {
  it('notes keys made, agreed and issued by whom; the exported file verifies alone', async () => {
    const data = join(directory, 'region');
    const platform = await startPlatform({
      ...{ dataDirectory: data, blueprintDirectory: GUANGDONG, host: '127.0.0.1', port: 0, gatewayPort: 0 },
      ...{ version: 'test', logLevel: 'silent', simulationSeed: 'audit' },
    });
    await platform.setFleetPassword('audit-test');
    const api = new PlatformApi(platform.url);
    await api.signIn('fleet', 'audit-test');
    const { zoneId } = await api.openZone('shop', 'terminals', seededRandom('shop'));
    const terminals = [1, 2, 3].map((index) => ({
      ...{ deviceNo: `70000000${index}`, profile: 'metro-gate', operatorId: 'shenzhen-metro' },
    }));
    await api.post('/api/enrolment/terminals', { zoneId, terminals });
    await platform.setPassword('auditor', 'auditor', 'audit-test');
    await expect(api.get('/api/audit')).rejects.toMatchObject({ code: 'POLYCARD_SESSION_FORBIDDEN' });

    const file = join(directory, 'running.ndjson');
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [POLYCARD, 'audit', ...args], {
        encoding: 'utf8',
        env: { ...process.env, POLYCARD_PASSWORD: 'audit-test' },
      });
    // the platform answers from this process: the command must not block it
    const online = spawn(process.execPath, [POLYCARD, 'audit', 'export', file, '--platform', platform.url], {
      env: { ...process.env, POLYCARD_PASSWORD: 'audit-test' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(await new Promise((resolve) => online.once('exit', resolve))).toBe(0);
    await platform.close();

    const text = readFileSync(file, 'utf8');
    for (const use of ['generate', 'agree', 'issue-psam-key', 'issue-terminal-master-key'])
      expect(text).toContain(`"use":"${use}"`);
    expect(text).toContain('"who":"fleet"');
    expect(verifyAudit(Buffer.from(text)).verdict).toBe('whole');

    const offline = join(directory, 'offline.ndjson');
    const written = run('export', offline, '--data', data, '--json');
    expect([written.status, JSON.parse(written.stdout)]).toEqual([0, expect.objectContaining({ verdict: 'whole' })]);
    const lines = readFileSync(offline, 'utf8').split('\n');
    writeFileSync(offline, [...lines.slice(0, 4), ...lines.slice(5)].join('\n'));
    const removed = run('verify', offline, '--json');
    expect([removed.status, JSON.parse(removed.stdout).problem.entry]).toEqual([1, 4]);
    expect(run('verify', fileURLToPath(import.meta.url)).status).toBe(2);
    expect(run('verify', join(directory, 'nothing')).status).toBe(2);
    expect(run('verify').status).toBe(2);
  }, 300_000);
});
